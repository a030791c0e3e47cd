"""What ``aframe-data init`` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aframe_data.cli.report import print_line, print_text

if TYPE_CHECKING:
    from aframe_data.reports.init import Configured


def print_report(report: Configured) -> None:
    """Where the configuration is and how to use it, or the configuration itself."""
    if report.path is None:
        print_text(report.text.rstrip("\n"))
    elif report.present:
        print_line(f"{report.path} already exists, with the same content: nothing to do")
    else:
        print_line(f"written to {report.path}; make the data set with: aframe-data build {report.path} -o data")
