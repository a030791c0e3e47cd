"""The formats that the prior `parameter-file` reads: ours, PyCBC's, the LVK's, bilby's and text."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import pytest
from parameter_tables import (
    COUNT,
    FREQUENCY,
    assert_same_binaries,
    bilby,
    prior_of,
    pycbc_columns,
    signals,
    table,
    write_hdf5,
)

if TYPE_CHECKING:
    from pathlib import Path


def lvk_columns(draw: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    columns = pycbc_columns(draw)
    columns |= {"right_ascension": columns.pop("ra"), "declination": columns.pop("dec"), "redshift": draw["redshift"]}
    columns |= {f"{name}_source": columns[name] / (1 + draw["redshift"]) for name in ("mass1", "mass2")}
    return {**columns, "far_gstlal": np.full(len(draw["ra"]), 0.5), "optimal_snr_net": np.full(len(draw["ra"]), 9.0)}


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
