"""What a generation of training waveforms will do: units of draws, and the file that they join to."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from aframe_data.formats import ledger, ledger_pieces
from aframe_data.places import place
from aframe_data.reports.waveforms import TrainingForecast, TrainingReport
from aframe_data.seeds import Stream
from aframe_data.store.identity import provenance
from aframe_data.store.output import RecordedFile
from aframe_data.waveforms.preflight import try_recipe
from aframe_data.waveforms.request import recipe_of
from aframe_data.waveforms.run import finished
from aframe_data.waveforms.unit import POLARIZATIONS, WaveformUnit, expected_parameters
from aframe_data.work.part import identified, recorded
from aframe_data.work.plan import Plan
from aframe_data.work.unfinished import Unfinished

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from aframe_data.requests.waveforms import TrainingWaveforms
    from aframe_data.store.identity import Identity
    from aframe_data.waveforms.preflight import Preflight
    from aframe_data.waveforms.recipe import Recipe
    from aframe_data.work.plan import Work


def plan(request: TrainingWaveforms) -> TrainingPlan:
    """Plan training waveforms; all that can be checked without drawing a signal has been checked."""
    return TrainingPlan(request, recipe_of(request, Stream.TRAINING))


@dataclass(frozen=True, eq=False)
class TrainingPlan(Plan[TrainingReport]):
    """A plan of training waveforms; the recipe is what defines the signals."""

    request: TrainingWaveforms
    recipe: Recipe

    @property
    def path(self) -> Path:
        """Where to."""
        return place(self.request.output_file)

    @property
    def outputs(self) -> Sequence[RecordedFile]:
        """The one file."""
        return (RecordedFile(self.path, ledger.read_record),)

    @cached_property
    def identity(self) -> Identity:
        """What the output is a function of."""
        asked = {"command": self.request.command, "num_signals": self.request.num_signals}
        return {**asked, **self.recipe.identity, **identified(self.request.own_part)}

    @cached_property
    def rows(self) -> range:
        """Which of all signals are in the output: whole units."""
        size, count, part = self.recipe.unit_size, self.request.num_signals, self.request.own_part
        if part is None:
            return range(count)
        share = part.share([min(size, count - start) for start in range(0, count, size)], f"each {size} signals")
        return range(count)[share.start * size : share.stop * size]

    @property
    def most_parts(self) -> int:
        """Into how many parts the work can be divided."""
        return -(-self.request.num_signals // self.recipe.unit_size)

    @property
    def layout(self) -> ledger.Layout:
        """The output's shape."""
        grid, count = self.recipe.request, len(self.rows)
        return ledger.Layout(
            length=count,
            attributes={**asdict(grid), "num_injections": count},
            parameters=dict.fromkeys(expected_parameters(self.recipe), ()),
            waveforms=dict.fromkeys(POLARIZATIONS, grid.size),
            dtype=self.recipe.dtype,
        )

    @property
    def nbytes(self) -> int:
        """Bytes of the output."""
        return self.layout.nbytes

    @property
    def modules(self) -> Sequence[str]:
        """What its units import."""
        return ("aframe_data.waveforms.preflight", *self.recipe.modules)

    @property
    def unfinished(self) -> Unfinished:
        """Where the finished units lie."""
        return Unfinished(self.path)

    def adopting(self, found: Identity) -> TrainingPlan:
        """With the seed of work that is there, where none was asked for."""
        return replace(self, recipe=self.recipe.adopting(found, self.request.seed))

    def forecast(self, work: Work) -> TrainingForecast:
        """Try prior and model on a few draws."""
        tried = try_recipe(work, self.recipe, self.request.num_signals)
        return TrainingForecast(
            self.path,
            len(self.rows),
            self.recipe.seed,
            self.nbytes,
            tried.seconds_per_signal,
            work.engine.workers,
        )

    def rehearse(self, work: Work) -> None:
        """Try prior and model."""
        try_recipe(work, self.recipe, self.request.num_signals)

    def make(self, work: Work) -> TrainingReport:
        """Generate the units, and join each while the next ones are made."""
        count = len(self.rows)
        tried = try_recipe(work, self.recipe, self.request.num_signals)
        layout = replace(self.layout, parameters=dict.fromkeys(tried.parameters, ()))
        reports = []
        with ledger.create(self.path, layout) as writer:
            for unit, report in finished(work.engine, self.units(), advance=work.phase("making signals", count)):
                reports.append(report)
                ledger_pieces.append(writer, unit.path)
            failures = tuple(failure for report in reports for failure in report.failures)
            drawn = sum(report.drawn for report in reports)
            writer.finish(self._record(tried, drawn, failures))
        return TrainingReport(self.path, count, drawn, failures, self.recipe.seed)

    def recall(self, work: Work) -> TrainingReport:
        """Check the output that is there."""
        del work
        count, record = len(self.rows), ledger.recall(self.path).record or {}
        drawn, failures = int(record.get("drawn", count)), tuple(record.get("failures", ()))
        return TrainingReport(self.path, count, drawn, failures, self.recipe.seed, present=True)

    def units(self) -> Iterator[WaveformUnit]:
        """The units of work, in the order of their rows."""
        size, fraction = self.recipe.unit_size, self.request.max_failed_fraction
        for rows in (self.rows[start : start + size] for start in range(0, len(self.rows), size)):
            number = rows.start // size
            yield WaveformUnit(self.recipe, number, len(rows), fraction, self.unfinished.unit(number))

    def _record(self, tried: Preflight, drawn: int, failures: Sequence[str]) -> dict[str, Any]:
        return provenance(
            {**self.request.arguments, "seed": self.recipe.seed, **recorded(self.request.own_part)},
            self.identity,
            **self.recipe.providers,
            cosmology=tried.cosmology,
            prior_frame=tried.frame,
            drawn=drawn,
            failures=list(failures),
        )
