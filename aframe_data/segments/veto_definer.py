"""Veto definers: LIGO_LW files that say which flags veto which interferometer, when, and how far around.

A row of the table ``veto_definer`` has a flag (``ifo``, ``name``, ``version``), its ``category``, the span in which it
applies (``start_time`` to ``end_time``, 0 for no end) and two pads, which are added to both edges of every active
segment: ``start_pad`` -8 and ``end_pad`` 8 widen it by eight seconds on either side. What the pads make is clipped to
the span. Asking the sources for the flags is the query's work.
"""

from __future__ import annotations

import hashlib
import logging
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aframe_data.errors import UsageError
from aframe_data.segments import arithmetic
from aframe_data.types import Segment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from aframe_data.segments.arithmetic import Segments

_logger = logging.getLogger(__name__)

_FLAG = re.compile(r"([A-Z]\d)[_:].+")


@dataclass(frozen=True)
class Veto:
    """One row of a veto definer.

    Attributes
    ----------
    ifo, flag
        The interferometer, and the flag: ``H1:NAME:VERSION``, or ``H1:NAME``, every version, where the file says
        none (a version below 1).
    category
        As in the file.
    valid
        Where the row applies; its end may be infinite.
    start_pad, end_pad
        Seconds that are added to the start and to the end of each active segment.
    """

    ifo: str
    flag: str
    category: int
    valid: Segment
    start_pad: float = 0
    end_pad: float = 0

    def asked(self, window: Segment) -> Segment | None:
        """The span of the flag that decides what is vetoed in a window, or None if the row does not apply there."""
        inside = arithmetic.intersect([self.valid], [window])
        if not inside:
            return None
        # A clipped segment's edge is no edge of the flag: the pads must not move it into the window.
        reach = max(abs(self.start_pad), abs(self.end_pad))
        return Segment(inside[0].start - reach, inside[0].stop + reach)

    def vetoed(self, active: Iterable[Segment]) -> Segments:
        """What is taken out where the flag is `active`: padded, and inside the span in which the row applies."""
        padded = ((segment.start + self.start_pad, segment.stop + self.end_pad) for segment in active)
        return arithmetic.intersect(arithmetic.between(padded), [self.valid])


def read_veto_definer(path: Path) -> tuple[Veto, ...]:
    """Read all rows of a veto definer, gzipped or not, in the order of the file.

    Raises
    ------
    UsageError
        The file cannot be read, has no table ``veto_definer``, or a row of it makes no sense.
    """
    from aframe_data.formats.ligolw import read_rows

    rows = read_rows(path, "veto_definer", "veto definer")
    return tuple(_veto(row, f"{str(path)!r}, row {number} of veto_definer") for number, row in enumerate(rows, start=1))


def _veto(row: Mapping[str, Any], where: str) -> Veto:
    missing = [name for name in ("ifo", "name", "category") if row.get(name) is None]
    if missing:
        raise UsageError(f"{where}: there is no {' and no '.join(missing)}.")
    version, start, stop = row.get("version"), row.get("start_time") or 0, row.get("end_time") or math.inf
    if not start < stop:
        raise UsageError(f"{where}: start_time = {start} must come before end_time = {stop} (0 for no end).")
    return Veto(
        ifo=row["ifo"],
        flag=f"{row['ifo']}:{row['name']}" + (f":{version}" if version is not None and version > 0 else ""),
        category=row["category"],
        valid=Segment(start, stop),
        start_pad=row.get("start_pad") or 0,
        end_pad=row.get("end_pad") or 0,
    )


@dataclass(frozen=True)
class VetoRequest:
    """What a query takes out by a veto definer.

    Attributes
    ----------
    rows
        Those of the asked categories and interferometers that apply in the query's window.
    categories
        As asked for; None without a file.
    sha256
        Of the file; None without one.
    """

    rows: tuple[Veto, ...] = ()
    categories: tuple[int, ...] | None = None
    sha256: str | None = None


def veto_request(
    path: Path | None, categories: Sequence[int | str] | None, flags: Sequence[str], window: Segment
) -> VetoRequest:
    """Read a veto definer, and choose the rows of some categories for the interferometers that some flags name.

    Parameters
    ----------
    path
        The file, or None for no request.
    categories
        As numbered in the file; None for the first alone.
    flags
        Of the query: ``H1_DATA``, ``L1:DMT-ANALYSIS_READY:1``.
    window
        The span in which something may be taken out. That no row applies in it is told by a warning.

    Raises
    ------
    UsageError
        As `read_veto_definer`; the file has no row of a category for these interferometers; no flag names an
        interferometer.
    """
    if path is None:
        return VetoRequest()
    wanted = tuple(map(int, categories or (1,)))
    ifos = tuple({matched[1]: None for flag in flags if (matched := _FLAG.fullmatch(flag))})
    if not ifos:
        raise UsageError("--veto-definer: no flag names an interferometer, as 'H1_DATA' and 'H1:NAME:1' do.")
    ours = [veto for veto in read_veto_definer(path) if veto.ifo in ifos]
    there = sorted({veto.category for veto in ours})
    for category in wanted:
        if category not in there:
            has = f"only of {', '.join(map(str, there))}" if there else "nor of any other"
            raise UsageError(f"{str(path)!r} has no flag of category {category} for {' or '.join(ifos)}, {has}.")
    rows = tuple(veto for veto in ours if veto.category in wanted and veto.asked(window) is not None)
    for ifo in ifos:
        if not any(row.ifo == ifo for row in rows):
            named = ", ".join(map(str, wanted))
            _logger.warning("%s: no row of category %s for %s applies in %s.", path, named, ifo, window)
    return VetoRequest(rows, wanted, hashlib.sha256(path.read_bytes()).hexdigest())
