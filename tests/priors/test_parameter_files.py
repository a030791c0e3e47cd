"""The prior `parameter-file`: which files it reads, what it makes of them, and what it refuses."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import h5py
import lal
import numpy as np
import pytest

from aframe_data.errors import UsageError
from aframe_data.plugin.binary import BASE_PARAMETERS
from aframe_data.plugin.protocols import OrderedPrior, Prior
from aframe_data.registry.choice import choose
from aframe_data.testing import PriorTests

if TYPE_CHECKING:
    from pathlib import Path

COUNT, FREQUENCY = 40, 35.0


def bilby() -> Any:
    """Give bilby as the plugins import it; collecting tests does not."""
    from aframe_data_priors.bilby_library import bilby as module

    return module


def table(columns: dict[str, Any]) -> Any:
    from pandas import DataFrame

    return DataFrame(columns)


def signals(count: int = COUNT, *, aligned: bool = False) -> dict[str, np.ndarray]:
    """Binaries as our files have them."""
    rng = np.random.default_rng(1)
    lighter, heavier = np.sort(rng.uniform(10, 80, (count, 2)), axis=1).T
    draw = {name: rng.uniform(0, 2 * np.pi, count) for name in ("phi_12", "phi_jl", "ra", "phase")}
    draw |= {name: np.arccos(rng.uniform(-1, 1, count)) for name in ("tilt_1", "tilt_2", "theta_jn")}
    draw |= {"a_1": rng.uniform(0, 0.9, count), "a_2": rng.uniform(0, 0.9, count), "psi": rng.uniform(0, np.pi, count)}
    draw |= {"mass_1": heavier, "mass_2": lighter, "redshift": rng.uniform(0.1, 1, count)}
    draw["dec"] = np.arcsin(rng.uniform(-1, 1, count))
    if aligned:
        draw |= {name: np.where(draw[name] > np.pi / 2, np.pi, 0.0) for name in ("tilt_1", "tilt_2")}
        draw |= dict.fromkeys(("phi_12", "phi_jl"), np.zeros(count))
    return draw


def cartesian(draw: dict[str, np.ndarray], *, frequency: float = FREQUENCY) -> dict[str, np.ndarray]:
    """LAL's inclination and spins, by bilby."""
    names = ("theta_jn", "phi_jl", "tilt_1", "tilt_2", "phi_12", "a_1", "a_2")
    masses = [draw[name] * lal.MSUN_SI for name in ("mass_1", "mass_2")]
    rows = zip(*(draw[name] for name in names), *masses, draw["phase"], strict=True)
    found = [bilby().gw.conversion.bilby_to_lalsimulation_spins(*row[:-1], frequency, row[-1]) for row in rows]
    order = ("inclination", *(f"spin{body}{axis}" for body in (1, 2) for axis in "xyz"))
    return dict(zip(order, np.array(found, dtype=float).T, strict=True))


def pycbc_columns(draw: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    renamed = {"mass1": "mass_1", "mass2": "mass_2", "coa_phase": "phase", "polarization": "psi", "ra": "ra"}
    columns = {name: draw[ours] for name, ours in renamed.items()} | {"dec": draw["dec"]}
    distance = bilby().gw.conversion.redshift_to_luminosity_distance(draw["redshift"], "Planck15")
    return {**columns, **cartesian(draw), "distance": np.asarray(distance)}


def lvk_columns(draw: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    columns = pycbc_columns(draw)
    columns |= {"right_ascension": columns.pop("ra"), "declination": columns.pop("dec"), "redshift": draw["redshift"]}
    columns |= {f"{name}_source": columns[name] / (1 + draw["redshift"]) for name in ("mass1", "mass2")}
    return {**columns, "far_gstlal": np.full(len(draw["ra"]), 0.5), "optimal_snr_net": np.full(len(draw["ra"]), 9.0)}


def write_hdf5(path: Path, columns: dict[str, Any], group: str = "/", **attributes: Any) -> Path:
    with h5py.File(path, "w") as file:
        file.attrs.update(attributes)
        for name, values in columns.items():
            file[f"{group}/{name}"] = values
    return path


def prior_of(path: Path, **options: Any) -> Any:
    return choose("prior", str(path), options).create()


def assert_same_binaries(prior: Prior, draw: dict[str, np.ndarray], *, rtol: float = 1e-9) -> None:
    assert isinstance(prior, OrderedPrior)
    found = prior.take(0, COUNT)
    assert set(BASE_PARAMETERS) <= set(found)
    assert prior.frame == "detector"
    for name, values in draw.items():
        # Angles to the turn that they are to.
        if name.startswith("phi_"):
            np.testing.assert_allclose(np.exp(1j * found[name]), np.exp(1j * values), atol=1e-7, err_msg=name)
        else:
            np.testing.assert_allclose(found[name], values, rtol=rtol, atol=1e-8, err_msg=name)


# --- the formats ----------------------------------------------------------------------------------------


def test_a_file_of_ours_is_taken_as_it_is(tmp_path: Path) -> None:
    draw = signals()
    more = {"snr": np.ones(COUNT), "ifo_snrs": np.ones((COUNT, 2)), "injection_time": np.full(COUNT, 1.3e9)}
    more |= {"shift": np.zeros((COUNT, 2)), "reference_frequency": np.full(COUNT, 50.0), "lambda_1": np.arange(40.0)}
    prior = prior_of(write_hdf5(tmp_path / "x.hdf5", draw | more, "parameters", length=COUNT))
    assert set(prior.parameters) == {*draw, "lambda_1"}
    for name, values in draw.items():
        np.testing.assert_array_equal(prior.take(0, COUNT)[name], values)


def test_signals_that_are_no_binaries_are_taken_as_they_are(tmp_path: Path) -> None:
    columns = {name: np.linspace(1, 2, COUNT) for name in ("quality", "frequency", "distance", "ra", "dec", "psi")}
    prior = prior_of(write_hdf5(tmp_path / "x.hdf5", columns, "parameters", length=COUNT))
    assert set(prior.parameters) == set(columns)


@pytest.mark.parametrize("aligned", [True, False])
def test_an_injection_file_of_pycbc_is_read(tmp_path: Path, aligned: bool) -> None:
    draw = signals(aligned=aligned)
    constants = {"static_args": ["f_ref", "approximant"], "f_ref": FREQUENCY, "approximant": "IMRPhenomXPHM"}
    path = write_hdf5(tmp_path / "x.hdf", pycbc_columns(draw), injtype="cbc", **constants)
    assert_same_binaries(prior_of(path), draw, rtol=1e-5)  # a redshift from a distance, by bilby's table


def test_polar_spins_of_pycbc_are_read(tmp_path: Path) -> None:
    draw = signals()
    columns = pycbc_columns(draw)
    for body in (1, 2):
        x, y, z = (columns.pop(f"spin{body}{axis}") for axis in "xyz")
        a = np.sqrt(x**2 + y**2 + z**2)
        columns |= {
            f"spin{body}_a": a,
            f"spin{body}_polar": np.arccos(z / a),
            f"spin{body}_azimuthal": np.arctan2(y, x),
        }
    path = write_hdf5(tmp_path / "x.hdf", columns | {"f_ref": np.full(COUNT, FREQUENCY)})
    assert_same_binaries(prior_of(path), draw, rtol=1e-5)


def test_the_group_and_the_table_of_lvk_are_read(tmp_path: Path) -> None:
    draw = signals()
    columns = lvk_columns(draw)
    group = write_hdf5(tmp_path / "o3.hdf5", columns, "injections", total_generated=1000)
    assert_same_binaries(prior_of(group, reference_frequency=FREQUENCY), draw)
    renamed = {"mass1": "mass1_detector", "mass2": "mass2_detector", "distance": "luminosity_distance", "redshift": "z"}
    table = np.rec.fromarrays([*columns.values()], names=[renamed.get(name, name) for name in columns])
    with h5py.File(tmp_path / "o4.hdf", "w") as file:
        file["events"] = np.asarray(table)
    assert_same_binaries(prior_of(tmp_path / "o4.hdf", reference_frequency=FREQUENCY), draw)


@pytest.mark.parametrize("form", ["injections", "posterior", "columns", "rows"])
def test_json_of_bilby_is_read(tmp_path: Path, form: str) -> None:
    draw = signals()
    frame = table(draw | {"waveform": ["IMRPhenomXPHM"] * COUNT})
    lists = {name: values.tolist() for name, values in draw.items()}
    rows = [dict(zip(lists, row, strict=True)) for row in zip(*lists.values(), strict=True)]
    content: Any = {
        "injections": {"injections": frame},
        "posterior": {"label": "GW150914", "posterior": frame},
        "columns": lists,
        "rows": rows,
    }[form]
    path = tmp_path / "x.json"
    path.write_text(json.dumps(content, cls=bilby().core.utils.BilbyJsonEncoder))
    assert_same_binaries(prior_of(path), draw)


@pytest.mark.parametrize("form", [",", " ", "# "])
def test_columns_of_text_are_read(tmp_path: Path, form: str) -> None:
    draw = signals()
    path = tmp_path / "x.csv"
    columns = draw | {
        "chirp_mass": bilby().gw.conversion.component_masses_to_chirp_mass(draw["mass_1"], draw["mass_2"])
    }
    np.savetxt(
        path,
        np.stack([*columns.values()], axis=1),
        delimiter=form[-1],
        header=form[-1].join(columns),
        comments="# " if form == "# " else "",
    )
    assert_same_binaries(prior_of(path), draw)


def test_masses_of_the_source_frame_are_stretched(tmp_path: Path) -> None:
    draw = signals()
    source = draw | {name: draw[name] / (1 + draw["redshift"]) for name in ("mass_1", "mass_2")}
    path = tmp_path / "x.csv"
    table(source).to_csv(path, index=False)
    assert_same_binaries(prior_of(path, frame="source"), draw)
    named = {f"{name}_source" if name.startswith("mass") else name: values for name, values in source.items()}
    table(named).to_csv(path, index=False)
    assert_same_binaries(prior_of(path), draw)


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
