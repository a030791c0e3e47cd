"""A sound folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from verified_folders import SEGMENTS, SPANS, write

from aframe_data.formats import segwizard

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A sound folder, with its segments beside it."""
    made = tmp_path / "data" / "background"
    made.mkdir(parents=True)
    for span in SPANS:
        write(made, span)
    segwizard.write_segments(made.parent / "segments.txt", SEGMENTS)
    return made
