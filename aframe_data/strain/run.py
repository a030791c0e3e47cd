"""Doing what a fetch planned: units of work for all blocks, and files joined as soon as their parts are there."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections import defaultdict
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from aframe_data import checks
from aframe_data.errors import AframeDataError, UsageError
from aframe_data.filestore.temporary import remove_abandoned
from aframe_data.formats import background
from aframe_data.store.atomic import remove_leftovers
from aframe_data.strain.block import BlockReport, fetch_block
from aframe_data.strain.join import Joined, join_file, remove_parts
from aframe_data.strain.present import background_files, find_files, require_same, split_files
from aframe_data.strain.report import FetchedFile, FetchReport
from aframe_data.strain.tasks import BlockTask, FileTask, PartSpec, block_tasks
from aframe_data.types import Phase, silent
from aframe_data.work import engine

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
    from pathlib import Path

    from aframe_data.strain.tasks import FetchPlan
    from aframe_data.types import Flaw, Segment

_logger = logging.getLogger(__name__)


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
    engine.advance(unit.task.nbytes * unit.span.duration / unit.task.span.duration)
    return unit.path.stat().st_size


def run_fetch(
    plan: FetchPlan,
    *,
    workers: int | None = None,
    on_phase: Phase = silent,
    on_files: Callable[[tuple[FetchedFile, ...]], None] = lambda _files: None,
) -> FetchReport:
    """Do what `plan_fetch` planned; a file that fails does not keep the others from being made.

    Parameters
    ----------
    workers
        Processes; one more than there are CPUs, but no more than four, where None.
    on_phase
        Told of the phases: strain, in bytes as files hold it (`FetchPlan.work`), and files.
    on_files
        Told of the files that the span of one planned file became, as soon as they are whole or have failed.
    """
    count = default_workers() if workers is None else workers
    checks.require_count("workers", count)
    advance, done = on_phase("strain", plan.work), on_phase("files", len(plan.tasks))
    found: dict[Path, tuple[FetchedFile, ...]] = {}
    joined: list[Joined] = []

    def settle(task: FileTask, files: tuple[FetchedFile, ...]) -> None:
        found[task.path] = files
        for file in files:
            _logger.info("%s: %s%s", file.status, file.path, f": {file.error}" if file.error else "")
        on_files(files)
        done(1)

    remove_leftovers([task.path for task in plan.tasks])
    with _tidied(plan), engine.pool(min(count, plan.units), on_advance=advance) as running:
        for task, files in _checked(running, plan):
            settle(task, files)
            if all(file.error is None for file in files):
                remove_parts(task.parts(plan.parts))  # of a fetch that was killed when the file was whole
        with contextlib.closing(_fetched(running, plan)) as fetched:
            for task, outcome in fetched:
                if isinstance(outcome, Joined):
                    joined.append(outcome)
                settle(task, _as_files(task, outcome))
    return FetchReport(
        files=tuple(file for task in plan.tasks for file in found[task.path]),
        dropped=(*plan.dropped, *(span for outcome in joined for span in outcome.dropped)),
        cut=_together(outcome.cut for outcome in joined),
        filled=_together(outcome.filled for outcome in joined),
    )


def default_workers() -> int:
    """One more than there are CPUs, so that one downloads while the others work; few, as others use the archive too."""
    return min(engine.available_cpus() + 1, 4)


@contextlib.contextmanager
def _tidied(plan: FetchPlan) -> Iterator[None]:
    """Delete what is of no use to a later run, however this one ends."""
    try:
        yield
    finally:
        remove_leftovers([task.path for task in plan.tasks])
        if plan.parts.is_dir():
            # A run may have been killed between a whole file and the end of its parts.
            for part in _parts_of(plan, (task for task in plan.tasks if task.path in plan.present)):
                part.path.unlink(missing_ok=True)
            remove_leftovers(part.path for part in _parts_of(plan, plan.tasks))
        remove_abandoned(plan.store.folder)
        with contextlib.suppress(OSError):  # not there, or not empty: parts of files that are not whole
            plan.parts.rmdir()


def _parts_of(plan: FetchPlan, tasks: Iterable[FileTask]) -> Iterator[PartSpec]:
    for task in tasks:
        for parts in task.parts(plan.parts).values():
            yield from parts


def _checked(running: engine.Pool, plan: FetchPlan) -> Iterator[tuple[FileTask, tuple[FetchedFile, ...]]]:
    """Read what is there already."""
    units = [PresentFile(task, path, span) for task in plan.tasks for path, span in plan.present.get(task.path, ())]
    checked: dict[Path, list[FetchedFile]] = defaultdict(list)
    for outcome in running.run(check_file, units, window=len(units)):
        unit = outcome.unit
        status = "present" if outcome.error is None else "failed"
        error = None if outcome.error is None else as_ours(outcome.error)
        checked[unit.task.path].append(FetchedFile(unit.path, unit.span, status, outcome.result or 0, error))
    for task in plan.tasks:
        if task.path in checked:
            yield task, tuple(checked[task.path])


@dataclass
class _Waiting:
    """A file whose parts are being made."""

    task: FileTask
    missing: set[PartSpec] = field(default_factory=set)
    error: AframeDataError | None = None


def _fetched(
    running: engine.Pool, plan: FetchPlan
) -> Generator[tuple[FileTask, Joined | AframeDataError | tuple[FetchedFile, ...]]]:
    """Make the parts of what is missing, and join each file while workers go on with the next."""
    blocks = block_tasks(plan.missing, plan.parts, plan.store)
    waiting = [
        _Waiting(task, {part for parts in task.parts(plan.parts).values() for part in parts}) for task in plan.missing
    ]
    owner = {part.path: entry for entry in waiting for part in entry.missing}
    joining: dict[Path, Future[Joined | tuple[FetchedFile, ...]]] = {}
    with _interruptible_thread() as (joiner, interrupted):
        for outcome in running.run(fetch_block, blocks, window=len(blocks)):
            for part, error in _settled(outcome):
                entry = owner[part.path]
                entry.missing.discard(part)
                entry.error = entry.error or error
                if not entry.missing and entry.error is None:
                    joining[entry.task.path] = joiner.submit(_join, entry.task, plan, interrupted)
            for entry in waiting:
                future = joining.get(entry.task.path)
                if future is not None and future.done():
                    del joining[entry.task.path]
                    yield entry.task, _result(future)
        for entry in waiting:
            if entry.error is not None:
                yield entry.task, entry.error
            elif entry.task.path in joining:
                yield entry.task, _result(joining[entry.task.path])


def _settled(outcome: engine.Outcome[BlockTask, BlockReport]) -> Iterator[tuple[PartSpec, AframeDataError | None]]:
    """Each part of a block, with its error."""
    if isinstance(outcome.error, UsageError):
        raise outcome.error
    for part in outcome.unit.parts:
        if outcome.result is None:
            yield part, as_ours(outcome.error)
        else:
            yield part, outcome.result.failed.get(part)


@contextlib.contextmanager
def _interruptible_thread() -> Iterator[tuple[ThreadPoolExecutor, Callable[[], bool]]]:
    """A thread that is waited for, and what tells its work that it was interrupted: nobody waits for that then."""
    stop = threading.Event()
    with ThreadPoolExecutor(1) as thread:
        try:
            yield thread, stop.is_set
        except (KeyboardInterrupt, GeneratorExit):
            stop.set()
            thread.shutdown(wait=False, cancel_futures=True)
            raise


def _join(task: FileTask, plan: FetchPlan, interrupted: Callable[[], bool]) -> Joined | tuple[FetchedFile, ...]:
    try:
        return join_file(task, task.parts(plan.parts), interrupted=interrupted)
    except AframeDataError:
        if task.overwrite:
            raise
        # Another copy of this command may have been faster, and have deleted the parts.
        now = replace(task, earlier=split_files(task, background_files(task.path.parent, task.prefix)))
        files = find_files(now)
        if files is None:
            raise
        for path, span in files:
            require_same(task, path, span, background.summarize(path))
        return tuple(FetchedFile(path, span, "present", path.stat().st_size) for path, span in files)


def _result(future: Future[Joined | tuple[FetchedFile, ...]]) -> Joined | tuple[FetchedFile, ...] | AframeDataError:
    error = future.exception()
    if isinstance(error, UsageError):
        raise error
    return future.result() if error is None else as_ours(error)


def _as_files(task: FileTask, outcome: Joined | AframeDataError | tuple[FetchedFile, ...]) -> tuple[FetchedFile, ...]:
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
    together: dict[str, tuple[Flaw, ...]] = defaultdict(tuple)
    for each in found:
        for ifo, flaws in each.items():
            together[ifo] += flaws
    return {ifo: flaws for ifo, flaws in together.items() if flaws}
