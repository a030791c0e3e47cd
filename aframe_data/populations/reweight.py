"""Signals of one population in the light of another: densities and importance weights beside their parameters."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from aframe_data.errors import DataQualityError, UsageError
from aframe_data.exporting.sources import SignalsFile
from aframe_data.formats import ledger
from aframe_data.formats.kinds import KIND_NAMES, kind_of
from aframe_data.formats.ledger_source import NUM_INJECTIONS
from aframe_data.places import local_place
from aframe_data.populations.density import ln_density, require_comparable
from aframe_data.populations.tables import require_table, table_at, write_table
from aframe_data.registry.choice import choose
from aframe_data.reports.priors import ReweightReport
from aframe_data.requests.signals import prior_given
from aframe_data.store.identity import provenance
from aframe_data.work.plan import Plan, Told

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from aframe_data.plugin.protocols import Prior
    from aframe_data.registry.choice import Choice
    from aframe_data.requests.priors import Reweight
    from aframe_data.store.identity import Identity
    from aframe_data.store.output import RecordedFile
    from aframe_data.types import FloatArray
    from aframe_data.work.plan import Work

#: What is written beside the parameters.
LN_PROB, LN_PROB_TO, WEIGHT = "ln_prob", "ln_prob_to", "weight"


def plan(request: Reweight) -> ReweightPlan:
    """Plan a reweighting; no array is read.

    Raises
    ------
    UsageError
        The file is none of signals, or the output is no table.
    """
    require_table(local_place(request.output_file))
    target = choose("prior", prior_given(request.to), request.to_options)
    target.registered.require_installed()
    path = local_place(request.file)
    kind = kind_of(path)
    if kind != "ledger":
        raise UsageError(f"{str(path)!r} is {KIND_NAMES[kind]}; priors reweight takes a file of signals.")
    return ReweightPlan(request, target, SignalsFile(path, path.name))


@dataclass(frozen=True, eq=False)
class ReweightPlan(Plan[ReweightReport]):
    """A plan of a reweighting.

    Attributes
    ----------
    request, target, source
        What was asked for, the population to weight for, and the file of signals.
    """

    request: Reweight
    target: Choice
    source: SignalsFile

    @property
    def path(self) -> Path:
        """Where to."""
        return local_place(self.request.output_file)

    @property
    def inputs(self) -> Sequence[Path]:
        """The file of signals."""
        return (self.source.path,)

    @property
    def outputs(self) -> Sequence[RecordedFile]:
        """The one file."""
        return (table_at(self.path),)

    @cached_property
    def identity(self) -> Identity:
        """What the weights are a function of."""
        return {
            "command": self.request.command,
            "to": self.target.identity,
            "content": self.source.known_hash(),
            "prior": self.source.prior.identity,
        }

    def forecast(self, work: Work) -> Told:
        """Say what would be weighted."""
        del work
        return Told(
            {
                "path": str(self.path),
                "prior": self.source.prior.key,
                "target": self.target.key,
                "num_signals": self.source.length,
            }
        )

    def make(self, work: Work) -> ReweightReport:
        """Compute the densities and write the weights.

        Raises
        ------
        UsageError
            A prior says no density, or the two cannot be compared.
        DataQualityError
            The file changed since it was written, or a signal is none of its prior's.
        """
        advance = work.phase("weighting signals", 1)
        self.source.require_sound()
        prior, target = (choice.create() for choice in (self.source.prior, self.target))
        parameters = ledger.read_parameters(self.source.path)
        weighted = self._weighted(prior, target, parameters)
        attributes = {name: _plain(value) for name, value in self.source.attributes.items()}
        write_table(self.path, {**parameters, **weighted}, attributes, self._record())
        advance(1)
        return self._report(weighted, present=False)

    def recall(self, work: Work) -> ReweightReport:
        """Check the weights that are there."""
        del work
        ledger.recall(self.path)
        return self._report(ledger.read_parameters(self.path), present=True)

    def _weighted(self, prior: Prior, target: Prior, parameters: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
        names = self.source.prior.key, self.target.key
        require_comparable(prior, names[0], target, names[1])
        flat = {name: values for name, values in parameters.items() if np.ndim(values) == 1}
        with self.source.prior.at_work():
            before = ln_density(prior, names[0], flat)
        with self.target.at_work():
            after = ln_density(target, names[1], flat)
        strange = np.flatnonzero(~np.isfinite(before))
        if len(strange):
            raise DataQualityError(
                f"signal {strange[0]} (counted from 0) of {self.source.path} cannot have been drawn from prior "
                f"{names[0]!r}: {len(strange)} such signals."
            )
        return {LN_PROB: before, LN_PROB_TO: after, WEIGHT: np.exp(after - before)}

    def _report(self, weighted: Mapping[str, FloatArray], *, present: bool) -> ReweightReport:
        weights = weighted[WEIGHT]
        total, squares = float(weights.sum()), float((weights**2).sum())
        found = self.source.attributes.get(NUM_INJECTIONS)
        drawn = None if found is None else int(found)
        return ReweightReport(
            path=self.path,
            prior=self.source.prior.key,
            target=self.target.key,
            num_signals=len(weights),
            num_injections=drawn,
            effective_size=total**2 / squares if squares else 0.0,
            mean_weight=float(weights.mean()) if len(weights) else 0.0,
            largest_weight=float(weights.max(initial=0.0)),
            outside=int(np.count_nonzero(weights == 0)),
            efficiency=total / drawn if drawn else None,
            present=present,
        )

    def _record(self) -> dict[str, Any]:
        return provenance(
            {**self.request.arguments, "file": str(self.request.file), "to": self.target.key},
            self.identity,
            prior=self.source.prior.describe(),
            to=self.target.describe(),
            **{name: self.source.record[name] for name in ("cosmology", "prior_frame") if name in self.source.record},
        )


def _plain(value: Any) -> Any:
    """An attribute as a ledger writes it: a list of names is a tuple there."""
    return tuple(value) if isinstance(value, list) else value
