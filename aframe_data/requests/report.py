"""``aframe-data report``: a page about a data set."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from aframe_data import checks
from aframe_data.places import place
from aframe_data.requests.declaration import OUTPUT, option, output
from aframe_data.requests.request import Request, request
from aframe_data.requests.shared import Making, Working

if TYPE_CHECKING:
    from aframe_data.reports.dataset import DatasetReport


@request
class Report(Working, Making, Request["DatasetReport"]):
    """Write a page about a data set.

    The page is one HTML file, which needs no network and no JavaScript. It shows whether anything is wrong, totals,
    the commands that make the data again, segments, noise, signals, the campaign, cost, all findings and the
    provenance. Any folder of such files will do. The same files give the same page, and an existing page is replaced.
    The exit code is 1 if there is a problem with the data.
    """

    command, plan = "report", "aframe_data.dataset_report.plan:ReportPlan"
    printer = "dataset_report"
    example = "data"

    folder: str | Path = option(help="Folder of a data set.", remote=True, kw_only=False)
    output_file: str | Path | None = output(default=None, help="Page to write.", otherwise="report.html in FOLDER")
    croissant: str | Path | None = option(
        default=None,
        help="Also write the Croissant metadata that the page holds to this file; paths in it are relative to FOLDER.",
        group=OUTPUT,
        remote=True,
        affects_data=False,
    )
    quick: bool = option(default=False, help="Do not read all samples to compare them with their hashes.")

    def check(self) -> None:
        """Refuse values that do not go together."""
        if self.croissant is not None:
            checks.require_different("output_file", self.page, "croissant", place(self.croissant))

    @property
    def page(self) -> Path:
        """Where the page is written to."""
        return place(self.folder) / "report.html" if self.output_file is None else place(self.output_file)
