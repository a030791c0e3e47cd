"""Background of two detectors."""

from __future__ import annotations

import pytest

from psd_strain import noise, write_strain


@pytest.fixture
def strain_file(tmp_path):
    return write_strain(tmp_path, {"H1": noise(60, seed=1), "L1": noise(60, seed=2, level=3e-22)})
