"""Fetches of a span in which something is not there, as a rule with its gaps left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aframe_data.types import Segment
from strain.fetching import asked, fetch

if TYPE_CHECKING:
    from pathlib import Path

    from aframe_data.reports.fetch import FetchReport
    from aframe_data.requests.fetch import Fetch

START = 1_240_580_096
SPAN = Segment(START + 10, START + 2100)
NAN = f"{START + 700.25}:{START + 702.5}"


def request(folder: Path, **changes: Any) -> Fetch:
    return asked(folder, **{"start": SPAN.start, "end": SPAN.stop, "gaps": "split", **changes})


def fetched(folder: Path, **changes: Any) -> FetchReport:
    return fetch(request(folder, **changes))


def files(report: FetchReport) -> list[tuple[Path, Segment]]:
    return [(file.path, file.span) for file in report.files]
