"""How each stage of a build stands: what is there of it, and whether that is what is asked for now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from aframe_data.errors import OutputExistsError
from aframe_data.work.carry_out import is_whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from aframe_data.build.stages import Stage
    from aframe_data.requests.request import Request
    from aframe_data.work.plan import Work

#: All is there; something is missing; what is there is of another request; it depends on what is made before.
PRESENT, MISSING, DIFFERS, WAITING = "present", "missing", "differs", "waiting"


@dataclass(frozen=True)
class Standing:
    """How a stage stands.

    Attributes
    ----------
    stage
        The stage.
    state, why
        One of the words above, and the reason where something is to be done.
    request
        What its command is asked for now: to replace what is there, where that differs.
    surplus
        Files that lie among its outputs, and that no other stage must read.
    """

    stage: Stage
    state: str
    why: str
    request: Request[Any]
    surplus: Sequence[Path] = ()


def standings(stages: Sequence[Stage], work: Work) -> Iterator[Standing]:
    """How all stages stand before any is made; errors as `standing`."""
    unmade: set[str] = set()
    for stage in stages:
        before = [name for name in stage.needs if name in unmade]
        found = Standing(stage, WAITING, f"after {before[-1]}", stage.request) if before else standing(stage, work)
        if found.state != PRESENT:
            unmade.add(stage.name)
        yield found


def replaced(request: Request[Any]) -> Request[Any]:
    """A request that replaces what is there: all stages have that option."""
    return replace(request, overwrite=True)  # type: ignore[call-arg]


def standing(stage: Stage, work: Work) -> Standing:
    """How a stage stands whose inputs are there.

    Raises
    ------
    UsageError
        The request cannot be met as it is.
    """
    request = stage.ready()
    surplus = request.planned().surplus if stage.whole else ()
    try:
        # A join whose parts are gone would take any run's file for its own.
        if stage.joins is not None:
            is_output_of(stage.joins, stage.output)
        whole = is_whole(request, work)
    except OutputExistsError as error:
        why = str(error).replace(" --overwrite replaces it.", "").rstrip(".")
        return Standing(stage, DIFFERS, why, replaced(request), surplus)
    if surplus:
        found = f"{surplus[0]} exists but does not belong to it ({len(surplus)} such files in all)"
        return Standing(stage, DIFFERS, found, request, surplus)
    return Standing(stage, PRESENT if whole else MISSING, "" if whole else "not there", request)


def is_output_of(run: Request[Any], path: Path) -> bool:
    """Whether a file is there, and is what a run would make of this name; errors as `Output.holds`."""
    if not path.exists():
        return False  # without a plan, which takes a while of a campaign
    plan = run.planned()
    (output,) = (output for output in plan.outputs if output.path == path)
    return output.holds(plan.identity)


def require_same(stages: Sequence[Standing]) -> None:
    """Refuse to replace what is there.

    Raises
    ------
    OutputExistsError
        It is not what one of the stages would make.
    """
    differing = [found for found in stages if found.state == DIFFERS]
    if differing:
        names = ", ".join(found.stage.name for found in differing)
        raise OutputExistsError(
            f"{names}: existing files are not what the configuration asks for: {differing[0].why}. --overwrite remakes "
            "what differs and what depends on it, and keeps the rest."
        )
