"""Background of two detectors."""

from __future__ import annotations

import pytest

from psd_strain import START, noise, write_strain


@pytest.fixture
def strain_file(tmp_path):
    """One file of a minute."""
    return write_strain(tmp_path, {"H1": noise(60, seed=1), "L1": noise(60, seed=2, level=3e-22)})


@pytest.fixture
def files(tmp_path):
    """Two files with a gap between them."""
    return [
        write_strain(tmp_path / "background", {ifo: noise(seconds, seed=seed) for ifo in ("H1", "L1")}, start=start)
        for seed, (start, seconds) in enumerate([(START, 60), (START + 100, 40)])
    ]
