"""What a person sees of ``aframe-data inspect``: the facts of a file, where it came from, and what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aframe_data.cli.report import print_json, print_line, print_table
from aframe_data.formats.record_parts import mapping_in
from aframe_data.outside import outside_text
from aframe_data.work.part import PART

if TYPE_CHECKING:
    from aframe_data.reports.inspect import Inspection

#: Further flags, which `print_report` takes by their names.
FLAGS = {"full": ("--provenance", "Show the whole provenance.")}


def print_report(report: Inspection, *, full: bool = False) -> None:
    """Print what was found; with `full`, the whole provenance."""
    from aframe_data.cli.facts import fact_rows

    print_table((str(report.path), ""), [("kind", report.kind), *fact_rows(report.facts)])
    record = report.record
    if record is None:
        print_line("no provenance: aframe-data did not write this file")
    elif full:
        print_json(record)
    else:
        version, command = (outside_text(record.get(name), 40) for name in ("version", "command"))
        part = mapping_in(record, "arguments").get(PART)
        share = "" if part is None else f", part {outside_text(part, 40)}"
        print_line(f"made by aframe-data {version}, command {command}{share}; --provenance shows all")
    for problem in report.problems:
        print_line(f"problem: {outside_text(problem, 1000)}")
