"""What a person sees of ``aframe-data export``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aframe_data.cli.report import print_done, print_line
from aframe_data.sizes import counted, format_bytes

if TYPE_CHECKING:
    from aframe_data.reports.export import ExportForecast, ExportReport


def print_forecast(forecast: ExportForecast) -> None:
    """What would be exported."""
    print_line(
        f"Would export {_extent(forecast)} for {forecast.export} to {forecast.path}: at most about "
        f"{format_bytes(forecast.nbytes)}."
    )


def print_report(report: ExportReport) -> None:
    """What was exported."""
    into = f" ({counted(len(report.written), 'file')})" if report.written else ""
    done = f"{_extent(report)}, exported for {report.export} to {report.path}{into}"
    print_done(report.path, done, present=report.present)


def _extent(report: ExportForecast | ExportReport) -> str:
    """``2 files, 100 signals, 4096 s of strain``."""
    parts = [counted(report.files, "file")]
    parts += [counted(report.signals, "signal")] if report.signals else []
    parts += [f"{report.livetime:.10g} s of strain"] if report.livetime else []
    return ", ".join(parts)
