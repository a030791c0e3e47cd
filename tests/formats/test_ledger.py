"""Ledger files, by a reader written from the description of the format alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import pytest

from aframe_data.errors import AframeDataError, DataQualityError
from aframe_data.formats import ledger
from aframe_data.formats.ledger_arrays import iterate_rows

if TYPE_CHECKING:
    from pathlib import Path

RATE, SIZE = 256, 512
BASE = (
    *("mass_1", "mass_2", "a_1", "a_2", "tilt_1", "tilt_2", "phi_12", "phi_jl"),
    *("ra", "dec", "redshift", "psi", "theta_jn", "phase"),
)
TRAINING = {"sample_rate": 256.0, "duration": 2.0, "right_pad": 0.5}
IFOS = ["H1", "L1"]


@dataclass
class Ledger:
    """What Aframe keeps of a file: all fields by name, metadata beside them."""

    metadata: dict[str, Any]
    parameters: dict[str, np.ndarray[Any, Any]]
    waveforms: dict[str, np.ndarray[Any, Any]]


def read(path: Path) -> Ledger:
    with h5py.File(path) as file:
        metadata = {name: value for name, value in file.attrs.items() if name not in ("provenance", "content_sha256")}
        groups = [
            {name: item[:] for name, item in file[group].items()} if group in file else {}
            for group in ("parameters", "waveforms")
        ]
    assert all(len(values) == metadata["length"] for group in groups for values in group.values())
    return Ledger(metadata, *groups)


def values(layout: ledger.Layout, rows: int, seed: int) -> tuple[dict[str, Any], dict[str, Any]]:
    rng = np.random.default_rng(seed)
    parameters = {name: rng.normal(size=(rows, *shape)) for name, shape in layout.parameters.items()}
    waveforms = {name: rng.normal(size=(rows, size)).astype("f4") for name, size in layout.waveforms.items()}
    return parameters, waveforms


def write(path: Path, layout: ledger.Layout, blocks: tuple[int, ...] | None = None, **extra: Any) -> list[Any]:
    written = []
    with ledger.create(path, layout) as writer:
        for number, rows in enumerate(blocks or (layout.length,)):
            parameters, waveforms = values(layout, rows, number)
            writer.append({**parameters, **extra}, waveforms)
            written.append((parameters, waveforms))
        writer.finish({"command": "waveforms", "seed": 3})
    return written


def training(length: int, dtype: str = "float32") -> ledger.Layout:
    attributes = {**TRAINING, "num_injections": length}
    fields = dict.fromkeys([*BASE, "reference_frequency", "minimum_frequency"], ())
    return ledger.Layout(length, attributes, fields, dict.fromkeys(("plus", "cross"), SIZE), dtype)


def validation(length: int) -> ledger.Layout:
    attributes = {**TRAINING, "num_injections": 10 * length, "ifos": IFOS}
    fields = {**dict.fromkeys(BASE, ()), "snr": (), "ifo_snrs": (2,), "shift": (2,), "injection_time": ()}
    return ledger.Layout(length, attributes, fields, dict.fromkeys(("h1", "l1"), SIZE))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_training_file_is_what_its_reader_expects(tmp_path: Path, dtype: str) -> None:
    path = tmp_path / "train.hdf5"
    written = write(path, training(150, dtype), (100, 1, 49))
    found = read(path)
    assert found.metadata == {"length": 150, **TRAINING, "num_injections": 150}
    assert list(found.waveforms) == ["cross", "plus"]
    assert set(BASE) < set(found.parameters)
    for name, array in found.parameters.items():
        assert array.dtype == np.float64
        np.testing.assert_array_equal(array, np.concatenate([parameters[name] for parameters, _ in written]))
    for name, array in found.waveforms.items():
        assert (array.shape, array.dtype) == ((150, SIZE), dtype)
        assert array.shape[1] / found.metadata["sample_rate"] == found.metadata["duration"]
        np.testing.assert_array_equal(array, np.concatenate([waveforms[name] for _, waveforms in written]))


def test_a_validation_file_has_vectors_and_the_names_of_the_interferometers(tmp_path: Path) -> None:
    path = tmp_path / "val.hdf5"
    write(path, validation(5))
    found = read(path)
    assert list(found.metadata["ifos"]) == IFOS
    assert list(found.waveforms) == ["h1", "l1"]
    assert found.parameters["ifo_snrs"].shape == found.parameters["shift"].shape == (5, 2)
    with h5py.File(path) as file:
        assert h5py.check_string_dtype(file.attrs.get_id("ifos").dtype).encoding == "utf-8"
        assert file.attrs.get_id("length").dtype == np.int64
        assert file.attrs.get_id("num_injections").dtype == np.int64


@pytest.mark.parametrize(("length", "rows"), [(1, 1), (5, 5), (64, 64), (150, 64)])
def test_waveforms_lie_in_chunks_of_whole_signals(tmp_path: Path, length: int, rows: int) -> None:
    path = tmp_path / "train.hdf5"
    write(path, training(length))
    with h5py.File(path) as file:
        assert {item.chunks for item in file["waveforms"].values()} == {(rows, SIZE)}
        assert {item.compression for item in file["waveforms"].values()} == {None}


def test_a_file_without_waveforms_has_no_such_group(tmp_path: Path) -> None:
    path = tmp_path / "rejected-parameters.hdf5"
    write(path, ledger.Layout(3, {"ifos": IFOS}, dict.fromkeys(BASE, ())))
    with h5py.File(path) as file:
        assert list(file) == ["parameters"]
    assert ledger.summarize(path).intact


def test_a_file_of_no_rows_can_be_written_and_read(tmp_path: Path) -> None:
    path = tmp_path / "empty.hdf5"
    write(path, training(0))
    assert read(path).metadata["length"] == 0
    assert ledger.summarize(path).intact


def test_fields_that_are_not_of_the_layout_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "train.hdf5"
    write(path, training(4), chirp_mass=np.ones(4))
    assert "chirp_mass" not in read(path).parameters


def test_the_bytes_do_not_depend_on_the_blocks(tmp_path: Path) -> None:
    layout = ledger.Layout(6, TRAINING, {"mass_1": ()}, {"cross": SIZE})
    ones = {"mass_1": np.arange(6.0)}, {"cross": np.arange(6.0 * SIZE).reshape(6, SIZE)}
    for name, blocks in (("one", (6,)), ("many", (1, 3, 2))):
        with ledger.create(tmp_path / name, layout) as writer:
            start = 0
            for rows in blocks:
                part = slice(start, start + rows)
                writer.append(*({key: array[part] for key, array in group.items()} for group in ones))
                start += rows
            writer.finish({})
    assert (tmp_path / "one").read_bytes() == (tmp_path / "many").read_bytes()


def test_the_size_is_known_before(tmp_path: Path) -> None:
    layout = training(64)
    write(tmp_path / "train.hdf5", layout)
    assert layout.nbytes == 64 * (2 * SIZE * 4 + 16 * 8)
    assert layout.nbytes < (tmp_path / "train.hdf5").stat().st_size < layout.nbytes + 50_000


def test_a_summary_says_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "val.hdf5"
    ((parameters, _),) = write(path, validation(5))
    found = ledger.summarize(path)
    assert found.attributes["num_injections"] == 50
    assert set(found.attributes) == {"length", *TRAINING, "num_injections", "ifos"}
    assert found.waveforms == {"h1": (5, SIZE), "l1": (5, SIZE)}
    assert found.parameters["mass_1"] == (parameters["mass_1"].min(), parameters["mass_1"].max())
    assert (found.intact, found.not_finite, found.record) == (True, {}, {"command": "waveforms", "seed": 3})


@pytest.mark.parametrize("field", ["parameters/mass_1", "waveforms/plus"])
def test_one_changed_value_is_noticed(tmp_path: Path, field: str) -> None:
    path = tmp_path / "train.hdf5"
    write(path, training(4))
    with h5py.File(path, "a") as file:
        file[field][2] = np.nextafter(file[field][2], np.inf)
    assert ledger.summarize(path).intact is False
    assert ledger.summarize(path, check=False).intact is None


def test_values_that_are_not_finite_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "train.hdf5"
    layout = ledger.Layout(2, {}, {"mass_1": ()}, {"cross": SIZE})
    cross = np.ones((2, SIZE))
    cross[1, :3] = np.nan, np.inf, -np.inf
    with ledger.create(path, layout) as writer:
        writer.append({"mass_1": np.array([1.0, np.nan])}, {"cross": cross})
        writer.finish({})
    assert ledger.summarize(path).not_finite == {"parameters/mass_1": 1, "waveforms/cross": 3}


@pytest.mark.parametrize("keep", [0, 100, 20_000])
def test_a_truncated_file_is_an_error_of_ours(tmp_path: Path, keep: int) -> None:
    path = tmp_path / "train.hdf5"
    write(path, training(64))
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(DataQualityError, match="cannot be read as a ledger file"):
        ledger.summarize(path)


@pytest.mark.parametrize("group", ["parameters", "waveforms"])
def test_a_file_of_another_kind_is_an_error_of_ours(tmp_path: Path, group: str) -> None:
    path = tmp_path / "other.hdf5"
    with h5py.File(path, "w") as file:
        file["parameters"] = 3 if group == "parameters" else h5py.Empty("f8")
    with pytest.raises(AframeDataError, match="cannot be read as a ledger file"):
        ledger.summarize(path)


def _append(rows: int, waveform_rows: int, samples: int = SIZE) -> Any:
    def fill(writer: ledger.LedgerWriter) -> None:
        writer.append({"mass_1": np.ones(rows)}, {"cross": np.ones((waveform_rows, samples))})
        writer.finish({})

    return fill


@pytest.mark.parametrize(
    ("fill", "message"),
    [
        (_append(2, 2), "2 rows were written, but 3 were expected"),
        (_append(4, 4), "4 rows were to be written, but 3 were expected"),
        (_append(3, 1), r"cross has the shape \(1, 512\), not \(3, 512\)"),
        (_append(3, 3, SIZE - 1), r"cross has the shape \(3, 511\), not \(3, 512\)"),
    ],
    ids=["too few", "too many", "one for all", "too short"],
)
def test_rows_that_do_not_fit_leave_no_file(tmp_path: Path, fill: Any, message: str) -> None:
    path = tmp_path / "train.hdf5"
    layout = ledger.Layout(3, {}, {"mass_1": ()}, {"cross": SIZE})

    def make() -> None:
        with ledger.create(path, layout) as writer:
            fill(writer)

    with pytest.raises(DataQualityError, match=message):
        make()
    assert list(tmp_path.iterdir()) == []


def test_rows_are_read_in_blocks_of_bounded_size(tmp_path: Path) -> None:
    path = tmp_path / "big.hdf5"
    with h5py.File(path, "w") as file:
        dataset = file.create_dataset("x", shape=(1000, 2**17), dtype="f4")  # 512 kB a row
        blocks = [block.shape for block in iterate_rows(dataset)]
    assert sum(rows for rows, _ in blocks) == 1000
    assert max(rows for rows, _ in blocks) == 64
