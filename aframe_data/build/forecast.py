"""What a build will come to, also its stages whose inputs are not made yet.

Each stage that is missing is tried on a small scale. What it would read has a stand-in where it is not there: segments
are asked for and kept in memory, files are known by their spans, and the block of strain of a trial has the noise of
the whole span.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from aframe_data.build.standing import PRESENT, WAITING
from aframe_data.build.trial import Trial, tried, tried_twice
from aframe_data.errors import AframeDataError, NoDataError
from aframe_data.formats.dataset import DatasetLayout
from aframe_data.psd.background import LONG_ENOUGH, find_last, open_strain
from aframe_data.reports.build import BuildForecast, StageForecast
from aframe_data.requests.campaign import TimeslideWaveforms
from aframe_data.requests.fetch import SPLIT, Fetch
from aframe_data.requests.psd import EstimatePsd
from aframe_data.requests.query import Query
from aframe_data.requests.waveforms import TrainingWaveforms
from aframe_data.strain.plan import block_length, blocks

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from aframe_data.build.standing import Standing
    from aframe_data.injections.plan import InjectionPlan
    from aframe_data.requests.request import Request
    from aframe_data.strain.fetch import FetchPlan
    from aframe_data.types import Segment
    from aframe_data.waveforms.plan import TrainingPlan
    from aframe_data.work.plan import Work

_logger = logging.getLogger(__name__)

#: Signals of a trial: whole units of work for each worker, but no more than this part of all.
_TRAINING, _ACCEPTED, _PART = 64, 64, 8
#: Places of one unit of accepted signals.
_FEWEST = 16


class Cost(NamedTuple):
    """What a stage takes.

    Attributes
    ----------
    nbytes
        Bytes that are still to be written.
    start, growing
        Seconds that do not depend on how much is made, and those that do.
    memory
        Bytes of all processes, where that is known.
    spans
        Of the background files that it makes, or reads.
    most_parts
        Into how many parts it can be divided.
    """

    nbytes: int = 0
    start: float = 0.0
    growing: float = 0.0
    memory: int | None = None
    spans: Sequence[Segment] = ()
    most_parts: int = 1

    @property
    def seconds(self) -> float:
        """How long it takes."""
        return self.start + self.growing


def forecast(layout: DatasetLayout, before: Sequence[Standing], work: Work) -> BuildForecast:
    """What all stages come to, by how they stand."""
    return BuildForecast(
        layout.root,
        tuple(
            StageForecast(
                name=found.stage.name,
                command=found.request.command,
                state=found.state,
                why=found.why,
                outputs=str(found.stage.output),
                nbytes=None if cost is None else cost.nbytes,
                seconds=None if cost is None else cost.seconds,
                memory=None if cost is None else cost.memory,
            )
            for found, cost in expectations(layout, before, work)
        ),
    )


def expectations(
    layout: DatasetLayout, before: Sequence[Standing], work: Work
) -> Iterator[tuple[Standing, Cost | None]]:
    """What each stage takes, beside how it stands; None, and a warning, where that cannot be found out."""
    advance = work.phase("trying the stages", len(before))
    with TemporaryDirectory() as scratch:
        splits: dict[str, _Split] = {}
        for found in before:
            name = found.stage.split
            split = splits.setdefault(name, _Split(name, layout, DatasetLayout(Path(scratch) / name)))
            try:
                yield found, split.cost(found)
            except AframeDataError as error:
                _logger.warning("the cost of %s is not known: %s", found.stage.name, error)
                yield found, None
            advance(1)


@dataclass
class _Split:
    """What is known of a split before all of it is made.

    Attributes
    ----------
    name, layout
        The split, and where its files are.
    scratch
        Where trials write.
    segments, fetch
        Its segments, and the request of its background; None where they are not known.
    """

    name: str
    layout: DatasetLayout
    scratch: DatasetLayout
    segments: Sequence[Segment] | None = None
    fetch: Fetch | None = None

    def cost(self, found: Standing) -> Cost:
        """What a stage costs; what it tells of its split is kept for those behind it."""
        request, waiting = found.request, found.state == WAITING
        if isinstance(request, Fetch):
            if waiting and self.segments is None:
                raise NoDataError(f"the segments of {self.name} are not known.")
            self.fetch = replace(request, segments=tuple(self.segments or ())) if waiting else request
            return Cost() if found.state == PRESENT else self._fetching()
        if found.state == PRESENT:
            return Cost()
        if isinstance(request, Query):
            trial = tried(replace(request, output_file=self.scratch.segments(self.name)))
            self.segments = trial.report.segments
            return Cost(0, trial.start, memory=trial.memory)
        if isinstance(request, EstimatePsd):
            return self._estimating(request)
        if isinstance(request, TrainingWaveforms):
            return self._training(request)
        return self._accepting(request, waiting=waiting)

    def _fetching(self) -> Cost:
        missing = [file.span for file in self._files.outputs if file.found is None]
        if not missing:
            return Cost()
        nbytes, trial = self._files.nbytes, self._strain
        share = nbytes / sum(file.nbytes for file in trial.report.files)
        return Cost(nbytes, trial.start, trial.growing * share, trial.memory, missing)

    def _estimating(self, request: EstimatePsd) -> Cost:
        """Reckon with the file that will be the last long one."""
        long_enough = [span for span in self._spans if span.duration >= LONG_ENOUGH]
        if not long_enough:
            raise NoDataError(f"no background file of {self.name} will be as long as {LONG_ENOUGH} s.")
        nbytes = len(self._files.wanted) * (round(request.fft_length * self._files.request.sample_rate / 2) + 1) * 8
        noise = self._noise
        trial = tried(replace(request, files=(noise,), output_file=self.scratch.psd(self.name)))
        share = long_enough[-1].duration / open_strain(noise).span.duration
        return Cost(nbytes, 0.0, trial.start * share, trial.memory, long_enough[-1:])

    def _training(self, request: TrainingWaveforms) -> Cost:
        plan = cast("TrainingPlan", request.planned())
        number = _number(_TRAINING, request.num_signals, request.processes())
        small = replace(request, num_signals=number, output_file=self.scratch.training_waveforms)
        again = self.scratch.training_waveforms.with_name("again.hdf5")
        trial = tried_twice(small, replace(small, output_file=again), number)
        growing = trial.growing * request.num_signals / number
        return Cost(plan.nbytes, trial.start, growing, trial.memory, most_parts=plan.most_parts)

    def _accepting(self, request: Request[Any], *, waiting: bool) -> Cost:
        """Accept a few signals; where the background is not there yet, in that of the trial."""
        campaign = isinstance(request, TimeslideWaveforms)
        asked: Any = request
        if waiting:
            noise = (str(self._noise),)
            asked = replace(asked, psd=noise, **({"background": (self._noise,)} if campaign else {}))
        plan = cast("InjectionPlan", (request if not campaign else asked).planned())
        if waiting and plan.schedule is not None:
            plan = replace(plan, schedule=replace(plan.schedule, expected=self._spans))
        number = _number(_ACCEPTED, plan.num_signals, asked.processes())
        outputs = (
            {"waveforms_file": self.scratch.injections, "rejected_file": self.scratch.rejected, "branches": False}
            if campaign
            else {"output_file": self.scratch.validation_waveforms}
        )
        trial = tried(replace(asked, num_signals=number, **outputs), number)
        share = plan.num_signals / number
        rejected = trial.report.rejected_path
        nbytes = plan.nbytes + (round(rejected.stat().st_size * share) if rejected else 0)
        spans = self._spans if waiting and campaign else ()
        return Cost(nbytes, trial.start, trial.growing * share, trial.memory, spans, plan.most_parts)

    @cached_property
    def _strain(self) -> Trial:
        """A block of the longest span; once more where that was fast, by workers that have started then."""
        plan = self._files
        longest = max(self._spans, key=lambda span: span.duration)
        length = block_length(max(wanted.alignment for wanted in plan.wanted))
        span = max(blocks(longest, length), key=lambda block: block.duration)
        asked = replace(
            plan.request,
            segments=None,
            start=int(span.start),
            end=int(span.stop),
            gaps=SPLIT,
            min_duration=1,
            max_duration=None,
            output_directory=self.scratch.background(self.name),
        )
        trial = tried_twice(asked, replace(asked, output_directory=self.scratch.background("again")))
        trial.report.raise_for_failures()
        if not any(file.status == "fetched" for file in trial.report.files):
            raise NoDataError(f"no strain of {span} can be used.")
        return trial

    @cached_property
    def _noise(self) -> Path:
        """A file with noise of the split: its last long one, or that of the trial."""
        folder = self.layout.background(self.name)
        if any(folder.glob("*.hdf5")):
            return find_last(folder).path
        longest: Path = max(self._strain.report.files, key=lambda file: file.nbytes).path
        return longest

    @property
    def _spans(self) -> Sequence[Segment]:
        """Of the background files, as far as is known before they are fetched."""
        return [file.span for file in self._files.outputs]

    @property
    def _files(self) -> FetchPlan:
        if self.fetch is None:
            raise NoDataError(f"the background of {self.name} is not known.")
        return cast("FetchPlan", self.fetch.planned())


def _number(of_each: int, wanted: int, workers: int) -> int:
    """Signals of a trial: as many units for each worker, and few where few are wanted."""
    most = max(_FEWEST, wanted // _PART // _FEWEST * _FEWEST)
    return min(of_each * max(1, workers), most)
