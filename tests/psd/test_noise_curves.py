"""Noise curves: found by name or by path, read right, and refused in words where they cannot be."""

from __future__ import annotations

import lalsimulation
import numpy as np
import pytest

from aframe_data.errors import UsageError
from aframe_data.psd.curves import curve_names, density_kind, load_curve


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


@pytest.mark.slow
def test_every_name_that_is_listed_loads():
    names = curve_names()
    assert len(names) > 80
    for name in names:
        curve = load_curve(name)
        assert np.all(np.isfinite(curve.asd)), name
        assert np.all(curve.asd > 0), name
        assert curve.origin == "curve"


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


@pytest.mark.parametrize(("kind", "density"), [("asd", 3e-24), ("psd", 9e-48)])
def test_the_second_column_is_told_by_its_size(tmp_path, kind, density):
    path = tmp_path / "curve.txt"
    path.write_text(f"10 {100 * density}\n100 {density}\n")
    curve = load_curve(str(path))
    assert curve.origin == f"{kind} file"
    assert curve.asd[-1] == pytest.approx(3e-24)


@pytest.mark.parametrize("density", [1.0, 1e-33, 1e-70])
def test_a_column_that_is_no_density_of_strain_is_refused(tmp_path, density):
    path = tmp_path / "curve.txt"
    path.write_text(f"10 {density}\n100 {density}\n")
    with pytest.raises(UsageError, match=f"its lowest value, {density:g}, is not plausible for a detector's strain"):
        load_curve(str(path))


@pytest.mark.parametrize("name", ["AdV_psd", "AdV_asd", "ET_D_psd", "LIGO_srd_psd"])
def test_the_best_and_the_oldest_detectors_are_told_by_their_size(name):
    curve = load_curve(name)
    assert density_kind(curve.asd, name) == "asd"
    assert density_kind(curve.asd**2, name) == "psd"


def test_a_minimum_frequency_beyond_the_end_is_refused():
    with pytest.raises(UsageError, match=r"ends at 4989\.94 Hz, and a minimum frequency of 5000 Hz was asked for"):
        load_curve("aLIGO140MpcT1800545", "psd", 5000.0)
