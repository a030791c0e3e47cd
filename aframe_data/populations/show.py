"""What a prior draws: its parameters and their distributions, a corner plot, and draws in a file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from aframe_data.errors import PluginError
from aframe_data.figures.quantities import DETECTOR_MASSES, SOURCE_MASSES, UNITS, quantities_of
from aframe_data.formats import ledger
from aframe_data.places import local_place
from aframe_data.plugin.binary import to_detector_frame
from aframe_data.plugin.protocols import OrderedPrior, PriorDensity
from aframe_data.populations.tables import require_table, table_at, write_table
from aframe_data.registry.choice import choose
from aframe_data.reports.priors import ParameterFacts, PriorReport
from aframe_data.requests.signals import prior_given
from aframe_data.seeds import Stream, generator
from aframe_data.store.identity import plain, provenance
from aframe_data.waveforms.recipe import cosmology_of
from aframe_data.work.plan import Plan, Told

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from aframe_data.plugin.protocols import Prior
    from aframe_data.registry.choice import Choice
    from aframe_data.requests.priors import ShowPrior
    from aframe_data.store.identity import Identity
    from aframe_data.store.output import RecordedFile
    from aframe_data.types import FloatArray
    from aframe_data.work.plan import Work

#: Draws that are looked at, and that a picture is made of.
LOOKED_AT = 20_000


def plan(request: ShowPrior) -> ShowPlan:
    """Plan a look at a prior, which is not loaded yet."""
    if request.output_file is not None:
        require_table(local_place(request.output_file))
    choice = choose("prior", prior_given(request.prior), request.prior_options)
    choice.registered.require_installed()
    return ShowPlan(request, choice)


@dataclass(frozen=True, eq=False)
class ShowPlan(Plan[PriorReport]):
    """A plan of a look at a prior.

    Attributes
    ----------
    request, choice
        What was asked for, and the prior with its options.
    """

    request: ShowPrior
    choice: Choice

    @property
    def path(self) -> Path | None:
        """Where draws are written to."""
        return None if self.request.output_file is None else local_place(self.request.output_file)

    @property
    def outputs(self) -> Sequence[RecordedFile]:
        """The file of draws, if one is asked for."""
        return () if self.path is None else (table_at(self.path),)

    @cached_property
    def identity(self) -> Identity:
        """What the draws are a function of."""
        return {
            "command": self.request.command,
            "prior": self.choice.identity,
            "samples": self.request.samples,
            "seed": self.request.seed,
        }

    @cached_property
    def _prior(self) -> Prior:
        prior: Prior = self.choice.create()
        return prior

    def forecast(self, work: Work) -> Told:
        """Say what would be drawn."""
        del work
        values = {"prior": self.choice.key, "samples": self.request.samples, "path": self.path and str(self.path)}
        return Told({**values, "seed": self.request.seed})

    def make(self, work: Work) -> PriorReport:
        """Draw, and write the draws that are asked for; errors are the prior's."""
        advance = work.phase("drawing", 1)
        report = self._look()
        if self.path is not None and self.request.samples is not None:
            with self.choice.at_work():
                drawn = _drawn(self._prior, self.choice.key, self.request.samples, self.request.seed)
                drawn = _in_detector_frame(self._prior, drawn)
            attributes = {"num_injections": self.request.samples}
            write_table(self.path, drawn, attributes, self._record())
        advance(1)
        return report

    def recall(self, work: Work) -> PriorReport:
        """Check the draws that are there."""
        del work
        if self.path is not None:
            ledger.recall(self.path)
        return replace(self._look(), present=True)

    def _look(self) -> PriorReport:
        prior, record = self._prior, self.choice.provider
        with self.choice.at_work():
            drawn = _looked_at(prior, self.choice.key)
            said = dict(prior.distributions) if isinstance(prior, PriorDensity) else {}
        described = self.choice.describe()
        return PriorReport(
            prior=self.choice.key,
            summary=record.summary,
            distribution=described["distribution"],
            version=described["version"],
            options=plain(described["options"]),
            frame=prior.frame,
            cosmology=cosmology_of(prior),
            parameters=tuple(_facts(name, drawn[name], said.get(name, "")) for name in prior.parameters),
            drawn_instead={name: text for name, text in said.items() if name not in prior.parameters},
            looked_at=len(next(iter(drawn.values()))),
            in_order=prior.length if isinstance(prior, OrderedPrior) and prior.has_order else None,
            path=self.path,
            num_samples=self.request.samples,
            seed=None if self.request.samples is None else self.request.seed,
        )

    def _record(self) -> dict[str, Any]:
        prior = self._prior
        return provenance(
            {**self.request.arguments, "prior": self.choice.key},
            self.identity,
            prior=self.choice.describe(),
            cosmology=cosmology_of(prior),
            prior_frame=prior.frame,
        )


def _drawn(prior: Prior, name: str, count: int, seed: int) -> dict[str, FloatArray]:
    """Draws of a prior, (count,) each."""
    return _columns(prior, name, prior.sample(count, generator(seed, Stream.PREFLIGHT, 0)))


def _looked_at(prior: Prior, name: str) -> dict[str, FloatArray]:
    """Draws that a person looks at; where signals have an order, the first ones."""
    if isinstance(prior, OrderedPrior) and prior.has_order:
        return _columns(prior, name, prior.take(0, min(prior.length, LOOKED_AT)))
    return _drawn(prior, name, LOOKED_AT, 0)


def _columns(prior: Prior, name: str, samples: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """What was drawn, masses in the prior's own frame; raises a `PluginError` where it is not what is declared."""
    absent = [parameter for parameter in prior.parameters if parameter not in samples]
    if absent:
        raise PluginError(f"prior {name!r} did not draw {', '.join(absent)}, which it declares.")
    return {parameter: np.asarray(samples[parameter], dtype=np.float64) for parameter in prior.parameters}


def _in_detector_frame(prior: Prior, drawn: dict[str, FloatArray]) -> dict[str, FloatArray]:
    return to_detector_frame(drawn, prior.frame) if "redshift" in drawn else drawn


def draw(request: ShowPrior, report: PriorReport, path: Path) -> None:
    """Draw a corner plot of a prior's draws."""
    from aframe_data.figures import corner  # and with it matplotlib
    from aframe_data.figures.signals import corner_page

    choice = choose("prior", prior_given(request.prior), request.prior_options)
    with choice.at_work():
        prior: Prior = choice.create()
        drawn = _in_detector_frame(prior, _looked_at(prior, report.prior))
    masses = SOURCE_MASSES if report.frame == "source" else DETECTOR_MASSES
    quantities = quantities_of(drawn, masses[:2])
    of_masses = f", masses in the {report.frame} frame" if report.has_masses else ""
    title = f"{report.prior}: {report.looked_at_in_words}{of_masses}"
    with corner_page(path, corner.axes_of(drawn, drawn, quantities), title, beside=False):
        pass


def _facts(name: str, values: FloatArray, distribution: str) -> ParameterFacts:
    low, median, high = np.quantile(values, [0.05, 0.5, 0.95]).tolist()
    unit = UNITS.get(name, "")
    return ParameterFacts(name, unit, distribution, float(values.min()), low, median, high, float(values.max()))
