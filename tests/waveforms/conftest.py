"""An undisturbed run, which no test changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from training_runs import make

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of an undisturbed run."""
    path = tmp_path_factory.mktemp("reference") / "training.hdf5"
    make(path)
    return path
