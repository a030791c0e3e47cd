"""What the name of a file says: detectors, description and span (LIGO-T050017)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aframe_data.types import Segment

if TYPE_CHECKING:
    from pathlib import Path

#: Suffixes of files that may hold strain.
GWF_SUFFIXES = (".gwf",)
HDF5_SUFFIXES = (".hdf5", ".h5", ".hdf")

# Ours have a prefix where the standard has detectors and description: background-1240579783-7829.hdf5.
_NAME = re.compile(r"(?P<before>.+)-(?P<start>\d{9,10})-(?P<duration>[1-9]\d*)\.[A-Za-z]\w*")
_BEFORE = re.compile(r"(?P<sites>([A-Z][0-9]?)+)-(?P<description>[^-]+)")


@dataclass(frozen=True)
class Name:
    """What a name says.

    Attributes
    ----------
    sites
        Letters of the detectors' sites, or None if the name has none.
    description
        The frame type, or what stands in its place.
    span
        GPS seconds.
    """

    sites: frozenset[str] | None
    description: str
    span: Segment


def parse_name(path: Path) -> Name | None:
    """Read a file's name, or None for one of another form."""
    match = _NAME.fullmatch(path.name)
    if match is None:
        return None
    start = int(match["start"])
    span = Segment(start, start + int(match["duration"]))
    before = _BEFORE.fullmatch(match["before"])
    if before is None:
        return Name(None, match["before"], span)
    return Name(frozenset(re.findall("[A-Z]", before["sites"])), before["description"], span)
