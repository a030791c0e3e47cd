"""Fetching strain: from a span or a list of segments to background files. What is asked for is checked here."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aframe_data import checks
from aframe_data.errors import DataQualityError, OutputExistsError, UsageError
from aframe_data.filestore import open_store
from aframe_data.formats import segwizard
from aframe_data.plugin.records import AUTO
from aframe_data.registry.candidates import choose_each
from aframe_data.store import provenance
from aframe_data.store.atomic import require_replaceable, require_space, require_writable_folder
from aframe_data.strain import plan as planning
from aframe_data.strain.gaps import FAIL, Gaps, require_known_bits
from aframe_data.strain.present import background_files, find_files, require_no_overlap, split_files
from aframe_data.strain.run import run_fetch
from aframe_data.strain.tasks import FetchPlan, Files, FileTask, Store, Wanted
from aframe_data.types import Segment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aframe_data.registry.choice import Choice
    from aframe_data.strain.report import FetchReport


#: Bytes of raw files that a cache holds unless the user says otherwise.
DEFAULT_CACHE_SIZE = 50_000_000_000
#: Less does not hold one file, and is a unit forgotten: 50 for 50GB.
_SMALLEST_CACHE = 100_000_000

__all__ = ["DEFAULT_CACHE_SIZE", "FetchPlan", "fetch", "plan_fetch", "run_fetch"]


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
    gaps: str = FAIL,
    require_bits: Sequence[str] = (),
    exclude_hardware_injections: bool = False,
    source: str | Sequence[str] = AUTO,
    source_options: Mapping[str, Any] | None = None,
    cache: str | Path | None = None,
    cache_size: int = DEFAULT_CACHE_SIZE,
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
        Folder of the files. What is not whole yet lies in its folder ``{prefix}.parts``.
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
    gaps
        What becomes of strain that is missing, stands still, or is excluded by the next two: ``"fail"``; ``"split"``
        leaves it out of all interferometers and makes a file of each good stretch; ``"fill"`` puts zeros into the
        interferometer that has it. In whole seconds; what was done is recorded in the files.
    require_bits
        Names of bits of the archive's masks of data quality or hardware injections that must be set.
    exclude_hardware_injections
        Whether seconds with hardware injections of transients are excluded; those of continuous waves are not.
    source, source_options
        Name of a strain fetcher, or several in the order in which they are tried, and their options. A channel goes
        to those that accept it; what one has not, the next one is asked for.
    cache, cache_size
        Folder in which raw files of the archive are kept for other runs, and how many bytes of them.
    workers
        Processes; by default one more than there are CPUs, but no more than four.
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
        gaps=gaps,
        require_bits=require_bits,
        exclude_hardware_injections=exclude_hardware_injections,
        source=source,
        source_options=source_options,
        cache=cache,
        cache_size=cache_size,
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
    gaps: str = FAIL,
    require_bits: Sequence[str] = (),
    exclude_hardware_injections: bool = False,
    source: str | Sequence[str] = AUTO,
    source_options: Mapping[str, Any] | None = None,
    cache: str | Path | None = None,
    cache_size: int = DEFAULT_CACHE_SIZE,
    overwrite: bool = False,
) -> FetchPlan:
    """Check the arguments of `fetch` and say what it will do; writes nothing."""
    checks.require_one_channel_each(channels)
    checks.require_sample_rate(sample_rate)
    checks.require_durations(min_duration, max_duration)
    checks.require_prefix(prefix)
    checks.require_choice("dtype", dtype, ("float64", "float32"))
    policy = Gaps(gaps, tuple(require_bits), exclude_hardware_injections, max(planning.SHORTEST, min_duration))
    require_known_bits(policy)
    wanted = _wanted(start, end, segments)
    sources = _sources(source, source_options or {}, channels)
    every = tuple({choice.key: choice for choices in sources.values() for choice in choices}.values())
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
            "gaps": gaps,
            "require_bits": list(require_bits),
            "exclude_hardware_injections": exclude_hardware_injections,
        },
        sources=[choice.describe() for choice in every],
    )
    strain = tuple(
        Wanted(channel, sources[channel], sample_rate, dtype, partial=gaps != FAIL)
        for channel in sorted(channels, key=checks.interferometer)
    )
    tasks = tuple(
        FileTask(path, prefix, span, strain, policy, record, overwrite)
        for path, span in zip(planning.file_paths(folder, prefix, kept), kept, strict=True)
    )
    for task in tasks:
        require_replaceable(task.path)
    there = background_files(folder, prefix)
    tasks = tuple(replace(task, earlier=split_files(task, there)) for task in tasks)
    parts = folder / f"{prefix}.parts"
    store = _store(parts, cache, cache_size, every)
    present = _present(tasks, there)
    plan = FetchPlan(tasks, dropped, tuple(choice.key for choice in every), present, parts, store)
    if plan.missing:  # what is there can be checked on a disk that nobody may write to
        require_writable_folder(folder)
        require_space(folder, plan.nbytes + plan.temporary_nbytes)
    return plan


def _sources(
    names: str | Sequence[str], options: Mapping[str, Any], channels: Sequence[str]
) -> dict[str, tuple[Choice, ...]]:
    """The strain fetchers of each channel, in the order in which they are tried."""
    sources = choose_each("strain", (names,) if isinstance(names, str) else tuple(names), channels, options)
    for choice in {choice for choices in sources.values() for choice in choices}:
        choice.create()  # a provider refuses its options here, before any work
    return sources


def _store(parts: Path, cache: str | Path | None, cache_size: int, sources: Sequence[Choice]) -> Store:
    """Where raw files will lie."""
    working = parts / "raw"
    if cache is None:
        return Store(working)
    if not any(getattr(choice.provider, "files", False) for choice in sources):
        names = ", ".join(choice.key for choice in sources)
        raise UsageError(f"cache = {str(cache)!r} has no use: {names} gives no files that could be kept.")
    if Path(cache).resolve() == parts.parent.resolve():
        raise UsageError(
            f"cache = {str(cache)!r} is the output's own folder: training would read the archive's raw files."
        )
    checks.require_at_least("cache_size", cache_size, _SMALLEST_CACHE)
    open_store(Path(cache), cache_size, working)  # refuses what cannot be used, and makes nothing yet
    return Store(working, Path(cache).absolute(), cache_size)


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


def _present(tasks: Sequence[FileTask], there: Mapping[Path, Segment]) -> dict[Path, Files]:
    """The files that need not be made, by their metadata; their samples are checked by units of work."""
    present = {}
    for task in tasks:
        try:
            require_no_overlap(task, there)
            found = None if task.overwrite else find_files(task)
        except DataQualityError as error:
            raise OutputExistsError(str(error)) from error
        if found is not None:
            present[task.path] = found
    return present
