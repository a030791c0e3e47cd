"""What a person sees of ``aframe-data merge``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aframe_data.cli.report import print_line
from aframe_data.sizes import counted, format_bytes

if TYPE_CHECKING:
    from aframe_data.reports.merge import MergeForecast, MergeReport


def print_forecast(forecast: MergeForecast) -> None:
    """What would be joined."""
    if forecast.present:
        print_line(
            f"{forecast.path} already exists; would remove {counted(forecast.num_removed, 'file')} that it holds."
        )
        return
    print_line(
        f"Would join {counted(forecast.num_files, 'file')} with {counted(forecast.length, 'row')}"
        f"{_of_injections(forecast.num_injections)} into {forecast.path}: {format_bytes(forecast.nbytes)}."
        f"{' Would then remove them.' if forecast.num_removed else ''}"
    )


def print_report(report: MergeReport) -> None:
    """What was joined."""
    removed = f"; removed {counted(report.num_removed, 'file')}" if report.num_removed else ""
    if report.present:
        rest = removed or ": nothing to do"
        print_line(f"{report.path} already exists, joined from the same files and intact{rest}")
        return
    print_line(
        f"{counted(report.length, 'row')}{_of_injections(report.num_injections)} from "
        f"{counted(report.num_files, 'file')}, written to {report.path}{removed}"
    )


def _of_injections(number: int | None) -> str:
    return "" if number is None else f" of {counted(number, 'injection')}"
