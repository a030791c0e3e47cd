"""Fetching strain: from a span or a list of segments to background files."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aframe_data import checks, engine
from aframe_data.errors import AframeDataError, DataQualityError, OutputExistsError, UsageError
from aframe_data.io import background, provenance, segwizard
from aframe_data.io.atomic import (
    remove_leftovers,
    require_replaceable,
    require_space,
    require_writable_folder,
)
from aframe_data.selection import AUTO, assign_options, candidates
from aframe_data.strain import plan as planning
from aframe_data.strain.present import require_same
from aframe_data.strain.unit import FileTask, fetch_file
from aframe_data.types import Segment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_logger = logging.getLogger(__name__)

#: Files fetched at a time unless the user says otherwise: an archive is shared with others.
DEFAULT_WORKERS = 2


@dataclass(frozen=True)
class FetchPlan:
    """What a fetch will do; everything that can be checked before the work has been checked.

    Attributes
    ----------
    tasks
        One for each file, in order.
    dropped
        Segments, or remainders of them, that are too short for a file.
    present
        Paths that are there already, as far as can be told without reading them whole.
    nbytes
        Bytes that will be written.
    """

    tasks: tuple[FileTask, ...]
    dropped: tuple[Segment, ...]
    present: frozenset[Path]
    nbytes: int

    @property
    def work(self) -> float:
        """Seconds of strain times channels: the unit in which progress is reported."""
        return sum(task.span.duration * len(task.channels) for task in self.tasks)


@dataclass(frozen=True)
class FetchedFile:
    """What became of one file.

    Attributes
    ----------
    path, span
        The file.
    status
        ``"fetched"``, ``"present"`` (there already, and sound) or ``"failed"``.
    nbytes
        Size on disk.
    error
        Why it failed.
    """

    path: Path
    span: Segment
    status: str
    nbytes: int = 0
    error: AframeDataError | None = None


@dataclass(frozen=True)
class FetchReport:
    """What became of all files of a fetch.

    Attributes
    ----------
    files
        In the order of the plan.
    dropped
        Segments, or remainders of them, that are too short for a file.
    """

    files: tuple[FetchedFile, ...]
    dropped: tuple[Segment, ...]

    @property
    def failed(self) -> tuple[FetchedFile, ...]:
        """The files that could not be made."""
        return tuple(file for file in self.files if file.status == "failed")

    def raise_for_failures(self) -> None:
        """Raise the error of the first file that failed, if any did."""
        if self.failed:
            error = self.failed[0].error
            raise (error if error is not None else DataQualityError(f"{self.failed[0].path} could not be fetched."))


def fetch(
    *,
    channels: Sequence[str],
    sample_rate: float,
    output_directory: str | Path,
    start: int | None = None,
    end: int | None = None,
    segments: str | Path | Sequence[Segment] | None = None,
    min_duration: float = planning.SHORTEST,
    max_duration: float | None = None,
    prefix: str = "background",
    dtype: str = "float64",
    source: str | Sequence[str] = AUTO,
    source_options: Mapping[str, Any] | None = None,
    workers: int | None = None,
    overwrite: bool = False,
) -> FetchReport:
    """Fetch strain and write background files, ``{prefix}-{start}-{duration}.hdf5``.

    Worker processes import the calling script: outside of functions it must be guarded by
    ``if __name__ == "__main__":``.

    Parameters
    ----------
    channels
        One for each interferometer, such as ``H1`` for open data.
    sample_rate
        Of the files, a whole number of hertz; never above the archive's own.
    output_directory
        Folder of the files.
    start, end
        One span, in whole GPS seconds, half-open. Either this or `segments`.
    segments
        A segments file, or segments; what overlaps is refused, parts of seconds are cut off.
    min_duration, max_duration
        Bounds on each file, in seconds. A longer segment is split evenly; a shorter one is dropped.
    prefix
        Of the files' names.
    dtype
        ``"float64"`` or ``"float32"``.
    source, source_options
        Name of a strain fetcher, or several in the order in which they are tried; and their options.
    workers
        Files worked on at a time.
    overwrite
        Make files again that are there.

    Returns
    -------
    FetchReport
        What was fetched, was there already, was dropped and failed. A failed file does not raise:
        see `FetchReport.raise_for_failures`.

    Raises
    ------
    UsageError
        An argument is wrong, or a file is there that holds something else.
    """
    plan = plan_fetch(
        channels=channels,
        sample_rate=sample_rate,
        output_directory=output_directory,
        start=start,
        end=end,
        segments=segments,
        min_duration=min_duration,
        max_duration=max_duration,
        prefix=prefix,
        dtype=dtype,
        source=source,
        source_options=source_options,
        overwrite=overwrite,
    )
    return run_fetch(plan, workers=workers)


def plan_fetch(
    *,
    channels: Sequence[str],
    sample_rate: float,
    output_directory: str | Path,
    start: int | None = None,
    end: int | None = None,
    segments: str | Path | Sequence[Segment] | None = None,
    min_duration: float = planning.SHORTEST,
    max_duration: float | None = None,
    prefix: str = "background",
    dtype: str = "float64",
    source: str | Sequence[str] = AUTO,
    source_options: Mapping[str, Any] | None = None,
    overwrite: bool = False,
) -> FetchPlan:
    """Check the arguments of `fetch` and say what it will do; writes nothing."""
    checks.require_one_channel_each(channels)
    checks.require_sample_rate(sample_rate)
    checks.require_durations(min_duration, max_duration)
    checks.require_prefix(prefix)
    checks.require_choice("dtype", dtype, ("float64", "float32"))
    wanted = _wanted(start, end, segments)
    names = (source,) if isinstance(source, str) else tuple(source)
    sources = tuple(assign_options(candidates("strain", names, channels), source_options or {}))
    for choice in sources:
        choice.create()  # a provider refuses its options here, before any work

    kept, dropped = planning.pieces(wanted, min_duration=min_duration, max_duration=max_duration)
    if not kept:
        raise UsageError(f"no segment is as long as min_duration = {min_duration:g} s: nothing to fetch.")
    folder = Path(output_directory)
    record = provenance.provenance(
        "fetch",
        {
            "channels": list(channels),
            "sample_rate": sample_rate,
            "dtype": dtype,
            "prefix": prefix,
            "min_duration": min_duration,
            "max_duration": max_duration,
        },
        sources=[choice.describe() for choice in sources],
    )
    tasks = tuple(
        FileTask(path, span, tuple(channels), sample_rate, dtype, sources, record, overwrite)
        for path, span in zip(planning.file_paths(folder, prefix, kept), kept, strict=True)
    )
    for task in tasks:
        require_replaceable(task.path)
    present = frozenset() if overwrite else frozenset(task.path for task in tasks if _is_present(task))
    require_writable_folder(folder)
    new = [task for task in tasks if task.path not in present]
    nbytes = sum(planning.file_bytes(task.span, len(channels), sample_rate, dtype) for task in new)
    require_space(folder, nbytes)
    return FetchPlan(tasks, dropped, present, nbytes)


def _wanted(start: int | None, end: int | None, segments: str | Path | Sequence[Segment] | None) -> tuple[Segment, ...]:
    if (segments is None) == (start is None and end is None):
        raise UsageError("say either start and end, or segments.")
    if segments is None:
        if start is None or end is None:
            raise UsageError("start and end belong together: one of them is missing.")
        checks.require_span(start, end)
        if start != int(start) or end != int(end):
            raise UsageError(f"start = {start} and end = {end} must be whole GPS seconds: files are named by them.")
        return (Segment(int(start), int(end)),)
    found = segwizard.read_segments(Path(segments)) if isinstance(segments, (str, Path)) else tuple(segments)
    if not found:
        raise UsageError(f"{segments} holds no segments.")
    planning.require_disjoint(found)
    return found


def _is_present(task: FileTask) -> bool:
    """Whether the file is there, by its metadata; its samples are checked by the unit of work."""
    if not task.path.exists():
        return False
    try:
        require_same(task, background.summarize(task.path, check=False))
    except DataQualityError as error:
        raise OutputExistsError(str(error)) from error
    return True


def run_fetch(plan: FetchPlan, *, workers: int | None = None, on_phase: engine.Phase = engine.silent) -> FetchReport:
    """Do what `plan_fetch` planned; a file that fails does not keep the others from being made.

    Parameters
    ----------
    workers
        Files worked on at a time.
    on_phase
        Told of the one phase, counted in seconds of strain times channels (`FetchPlan.work`).
    """
    count = DEFAULT_WORKERS if workers is None else workers
    checks.require_count("workers", count)
    paths = [task.path for task in plan.tasks]
    remove_leftovers(paths)
    try:
        with engine.pool(
            min(count, len(plan.tasks)), on_advance=on_phase("detector-seconds of strain", plan.work)
        ) as running:
            files = [_fetched(outcome) for outcome in running.run(fetch_file, plan.tasks, window=len(plan.tasks))]
    finally:
        remove_leftovers(paths)
    return FetchReport(tuple(files), plan.dropped)


def _fetched(outcome: engine.Outcome[FileTask, Any]) -> FetchedFile:
    task, report, error = outcome.unit, outcome.result, outcome.error
    if isinstance(error, UsageError):
        # What only a fetcher knows of its archive (its highest rate) is as wrong for all other files.
        raise error
    if report is not None:
        _logger.info("%s: %s", report.status, task.path)
        return FetchedFile(task.path, task.span, report.status, report.nbytes)
    if not isinstance(error, AframeDataError):
        _logger.info("%s failed", task.path, exc_info=error)
        error = AframeDataError(f"{type(error).__name__}: {' '.join(str(error).split())}")
    _logger.info("failed: %s: %s", task.path, error)
    return FetchedFile(task.path, task.span, "failed", error=error)
