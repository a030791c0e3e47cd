"""``aframe-data fetch``: strain."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from aframe_data.cli.parameters import ByteSize, common_options, list_option, run_options
from aframe_data.cli.providers import AUTO, ProviderCommand, Selector
from aframe_data.cli.report import (
    counted,
    format_duration,
    print_error,
    print_json,
    print_json_line,
    print_line,
    print_table,
    progress,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from aframe_data.strain.report import FetchedFile, FetchReport
    from aframe_data.strain.tasks import FetchPlan
    from aframe_data.types import Flaw, Segment


#: Bytes of strain a second that a dry run assumes, and says that it does.
_ASSUMED_RATE = 10e6


@click.command(
    "fetch",
    cls=ProviderCommand,
    selectors=[Selector("source", "strain", "source_options", wanted=("channels",))],
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
@click.option(
    "--gaps",
    type=click.Choice(["fail", "split", "fill"]),
    default="fail",
    show_default=True,
    help="What becomes of strain that is missing, stands still or is excluded: no file, a file of each good stretch, "
    "or zeros.",
)
@list_option("--require-bits", help="Bits of the archive's masks that must be set: CBC_CAT1,CBC_CAT2.")
@click.option(
    "--exclude-hardware-injections",
    is_flag=True,
    help="Exclude seconds with hardware injections of transients, by the archive's own mask.",
)
@list_option(
    "--source",
    default=[AUTO],
    show_default=False,
    help="Strain fetchers, in the order in which they are tried; with --help, shows the options of those. "
    "`plugins list --kind strain` names all. (default: auto)",
)
@click.option(
    "--cache",
    type=click.Path(path_type=Path),
    help="Folder in which the archive's raw files are kept for other runs; several may share it.",
)
@click.option(
    "--cache-size", type=ByteSize(), default="50GB", show_default=True, help="Bytes of them; the oldest ones go."
)
@click.option(
    "--json", "as_json", is_flag=True, help="Print JSON: a line for each file when it is done, then the report."
)
@run_options(workers="Processes. (default: one more than there are CPUs, at most 4)")
@common_options
def command(*, workers: int | None, dry_run: bool, as_json: bool, **arguments: Any) -> int:
    """Fetch strain and write background files.

    Files are named PREFIX-START-DURATION.hdf5. What is there already and sound is kept, so that the same
    command goes on after an interruption.
    """
    from aframe_data.strain.fetch import plan_fetch, run_fetch

    plan = plan_fetch(**arguments)
    if dry_run:
        print_json(_plan_object(plan)) if as_json else _print_plan(plan)
        return 0

    def tell(files: tuple[FetchedFile, ...]) -> None:
        for file in files:
            print_json_line({"event": "file", **_file_object(file)})

    with progress(in_bytes=True) as on_phase:
        report = run_fetch(plan, workers=workers, on_phase=on_phase, **({"on_files": tell} if as_json else {}))
    if as_json:
        print_json_line({"event": "report", **_report_object(report)})
    else:
        _print_report(report)
    return _print_failures(report, plan, as_json=as_json)


# --- a plan --------------------------------------------------------------------------------------------


def _seconds(plan: FetchPlan) -> float:
    """How long the fetch may take."""
    return plan.nbytes / _ASSUMED_RATE


def _plan_object(plan: FetchPlan) -> dict[str, Any]:
    return {
        "files": [
            {
                "path": str(task.path),
                "start": int(task.span.start),
                "stop": int(task.span.stop),
                "status": "present" if task.path in plan.present else "missing",
                "bytes": task.nbytes,
            }
            for task in plan.tasks
        ],
        "dropped": _spans(plan.dropped),
        "sources": list(plan.sources),
        "bytes": plan.nbytes,
        "temporary_bytes": plan.temporary_nbytes,
        "seconds": _seconds(plan),
    }


def _print_plan(plan: FetchPlan) -> None:
    from aframe_data.store.atomic import format_bytes

    rows = [
        (str(path), f"{span.duration:.0f} s", "there already" if task.path in plan.present else "to fetch")
        for task in plan.tasks
        for path, span in plan.present.get(task.path, ((task.path, task.span),))
    ]
    print_table("", ("file", "duration", ""), rows)
    _print_dropped(plan.dropped)
    new = plan.missing
    seconds = sum(task.span.duration for task in new)
    print_line(
        f"Would fetch {counted(len(new), 'file')}, {seconds:.0f} s of strain, {format_bytes(plan.nbytes)}, from "
        f"{', '.join(plan.sources)}; besides, up to "
        f"{format_bytes(plan.temporary_nbytes)} in {plan.parts} while it works, and two raw files of the archive for "
        "each worker. "
        f"At {format_bytes(_ASSUMED_RATE)} of strain a second that takes about "
        f"{format_duration(_seconds(plan))}; the archive and the network decide."
    )


# --- a report ------------------------------------------------------------------------------------------


def _file_object(file: FetchedFile) -> dict[str, Any]:
    return {
        "path": str(file.path),
        "start": int(file.span.start),
        "stop": int(file.span.stop),
        "status": file.status,
        "bytes": file.nbytes,
        "error": None if file.error is None else str(file.error),
    }


def _report_object(report: FetchReport) -> dict[str, Any]:
    return {
        "files": [_file_object(file) for file in report.files],
        "dropped": _spans(report.dropped),
        **{
            what: {
                ifo: [{"start": flaw.start, "stop": flaw.stop, "reason": flaw.reason} for flaw in flaws]
                for ifo, flaws in found.items()
            }
            for what, found in (("cut", report.cut), ("filled", report.filled))
        },
    }


def _spans(segments: Iterable[Segment]) -> list[list[float]]:
    return [[segment.start, segment.stop] for segment in segments]


def _print_report(report: FetchReport) -> None:
    from aframe_data.store.atomic import format_bytes

    words = {"fetched": "fetched", "present": "skipped: there already", "failed": "failed", "empty": "nothing is left"}
    rows = [
        (
            file.path.name,
            f"{file.span.duration:.0f} s",
            format_bytes(file.nbytes) if file.nbytes else "-",
            words[file.status],
        )
        for file in report.files
    ]
    print_table("", ("file", "duration", "size", ""), rows)
    _print_dropped(report.dropped)
    for what, found in (("left out", report.cut), ("filled with zeros", report.filled)):
        for ifo, flaws in found.items():
            print_line(f"{what}: {ifo}, {_reasons(flaws)}")
    counts = {status: sum(file.status == status for file in report.files) for status in words}
    empty = f", {counts['empty']} of which nothing is left" if counts["empty"] else ""
    print_line(f"{counts['fetched']} fetched, {counts['present']} skipped, {counts['failed']} failed{empty}")


def _reasons(flaws: Sequence[Flaw]) -> str:
    """``3 s of samples that stand still, 12 s with bit CBC_CAT1 off``."""
    seconds: dict[str, float] = {}
    for flaw in flaws:
        seconds[flaw.reason] = seconds.get(flaw.reason, 0.0) + flaw.span.duration
    return ", ".join(f"{lasts:.4g} s {reason}" for reason, lasts in seconds.items())


def _print_failures(report: FetchReport, plan: FetchPlan, *, as_json: bool) -> int:
    """Say what failed, and give the exit code."""
    for file in report.failed:
        print_error(f"{file.path.name}: {file.error}")
    if not report.failed:
        if plan.parts.exists() and not as_json:
            print_line(f"{plan.parts} holds unfinished work of other commands; delete it if nobody goes on with them.")
        return 0
    kept = f" What is not whole yet lies in {plan.parts}." if plan.parts.exists() else ""
    print_error(
        f"{counted(len(report.failed), 'file')} missing; what was fetched is kept. The same command goes on.{kept}"
    )
    return max(file.error.exit_code if file.error else 1 for file in report.failed)


def _print_dropped(dropped: Sequence[Segment]) -> None:
    if dropped:
        spans = ", ".join(str(segment) for segment in dropped[:5]) + (" …" if len(dropped) > 5 else "")
        print_line(f"too short for a file, left out: {len(dropped)} ({spans})")
