"""What a build will come to, also its stages whose inputs are not made yet.

What such a stage would read has a stand-in: segments are asked for and kept in memory, files are known by their spans,
and a block of strain that is fetched for a trial tells the pace of the archive, and has the noise of the whole span.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from aframe_data.build.standing import PRESENT, WAITING, standings
from aframe_data.build.trial import Trial, fetch_trial
from aframe_data.errors import AframeDataError, NoDataError
from aframe_data.psd.background import LONG_ENOUGH, find_last
from aframe_data.reports.build import BuildForecast, StageForecast
from aframe_data.requests.fetch import Fetch
from aframe_data.requests.psd import EstimatePsd
from aframe_data.requests.query import Query
from aframe_data.work.engine import engine_for
from aframe_data.work.plan import Work

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aframe_data.build.stages import Stage
    from aframe_data.build.standing import Standing
    from aframe_data.formats.dataset import DatasetLayout
    from aframe_data.injections.plan import InjectionPlan
    from aframe_data.reports.query import QueryResult
    from aframe_data.requests.request import Request
    from aframe_data.strain.fetch import FetchPlan
    from aframe_data.types import Segment

_logger = logging.getLogger(__name__)


class Cost(NamedTuple):
    """Bytes that are still to be written, and seconds."""

    nbytes: int
    seconds: float


def forecast(layout: DatasetLayout, stages: Sequence[Stage], work: Work) -> BuildForecast:
    """What all stages come to; a warning says why the cost of a stage cannot be found out."""
    expected = []
    advance = work.phase("measuring", len(stages))
    with TemporaryDirectory() as scratch:
        splits: dict[str, _Split] = {}
        for found in standings(stages, work):
            split = splits.setdefault(found.stage.split, _Split(found.stage.split, layout, Path(scratch)))
            expected.append(_expect(found, split))
            advance(1)
    return BuildForecast(layout.root, tuple(expected))


def _expect(found: Standing, split: _Split) -> StageForecast:
    cost: Cost | None = None
    try:
        cost = _cost(found, split)
    except AframeDataError as error:
        _logger.warning("what %s takes is not known: %s", found.stage.name, error)
    return StageForecast(
        name=found.stage.name,
        command=found.request.command,
        state=found.state,
        why=found.why,
        outputs=str(found.stage.output),
        nbytes=None if cost is None else cost.nbytes,
        seconds=None if cost is None else cost.seconds,
    )


def _cost(found: Standing, split: _Split) -> Cost:
    """What a stage costs; what it tells of its split is kept for those behind it."""
    request = found.request
    if isinstance(request, Fetch):
        return split.fetching(request, found.state)
    if found.state == PRESENT:
        return Cost(0, 0.0)
    if isinstance(request, Query):
        return split.querying(request)
    if isinstance(request, EstimatePsd):
        return split.estimating(request)
    return split.generating(request, found.state)


@dataclass
class _Split:
    """What is known of a split before all of it is made."""

    name: str
    layout: DatasetLayout
    scratch: Path
    segments: Sequence[Segment] | None = None
    fetch: Fetch | None = None

    def querying(self, request: Query) -> Cost:
        """Ask for the segments."""
        began = time.perf_counter()
        found = cast("QueryResult", request.planned().forecast(_alone()))
        self.segments = found.segments
        return Cost(0, time.perf_counter() - began)

    def fetching(self, request: Fetch, state: str) -> Cost:
        """Count the files, and try the archive."""
        if state == WAITING:
            if self.segments is None:
                raise NoDataError("the segments are not known.")
            request = replace(request, segments=tuple(self.segments))
        self.fetch = request
        nbytes = self._files.nbytes
        return Cost(nbytes, self.trial.start + nbytes / self.trial.rate if nbytes else 0.0)

    def estimating(self, request: EstimatePsd) -> Cost:
        """Reckon with the file that will be the last long one."""
        long_enough = [span for span in self.spans if span.duration >= LONG_ENOUGH]
        if not long_enough:
            raise NoDataError(f"no background file of {self.name} will be as long as {LONG_ENOUGH} s.")
        ifos = request.ifos or self._files.wanted
        rate = self._files.request.sample_rate
        nbytes = len(ifos) * (round(request.fft_length * rate / 2) + 1) * 8
        return Cost(nbytes, long_enough[-1].duration / self.trial.psd_pace)

    def generating(self, request: Request[Any], state: str) -> Cost:
        """Try prior, model and estimates; where the noise is not there yet, in that of the trial."""
        began = time.perf_counter()
        if state == WAITING and not self.layout.psd(self.name).exists():
            request = replace(request, psd=(str(self.noise),))  # type: ignore[call-arg]  # only those with noise wait
        plan = cast("InjectionPlan", request.planned())
        if state == WAITING and plan.schedule is not None:
            plan = replace(plan, schedule=replace(plan.schedule, expected=self.spans))
        with engine_for(request.processes()) as engine:
            expected = plan.forecast(Work(engine))
        if expected.seconds is None:
            raise NoDataError("no trial draw was accepted.")
        # A run does at its start what was done here.
        return Cost(plan.nbytes, expected.seconds + time.perf_counter() - began)

    @cached_property
    def trial(self) -> Trial:
        """A block of strain."""
        return fetch_trial(self._files.request, self.spans, self.scratch / self.name)

    @property
    def spans(self) -> Sequence[Segment]:
        """Of the background files, as far as is known before they are fetched."""
        return [file.span for file in self._files.outputs]

    @property
    def noise(self) -> Path:
        """A file with noise of the split."""
        folder = self.layout.background(self.name)
        return find_last(folder).path if any(folder.glob("*.hdf5")) else self.trial.path

    @cached_property
    def _files(self) -> FetchPlan:
        if self.fetch is None:
            raise NoDataError(f"the background of {self.name} is not part of what was asked for.")
        return cast("FetchPlan", self.fetch.planned())


def _alone() -> Work:
    """Work for what has no units."""
    from aframe_data.work.inline import Inline

    return Work(Inline())
