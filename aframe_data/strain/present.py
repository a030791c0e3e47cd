"""Whether the background files that are there are those that a fetch would make."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from aframe_data.errors import DataQualityError, OutputExistsError
from aframe_data.formats import background
from aframe_data.requests.fetch import FILL, SPLIT
from aframe_data.segments import arithmetic
from aframe_data.store.atomic import require_replaceable
from aframe_data.strain.gaps import outward
from aframe_data.strain.plan import file_paths
from aframe_data.strain.tasks import RECIPE
from aframe_data.types import Flaw, Segment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from aframe_data.formats.background import BackgroundSummary
    from aframe_data.store.identity import Identity
    from aframe_data.strain.folder import BackgroundFolder
    from aframe_data.strain.tasks import Files, FileTask


@dataclass(frozen=True, eq=False)
class BackgroundOutput:
    """A background file as an output: it is there where all files are into which its span may have been split.

    Attributes
    ----------
    task
        The file, with those into which an earlier fetch split its span.
    occupied
        Whether something of its name is there.
    replaced, others
        Other background files that are there, of which each holds a part of its time: those that --overwrite removes
        since all their time is in files that are wanted now, and the rest.
    """

    task: FileTask
    occupied: bool
    replaced: tuple[Path, ...]
    others: tuple[Path, ...]

    @property
    def path(self) -> Path:
        """Where the file is, or will be."""
        return self.task.path

    def require_usable(self) -> None:
        """Refuse a path at which no file can appear, or beside files of the same time, which training would see twice.

        Raises
        ------
        UsageError
            No file can appear there.
        OutputExistsError
            Naming a file of the same time.
        """
        if self.occupied:
            require_replaceable(self.path)
        for path in (*self.others, *(() if self.task.overwrite else self.replaced)):
            way = "Remove the one that is there" if path in self.others else "Replace it with --overwrite"
            raise OutputExistsError(
                f"{path} is there, and {self.path.name} would hold a part of the same time, which training would see "
                f"twice. {way}, or say another folder or prefix."
            )

    def identity(self) -> Identity | None:
        """Nothing: each file has a span of its own, and may have come from any of several sources."""
        return None

    def holds(self, wanted: Identity) -> bool:
        """Whether the file is there, or those into which it was split, by what they say of themselves.

        Raises
        ------
        OutputExistsError
            What is there is another one than would be made.
        """
        del wanted
        return self.found is not None

    @cached_property
    def found(self) -> Files | None:
        """Path and span of the files that are there; errors as `holds`."""
        if not (self.occupied or self.task.earlier):
            return None
        try:
            return find_files(self.task)
        except DataQualityError as error:
            raise OutputExistsError(str(error)) from error


def look(task: FileTask, folder: BackgroundFolder, wanted: Sequence[Segment] = ()) -> BackgroundOutput:
    """Look for a file, and for others of the same time, by the names of the files that are there.

    Of those, the ones that lie within the `wanted` spans (sorted, disjoint, and not touching) may be replaced.

    Where one is of a part of its span, it says of itself whether the span was split into it. One that cannot be read
    is taken for such a file: it lies where they would.
    """
    others = [(path, span) for path, span in folder.overlapping(task.span) if path != task.path]
    earlier = tuple(
        path
        for path, span in others
        if task.span.start <= span.start
        and span.stop <= task.span.stop
        and _split_from(path) in {None, (task.span.start, task.span.stop)}
    )
    if earlier != task.earlier:
        task = replace(task, earlier=earlier)
    rest = [(path, span) for path, span in others if path not in earlier]
    replaced = tuple(path for path, span in rest if _lies_within(span, wanted))
    return BackgroundOutput(
        task, folder.holds(task.path), replaced, tuple(path for path, _ in rest if path not in replaced)
    )


def _lies_within(span: Segment, spans: Sequence[Segment]) -> bool:
    before = bisect_right(spans, span.start, key=lambda wanted: wanted.start)
    return before > 0 and span.stop <= spans[before - 1].stop


def _split_from(path: Path) -> tuple[float, ...] | None:
    """The span that was split, of which a file has a part; empty for another file, None if it cannot be read."""
    try:
        return tuple((background.read_record(path) or {}).get("segment", ()))
    except DataQualityError:
        return None


def find_files(task: FileTask) -> Files | None:
    """Path and span of the files that are there of a task; None where some are missing.

    Only metadata are read. The files of a span that was split are known by what they say of each other.

    Raises
    ------
    DataQualityError
        A file is there, and it is another one than the task would make.
    """
    if not task.earlier:
        return _checked(task, ((task.path, task.span),)) if task.path.exists() else None
    first = background.read_record(task.earlier[0]) or {}
    spans = [Segment(start, stop) for start, stop in first.get("files", ())]
    paths = file_paths(task.path.parent, task.prefix, spans)
    if task.gaps.policy != SPLIT or task.path.exists() or not set(task.earlier) <= set(paths):
        raise DataQualityError(
            f"{task.earlier[0]} is there, with a part of {task.span} that --gaps split made, and now another file or "
            "other parts of it would be made. --overwrite replaces it."
        )
    return _checked(task, tuple(zip(paths, spans, strict=True))) if set(paths) == set(task.earlier) else None


def _checked(task: FileTask, files: Files) -> Files:
    for path, span in files:
        require_same(task, path, span, _as_told(path))
    return files


def _as_told(path: Path) -> BackgroundSummary:
    """What a file says of itself, which is soon read; or what is in it, where it does not say all that matters."""
    record = background.read_record(path) or {}
    try:
        return background.BackgroundSummary(
            ifos=tuple(sorted(record["strain"])),
            segment=Segment(*record["span"]),
            sample_rate=record["arguments"]["sample_rate"],
            dtype=record["arguments"]["dtype"],
            not_finite={},
            written_hash=None,
            intact=None,
            record=record,
        )
    except (LookupError, TypeError, ValueError):
        return background.summarize(path, check=False)


def require_same(task: FileTask, path: Path, span: Segment, found: BackgroundSummary) -> None:
    """Check that a file that is there is the one that the task would make.

    Parameters
    ----------
    span
        The file's, which is a part of the task's where that is split.

    Raises
    ------
    DataQualityError
        Naming what differs.
    """
    wanted = tuple(channel.ifo for channel in task.wanted)
    differences = [
        f"{what} {have}, not {want}"
        for what, have, want in (
            ("interferometers", ", ".join(found.ifos), ", ".join(wanted)),
            ("span", str(found.segment), str(span)),
            ("sample rate", f"{found.sample_rate:g}", f"{task.sample_rate:g}"),
            ("type", found.dtype, task.dtype),
            *_origin_differences(task, found.record or {}),
            *_gap_differences(task, found.record or {}),
        )
        if have != want
    ]
    if any(found.not_finite.values()):
        differences.append("samples that are not finite")
    if found.intact is False:
        differences.append("samples that changed since they were written")
    if differences:
        raise DataQualityError(f"{path} is there, with {'; '.join(differences)}. --overwrite replaces it.")


def _origin_differences(task: FileTask, record: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Channels and sources in the record of a file that is there; a file of another program may have none."""
    channels = record.get("arguments", {}).get("channels")
    if channels is not None:
        yield "channels", ", ".join(sorted(channels)), ", ".join(sorted(wanted.channel for wanted in task.wanted))
    asked = {choice.key for wanted in task.wanted for choice in wanted.choices}
    used = {piece["source"] for strain in record.get("strain", {}).values() for piece in strain["pieces"]}
    if not used <= asked:
        yield "strain from", ", ".join(sorted(used)), ", ".join(sorted(asked))
        return
    strain = record.get("identity", {}).get("strain", ())
    if strain:
        there = {source["name"]: source for channel in strain for source in channel["sources"]}
        now = {source["name"]: source for wanted in task.wanted for source in wanted.sources}
    else:
        there = {source["name"]: source for source in record.get("sources", [])}
        now = {source["name"]: source for wanted in task.wanted for source in wanted.described}
    for name in sorted(used & there.keys()):
        had = _options(there[name])
        for option, value in _options(now[name]).items():
            yield f"--{name}-{option}", str(had.get(option)), str(value)
    for channel in strain[:1]:
        yield "strain of recipe", str(channel["recipe"]), str(RECIPE)


def _options(source: Mapping[str, Any]) -> dict[str, Any]:
    """Options by their names, with the content of files that they name."""
    return {**source["options"], **source.get("sha256", {})}


def _gap_differences(task: FileTask, record: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """What was left out of a file that is there, or filled."""
    arguments = record.get("arguments", {})
    bits = arguments.get("require_bits", ())
    yield "bits required", ", ".join(bits) or "none", ", ".join(task.gaps.require_bits) or "none"
    words = {True: "left out", False: "not looked for"}
    excluded = bool(arguments.get("exclude_hardware_injections"))
    yield "hardware injections", words[excluded], words[task.gaps.exclude_hardware_injections]
    if "filled" in record and task.gaps.policy != FILL:
        yield "gaps", "filled with zeros", f"treated by --gaps {task.gaps.policy}"
    if "segment" in record and not _keeps_the_same(record, task.gaps.shortest):
        yield "the shortest file", f"{arguments.get('min_duration', 0):g} s", f"{task.gaps.shortest:g} s"


def _keeps_the_same(record: Mapping[str, Any], shortest: float) -> bool:
    """Whether a span that was split would have the same files with another bound on their length."""
    kept = [Segment(start, stop) for start, stop in record["files"]]
    cut = [Flaw(each["start"], each["stop"], each["reason"]) for each in record.get("cut", ())]
    dropped = arithmetic.subtract([Segment(*record["segment"])], [*outward(cut), *kept])
    return all(span.duration >= shortest for span in kept) and all(span.duration < shortest for span in dropped)
