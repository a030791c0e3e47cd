"""Whether the background files that are there are those that a fetch would make."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aframe_data.errors import DataQualityError
from aframe_data.formats import background
from aframe_data.segments import arithmetic
from aframe_data.strain.gaps import FILL, SPLIT, outward
from aframe_data.strain.plan import file_paths
from aframe_data.types import Flaw, Segment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from aframe_data.formats.background import BackgroundSummary
    from aframe_data.strain.tasks import Files, FileTask


def background_files(folder: Path, prefix: str) -> dict[Path, Segment]:
    """The files of a folder whose names begin with just this prefix, in order, with the spans that the names say."""
    named = {path: background.parse_file_name(path) for path in sorted(folder.glob(f"{prefix}-*.hdf5"))}
    return {path: span for path, span in named.items() if span and path.name == background.file_name(prefix, span)}


def split_files(task: FileTask, there: Mapping[Path, Segment]) -> tuple[Path, ...]:
    """The files into which an earlier fetch split the task's span, by what they say of themselves.

    One that cannot be read is taken for such a file: it lies where they would.

    Parameters
    ----------
    there
        All `background_files` of the folder.
    """
    return tuple(
        path
        for path, span in there.items()
        if path != task.path
        and task.span.start <= span.start
        and span.stop <= task.span.stop
        and _split_from(path) in {None, (task.span.start, task.span.stop)}
    )


def _split_from(path: Path) -> tuple[float, ...] | None:
    """The span that was split, of which a file has a part; empty for another file, None if it cannot be read."""
    try:
        return tuple((background.summarize(path, check=False).record or {}).get("segment", ()))
    except DataQualityError:
        return None


def require_no_overlap(task: FileTask, there: Mapping[Path, Segment]) -> None:
    """Refuse to put a file beside others of the same time: training would see the same strain twice.

    Raises
    ------
    DataQualityError
        Naming one that is there.
    """
    for path, span in there.items():
        if path not in {task.path, *task.earlier} and span.start < task.span.stop and task.span.start < span.stop:
            raise DataQualityError(
                f"{path} is there, and {task.path.name} would hold a part of the same time, which training would see "
                "twice. Remove the one that is there, or say another folder or prefix."
            )


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
    first = background.summarize(task.earlier[0], check=False).record or {}
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
        require_same(task, path, span, background.summarize(path, check=False))
    return files


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
    asked = {choice.key: choice for wanted in task.wanted for choice in wanted.choices}
    used = {piece["source"] for strain in record.get("strain", {}).values() for piece in strain["pieces"]}
    if not used <= asked.keys():
        yield "strain from", ", ".join(sorted(used)), ", ".join(sorted(asked))
        return
    for source in record.get("sources", []):
        if source["name"] in used:
            choice = asked[source["name"]]
            for name, value in choice.describe()["options"].items():
                if name in choice.data_options:
                    yield f"--{source['name']}-{name}", str(source["options"].get(name)), str(value)


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
