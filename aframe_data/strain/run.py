"""Doing what a fetch planned: units of work for all blocks, and one for each file as soon as its parts are there."""

from __future__ import annotations

import contextlib
import logging
import sys
from collections import deque
from dataclasses import dataclass
from itertools import chain, groupby
from typing import TYPE_CHECKING, Any

from aframe_data.checks import not_found
from aframe_data.errors import AframeDataError, UsageError
from aframe_data.progress import Bytes
from aframe_data.reports.fetch import FetchedFile, FetchReport
from aframe_data.strain.block import fetch_block
from aframe_data.strain.file import WantedFile, look
from aframe_data.strain.folder import BackgroundFolder
from aframe_data.strain.join import join_file
from aframe_data.strain.leftovers import at_work, left_over, tidied
from aframe_data.strain.units import block_units
from aframe_data.work.units import advance as report_advance
from aframe_data.work.units import told

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from aframe_data.filestore import Storage
    from aframe_data.progress import Advance
    from aframe_data.strain.units import BlockUnit, WantedPart
    from aframe_data.types import Flaw, Segment
    from aframe_data.work.engine import Engine
    from aframe_data.work.plan import Work
    from aframe_data.work.units import Outcome

_logger = logging.getLogger(__name__)

#: Files that a message names.
_SHOWN = 3
#: Units that may be ahead of one that is slow: no number of them is in the way.
_ANY_NUMBER = sys.maxsize


@dataclass(frozen=True)
class CheckUnit:
    """A unit of work: a file that is there, to be read and checked."""

    file: WantedFile
    path: Path
    span: Segment

    def __str__(self) -> str:
        return self.path.name


def check_file(unit: CheckUnit) -> FetchedFile:
    """Read a file that is there; raises where it is not what would be made."""
    checked = unit.file.check(unit.path, unit.span)
    report_advance(unit.file.nbytes(unit.span), found=True)
    return checked


def fetch_files(
    work: Work, wanted: Sequence[WantedFile], parts: Path, storage: Storage, dropped: Sequence[Segment]
) -> FetchReport:
    """Check the files that are there and make the others; one that fails does not keep the others from being made.

    Parameters
    ----------
    wanted
        In the order of the report.
    parts
        Folder of what is not whole yet.
    storage
        Where raw files of the archive lie.
    dropped
        Segments, or remainders of them, that are too short for a file.
    """
    nbytes = sum(file.nbytes(file.span) for file in wanted)
    strain, done = work.phase("fetching strain", Bytes(nbytes)), work.phase("finished files", len(wanted))
    reports: dict[Path, FetchReport] = {}
    sound: list[WantedFile] = []
    complete = all(file.found is not None for file in wanted)
    marked = contextlib.nullcontext() if complete else at_work(parts)
    fetching = contextlib.closing(_fetched(work.engine, wanted, storage, strain))
    with tidied(parts, storage, sound), marked, fetching as fetched:
        for file, report in chain(_checked(work.engine, wanted, strain), fetched):
            reports[file.path] = report
            if not report.failed:
                sound.append(file)
            for made in report.files:
                _logger.info("%s: %s%s", made.status, made.path, f": {made.error}" if made.error else "")
                work.tell({"event": "file", **made.describe()})
            done(1)
    _remove_replaced(wanted, reports)
    return FetchReport(
        files=tuple(made for file in wanted for made in reports[file.path].files),
        dropped=(*dropped, *(span for report in reports.values() for span in report.dropped)),
        cut=_together(report.cut for report in reports.values()),
        filled=_together(report.filled for report in reports.values()),
        unfinished=left_over(parts, storage, wanted, failed=any(report.failed for report in reports.values())),
    )


def _remove_replaced(wanted: Sequence[WantedFile], reports: Mapping[Path, FetchReport]) -> None:
    """Delete files instead of which there are others now, of all their time."""
    kept = {path for file in wanted if reports[file.path].failed for path in file.replaced}
    gone = sorted({path for file in wanted for path in file.replaced} - kept)
    for path in gone:
        path.unlink(missing_ok=True)
    if gone:
        _logger.warning("removed, since files of the same time replace them: %s", named(gone))


def named(paths: Sequence[Path]) -> str:
    """The names of some files, or of the first of many."""
    more = f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
    return ", ".join(path.name for path in paths[:_SHOWN]) + more


def _checked(
    engine: Engine, wanted: Sequence[WantedFile], advance: Advance
) -> Iterator[tuple[WantedFile, FetchReport]]:
    """Read what is there already."""
    units = [CheckUnit(file, path, span) for file in wanted for path, span in file.found or ()]
    outcomes = engine.run(check_file, units, window=len(units), advance=advance)
    for file, group in groupby(outcomes, key=lambda outcome: outcome.unit.file):
        yield file, FetchReport(tuple(map(_as_checked, group)), ())


def _as_checked(outcome: Outcome[CheckUnit, FetchedFile]) -> FetchedFile:
    if outcome.error is None:
        return outcome.value
    return FetchedFile(outcome.unit.path, outcome.unit.span, "failed", error=as_ours(outcome.error))


@dataclass
class _Waiting:
    """A file whose parts are being made."""

    file: WantedFile
    missing: int
    error: AframeDataError | None = None


def _fetched(
    engine: Engine, wanted: Sequence[WantedFile], storage: Storage, advance: Advance
) -> Generator[tuple[WantedFile, FetchReport]]:
    """Make the parts of what is missing, and join each file while other workers go on with the next."""
    owner: dict[Path, _Waiting] = {}
    ready: deque[WantedFile] = deque()

    def units() -> Iterator[BlockUnit | WantedFile]:
        for block in block_units(_parts_in_order(wanted, owner), storage):
            while ready:
                yield ready.popleft()
            yield block

    # In the end what is ready is the files whose parts came last.
    runs = (engine.run(_do, some, window=_ANY_NUMBER, advance=advance) for some in (units(), ready))
    for outcome in chain.from_iterable(runs):
        unit, error = outcome.unit, outcome.error
        if isinstance(error, UsageError):
            raise error
        if isinstance(unit, WantedFile):
            yield unit, _failure(unit, as_ours(error)) if error else outcome.value
            continue
        ours = as_ours(error) if error else None
        for part in unit.parts:
            entry = owner.pop(part.path)
            entry.missing -= 1
            entry.error = entry.error or ours or outcome.value.get(part.path)
            if entry.missing:
                continue
            if entry.error is None:
                ready.append(entry.file)
            else:
                yield entry.file, _failure(entry.file, entry.error)


def _do(unit: BlockUnit | WantedFile) -> Any:
    """Fetch a block, or join a file whose parts are there.

    Both are workers' work, so that never more processes are at work than were asked for.
    """
    return _join(unit) if isinstance(unit, WantedFile) else fetch_block(unit)


def _parts_in_order(wanted: Sequence[WantedFile], owner: dict[Path, _Waiting]) -> Iterator[Sequence[WantedPart]]:
    """The parts of each file that is missing, in order of time; `owner` gets the file of each."""
    for file in sorted((file for file in wanted if file.found is None), key=lambda file: file.span.start):
        parts = file.parts
        owner |= dict.fromkeys((part.path for part in parts), _Waiting(file, len(parts)))
        yield parts


def _join(file: WantedFile) -> FetchReport:
    try:
        return join_file(file)
    except AframeDataError:
        if file.overwrite or all(part.path.exists() for part in file.parts):
            raise
        # Another copy of this command was faster, and has deleted the parts.
        found = look(file, BackgroundFolder(file.path.parent, file.prefix)).find()
        if found is None:
            raise
        return FetchReport(tuple(file.check(path, span) for path, span in found), ())


def _failure(file: WantedFile, error: AframeDataError) -> FetchReport:
    return FetchReport((FetchedFile(file.path, file.span, "failed", error=error),), ())


def as_ours(error: Exception) -> AframeDataError:
    """An error of this package for whatever ended a unit."""
    if isinstance(error, AframeDataError):
        return error
    if isinstance(error, FileNotFoundError):
        return not_found(error)
    _logger.info("a unit of work failed", exc_info=error)
    return AframeDataError(told(error))


def _together(found: Iterable[Mapping[str, tuple[Flaw, ...]]]) -> dict[str, tuple[Flaw, ...]]:
    """What several files say of each interferometer."""
    several = list(found)
    ifos = dict.fromkeys(ifo for each in several for ifo in each)
    together = {ifo: tuple(flaw for each in several for flaw in each.get(ifo, ())) for ifo in ifos}
    return {ifo: flaws for ifo, flaws in together.items() if flaws}
