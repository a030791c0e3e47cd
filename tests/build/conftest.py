"""A small configuration of a data set, and one that was made of it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from small_build import SMALL, built

__all__ = ["built"]


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """The configuration."""
    path = tmp_path / "small.toml"
    path.write_text(SMALL)
    return path


@pytest.fixture
def copy(built: Path, tmp_path: Path) -> Path:
    """A copy of the data set that a test may change."""
    return Path(shutil.copytree(built, tmp_path / "data"))
