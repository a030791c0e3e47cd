"""What a person sees of ``aframe-data report``: where the page is, and the verdict; all else is on the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aframe_data.cli.report import print_line, print_table
from aframe_data.sizes import counted, format_bytes

if TYPE_CHECKING:
    from aframe_data.reports.dataset import DatasetReport
    from aframe_data.work.plan import Told

#: Problems that are shown; the page has more, and --json has all.
_SHOWN = 20


def print_report(report: DatasetReport) -> None:
    """Print what is wrong, how much there is, and where the page is."""
    if report.problems:
        rows = [(told.where, told.kind, told.text) for told in report.problems[:_SHOWN]]
        print_table(("file or span", "problem", "what is wrong"), rows)
    if len(report.problems) > _SHOWN:
        print_line(f"{len(report.problems) - _SHOWN} more problems are on the page")
    totals = report.totals
    files = counted(totals.files + report.pieces, "file")
    what = f"{files}, {format_bytes(totals.nbytes)}, {totals.background:.10g} s of background"
    unread = " (samples not read)" if report.quick else ""
    verdict = "sound" if report.sound else counted(len(report.problems), "problem")
    print_line(f"{what}: {verdict}{unread}")
    for path in filter(None, (report.page, report.croissant_file)):
        print_line(f"written to {path}")


def print_forecast(forecast: Told) -> None:
    """Print what would be read and written."""
    values = forecast.values
    unread = ", without their samples" if values["quick"] else ""
    print_line(f"would read {counted(values['files'], 'file')} in {values['folder']}{unread}")
    print_line(f"would write {values['page']}")
