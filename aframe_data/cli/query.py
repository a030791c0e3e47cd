"""``aframe-data query``: science segments."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from aframe_data.cli.parameters import COMMON_PANEL, common_options, list_option
from aframe_data.cli.providers import AUTO, ProviderCommand, Selector
from aframe_data.cli.report import counted, print_line, print_table, progress

if TYPE_CHECKING:
    from aframe_data.segments.asking import FlagReport


@click.command(
    "query",
    cls=ProviderCommand,
    selectors=[
        Selector(
            "source",
            "segments",
            "source_options",
            wanted=("flags", "exclude-flags"),
            more_wanted=("veto-definer",),
        )
    ],
)
@list_option("--flags", required=True, help="Flags that must all be active: H1_DATA,L1_DATA.")
@click.option("--start", type=float, required=True, help="First GPS second.")
@click.option("--end", type=float, required=True, help="GPS second after the last one.")
@click.option("-o", "--output-file", type=click.Path(path_type=Path), required=True, help="Segments file to write.")
@list_option("--exclude-flags", help="Flags whose active times are taken out.")
@click.option(
    "--veto-definer",
    type=click.Path(path_type=Path),
    help="Veto definer (LIGO_LW XML): its flags for the detectors of --flags are taken out, with their padding.",
)
@list_option(
    "--veto-categories",
    default=None,
    help="Categories of the veto definer's flags that are taken out, as it numbers them. (default: 1)",
)
@click.option("--pad", type=float, default=0.0, show_default=True, help="Seconds to stay away from every edge.")
@click.option(
    "--exclude-events",
    type=float,
    metavar="SECONDS",
    help="Take out this much on either side of catalogued events.",
)
@click.option("--min-duration", type=float, default=0.0, show_default=True, help="Shortest segment, in seconds.")
@click.option("--max-duration", type=float, help="Split longer segments evenly, in seconds.")
@list_option(
    "--source",
    default=[AUTO],
    show_default=False,
    help="Segment sources, in the order in which they are tried; with --help, shows the options of those. "
    "`plugins list --kind segments` names all. (default: auto)",
)
@click.option("--allow-empty", is_flag=True, help="Write the file even if no segment is left.")
@click.option("--dry-run", is_flag=True, panel=COMMON_PANEL, help="Ask the sources and show the result; write nothing.")
@click.option("--overwrite", is_flag=True, panel=COMMON_PANEL, help="Replace the output if it is there.")
@common_options
def command(output_file: Path, veto_categories: tuple[str, ...], *, dry_run: bool, **arguments: Any) -> None:
    """Find the times in which detectors took science data.

    Flags are intersected; what is excluded is taken out; the result is a segments file as gwpy and
    Aframe read it.
    """
    from aframe_data.segments.query import query

    with progress() as on_phase:
        result = query(
            **arguments,
            veto_categories=veto_categories or None,
            output_file=None if dry_run else output_file,
            on_phase=on_phase,
        )
    rows = [
        (
            report.flag,
            report.source,
            _role(report),
            f"{report.active:.0f} s",
            "-" if report.known is None else f"{report.known:.0f} s",
        )
        for report in result.flags
    ]
    print_table("", ("flag", "source", "", "active", "known"), rows)
    for event in result.events:
        print_line(f"around event {event.name} at GPS {event.gps:.1f}: taken out")
    if result.present:
        where = f"in {output_file} already, by the same command: nothing to do"
    else:
        where = "dry run: nothing written" if dry_run else f"written to {output_file}"
    print_line(f"{counted(len(result.segments), 'segment')}, {result.livetime:.0f} s, {where}")


def _role(report: FlagReport) -> str:
    if not report.excluded:
        return "required"
    return "taken out" if report.category is None else f"taken out, category {report.category}"
