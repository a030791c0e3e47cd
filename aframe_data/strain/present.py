"""Whether the background files that are there are those that a fetch would make."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aframe_data.errors import DataQualityError
from aframe_data.io import background
from aframe_data.strain.gaps import FILL, SPLIT
from aframe_data.strain.plan import file_paths
from aframe_data.types import Segment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from aframe_data.io.background import BackgroundSummary
    from aframe_data.strain.tasks import FileTask

Files = tuple[tuple["Path", Segment], ...]


def find_files(task: FileTask, others: Iterable[Path]) -> Files | None:
    """Path and span of the files that are there of a task; None where some are missing.

    Only metadata are read. The files of a span that was split are known by what they say of each other.

    Parameters
    ----------
    others
        All background files of the folder, in the order of their names.

    Raises
    ------
    DataQualityError
        A file is there, and it is another one than the task would make.
    """
    if task.path.exists():
        return _checked(task, ((task.path, task.span),))
    if task.gaps.policy != SPLIT:
        return None
    for path in others:
        named = background.parse_file_name(path)
        if named is None or not (task.span.start <= named.start and named.stop <= task.span.stop):
            continue
        record = background.summarize(path, check=False).record or {}
        if record.get("segment") == [task.span.start, task.span.stop]:
            spans = [Segment(start, stop) for start, stop in record["files"]]
            paths = file_paths(task.path.parent, task.prefix, spans)
            return _checked(task, tuple(zip(paths, spans, strict=True))) if all(map(_exists, paths)) else None
    return None


def _exists(path: Path) -> bool:
    return path.exists()


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
