"""What is told of a folder: findings, each of a kind that a machine can know, in words for a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from aframe_data.types import Segment

#: What is wrong with a folder.
PROBLEMS: Mapping[str, str] = {
    "damaged": "the file cannot be read",
    "not background": "the file holds something other than strain",
    "name": "the file's name does not match its content, or has a form that Aframe does not know",
    "short": "the file covers less than its name says, or less than the shortest allowed",
    "overlapping": "two files cover the same time",
    "missing": "no file covers a segment, or a part of one that is long enough for a file",
    "surplus": "the file lies outside the segments, or extends beyond them",
    "not finite": "samples are NaN or infinite",
    "still": "the strain is constant for a second or more",
    "identical": "two interferometers of a file have the same samples: one was read in place of the other",
    "changed": "the samples are not those that were written",
    "rate": "the sample rate differs from that of most files, or from the one given",
    "interferometers": "the interferometers differ from those of most files, or from those given",
    "type": "the type of the samples differs from that of most files",
}

#: What is told and is no problem.
NOTES: Mapping[str, str] = {
    "cut": "a fetch cut this out on purpose, and its files say so",
    "filled": "a fetch filled this on purpose, and the file says so",
    "remainder": "no file covers a part of a segment that is too short for one",
    "foreign": "the file has no provenance: another program wrote it",
    "leftover": "a temporary file of a command that is running, or was killed",
    "other": "an HDF5 file that does not count: it has another prefix, or no strain and a name of another form",
}


@dataclass(frozen=True)
class Finding:
    """One thing that was found.

    Attributes
    ----------
    kind
        A key of `PROBLEMS` or of `NOTES`.
    text
        What is wrong, in words.
    path
        The file that it is about, or None for a span without a file.
    span
        The span that it is about, or None.
    """

    kind: str
    text: str
    path: Path | None = None
    span: Segment | None = None

    @property
    def is_problem(self) -> bool:
        """Whether the folder is not sound because of it."""
        return self.kind in PROBLEMS

    @property
    def where(self) -> str:
        """The file's name, or the span."""
        if self.path is not None:
            return self.path.name
        return "" if self.span is None else text_of(self.span)

    def describe(self) -> dict[str, Any]:
        """The finding as plain values, for a machine."""
        return {
            "kind": self.kind,
            "file": None if self.path is None else self.path.name,
            "span": None if self.span is None else [self.span.start, self.span.stop],
            "text": self.text,
        }


def text_of(span: Segment) -> str:
    """A span with all digits that it has: a single sample is shorter than those of `Segment` tell."""
    return f"[{span.start:.16g}, {span.stop:.16g})"


def text_of_some(spans: tuple[Segment, ...], number: int) -> str:
    """The first spans of so many."""
    more = f" and {number - 3} more" if number > 3 else ""
    return ", ".join(map(text_of, spans[:3])) + more
