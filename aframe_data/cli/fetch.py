"""What a person sees of ``aframe-data fetch``: a table of the files, what was left out, and what failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aframe_data.cli.report import format_duration, print_error, print_line, print_table
from aframe_data.sizes import counted, format_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aframe_data.reports.fetch import FetchForecast, FetchReport
    from aframe_data.types import Flaw, Segment

_PLANNED = {"present": "already there", "missing": "to fetch"}
_DONE = {"fetched": "fetched", "present": "skipped: already there", "failed": "failed", "empty": "no usable strain"}
#: Spans that a line names.
_SHOWN = 5


def print_forecast(forecast: FetchForecast) -> None:
    """Say which files would be fetched, how many bytes and about how long."""
    rows = [(str(file.path), f"{file.span.duration:.0f} s", _PLANNED[file.status]) for file in forecast.files]
    print_table(("file", "duration", ""), rows)
    _print_dropped(forecast.dropped)
    new = [file for file in forecast.files if file.status == "missing"]
    seconds = sum(file.span.duration for file in new)
    print_line(
        f"Would fetch {counted(len(new), 'file')}, {seconds:.0f} s of strain, {format_bytes(forecast.nbytes)}, from "
        f"{', '.join(forecast.sources)}. While it runs, it also needs up to "
        f"{format_bytes(forecast.temporary_nbytes)} in {forecast.parts}"
        f"{', and room for two raw files of the archive for each worker' if forecast.raw_files else ''}. "
        f"At {format_bytes(forecast.rate)} of strain a second this takes about {format_duration(forecast.seconds)}; "
        "it depends on the archive and the network."
    )


def print_report(report: FetchReport) -> None:
    """Say what was done, and on stderr what failed."""
    rows = [
        (
            file.path.name,
            f"{file.span.duration:.0f} s",
            format_bytes(file.nbytes) if file.nbytes else "-",
            _DONE[file.status],
        )
        for file in report.files
    ]
    print_table(("file", "duration", "size", ""), rows)
    _print_dropped(report.dropped)
    for what, found in (("left out", report.cut), ("filled with zeros", report.filled)):
        for ifo, flaws in found.items():
            print_line(f"{what}: {ifo}, {_reasons(flaws)}")
    counts = {status: sum(file.status == status for file in report.files) for status in _DONE}
    empty = f", {counts['empty']} without usable strain" if counts["empty"] else ""
    print_line(f"{counts['fetched']} fetched, {counts['present']} skipped, {counts['failed']} failed{empty}")
    if report.unfinished is not None and not report.failed:
        print_line(
            f"{report.unfinished} holds unfinished work of other commands; delete it if nobody will resume them."
        )
    print_errors(report)


def print_errors(report: FetchReport) -> None:
    """Say on stderr what failed, for people who look at machines too."""
    for file in report.failed:
        print_error(f"{file.path.name}: {file.error}")
    if report.failed:
        kept = "" if report.unfinished is None else f" Unfinished parts are in {report.unfinished}."
        missing = counted(len(report.failed), "file")
        print_error(f"{missing} missing; fetched files are kept. Run the same command again to continue.{kept}")


def _print_dropped(dropped: Sequence[Segment]) -> None:
    if dropped:
        spans = ", ".join(str(segment) for segment in dropped[:_SHOWN]) + (" …" if len(dropped) > _SHOWN else "")
        print_line(f"too short for a file, left out: {len(dropped)} ({spans})")


def _reasons(flaws: Sequence[Flaw]) -> str:
    """``3 s of samples that stand still, 12 s with bit CBC_CAT1 off``."""
    seconds: dict[str, float] = {}
    for flaw in flaws:
        seconds[flaw.reason] = seconds.get(flaw.reason, 0.0) + flaw.span.duration
    return ", ".join(f"{lasts:.4g} s {reason}" for reason, lasts in seconds.items())
