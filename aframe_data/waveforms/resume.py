"""Whether an output is done already or was begun, and with which seed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar

from aframe_data import checks
from aframe_data.errors import DataQualityError
from aframe_data.formats import ledger
from aframe_data.store import provenance
from aframe_data.work.unfinished import PartsFolder

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from aframe_data.waveforms.recipe import Recipe


class Resumable(Protocol):
    """What a plan must say, a frozen dataclass, so that its work can be taken up again."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def recipe(self) -> Recipe:
        """What defines the signals, with the seed."""
        ...

    @property
    def outputs(self) -> tuple[Path, ...]:
        """The files that the work ends with; beside the first lies unfinished work."""
        ...

    @property
    def present(self) -> bool:
        """Whether all outputs are there already."""
        ...


Plan = TypeVar("Plan", bound=Resumable)


def resume(plan: Plan, request_record: Callable[[Plan], dict[str, Any]], *, keep_seed: bool) -> Plan:
    """Recognize outputs, or unfinished work, of the same request; without a seed of the user's, take theirs.

    Parameters
    ----------
    plan
        Fresh; `present` is false.
    request_record
        What the outputs of a plan are a function of.
    keep_seed
        Whether the user gave the seed.

    Raises
    ------
    OutputExistsError
        An output is there that another request made, or one of several is missing and cannot be made anew.
    """
    there = [path for path in plan.outputs if path.exists()]
    unfinished = PartsFolder(plan.outputs[0]).read()
    for path in there:
        try:
            found = ledger.summarize(path, check=False).record or {}
        except DataQualityError as error:
            raise checks.output_exists(path) from error
        plan = _with_seed_of(plan, found, keep_seed=keep_seed)
        difference = provenance.difference(found, request_record(plan))
        if difference:
            raise checks.output_exists(path, difference)
    if len(there) == len(plan.outputs):
        return replace(plan, present=True)
    if unfinished is None:
        if there:
            raise checks.output_exists(there[0], "what belongs to it is gone")
        return plan
    return _with_seed_of(plan, unfinished, keep_seed=keep_seed)


def _with_seed_of(plan: Plan, record: Mapping[str, Any], *, keep_seed: bool) -> Plan:
    seed = record.get("arguments", {}).get("seed")
    if keep_seed or not isinstance(seed, int):
        return plan
    return replace(plan, recipe=replace(plan.recipe, seed=seed))
