"""Up to which frequency the noise is a detector's, and not what a filter has left of it."""

from __future__ import annotations

import numpy as np
import pytest
from given_noise import FREQUENCIES, INSIDE

from aframe_data.psd.band import Band
from aframe_data.psd.grid import Grid
from aframe_data.psd.sources import load_spectra
from aframe_data.psd.spectra import filtered_from
from psd_strain import gwosc_strain, write_strain


@pytest.mark.parametrize("ifo", ["H", "L", "V"])
def test_open_data_is_filtered_below_its_nyquist_frequency_and_not_below_half_of_it(shared_data, tmp_path, ifo):
    samples, start = gwosc_strain(shared_data / "strain" / f"{ifo}-{ifo}1_GWOSC_O3a_4KHZ_R1-1242442952-31.hdf5")
    path = write_strain(tmp_path, {f"{ifo}1": samples}, rate=4096, start=start)
    found = {}
    for rate in (4096, 2048):
        grid = Grid(rate * 4, rate, Band(20))
        density = load_spectra([str(path)], [f"{ifo}1"], grid).values[0]
        found[rate] = filtered_from(grid.frequencies, density, Band(20).mask(grid.frequencies, rate))
        assert filtered_from(grid.frequencies, density, Band(20, 1700).mask(grid.frequencies, rate)) is None
    assert 1700 < found[4096] < 1900
    assert found[2048] is None


def test_measured_noise_is_no_filters(shared_data):
    grid = Grid(2**15, 4096, Band(20))
    for name in ("aligo_O3actual_H1.txt", "aligo_O3actual_L1.txt"):
        density = load_spectra([str(shared_data / "psd" / name)], ["H1"], grid).values[0]
        assert filtered_from(grid.frequencies, density, Band(20).mask(grid.frequencies, 4096)) is None


@pytest.mark.parametrize("level", [1e-46, 3.3e-46, 7e-47])
def test_flat_noise_that_was_filtered_is_seen(level):
    density = np.where(FREQUENCIES < 110, level, 1e-3 * level)
    assert filtered_from(FREQUENCIES, density, INSIDE) == 109.75
    assert filtered_from(FREQUENCIES, density, INSIDE & (FREQUENCIES < 110)) is None
