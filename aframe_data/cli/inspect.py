"""``aframe-data inspect``: what a file holds, and where it came from."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from aframe_data.cli.parameters import logging_options
from aframe_data.cli.report import print_json, print_line, print_table


@click.command("inspect")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--provenance", "full", is_flag=True, help="Show the whole provenance.")
@logging_options
def command(file: Path, *, as_json: bool, full: bool) -> int:
    """Tell what a file is, its span or number, whether it is sound, and its provenance."""
    from aframe_data.inspection import inspect

    result = inspect(file)
    if as_json:
        print_json({"kind": result.kind, "sound": result.sound, **result.facts, "provenance": result.record})
    else:
        rows = [("kind", result.kind), *((name, str(value)) for name, value in result.facts.items())]
        print_table("", (str(file), ""), rows)
        if result.record is None:
            print_line("no provenance: this file was not written by aframe-data")
        elif full:
            print_json(result.record)
        else:
            record = result.record
            print_line(
                f"made by aframe-data {record.get('version')}, command {record.get('command')}; --provenance shows all"
            )
        for problem in result.problems:
            print_line(f"problem: {problem}")
    return 0 if result.sound else 1
