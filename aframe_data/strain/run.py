"""Doing what a fetch planned: units of work for all blocks, and one for each file as soon as its parts are there."""

from __future__ import annotations

import contextlib
import logging
import sys
from collections import defaultdict, deque
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from aframe_data.errors import AframeDataError, UsageError
from aframe_data.formats import background
from aframe_data.progress import Bytes
from aframe_data.reports.fetch import FetchedFile, FetchReport
from aframe_data.strain.block import BlockReport, fetch_block
from aframe_data.strain.folder import BackgroundFolder
from aframe_data.strain.join import Joined, join_file
from aframe_data.strain.leftovers import left_over, tidied
from aframe_data.strain.marks import at_work
from aframe_data.strain.present import find_files, look, require_same
from aframe_data.strain.tasks import Batch, BlockTask, FileTask, Parts, PartSpec, block_tasks
from aframe_data.work.units import advance as report_advance

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from aframe_data.progress import Advance
    from aframe_data.types import Flaw, Segment
    from aframe_data.work.engine import Engine
    from aframe_data.work.plan import Work
    from aframe_data.work.units import Outcome

_logger = logging.getLogger(__name__)

#: Files that a message names.
_SHOWN = 3
#: Units that may be ahead of one that is slow: no number of them is in the way.
_ANY_NUMBER = sys.maxsize

#: The files that the span of one planned file became.
Fetched = tuple[FetchedFile, ...]


@dataclass(frozen=True)
class PresentFile:
    """A unit of work: a file that is there, to be read and checked."""

    task: FileTask
    path: Path
    span: Segment

    def __str__(self) -> str:
        return self.path.name


def check_file(unit: PresentFile) -> int:
    """Read a file that is there and give its size; raises where it is not what the task would make."""
    require_same(unit.task, unit.path, unit.span, background.summarize(unit.path))
    report_advance(unit.task.nbytes_of(unit.span))
    return unit.path.stat().st_size


def fetch_files(work: Work, batch: Batch) -> FetchReport:
    """Check the files that are there and make the others; one that fails does not keep the others from being made."""
    strain, done = work.phase("strain", Bytes(batch.nbytes)), work.phase("files", len(batch.files))
    found: dict[Path, Fetched] = {}
    joined: list[Joined] = []
    sound: list[FileTask] = []

    def settle(task: FileTask, files: Fetched) -> None:
        found[task.path] = files
        for file in files:
            _logger.info("%s: %s%s", file.status, file.path, f": {file.error}" if file.error else "")
            work.tell({"event": "file", **file.describe()})
        done(1)

    marked = at_work(batch.parts, strain) if batch.missing else contextlib.nullcontext(strain)
    with tidied(batch, sound), marked as advance:
        for task, files in _checked(work.engine, batch, advance):
            settle(task, files)
            if all(file.error is None for file in files):
                sound.append(task)
        with contextlib.closing(_fetched(work.engine, batch, advance)) as fetched:
            for task, outcome in fetched:
                if isinstance(outcome, Joined):
                    joined.append(outcome)
                settle(task, _as_files(task, outcome))
    _remove_replaced(batch, found)
    every = tuple(file for task, _ in batch.files for file in found[task.path])
    return FetchReport(
        files=every,
        dropped=(*batch.dropped, *(span for outcome in joined for span in outcome.dropped)),
        cut=_together(outcome.cut for outcome in joined),
        filled=_together(outcome.filled for outcome in joined),
        unfinished=left_over(batch, failed=any(file.error for file in every)),
    )


def _remove_replaced(batch: Batch, found: Mapping[Path, Fetched]) -> None:
    """Delete files instead of which there are others now, of all their time."""
    gone = [
        path
        for path, others in batch.replaced.items()
        if not any(file.error for other in others for file in found[other])
    ]
    for path in gone:
        path.unlink(missing_ok=True)
    if gone:
        _logger.warning("removed, since files of the same time replace them: %s", named(gone))


def named(paths: Sequence[Path]) -> str:
    """The names of some files, or of the first of many."""
    return ", ".join(path.name for path in paths[:_SHOWN]) + (
        f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
    )


def _checked(engine: Engine, batch: Batch, advance: Advance) -> Iterator[tuple[FileTask, Fetched]]:
    """Read what is there already."""
    units = [PresentFile(task, path, span) for task, files in batch.files for path, span in files or ()]
    outcomes = engine.run(check_file, units, window=len(units), advance=advance)
    for _, group in groupby(outcomes, key=lambda outcome: outcome.unit.task.path):
        checked = list(group)
        yield checked[0].unit.task, tuple(map(_as_checked, checked))


def _as_checked(outcome: Outcome[PresentFile, int]) -> FetchedFile:
    path, span = outcome.unit.path, outcome.unit.span
    if outcome.error is None:
        return FetchedFile(path, span, "present", outcome.result or 0)
    return FetchedFile(path, span, "failed", error=as_ours(outcome.error))


@dataclass(frozen=True)
class JoinTask:
    """A unit of work: a file whose parts are there."""

    task: FileTask
    parts: Parts

    def __str__(self) -> str:
        return self.task.path.name


@dataclass
class _Waiting:
    """A file whose parts are being made."""

    task: FileTask
    parts: Parts
    missing: int
    error: AframeDataError | None = None


def _fetched(
    engine: Engine, batch: Batch, advance: Advance
) -> Generator[tuple[FileTask, Joined | AframeDataError | Fetched]]:
    """Make the parts of what is missing, and join each file while other workers go on with the next."""
    owner: dict[PartSpec, _Waiting] = {}
    ready: deque[JoinTask] = deque()

    def units() -> Iterator[BlockTask | JoinTask]:
        for block in block_tasks(_parts_in_order(batch, owner), batch.store):
            while ready:
                yield ready.popleft()
            yield block

    for outcome in engine.run(_do, units(), window=_ANY_NUMBER, advance=advance):
        if isinstance(outcome.unit, JoinTask):
            yield outcome.unit.task, _joined(outcome)
            continue
        for spec, error in _settled(outcome):
            entry = owner.pop(spec)
            entry.missing -= 1
            entry.error = entry.error or error
            if entry.missing:
                continue
            if entry.error is None:
                ready.append(JoinTask(entry.task, entry.parts))
            else:
                yield entry.task, entry.error
    # Those whose parts came last.
    for last in engine.run(_do, ready, window=_ANY_NUMBER, advance=advance):
        yield last.unit.task, _joined(last)


def _do(unit: BlockTask | JoinTask) -> BlockReport | Joined | Fetched:
    """Do a unit: both kinds are workers' work, so that never more processes are at work than were asked for."""
    return _join(unit.task, unit.parts) if isinstance(unit, JoinTask) else fetch_block(unit)


def _parts_in_order(batch: Batch, owner: dict[PartSpec, _Waiting]) -> Iterator[Parts]:
    """The parts of each file that is missing, in order of time; `owner` gets the file of each."""
    for task in sorted(batch.missing, key=lambda task: task.span.start):
        parts = task.parts(batch.parts)
        specs = [spec for _, specs in parts for spec in specs]
        owner |= dict.fromkeys(specs, _Waiting(task, parts, len(specs)))
        yield parts


def _settled(outcome: Outcome[Any, Any]) -> Iterator[tuple[PartSpec, AframeDataError | None]]:
    """Each part of a block, with its error."""
    if isinstance(outcome.error, UsageError):
        raise outcome.error
    for part in outcome.unit.parts:
        if outcome.result is None:
            yield part, as_ours(outcome.error)
        else:
            yield part, outcome.result.failed.get(part)


def _join(task: FileTask, parts: Parts) -> Joined | Fetched:
    try:
        return join_file(task, parts)
    except AframeDataError:
        if task.overwrite or all(spec.path.exists() for _, specs in parts for spec in specs):
            raise
        # Another copy of this command was faster, and has deleted the parts.
        files = find_files(look(task, BackgroundFolder(task.path.parent, task.prefix)).task)
        if files is None:
            raise
        for path, span in files:
            require_same(task, path, span, background.summarize(path))
        return tuple(FetchedFile(path, span, "present", path.stat().st_size) for path, span in files)


def _joined(outcome: Outcome[Any, Any]) -> Joined | Fetched | AframeDataError:
    if isinstance(outcome.error, UsageError):
        raise outcome.error
    result: Joined | Fetched | None = outcome.result
    return as_ours(outcome.error) if result is None else result


def _as_files(task: FileTask, outcome: Joined | AframeDataError | Fetched) -> Fetched:
    if isinstance(outcome, tuple):
        return outcome
    if isinstance(outcome, AframeDataError):
        return (FetchedFile(task.path, task.span, "failed", error=outcome),)
    if not outcome.files:
        return (FetchedFile(task.path, task.span, "empty"),)
    return tuple(FetchedFile(path, span, "fetched", path.stat().st_size) for path, span in outcome.files)


def as_ours(error: BaseException | None) -> AframeDataError:
    """An error of this package for whatever ended a unit."""
    if isinstance(error, AframeDataError):
        return error
    _logger.info("a unit of work failed", exc_info=error)
    return AframeDataError(f"{type(error).__name__}: {' '.join(str(error).split())}")


def _together(found: Iterable[Mapping[str, tuple[Flaw, ...]]]) -> dict[str, tuple[Flaw, ...]]:
    """What several files say of each interferometer."""
    together: dict[str, list[Flaw]] = defaultdict(list)
    for each in found:
        for ifo, flaws in each.items():
            together[ifo] += flaws
    return {ifo: tuple(flaws) for ifo, flaws in together.items() if flaws}
