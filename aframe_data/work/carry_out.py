"""The one rule by which every request is met: what is there is recalled, what is not is made.

Here is all that is to be thought of around the work itself: whether outputs are there and are those that were asked
for, whether work was begun, the disk's space, folders, leftovers of runs that were killed, and pictures.
"""

from __future__ import annotations

import logging
import os
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from stat import S_ISREG
from typing import TYPE_CHECKING, Any, TypeVar

from aframe_data.checks import not_found, output_exists, require_picture_format
from aframe_data.errors import UsageError
from aframe_data.progress import ignore
from aframe_data.store.atomic import (
    folders_made,
    followed,
    make_folder,
    remove_leftovers,
    require_replaceable,
    require_space,
    require_writable_folder,
)
from aframe_data.store.claims import claimed, is_claimed, remove_abandoned_claims
from aframe_data.store.identity import difference
from aframe_data.store.objects import workplace
from aframe_data.work.engine import engine_for
from aframe_data.work.plan import Asked, Forecast, Output, Plan, Report, Work

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager

_logger = logging.getLogger(__name__)

#: Outputs that are looked for at a time; of more, somebody is told how far that is.
_MANY = 500

R = TypeVar("R", bound=Report)


@contextmanager
def _told_of_changes(plan: Plan[Any]) -> Iterator[None]:
    """Say in a sentence which files that are read were deleted, or written to, while the work in the block went on."""
    before = {path: _stamp(path) for path in plan.inputs}
    try:
        yield
    except FileNotFoundError as error:
        raise not_found(error) from error
    for path, then in before.items():
        if then is not None and _stamp(path) not in (None, then):
            _logger.warning("%s changed while it was in use: what was made of it may be of either content.", path)


def do(request: Asked[R]) -> R:
    """Meet a request with the engine that it asks for, telling nobody."""
    with engine_for(request.processes()) as engine:
        return carry_out(request, Work(engine))


def carry_out(request: Asked[R], work: Work) -> R:
    """Meet a request: recall what is there, or make it.

    Raises
    ------
    UsageError
        An output cannot be written, or is a file that is read; the disk is full.
    OutputExistsError
        An output is there and holds something else.
    """
    plan, present = _standing(request, work)
    _require_picture(request, plan, present=present)
    if present:
        report = _recalled(plan, work)
    else:
        with _told_of_changes(plan), _prepared(plan), _alone(plan) as waited:
            if waited:  # for another command, which may have made all of it
                plan, present = _standing(request, work)
            report = plan.recall(work) if present else _made(plan, work)
    _draw_picture(request, report, work)
    return report


def _recalled(plan: Plan[R], work: Work) -> R:
    """Check outputs that are there; what a run that was killed at its very end left beside them goes."""
    report = plan.recall(work)
    remove_leftovers(output.path for output in plan.outputs)
    claim = _claim(plan)
    if claim is not None and not is_claimed(claim):
        remove_abandoned_claims(claim)
        if plan.unfinished is not None:
            plan.unfinished.close(plan.identity)
    return report


def _made(plan: Plan[R], work: Work) -> R:
    """Make the outputs; finished units are kept until they are whole."""
    work.engine.prepare(plan.modules)
    remove_leftovers(output.path for output in plan.outputs)
    if plan.unfinished is None:
        return plan.make(work)
    plan.unfinished.open(plan.identity)
    finished = plan.unfinished.finished()
    if finished:
        work.tell({"event": "resumed", "finished": finished, "path": str(plan.unfinished.path)})
    try:
        report = plan.make(work)
    except BaseException:
        plan.unfinished.drop_if_empty()
        raise
    plan.unfinished.remove()
    return report


def is_whole(request: Asked[Any], work: Work) -> bool:
    """Whether all outputs are there, and those that are asked for; errors as `carry_out`."""
    return _standing(request, work)[1]


def forecast(request: Asked[Any], work: Work) -> Forecast:
    """Say what `carry_out` would do, after the same checks."""
    plan, present = _standing(request, work)
    _require_picture(request, plan, present=present)
    if present and not plan.independent and not plan.outstanding:
        return NothingToDo(tuple(output.path for output in plan.outputs))
    if not present:
        _require_room(plan)
    work.engine.prepare(plan.modules)
    return plan.forecast(work)


@dataclass(frozen=True)
class NothingToDo(Forecast):
    """The forecast where all outputs are there already."""

    present: bool = field(default=True, init=False)
    files: tuple[Path, ...]


def _standing(request: Asked[R], work: Work) -> tuple[Plan[R], bool]:
    """The plan, with what work that is there says of it, and whether all its outputs are there."""
    plan = request.planned()
    inputs = {_inode(path) for path in plan.inputs} - {None}
    for output in plan.outputs:
        if inputs and _inode(output.path) in inputs:
            raise UsageError(f"{str(output.path)!r} is among the files to read: name another output.")
        output.require_usable()
    if not plan.outputs:
        return plan, False
    there: Sequence[Output] = ()
    if not request.replaces():
        for output in plan.outputs:
            found = output.identity()
            if found is not None:
                plan = plan.adopting(found)
        there = _there(plan, work)
        if len(there) == len(plan.outputs):
            return plan, True
        if there and plan.independent:
            work.tell({"event": "present", "files": len(there), "of": len(plan.outputs)})
    begun = _begun(plan)
    if begun is None and there and not plan.independent:
        raise output_exists(there[0].path, "what belongs to it is gone")
    return begun or plan, False


def _begun(plan: Plan[R]) -> Plan[R] | None:
    """The plan as it was begun, with what the request left open taken from there; None where it was not."""
    for found in () if plan.unfinished is None else plan.unfinished.begun().values():
        same = plan.adopting(found)
        if not difference(found, same.identity):
            return same
    return None


def _status(path: Path) -> os.stat_result | None:
    with suppress(OSError, ValueError):
        return path.stat()
    return None


def _inode(path: Path) -> tuple[int, int] | None:
    """What tells a file from others, by whatever path; None where there is none."""
    found = _status(path)
    return found and (found.st_dev, found.st_ino)


def _stamp(path: Path) -> tuple[int, int] | None:
    """Size and time of the last change of a file; None where there is none."""
    found = _status(path)
    return (found.st_size, found.st_mtime_ns) if found and S_ISREG(found.st_mode) else None


def _there(plan: Plan[Any], work: Work) -> list[Output]:
    """The outputs that are there."""
    outputs, there = plan.outputs, []
    advance = work.phase("looking for files", len(outputs)) if len(outputs) > _MANY else ignore
    for first in range(0, len(outputs), _MANY):
        some = outputs[first : first + _MANY]
        # An identity may take a look into inputs without a hash: not where there is nothing to compare it with. Outputs
        # that stand for themselves know better than by one path.
        there += [out for out in some if (plan.independent or out.path.exists()) and out.holds(plan.identity)]
        advance(len(some))
    return there


def _require_room(plan: Plan[Any]) -> list[Path]:
    """Check that the outputs can be written, and fit onto the disk; gives their folders on this machine."""
    places = (workplace(output.path) for output in plan.outputs)
    folders = [*map(Path, dict.fromkeys(os.path.dirname(path) for path in places))]  # noqa: PTH120 - they may be many
    for folder in folders:
        require_writable_folder(folder)
    for folder in folders[:1]:
        require_space(folder, plan.nbytes + plan.temporary_nbytes)
    return folders


def _prepared(plan: Plan[Any]) -> AbstractContextManager[None]:
    """Folders and room for what is made in the block; no empty folder is left behind, unless it is an output's own."""
    return folders_made(_require_room(plan), staying={output.path.parent for output in plan.outputs})


def _alone(plan: Plan[Any]) -> AbstractContextManager[bool]:
    """Keep other commands from making the same outputs meanwhile; gives whether one had to be waited for."""
    claim = _claim(plan)
    return nullcontext(False) if claim is None else claimed(claim, str(plan.outputs[0].path))


def _claim(plan: Plan[Any]) -> Path | None:
    """The claim of the outputs; None where there are none, or where each stands for itself and may be shared."""
    if plan.independent or not plan.outputs:
        return None
    path = followed(plan.outputs[0].path)
    return path.with_name(f".{path.name}.claim")


def _require_picture(request: Asked[Any], plan: Plan[Any], *, present: bool) -> None:
    """Refuse a picture that cannot be drawn, before any work; one that is there may stay beside outputs `present`."""
    path = request.wanted_picture()
    if path is None:
        return
    require_picture_format(path)
    others = (*(output.path for output in plan.outputs), *plan.inputs)
    if path.absolute() in {other.absolute() for other in others}:
        raise UsageError(f"--plot {str(path)!r} is one of the command's other files.")
    require_replaceable(path)
    require_writable_folder(path.parent)
    if path.exists() and not request.replaces() and not present:
        raise output_exists(path)


def _draw_picture(request: Asked[Any], report: Any, work: Work) -> None:
    """Draw the picture that is asked for, if one is, unless it is there and shall stay; tell whether it was drawn."""
    path = request.wanted_picture()
    if path is None:
        return
    drawn = request.replaces() or not path.exists()
    if drawn:
        make_folder(path.parent)
        request.drawer()(request, report, path)
    work.tell({"event": "picture", "path": str(path), "drawn": drawn})
