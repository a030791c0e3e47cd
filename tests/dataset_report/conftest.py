"""One data set and its report, which tests only look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from datasets import report, write_dataset

if TYPE_CHECKING:
    from pathlib import Path

    from aframe_data.reports.dataset import DatasetReport


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the data set."""
    return write_dataset(tmp_path_factory.mktemp("dataset")).root


@pytest.fixture(scope="session")
def found(root: Path) -> DatasetReport:
    """Its report."""
    return report(root)
