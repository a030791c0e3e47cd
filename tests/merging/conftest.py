"""Pieces that are joined."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from four_pieces import CONTENTS

from ledger_pieces import campaign, write_foreign, write_ours

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def two(tmp_path: Path) -> list[Path]:
    """Two pieces of a campaign."""
    return [write_ours(tmp_path / f"{seed}.hdf5", campaign(3 + seed, seed)) for seed in (1, 2)]


@pytest.fixture
def pieces(tmp_path: Path) -> list[Path]:
    """Four files in folders of their own, two of this package and two of another."""
    paths = []
    for number, content in enumerate(CONTENTS):
        folder = tmp_path / "branches" / str(number)
        folder.mkdir(parents=True)
        paths.append((write_ours if number % 2 else write_foreign)(folder / "waveforms.hdf5", content))
    return paths
