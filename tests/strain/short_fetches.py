"""Fetches of a span of 20 s, and what would become of their files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from strain.fetching import asked, foresee

if TYPE_CHECKING:
    from pathlib import Path

    from aframe_data.requests.fetch import Fetch

START = 1_240_580_100
SPAN = (START, START + 20)


def request(folder: Path, **changes: Any) -> Fetch:
    return asked(folder, **{"start": SPAN[0], "end": SPAN[1], **changes})


def statuses(request: Fetch) -> list[str]:
    """What would become of the files."""
    return [file.status for file in foresee(request).files]
