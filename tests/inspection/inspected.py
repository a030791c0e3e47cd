"""What is inspected, and how."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aframe_data.requests.inspect import Inspect
from aframe_data.types import Segment
from aframe_data.work.carry_out import do

if TYPE_CHECKING:
    from pathlib import Path

    from aframe_data.reports.inspect import Inspection

SPAN = Segment(1240579783, 1240579793)

RECORD = {"software": "aframe-data", "version": "0.1.0", "command": "fetch", "arguments": {}}


def inspect(path: str | Path) -> Inspection:
    return do(Inspect(path))
