"""Joining ledger files of one kind, for those who make them in pieces."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aframe_data import checks
from aframe_data.errors import DataQualityError, UsageError
from aframe_data.formats import ledger
from aframe_data.formats import record as records
from aframe_data.formats.ledger_source import NUM_INJECTIONS, LedgerSource, open_source
from aframe_data.store import provenance
from aframe_data.store.atomic import (
    make_folder,
    remove_leftovers,
    require_replaceable,
    require_space,
    require_writable_folder,
)
from aframe_data.types import Phase, silent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_logger = logging.getLogger(__name__)

_SOURCES = "sources"
#: Arguments in which pieces of one population agree.
_POPULATION = ("prior", "generator", "minimum_frequency", "reference_frequency", "acceptance")


@dataclass(frozen=True, eq=False)
class MergePlan:
    """What will be joined; all that can be checked without reading arrays has been checked.

    Attributes
    ----------
    sources
        The files, in the order of their rows.
    output_file
        Where to.
    present
        Whether the output is there already, made of the same files.
    """

    sources: tuple[LedgerSource, ...]
    output_file: Path
    present: bool = False

    @property
    def layout(self) -> ledger.Layout:
        """The output's shape."""
        first = self.sources[0].layout
        attributes = dict(first.attributes)
        if NUM_INJECTIONS in attributes:
            attributes[NUM_INJECTIONS] = sum(source.num_injections or 0 for source in self.sources)
        return replace(first, length=sum(source.layout.length for source in self.sources), attributes=attributes)

    @property
    def num_injections(self) -> int | None:
        """Of all files together; None where they do not say."""
        return self.layout.attributes.get(NUM_INJECTIONS)

    @property
    def nbytes(self) -> int:
        """Bytes of the output."""
        records = sum(len(provenance.encode(source.record or {})) for source in self.sources)
        return self.layout.nbytes + records


def merge(*, files: Sequence[str | Path], output_file: str | Path, overwrite: bool = False) -> MergeReport:
    """Join ledger files of one kind into one file; they are only read.

    Rows follow each other in the order of the files. The attributes ``length`` and ``num_injections`` are
    summed; all others, and the fields with their shapes and types, are the same in every file.

    Parameters
    ----------
    files
        Files of training waveforms, validation signals, campaigns, or rejected parameters: all of one kind.
    output_file
        The file; none of `files`.
    overwrite
        Replace the file if it is there.

    Raises
    ------
    UsageError
        The files do not belong together, or the output is there and holds something else.
    DataQualityError
        A file is damaged, or changed since it was written.
    """
    return run_merge(plan_merge(files=files, output_file=output_file, overwrite=overwrite))


def plan_merge(*, files: Sequence[str | Path], output_file: str | Path, overwrite: bool = False) -> MergePlan:
    """Check the arguments of `merge` and say what it will do; writes nothing."""
    paths = [Path(file) for file in ([files] if isinstance(files, (str, Path)) else files)]
    output = Path(output_file)
    if not paths:
        raise UsageError("no file was given: say which files to join.")
    sources = tuple(map(open_source, paths))
    _require_distinct(sources, output)
    for source in sources[1:]:
        _require_alike(sources[0], source)
    require_replaceable(output)
    require_writable_folder(output.parent)
    plan = MergePlan(sources, output)
    if output.exists() and not overwrite:
        _require_same(plan)
        return replace(plan, present=True)
    require_space(output.parent, plan.nbytes)
    _warn(sources)
    return plan


def run_merge(plan: MergePlan, *, on_phase: Phase = silent) -> MergeReport:
    """Do what `plan_merge` planned.

    Parameters
    ----------
    on_phase
        Told of one phase, counted in rows.
    """
    if plan.present:
        if not ledger.summarize(plan.output_file).intact:
            raise checks.output_changed(plan.output_file)
        return _report(plan)
    remove_leftovers([plan.output_file])
    make_folder(plan.output_file.parent)
    advance = on_phase("joining rows", plan.layout.length)
    with ledger.create(plan.output_file, plan.layout) as writer:
        hashes = [source.append_to(writer, advance) for source in plan.sources]
        writer.finish(_record(plan, hashes))
    return _report(plan)


def _report(plan: MergePlan) -> MergeReport:
    return MergeReport(
        plan.output_file, len(plan.sources), plan.layout.length, plan.num_injections, present=plan.present
    )


def _record(plan: MergePlan, hashes: Sequence[str]) -> dict[str, Any]:
    files = [str(source.path) for source in plan.sources]
    sources = [
        {
            "file": str(source.path),
            "length": source.layout.length,
            NUM_INJECTIONS: source.num_injections,
            records.CONTENT_HASH: content,
            "provenance": source.record,
        }
        for source, content in zip(plan.sources, hashes, strict=True)
    ]
    return provenance.provenance("merge", {"files": files}, **{_SOURCES: sources})


# --- do they belong together? -------------------------------------------------------------------------


def _require_distinct(sources: Sequence[LedgerSource], output: Path) -> None:
    """Check that no signals are given twice, by whatever name, and that the output is none of the files."""
    seen: dict[Any, Path] = {}
    for source in sources:
        status = source.path.stat()
        same = seen.setdefault((status.st_dev, status.st_ino), source.path)
        if same is not source.path:
            raise UsageError(f"{str(source.path)!r} is given twice: its signals would count twice.")
        if not source.layout.length or source.written_hash is None:
            continue
        same = seen.setdefault(source.written_hash, source.path)
        if same is not source.path:
            raise UsageError(f"{same} and {source.path} hold the same signals, which would count twice.")
    if output.exists() and (output.stat().st_dev, output.stat().st_ino) in seen:
        raise UsageError(f"{str(output)!r} is among the files to join: name another output.")


def _require_alike(first: LedgerSource, second: LedgerSource) -> None:
    """Check that two files have the same attributes, and fields of the same shapes and types."""
    ours, theirs = first.traits(), second.traits()
    for name in sorted(ours.keys() | theirs.keys()):
        if name not in ours or name not in theirs:
            there, missing = (first, second) if name in ours else (second, first)
            difference = f"{name} is in {there.path} and not in {missing.path}"
        elif not _equal(ours[name], theirs[name]):
            difference = f"{name} is {ours[name]} in {first.path} and {theirs[name]} in {second.path}"
        else:
            continue
        raise UsageError(f"{difference}: only files of the same kind and settings can be joined.")


def _equal(first: Any, second: Any) -> bool:
    not_a_number = first != first and second != second  # noqa: PLR0124 - NaN equals NaN here
    return not_a_number or bool(first == second)


def _warn(sources: Sequence[LedgerSource]) -> None:
    """Tell of what no attribute says and the provenance does."""
    seeds: dict[tuple[Any, ...], LedgerSource] = {}
    for source in sources:
        if source.unknown:
            _logger.warning("%s also holds %s, which is left out.", source.path, ", ".join(source.unknown))
        population, seed = _population(source), _arguments(source).get("seed")
        first = _population(sources[0])
        difference = provenance.difference(first, population) if first and population else ""
        if difference:
            _logger.warning(
                "%s and %s were made with different arguments (%s): are they of one population?",
                sources[0].path,
                source.path,
                difference.replace(" there, ", " and ").replace(" now", ""),
            )
        if seed is None:
            continue
        drawn = seeds.setdefault((seed, _arguments(source).get("stream")), source)
        if drawn is not source:
            _logger.warning(
                "%s and %s were made with the same seed %s: they may hold the same draws. Give each piece its own.",
                drawn.path,
                source.path,
                seed,
            )


def _population(source: LedgerSource) -> dict[str, Any]:
    return {name: value for name, value in _arguments(source).items() if name in _POPULATION}


def _arguments(source: LedgerSource) -> Mapping[str, Any]:
    found = (source.record or {}).get("arguments")
    return found if isinstance(found, dict) else {}


# --- is it done already? ------------------------------------------------------------------------------


def _require_same(plan: MergePlan) -> None:
    """Check that the output that is there was joined from files of the same content.

    Raises
    ------
    OutputExistsError
        It was not.
    """
    try:
        found = open_source(plan.output_file)
    except (DataQualityError, UsageError) as error:
        raise checks.output_exists(plan.output_file) from error
    joined = [source.get(records.CONTENT_HASH) for source in (found.record or {}).get(_SOURCES, ())]
    if not joined:
        raise checks.output_exists(plan.output_file, "it was not made by merge")
    try:
        _require_alike(found, plan.sources[0])
    except UsageError as error:
        raise checks.output_exists(plan.output_file, str(error)) from error
    measured = [source.measure_hash() for source in plan.sources]
    if (joined, found.num_injections) != (measured, plan.num_injections):
        raise checks.output_exists(plan.output_file, "it was joined from other files")
