"""Segments in text: segwizard, two columns, and CSV, with or without a header. It does not open files."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aframe_data.errors import UsageError
from aframe_data.outside import outside_text
from aframe_data_plugins.file.lists import FlagSegments, checked_segment, flag_segments

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from aframe_data.types import Segment

_START = frozenset({"start", "gps_start", "gpsstart", "start_time", "begin"})
_STOP = frozenset({"stop", "end", "gps_stop", "gps_end", "gpsstop", "gpsend", "stop_time", "end_time"})
_FLAG = frozenset({"flag"})
_COMMENTS = ("#", "%")
#: Seconds by which a row's duration may differ from stop - start: some writers round it to whole seconds.
_DURATION_TOLERANCE = 1.0


@dataclass(frozen=True)
class _Columns:
    """Which field of a row is what; `duration` and `flag` may be absent."""

    start: int
    stop: int
    duration: int | None = None
    flag: int | None = None


#: Columns of a file without a header, by their number: segwizard's has a running number first.
_BY_NUMBER = {2: _Columns(0, 1), 3: _Columns(0, 1, 2), 4: _Columns(1, 2, 3)}


def parse_text(text: str, origin: str) -> list[FlagSegments]:
    """Read rows of (start, stop), (start, stop, duration) or (number, start, stop, duration).

    Fields are parted by commas, semicolons or blanks. Lines that begin with # or % are comments. A first
    row of words is a header and names the columns ``start`` and ``stop`` (or ``end``, ``gps_start``, …);
    other columns are left alone, except that ``flag`` parts the rows by flags.

    Raises
    ------
    UsageError
        A row is none of these; it names the line.
    """
    rows = list(_rows(text))
    columns: _Columns | None = None
    if rows and not any(_is_number(field) for field in rows[0][1]):
        columns = _header(rows[0][1], f"{origin}, line {rows[0][0]}")
        rows = rows[1:]
    by_flag: dict[str | None, list[Segment]] = {} if columns and columns.flag is not None else {None: []}
    for number, fields in rows:
        where = f"{origin}, line {number}"
        flag, segment = _segment(fields, columns or _by_number(fields, where), where)
        by_flag.setdefault(flag, []).append(segment)
    return [flag_segments(flag, segments, None, origin) for flag, segments in by_flag.items()]


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each row that is neither empty nor a comment: its line number and its fields."""
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if not stripped or stripped.startswith(_COMMENTS):
            continue
        if "," in stripped or ";" in stripped:
            delimiter = "," if "," in stripped else ";"
            fields = [field.strip() for field in next(csv.reader([stripped], delimiter=delimiter))]
        else:
            fields = stripped.split()
        yield number, fields


def _is_number(field: str) -> bool:
    try:
        float(field)
    except ValueError:
        return False
    return True


def _header(names: Sequence[str], where: str) -> _Columns:
    lowered = [name.lower().replace(" ", "_") for name in names]

    def find(wanted: frozenset[str]) -> int | None:
        return next((index for index, name in enumerate(lowered) if name in wanted), None)

    start, stop = find(_START), find(_STOP)
    if start is None or stop is None:
        raise UsageError(
            f"{where}: the header {outside_text(', '.join(names))!r} must name columns 'start' and 'stop' (or 'end')."
        )
    return _Columns(start, stop, find(frozenset({"duration"})), find(_FLAG))


def _by_number(fields: Sequence[str], where: str) -> _Columns:
    columns = _BY_NUMBER.get(len(fields))
    if columns is None:
        raise UsageError(
            f"{where}: {outside_text(' '.join(fields))!r} has {len(fields)} columns; a row is start, stop, or number, "
            "start, stop, duration, or the file begins with a header that names its columns."
        )
    return columns


def _segment(fields: Sequence[str], columns: _Columns, where: str) -> tuple[str | None, Segment]:
    row = outside_text(" ".join(fields))
    try:
        start, stop = _seconds(fields[columns.start]), _seconds(fields[columns.stop])
        duration = None if columns.duration is None else float(fields[columns.duration])
        flag = None if columns.flag is None else fields[columns.flag]
    except (IndexError, ValueError) as error:
        raise UsageError(f"{where}: {row!r} is not a segment (start and stop in GPS seconds).") from error
    segment = checked_segment(start, stop, where)
    if duration is not None and not abs(segment.duration - duration) <= _DURATION_TOLERANCE:
        raise UsageError(
            f"{where}: {row!r} does not last {duration:g} s; columns are start, stop, duration, or number, "
            "start, stop, duration."
        )
    return flag, segment


def _seconds(text: str) -> float:
    value = float(text)
    return int(value) if value.is_integer() else value
