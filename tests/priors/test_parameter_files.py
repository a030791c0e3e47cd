"""The prior `parameter-file`: what it makes of a file's signals, in which order, and what it refuses."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import lal
import numpy as np
import pytest
from parameter_tables import COUNT, FREQUENCY, assert_same_binaries, prior_of, pycbc_columns, signals, table, write_hdf5

from aframe_data.errors import UsageError
from aframe_data.registry.choice import choose
from aframe_data.testing import PriorTests

if TYPE_CHECKING:
    from pathlib import Path


# --- the sky, and what is missing -----------------------------------------------------------------------


def test_a_right_ascension_turns_with_the_earth_unless_it_is_to_stay(tmp_path: Path) -> None:
    draw = signals()
    times = np.linspace(1.24e9, 1.25e9, COUNT)
    path = write_hdf5(tmp_path / "x.hdf", pycbc_columns(draw) | {"tc": times, "f_ref": np.full(COUNT, FREQUENCY)})
    turned = np.array([lal.GreenwichMeanSiderealTime(lal.LIGOTimeGPS(time)) for time in times])
    found = prior_of(path).take(0, COUNT)["ra"]
    np.testing.assert_allclose(np.exp(1j * found), np.exp(1j * (draw["ra"] - turned)), atol=1e-9)
    assert "tc" not in prior_of(path).parameters
    np.testing.assert_array_equal(prior_of(path, sky="celestial").take(0, COUNT)["ra"], draw["ra"])


def test_the_longitude_of_our_own_campaigns_stays(tmp_path: Path) -> None:
    draw = signals()
    times = {"injection_time": np.linspace(1.24e9, 1.25e9, COUNT)}
    plain = write_hdf5(tmp_path / "x.hdf5", draw | times, "parameters", length=COUNT)
    np.testing.assert_array_equal(prior_of(plain).take(0, COUNT)["ra"], draw["ra"])
    record = json.dumps({"arguments": {"true_right_ascension": True}})
    true = write_hdf5(tmp_path / "y.hdf5", draw | times, "parameters", length=COUNT, provenance=record)
    assert not np.allclose(prior_of(true).take(0, COUNT)["ra"], draw["ra"])


def test_angles_that_a_file_lacks_are_drawn_the_same_way_each_time(tmp_path: Path) -> None:
    draw = signals(aligned=True)
    path = tmp_path / "x.csv"
    table({name: values for name, values in draw.items() if name not in ("phase", "dec")}).to_csv(path)
    with pytest.raises(UsageError, match=r"does not give dec, phase, .*--parameter-file-fill"):
        prior_of(path)
    first, again = (prior_of(path, fill=["phase", "dec"]).take(0, COUNT) for _ in range(2))
    np.testing.assert_array_equal(first["phase"], again["phase"])
    assert (first["phase"] >= 0).all()
    assert (np.abs(first["dec"]) <= np.pi / 2).all()
    assert len(np.unique(first["dec"])) == COUNT
    assert not np.array_equal(first["phase"][:5], first["dec"][:5])
    with pytest.raises(UsageError, match="has psi of its own"):
        prior_of(path, fill=["psi"])


def test_spins_in_the_plane_need_their_frequency(tmp_path: Path) -> None:
    path = write_hdf5(tmp_path / "x.hdf", pycbc_columns(signals()))
    with pytest.raises(UsageError, match=r"does not say at which frequency: give --parameter-file-reference-frequency"):
        prior_of(path)
    aligned = write_hdf5(tmp_path / "y.hdf", pycbc_columns(signals(aligned=True)))
    assert_same_binaries(prior_of(aligned), signals(aligned=True), rtol=1e-5)


# --- in order, or at random -----------------------------------------------------------------------------


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write_hdf5(tmp_path / "x.hdf5", signals(), "parameters", length=COUNT)


def test_rows_are_taken_in_order_and_no_further_than_the_end(file: Path) -> None:
    prior = prior_of(file)
    assert prior.has_order
    np.testing.assert_array_equal(prior.take(7, 9)["mass_1"], signals()["mass_1"][7:9])
    with pytest.raises(UsageError, match=r"has 40 signals, and 41 are asked for: .*--parameter-file-order resampled"):
        prior.take(40, 41)
    one = write_hdf5(file.with_name("y.hdf5"), {name: values[:1] for name, values in signals().items()}, "parameters")
    with pytest.raises(UsageError, match="has 1 signal, and 2 are asked for"):
        prior_of(one).take(0, 2)


def test_resampling_draws_whole_signals_by_the_generator_alone(file: Path) -> None:
    prior = prior_of(file, order="resampled")
    assert not prior.has_order
    found = prior.sample(1000, np.random.default_rng(5))
    again = prior_of(file, order="resampled").sample(1000, np.random.default_rng(5))
    draw = signals()
    rows = [int(np.flatnonzero(draw["mass_1"] == mass)[0]) for mass in found["mass_1"]]
    for name, values in draw.items():
        np.testing.assert_array_equal(found[name], values[rows])
        np.testing.assert_array_equal(found[name], again[name])
    # Each about 25 times: 5 standard deviations.
    assert np.bincount(rows, minlength=COUNT).max() < 25 + 5 * 5
    assert np.bincount(rows, minlength=COUNT).min() > 0


# --- what is refused ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"mass_2": 500.0}, r"mass_2 = 500 of signal 3 \(counted from 0\) is not above 0 and at most mass_1"),
        ({"a_1": 1.5}, r"a_1 = 1.5 of signal 3 .* is not a spin of 0 to 1"),
        ({"redshift": 0.0}, "redshift = 0 of signal 3 .* is not above 0"),
        ({"psi": np.nan}, "psi = nan of signal 3 .* is not finite"),
    ],
)
def test_a_signal_that_cannot_be_is_named(tmp_path: Path, change: dict[str, float], told: str) -> None:
    draw = signals()
    ((name, value),) = change.items()
    draw[name][3] = value
    path = write_hdf5(tmp_path / "x.hdf5", draw, "parameters", length=COUNT)
    with pytest.raises(UsageError, match=told):
        prior_of(path)


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("x.json", "{", "cannot be read as a file of signals"),
        ("x.json", "[]", "not a list of objects"),
        ("x.json", '{"injections": ' + "[" * 100_000, "cannot be read as a file of signals: it is nested too deeply"),
        ("x.json", '{"mass_1": [1, 2], "mass_2": [1]}', "columns have different lengths: 1, 2"),
        ("x.csv", "", "it is empty"),
        ("x.csv", "1,2\n3,4\n", "no names of columns"),
        ("x.csv", "mass_1,mass_2\n3\n", "line 2 has 1 values, and the first line names 2 columns"),
        ("x.csv", "mass_1,mass_1\n3,4\n", "names a column twice"),
        ("x.csv", "mass_1,mass_2\n", "holds no signal"),
        ("x.csv", "mass_1,mass_2\n30,20\n", "does not give .*redshift"),
        ("x.hdf5", "no HDF5", "cannot be read as a file of signals|no columns of numbers|holds no signal"),
    ],
)
def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, name: str, text: str, told: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(UsageError, match=told):
        prior_of(tmp_path / name)


def test_a_damaged_hdf5_file_is_told(tmp_path: Path) -> None:
    path = write_hdf5(tmp_path / "x.hdf5", signals(), "parameters", length=COUNT)
    path.write_bytes(path.read_bytes()[:3000])
    with pytest.raises(UsageError, match="cannot be read as a file of signals"):
        prior_of(path)


def test_a_file_that_is_not_there_is_told_before_it_is_loaded(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"there is no file of signals .*x.csv"):
        choose("prior", str(tmp_path / "x.csv"))


def test_a_table_without_any_mass_is_of_other_sources_and_taken_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "rings.csv"
    path.write_text("frequency,quality,ra,dec,psi,snr\n100,8,1,0.5,0.2,9\n200,12,2,-0.5,0.1,8\n")
    prior = prior_of(path)
    assert set(prior.parameters) == {"frequency", "quality", "ra", "dec", "psi"}
    np.testing.assert_array_equal(prior.take(0, 2)["quality"], [8, 12])


class TestByTheKit(PriorTests):
    name = "parameter-file"

    @pytest.fixture(autouse=True)
    def _file(self, tmp_path: Path) -> None:
        type(self).options = {"path": write_hdf5(tmp_path / "x.hdf5", signals(), "parameters", length=COUNT)}
