"""Pieces that are joined."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ledger_pieces import campaign, write_ours

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def two(tmp_path: Path) -> list[Path]:
    """Two pieces of a campaign."""
    return [write_ours(tmp_path / f"{seed}.hdf5", campaign(3 + seed, seed)) for seed in (1, 2)]
