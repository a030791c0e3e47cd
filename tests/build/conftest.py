"""A small configuration of a data set, and one that was made of it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from aframe_data.cli.app import run
from small_build import SMALL


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """The configuration."""
    path = tmp_path / "small.toml"
    path.write_text(SMALL)
    return path


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data set of it, which no test changes; the configuration lies beside it."""
    folder = tmp_path_factory.mktemp("built")
    (folder / "small.toml").write_text(SMALL)
    assert run(["build", str(folder / "small.toml"), "-o", str(folder / "data"), "--quiet", "--no-report"]) == 0
    return folder / "data"


@pytest.fixture
def copy(built: Path, tmp_path: Path) -> Path:
    """A copy of the data set that a test may change."""
    return Path(shutil.copytree(built, tmp_path / "data"))
