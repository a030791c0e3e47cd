"""Segment files as the pipeline reads them: a header line, then number, start, stop, duration by tabs."""

from __future__ import annotations

import hashlib
import math
from typing import TYPE_CHECKING, Any

from aframe_data.checks import require_file
from aframe_data.errors import UsageError
from aframe_data.formats import record as records
from aframe_data.outside import outside_text
from aframe_data.store.atomic import write_text
from aframe_data.store.identity import encode
from aframe_data.types import Segment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

HEADER = "# seg\tstart\tstop\tduration"
_RECORD = "provenance="
#: Of a file that is read: some million segments.
_MOST_BYTES = 256 * 2**20
_HASH = f"{records.CONTENT_HASH}="
#: Where start and stop are, in a line of so many columns.
_COLUMNS = {2: (0, 1), 3: (0, 1), 4: (1, 2)}


def write_segments(path: Path, segments: Sequence[Segment], record: Mapping[str, Any] | None = None) -> None:
    """Write segments, in the order given, whole or not at all.

    Parameters
    ----------
    record
        The provenance. It goes behind the header: the pipeline's reader drops the first line, whatever it
        says, and would take any other line for data.
    """
    rows = [
        f"{number}\t{_gps(segment.start)}\t{_gps(segment.stop)}\t{float(segment.duration)}"
        for number, segment in enumerate(segments)
    ]
    header = HEADER
    if record is not None:
        header += f"\t{_HASH}{_hash(rows)}\t{_RECORD}{encode(record)}"
    write_text(path, "\n".join([header, *rows]) + "\n")


def _hash(rows: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def is_intact(path: Path) -> bool | None:
    """Whether the rows of a segments file are as they were written; None for a file without a hash."""
    header, *rows = path.read_text(encoding="utf-8").splitlines() or [""]
    written = [field.removeprefix(_HASH) for field in header.split("\t") if field.startswith(_HASH)]
    return written == [_hash(rows)] if written else None


def _gps(seconds: float) -> str:
    return f"{int(seconds)}" if float(seconds).is_integer() else repr(float(seconds))


def read_segments(path: Path) -> tuple[Segment, ...]:
    """Read what `write_segments` wrote, or any whitespace-separated file of 2, 3 or 4 columns.

    Two columns are start and stop; three, start, stop and duration; four begin with the number. Lines that
    begin with ``#`` and empty lines are skipped.

    Raises
    ------
    UsageError
        The file is not there, or a line is not of this form.
    """
    require_file(path, "the segments file ", _MOST_BYTES)
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not a text file"
        raise UsageError(f"cannot read the segments file {str(path)!r}: {reason}.") from error
    return tuple(
        _parse(path, number, line)
        for number, line in enumerate(lines, start=1)
        if line.strip() and not line.lstrip().startswith("#")
    )


def read_record(path: Path) -> dict[str, Any] | None:
    """The provenance of a segments file, or None for a file that this package did not write."""
    with path.open(encoding="utf-8", errors="replace") as file:
        _, marker, text = file.readline().partition(_RECORD)
    if not marker:
        return None
    with records.explained(path):
        return records.parse(text)


def _parse(path: Path, number: int, line: str) -> Segment:
    fields = line.split()
    try:
        start, stop = _COLUMNS[len(fields)]
        return Segment(_number(fields[start]), _number(fields[stop]))
    except (KeyError, ValueError) as error:
        columns = f"it has {len(fields)} column{'s' * (len(fields) != 1)}"
        reason = columns if isinstance(error, KeyError) else outside_text(error)
        shown = outside_text(line, 80)
        raise UsageError(f"{path}, line {number}: {shown!r} is not a segment (start, stop): {reason}.") from error


def _number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text} is not a time")
    return int(value) if value.is_integer() else value
