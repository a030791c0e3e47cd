"""Noise curves: found by name or by path, read right, and refused in words where they cannot be."""

from __future__ import annotations

import lalsimulation
import numpy as np
import pytest

from aframe_data.errors import UsageError
from aframe_data.types import StrainRequest
from aframe_data_plugins.simulated.curves import curve_names, load_curve
from aframe_data_plugins.simulated.noise import filter_response
from aframe_data_plugins.simulated.options import StrainOptions
from aframe_data_plugins.simulated.strain import SimulatedStrain


def amplitude(name, frequency, kind="psd", minimum_frequency=None):
    return float(load_curve(name, kind, minimum_frequency).amplitude(np.array([frequency]))[0])


def test_a_formula_of_lalsimulation_gives_its_own_values():
    expected = lalsimulation.SimNoisePSDaLIGOZeroDetHighPower(123.4) ** 0.5
    assert amplitude("aLIGOZeroDetHighPower", 123.4) == pytest.approx(expected, rel=1e-5)
    assert load_curve("aLIGOZeroDetHighPower", "psd").first_frequency == 10


def test_a_table_of_lalsimulation_starts_where_the_table_starts_and_does_not_extrapolate():
    curve = load_curve("aLIGO140MpcT1800545", "psd")
    assert 10.25 <= curve.first_frequency < 10.35
    assert amplitude("aLIGO140MpcT1800545", 8000) == curve.asd[-1] < 1e-22


@pytest.mark.parametrize("name", ["aLIGO_O4_high", "aLIGO_O4_high_asd", "aLIGO_O4_high_asd.txt"])
def test_bilbys_curves_are_found_with_and_without_suffix(name):
    curve = load_curve(name, "psd")
    assert curve.first_frequency == pytest.approx(10.21659)
    assert curve.asd[0] == pytest.approx(6.662774e-21)


def test_bilbys_power_and_amplitude_are_one_curve():
    assert amplitude("AdV_psd", 100) == pytest.approx(amplitude("AdV_asd", 100), rel=1e-3)
    assert amplitude("AdV", 100) == amplitude("AdV_asd", 100)


def test_every_name_that_is_listed_loads_or_says_why_not():
    loaded, refused = [], []
    for name in curve_names():
        try:
            curve = load_curve(name, "psd")
        except UsageError as error:
            refused.append((name, str(error)))
            continue
        assert np.all(np.isfinite(curve.asd)), name
        assert np.all(curve.asd > 0), name
        loaded.append(name)
    assert len(loaded) > 80
    assert all("raise --simulated-minimum-frequency" in message for _, message in refused)
    assert len(refused) < 4


def test_a_text_file_is_power_or_amplitude_as_the_option_says(tmp_path):
    path = tmp_path / "curve.txt"
    path.write_text("# f density\n0 1\n10, 1e-44\n100; 1e-46  % comment\n\n1000\t1e-44\n")
    # Between 10 and 100 Hz the density falls as 1/f**2: at the geometric mean it is the geometric mean.
    assert amplitude(str(path), 10**1.5, "psd") == pytest.approx(10**-22.5)
    assert amplitude(str(path), 10**1.5, "asd") == pytest.approx(1e-45)
    assert amplitude(str(path), 5000, "asd") == pytest.approx(1e-44)
    assert amplitude(str(path), 9.999, "asd") == 0


def test_the_minimum_frequency_raises_the_first_and_never_lowers_it():
    assert load_curve("AdV", "psd", 15.0).first_frequency == 15
    assert amplitude("AdV", 14.9, minimum_frequency=15.0) == 0
    assert amplitude("AdV", 15, minimum_frequency=15.0) == amplitude("AdV", 15) > 0
    assert load_curve("AdV", "psd", 5.0).first_frequency == 10
    assert load_curve("Virgo", "psd", 5.0).first_frequency == 5


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("10 1e-44\n20 x\n", "line 2: '20 x' is not a frequency and a density"),
        ("10 1e-44 3\n", "line 1: '10 1e-44 3' is not a frequency and a density"),
        ("10 1e-44\n20 0\n", "line 2: '20 0' must be finite and above zero"),
        ("10 1e-44\n20 nan\n", "line 2: '20 nan' must be finite and above zero"),
        ("10 1e-44\n10 1e-44\n", "line 2: frequencies must ascend"),
        ("# nothing\n", "needs at least two rows"),
        ("10 1\n20 1e-30\n", "spans more than 1e.12"),
    ],
)
def test_a_malformed_file_is_refused_with_its_line(tmp_path, text, message):
    path = tmp_path / "curve.txt"
    path.write_text(text)
    with pytest.raises(UsageError, match=message):
        load_curve(str(path), "asd")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("aLIGOZeroDetHighPowr", "Did you mean 'aLIGOZeroDetHighPower'"),
        ("aLIGO_O4_hihg", "Did you mean.*'aLIGO_O4_high'"),
        ("nowhere/curve.txt", "there is no such file"),
        ("VirgoPtr", "unknown noise curve 'VirgoPtr'. Did you mean 'Virgo'"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest(name, message):
    with pytest.raises(UsageError, match=message):
        load_curve(name, "psd")


def test_each_interferometer_can_have_its_own_curve(tmp_path):
    path = tmp_path / "flat.txt"
    path.write_text("10 1e-20\n4000 1e-20\n")
    source = SimulatedStrain(StrainOptions(psd=("aLIGOZeroDetHighPower", "V1=AdV"), asd=(f"L1={path}",)))
    answer = source.fetch(StrainRequest(("H1", "L1", "V1"), 1000, 1008, 512))
    origins = [series.pieces[0].origin for series in answer.values()]
    assert "aLIGOZeroDetHighPower" in origins[0]
    assert "flat.txt" in origins[1]
    assert "AdV" in origins[2]
    # White noise of 1e-20 / sqrt(Hz) between 10.4 and 256 Hz; 4096 samples: 1.1 % a standard deviation.
    assert answer["L1"].data.std() == pytest.approx(1e-20 * np.sqrt(256 - 10.2), rel=0.06)


@pytest.mark.parametrize("psd", [("AdV", "KAGRA"), ("H1=AdV", "H1=KAGRA")])
def test_two_curves_for_one_interferometer_are_refused(psd):
    with pytest.raises(UsageError, match="two noise curves for"):
        SimulatedStrain(StrainOptions(psd=psd))


def test_a_measured_curve_of_the_third_run_is_followed_between_its_lines(shared_data):
    curve = load_curve(str(shared_data / "psd" / "aligo_O3actual_H1.txt"), "asd")
    response = filter_response(curve, 2048)
    frequencies = np.arange(response.size) / 128
    band = (frequencies > 20) & (frequencies < 900)
    ratio = (response[band] / (curve.amplitude(frequencies[band]) * 32)) ** 2
    # Its lines are one point wide on a grid of 0.25 Hz: the filter rounds their tops.
    assert np.mean(np.abs(ratio - 1) < 0.05) > 0.97
