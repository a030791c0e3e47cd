"""``fetch-data``: the strain of one span in the one file that is named."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from aframe_data.errors import OutputExistsError
from aframe_data.formats import background
from aframe_data.store.atomic import followed
from aframe_data.store.output import RecordedFile
from aframe_data.work.carry_out import carry_out, forecast, is_whole
from aframe_data.work.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aframe_data.aframe.requests import FetchData
    from aframe_data.reports.fetch import FetchForecast, FetchReport
    from aframe_data.work.plan import Forecast, Work


@dataclass(frozen=True, eq=False)
class FetchOnePlan(Plan["FetchReport"]):
    """A fetch into a hidden folder beside the file: jobs side by side share nothing, and a retry goes on in there."""

    request: FetchData

    @property
    def path(self) -> Path:
        """The file."""
        return Path(self.request.output_file)

    @property
    def outputs(self) -> Sequence[RecordedFile]:
        """The file."""
        return [RecordedFile(self.path, background.read_record)]

    @property
    def folder(self) -> Path:
        """Where the work goes on: beside the file, wherever a link points."""
        path = followed(self.path)
        return path.with_name(f".{path.name}.fetching")

    def forecast(self, work: Work) -> Forecast:
        """What the fetch would do."""
        found = cast("FetchForecast", forecast(self.request.into(self.folder), work))
        return replace(found, files=tuple(replace(file, path=self.path) for file in found.files))

    def make(self, work: Work) -> FetchReport:
        """Fetch, and give the file its name.

        Raises
        ------
        AframeDataError
            The file could not be made; what was fetched of it is kept.
        """
        fetch = self.request.into(self.folder)
        try:
            is_whole(fetch, work)
        except OutputExistsError:  # of other arguments, by a run that was killed just before it gave the file its name
            shutil.rmtree(self.folder)
        report = carry_out(fetch, work)
        report.raise_for_failures()
        (fetched,) = report.files
        fetched.path.replace(followed(self.path))
        shutil.rmtree(self.folder)  # with what runs of other arguments had begun
        return replace(report, files=(replace(fetched, path=self.path),), unfinished=None)
