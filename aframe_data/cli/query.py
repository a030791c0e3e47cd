"""What a person sees of ``aframe-data query``: the flags, the events that were taken out, and what is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aframe_data.cli.report import print_line, print_table
from aframe_data.sizes import counted

if TYPE_CHECKING:
    from aframe_data.reports.query import FlagReport, QueryResult


def print_forecast(forecast: QueryResult) -> None:
    """Print what would be written."""
    _print(forecast, "dry run: nothing written")


def print_report(report: QueryResult) -> None:
    """Print what was found."""
    if report.present:
        _print(report, f"already in {report.path}, from the same command: nothing to do")
    else:
        _print(report, f"written to {report.path}")


def _print(result: QueryResult, where: str) -> None:
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
    print_table(("flag", "source", "", "active", "known"), rows)
    for event in result.events:
        print_line(f"around event {event.name} at GPS {event.gps:.1f}: excluded")
    print_line(f"{counted(len(result.segments), 'segment')}, {result.livetime:.0f} s, {where}")


def _role(report: FlagReport) -> str:
    if not report.excluded:
        return "required"
    return "excluded" if report.category is None else f"excluded, category {report.category}"
