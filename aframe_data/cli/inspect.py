"""``aframe-data inspect``: what a file holds, and where it came from; and a picture of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from aframe_data.cli.parameters import COMMON_PANEL, logging_options
from aframe_data.cli.pictures import Picture
from aframe_data.cli.report import print_json, print_line, print_table, progress

if TYPE_CHECKING:
    from aframe_data.inspection import Inspection

PLOT_HELP = (
    "Picture to draw (png, pdf, svg): of strain its ASDs and spectrograms, of segments a timeline, of waveforms "
    "some examples with their Q-transforms, of parameters a corner plot."
)


@click.command("inspect")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--provenance", "full", is_flag=True, help="Show the whole provenance.")
@click.option("--plot", type=click.Path(path_type=Path), help=PLOT_HELP)
@click.option(
    "--parameters", is_flag=True, help="With --plot: draw the parameters of the signals, not their waveforms."
)
@click.option("--overwrite", is_flag=True, panel=COMMON_PANEL, help="Replace a picture that is there.")
@logging_options
def command(file: Path, *, as_json: bool, full: bool, plot: Path | None, parameters: bool, overwrite: bool) -> int:
    """Tell what a file is, its span or number, whether it is sound, and its provenance."""
    from aframe_data.inspection import inspect

    picture = _require_picture(file, plot, parameters=parameters, overwrite=overwrite)
    result = inspect(file)
    if as_json:
        problems = list(result.problems)
        found = {"kind": result.kind, "sound": result.sound, "problems": problems, **result.facts}
        print_json({**found, "provenance": result.record})
    else:
        _print_table(file, result, full=full)
    if picture is not None:
        from aframe_data.inspection.picture import draw

        with progress() as on_phase:
            picture.draw(lambda path: draw(file, path, parameters=parameters, on_phase=on_phase), told=not as_json)
    return 0 if result.sound else 1


def _require_picture(file: Path, plot: Path | None, *, parameters: bool, overwrite: bool) -> Picture | None:
    """The picture that was asked for, which can be drawn as far as can be told before the file is read."""
    from aframe_data.errors import UsageError

    if plot is None:
        if parameters:
            raise UsageError("--parameters says what --plot draws: give --plot PICTURE too.")
        return None
    from aframe_data.inspection.picture import require_drawable

    picture = Picture(plot, overwrite)
    picture.require(others=[file], present=False)
    require_drawable(file, parameters=parameters)
    return picture


def _print_table(file: Path, result: Inspection, *, full: bool) -> None:
    from aframe_data.cli.facts import fact_rows

    print_table("", (str(file), ""), [("kind", result.kind), *fact_rows(result.facts)])
    record = result.record
    if record is None:
        print_line("no provenance: this file was not written by aframe-data")
    elif full:
        print_json(record)
    else:
        print_line(
            f"made by aframe-data {record.get('version')}, command {record.get('command')}; --provenance shows all"
        )
    for problem in result.problems:
        print_line(f"problem: {problem}")
