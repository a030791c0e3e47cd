"""A trial of an archive: a block of strain, for the pace at which it comes and the noise that is in it."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from aframe_data.errors import NoDataError
from aframe_data.psd.background import estimate, open_strain
from aframe_data.requests.fetch import SPLIT, Fetch
from aframe_data.strain.plan import block_length, blocks
from aframe_data.work.carry_out import carry_out
from aframe_data.work.engine import engine_for
from aframe_data.work.plan import Work

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from aframe_data.strain.fetch import FetchPlan
    from aframe_data.types import Segment

#: Seconds beside which the start of the workers does not count.
_SLOW = 20.0


@dataclass(frozen=True)
class Trial:
    """What a trial told.

    Attributes
    ----------
    path
        A background file.
    start
        Seconds until the first strain comes.
    rate
        Bytes of strain a second after that.
    psd_pace
        Seconds of strain whose PSDs are estimated in a second, those of all interferometers.
    """

    path: Path
    start: float
    rate: float
    psd_pace: float


def fetch_trial(request: Fetch, spans: Sequence[Segment], scratch: Path) -> Trial:
    """Fetch a block of the longest span, and once more where that was fast, by workers that have started then.

    Errors are those of a fetch.

    Raises
    ------
    NoDataError
        The block has no strain that can be used.
    """
    plan = cast("FetchPlan", request.planned())
    longest = max(spans, key=lambda span: span.duration)
    length = block_length(max(wanted.alignment for wanted in plan.wanted))
    block = max(blocks(longest, length), key=lambda block: block.duration)
    with engine_for(request.processes()) as engine:
        path, nbytes, seconds = _fetched(request, block, scratch / "first", Work(engine))
        start = 0.0
        if seconds < _SLOW:
            _, _, again = _fetched(request, block, scratch / "second", Work(engine))
            start, seconds = max(0.0, seconds - again), again
    file = open_strain(path)
    began = time.perf_counter()
    for ifo in file.ifos:
        estimate([file], ifo, min(8.0, file.span.duration / 4))
    return Trial(path, start, nbytes / seconds, file.span.duration / (time.perf_counter() - began))


def _fetched(request: Fetch, span: Segment, folder: Path, work: Work) -> tuple[Path, int, float]:
    """The longest file of a span, the bytes of all, and the seconds that they took."""
    asked = replace(
        request,
        segments=None,
        start=int(span.start),
        end=int(span.stop),
        gaps=SPLIT,
        min_duration=1,
        max_duration=None,
        output_directory=folder,
    )
    began = time.perf_counter()
    report = carry_out(asked, work)
    seconds = time.perf_counter() - began
    report.raise_for_failures()
    whole = [file for file in report.files if file.status == "fetched"]
    if not whole:
        raise NoDataError(f"no strain of {span} can be used.")
    longest = max(whole, key=lambda file: file.span.duration)
    return longest.path, sum(file.nbytes for file in whole), seconds
