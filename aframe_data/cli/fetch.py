"""``aframe-data fetch``: strain."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from aframe_data.cli.parameters import common_options, list_option, run_options
from aframe_data.cli.providers import AUTO, ProviderCommand, Selector
from aframe_data.cli.report import counted, format_duration, print_error, print_line, print_table, progress

if TYPE_CHECKING:
    from aframe_data.strain.fetch import FetchPlan, FetchReport


#: Bytes of strain a second that a dry run assumes, and says that it does.
_ASSUMED_RATE = 10e6


@click.command(
    "fetch",
    cls=ProviderCommand,
    selectors=[Selector("source", "strain", "source_options")],
)
@list_option("--channels", required=True, help="Channels, one for each interferometer: H1,L1.")
@click.option(
    "--sample-rate", type=float, required=True, help="Sample rate of the files, in Hz; never above the archive's own."
)
@click.option("-o", "--output-directory", type=click.Path(path_type=Path), required=True, help="Folder for the files.")
@click.option("--start", type=float, help="First GPS second of one span.")
@click.option("--end", type=float, help="GPS second after its last one.")
@click.option("--segments", type=click.Path(path_type=Path), help="Segments file, instead of --start and --end.")
@click.option("--min-duration", type=float, default=10.0, show_default=True, help="Shortest file, in seconds.")
@click.option("--max-duration", type=float, help="Longest file, in seconds; longer segments are split evenly.")
@click.option("-p", "--prefix", default="background", show_default=True, help="First part of the files' names.")
@click.option(
    "--dtype",
    type=click.Choice(["float64", "float32"]),
    default="float64",
    show_default=True,
    help="Type of the samples.",
)
@list_option(
    "--source",
    default=[AUTO],
    show_default=False,
    help="Strain fetchers, in the order in which they are tried; with --help, shows the options of those. "
    "`plugins list --kind strain` names all. (default: auto)",
)
@run_options(workers="Files worked on at a time. (default: 2)")
@common_options
def command(*, workers: int | None, dry_run: bool, **arguments: Any) -> int:
    """Fetch strain and write background files.

    Files are named PREFIX-START-DURATION.hdf5. What is there already and sound is kept, so that the same
    command goes on after an interruption.
    """
    from aframe_data.strain.fetch import plan_fetch, run_fetch

    plan = plan_fetch(**arguments)
    if dry_run:
        _print_plan(plan)
        return 0
    with progress() as on_phase:
        report = run_fetch(plan, workers=workers, on_phase=on_phase)
    return _print_report(report)


def _print_plan(plan: FetchPlan) -> None:
    from aframe_data.io.atomic import format_bytes

    rows = [
        (
            str(task.path),
            f"{task.span.duration:.0f} s",
            "there already" if task.path in plan.present else "to fetch",
        )
        for task in plan.tasks
    ]
    print_table("", ("file", "duration", ""), rows)
    _print_dropped(plan.dropped)
    new = [task for task in plan.tasks if task.path not in plan.present]
    seconds = sum(task.span.duration for task in new)
    print_line(
        f"Would fetch {counted(len(new), 'file')}, {seconds:.0f} s of strain, {format_bytes(plan.nbytes)}, from "
        f"{', '.join(choice.key for choice in plan.tasks[0].sources)}. "
        f"At {format_bytes(_ASSUMED_RATE)} of strain a second that takes about "
        f"{format_duration(plan.nbytes / _ASSUMED_RATE)}; the archive and the network decide."
    )


def _print_report(report: FetchReport) -> int:
    from aframe_data.io.atomic import format_bytes

    words = {"fetched": "fetched", "present": "skipped: there already", "failed": "failed"}
    rows = [
        (
            file.path.name,
            f"{file.span.duration:.0f} s",
            "-" if file.status == "failed" else format_bytes(file.nbytes),
            words[file.status],
        )
        for file in report.files
    ]
    print_table("", ("file", "duration", "size", ""), rows)
    _print_dropped(report.dropped)
    counts = {status: sum(file.status == status for file in report.files) for status in words}
    print_line(f"{counts['fetched']} fetched, {counts['present']} skipped, {counts['failed']} failed")
    for file in report.failed:
        print_error(f"{file.path.name}: {file.error}")
    if not report.failed:
        return 0
    print_error(f"{counted(len(report.failed), 'file')} missing; what was fetched is kept. The same command goes on.")
    return max(file.error.exit_code if file.error else 1 for file in report.failed)


def _print_dropped(dropped: Any) -> None:
    if dropped:
        spans = ", ".join(str(segment) for segment in dropped[:5]) + (" …" if len(dropped) > 5 else "")
        print_line(f"too short for a file, left out: {len(dropped)} ({spans})")
