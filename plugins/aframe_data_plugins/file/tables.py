"""Segments that gwpy reads: LIGO_LW XML and gwpy's own HDF5. The other formats are read without gwpy."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from xml.sax import SAXException

import h5py
from gwpy.segments import DataQualityDict, DataQualityFlag, SegmentList
from igwn_ligolw.ligolw import ElementError

from aframe_data.errors import UsageError
from aframe_data.formats import foreign
from aframe_data.outside import outside_text
from aframe_data_plugins.file.lists import FlagSegments, checked_segment, flag_segments

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from aframe_data.types import Segment

#: Of one list of a file, which is read whole: a flag that changes each minute has as many in four years.
_MOST_SEGMENTS = 2_000_000
_LOOKS_LIKE_A_FLAG = re.compile(r"[A-Z][0-9][_:].+")


def read_ligolw(path: Path) -> list[FlagSegments]:
    """Read the flags of a LIGO_LW file (tables segment_definer, segment and segment_summary), gzipped or not.

    Raises
    ------
    UsageError
        The file is no LIGO_LW document, or lacks the tables.
    """
    try:
        flags = DataQualityDict.read(str(path), format="ligolw")
    except (ElementError, SAXException, OSError, ValueError, KeyError, IndexError, TypeError) as error:
        raise UsageError(f"{path} cannot be read as LIGO_LW segment tables: {_one_line(error)}") from error
    if not flags:
        raise UsageError(f"{path} defines no flag in its segment tables.")
    return [_from_gwpy(name, flag, path) for name, flag in flags.items()]


def read_hdf5(path: Path) -> list[FlagSegments]:
    """Read what gwpy writes to HDF5: one or more flags, or lists of segments.

    A flag carries its name; a list has the name of its dataset where that looks like a flag (``H1_DATA``) or
    where there are several lists.

    Raises
    ------
    UsageError
        The file is not HDF5, or holds neither.
    """
    try:
        with foreign.opened(path) as file:
            flags, lists = _find(file)
            found = [_read_flag(file, name, path) for name in flags]
            found += [_read_list(file, name, path, alone=len(flags) + len(lists) == 1) for name in lists]
    except (OSError, RuntimeError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise UsageError(f"{path} cannot be read as segments that gwpy wrote: {_one_line(error)}") from error
    if not found:
        raise UsageError(f"{path} holds no flag and no list of segments that gwpy wrote.")
    return found


def _find(file: h5py.File) -> tuple[list[str], list[str]]:
    """Names of the groups that hold a flag, and of the datasets that hold a list and belong to no flag."""
    flags: list[str] = []
    lists: list[str] = []

    def visit(name: str, item: Any) -> None:
        if isinstance(item, h5py.Group) and "active" in item and "known" in item:
            flags.append(name)
        elif isinstance(item, h5py.Dataset) and "start_time" in (item.dtype.names or ()):
            if item.size > _MOST_SEGMENTS:
                raise ValueError(f"{name!r} has {item.size} segments, and at most {_MOST_SEGMENTS} are read")
            lists.append(name)

    file.visititems(visit)
    inside = tuple(f"{flag}/" for flag in flags)
    return flags, [name for name in lists if not name.startswith(inside)]


def _read_flag(file: h5py.File, name: str, path: Path) -> FlagSegments:
    flag = DataQualityFlag.read(file, name, format="hdf5")
    return _from_gwpy(flag.name or name, flag, path)


def _read_list(file: h5py.File, name: str, path: Path, *, alone: bool) -> FlagSegments:
    segments = SegmentList.read(file, name, format="hdf5")
    named = not alone or _LOOKS_LIKE_A_FLAG.fullmatch(name)
    return flag_segments(name if named else None, _segments(segments, path, name), None, str(path))


def _from_gwpy(name: str, flag: DataQualityFlag, path: Path) -> FlagSegments:
    return flag_segments(name, _segments(flag.active, path, name), _segments(flag.known, path, name), str(path))


def _segments(pairs: Iterable[Any], path: Path, name: str) -> list[Segment]:
    return [
        checked_segment(_seconds(start), _seconds(stop), f"{path}, row {number} of {name}")
        for number, (start, stop) in enumerate(pairs, start=1)
    ]


def _seconds(gps: Any) -> float:
    """Make a number of gwpy's LIGOTimeGPS; whole seconds stay whole."""
    value = float(gps)
    return int(value) if value.is_integer() else value


def _one_line(error: Exception) -> str:
    return outside_text(error) or type(error).__name__
