"""What comes of ledger files that are joined, read back by a reader that knows nothing of this package."""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aframe_data.formats import ledger, ledger_arrays
from aframe_data.merging import repeats
from aframe_data.requests.waveforms import TrainingWaveforms
from aframe_data.work.carry_out import do
from ledger_pieces import (
    IFOS,
    SIZE,
    assert_rows,
    campaign,
    digest,
    merge,
    read,
    without_waveforms,
    write_foreign,
    write_ours,
)
from ledger_reader import read_training_waveforms

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.mark.parametrize("write", [write_ours, write_foreign])
@pytest.mark.parametrize("kind", [dict, without_waveforms], ids=["campaign", "rejected"])
def test_rows_follow_in_the_order_given(
    tmp_path: Path, write: Callable[..., Path], kind: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    contents = [kind(campaign(rows, seed)) for seed, rows in enumerate((5, 70, 1))]
    paths = [write(tmp_path / f"{name}.hdf5", content) for name, content in zip("cab", contents, strict=True)]
    before = [(digest(path), path.stat().st_mtime_ns) for path in paths]
    report = merge(files=paths, output_file=tmp_path / "out.hdf5")
    assert (report.path, report.num_files, report.length, report.present) == (tmp_path / "out.hdf5", 3, 76, False)
    assert_rows(tmp_path / "out.hdf5", *contents)
    assert [(digest(path), path.stat().st_mtime_ns) for path in paths] == before
    assert ledger.summarize(tmp_path / "out.hdf5").intact
    with h5py.File(tmp_path / "out.hdf5") as file:
        assert ("waveforms" in file) == ("waveforms/h1" in contents[0]["arrays"])


def test_metadata_stay_and_injections_are_summed(two: list[Path], tmp_path: Path) -> None:
    report = merge(files=two, output_file=tmp_path / "out.hdf5")
    attributes, _ = read(tmp_path / "out.hdf5")
    assert list(attributes.pop("ifos")) == IFOS
    assert attributes == {"length": 9, "num_injections": 63, "sample_rate": 32.0, "duration": 2.0, "right_pad": 0.5}
    assert report.num_injections == 63
    with h5py.File(tmp_path / "out.hdf5") as file:
        assert file.attrs.get_id("length").dtype == file.attrs.get_id("num_injections").dtype == np.int64
        assert h5py.check_string_dtype(file.attrs.get_id("ifos").dtype).encoding == "utf-8"
        assert file["waveforms/h1"].chunks == (9, SIZE)


def test_num_injections_stays_absent_where_no_file_has_it(tmp_path: Path) -> None:
    contents = [without_waveforms(campaign(4, seed)) for seed in (1, 2)]
    paths = [write_foreign(tmp_path / f"{number}.hdf5", content) for number, content in enumerate(contents)]
    assert merge(files=paths, output_file=tmp_path / "out.hdf5").num_injections is None
    attributes, _ = read(tmp_path / "out.hdf5")
    assert set(attributes) == {"length", "ifos", "snr_estimated"}
    assert attributes["snr_estimated"].dtype == bool
    assert attributes["snr_estimated"]


def test_fields_and_attributes_of_any_type_keep_it(tmp_path: Path) -> None:
    contents = [campaign(5, seed) for seed in (1, 2)]
    for content in contents:
        content["arrays"] |= {
            "parameters/number": np.arange(5) + 2**60,  # not exact in float64
            "parameters/accepted": np.array([True, False, True, True, False]),
            "parameters/spins": np.ones((5, 2, 3), dtype="f4"),
            "waveforms/h1": content["arrays"]["waveforms/h1"].astype(">f8"),
            "waveforms/l1": content["arrays"]["waveforms/l1"].astype(">f8"),
        }
        content["attributes"] |= {
            "detectors": np.array([b"H1", b"L1"]),
            "text": "psd über alles",
            "empty": h5py.Empty("f4"),
            "band": np.array([[20.0, 1024.0]]),
            "unknown": np.nan,
        }
    paths = [write_foreign(tmp_path / f"{number}.hdf5", content) for number, content in enumerate(contents)]
    merge(files=paths, output_file=tmp_path / "out.hdf5")
    assert_rows(tmp_path / "out.hdf5", *contents)
    assert ledger.summarize(tmp_path / "out.hdf5").intact
    with h5py.File(paths[0]) as source, h5py.File(tmp_path / "out.hdf5") as joined:
        for name in set(source.attrs) - {"length", "num_injections"}:
            ours, theirs = source.attrs.get_id(name), joined.attrs.get_id(name)
            assert (ours.get_type().equal(theirs.get_type()), ours.shape) == (True, theirs.shape), name
            assert repr(source.attrs[name]) == repr(joined.attrs[name])


@pytest.mark.slow
@settings(max_examples=25)
@given(st.lists(st.integers(0, 40), min_size=1, max_size=4).filter(any), st.integers(1, 20_000))
def test_pieces_joined_are_the_whole_whatever_the_blocks(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[int], block: int
) -> None:
    folder = tmp_path_factory.mktemp("pieces")
    whole = campaign(sum(pieces), 3)
    paths, start = [], 0
    for number, rows in enumerate(pieces):
        arrays = {name: values[start : start + rows] for name, values in whole["arrays"].items()}
        attributes = {**whole["attributes"], "length": rows, "num_injections": 7 * rows}
        paths.append(write_ours(folder / f"{number}.hdf5", {"attributes": attributes, "arrays": arrays}))
        start += rows
    write_ours(folder / "whole.hdf5", whole)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ledger_arrays, "_BLOCK_BYTES", block)
        merge(files=paths, output_file=folder / "out.hdf5")
    assert_rows(folder / "out.hdf5", whole)
    with h5py.File(folder / "out.hdf5") as joined, h5py.File(folder / "whole.hdf5") as made:
        assert joined.attrs["content_sha256"] == made.attrs["content_sha256"]
        assert joined.attrs["num_injections"] == made.attrs["num_injections"]


def test_training_waveforms_of_two_seeds_are_read_by_training(tmp_path: Path) -> None:
    for seed, number in ((1, 20), (2, 30)):
        do(
            TrainingWaveforms(
                prior="flat",
                generator="chirp",
                num_signals=number,
                sample_rate=256,
                waveform_duration=2,
                right_pad=0.5,
                seed=seed,
                output_file=tmp_path / f"{seed}.hdf5",
                workers=0,
            )
        )
    merge(files=[tmp_path / "1.hdf5", tmp_path / "2.hdf5"], output_file=tmp_path / "out.hdf5")
    joined = read_training_waveforms(tmp_path / "out.hdf5")
    first, second = (read_training_waveforms(tmp_path / f"{seed}.hdf5") for seed in (1, 2))
    assert joined.num_injections == 50
    np.testing.assert_array_equal(joined.waveforms, np.concatenate([first.waveforms, second.waveforms]))
    np.testing.assert_array_equal(
        joined.parameters["ra"], np.concatenate([first.parameters["ra"], second.parameters["ra"]])
    )


def test_provenance_lists_the_files_with_their_own(two: list[Path], tmp_path: Path) -> None:
    foreign = write_foreign(tmp_path / "foreign.hdf5", campaign(2, 9))
    merge(files=two, output_file=tmp_path / "both.hdf5")
    merge(files=[tmp_path / "both.hdf5", foreign], output_file=tmp_path / "out.hdf5")
    record = ledger.summarize(tmp_path / "out.hdf5").record
    assert record is not None
    assert (record["software"], record["command"]) == ("aframe-data", "merge")
    assert record["arguments"] == {"files": [str(tmp_path / "both.hdf5"), str(foreign)]}
    both, other = record["sources"]
    with h5py.File(tmp_path / "both.hdf5") as file:
        assert both["content_sha256"] == file.attrs["content_sha256"]
    assert (both["file"], both["length"], both["num_injections"]) == (str(tmp_path / "both.hdf5"), 9, 63)
    assert [source["file"] for source in both["provenance"]["sources"]] == [str(path) for path in two]
    assert both["provenance"]["sources"][0]["provenance"] == {"command": "test"}
    assert (other["provenance"], other["length"], len(other["content_sha256"])) == (None, 2, 64)


@pytest.mark.slow
@pytest.mark.parametrize("kind", [dict, without_waveforms], ids=["campaign", "rejected"])
def test_memory_follows_the_block_and_not_the_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    contents = [kind(campaign(20_000, seed)) for seed in (1, 2)]
    paths = [write_ours(tmp_path / f"{number}.hdf5", content) for number, content in enumerate(contents)]
    block = 200_000
    monkeypatch.setattr(ledger_arrays, "_BLOCK_BYTES", block)
    monkeypatch.setattr(repeats, "_MOST_ROWS", 1000)
    merge(files=paths, output_file=tmp_path / "before.hdf5")  # what is imported at the first time stays
    tracemalloc.start()
    merge(files=paths, output_file=tmp_path / "out.hdf5")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # Blocks that are read, written and hashed; the rest is small.
    assert peak < 4 * block
    assert all(sum(values.nbytes for values in content["arrays"].values()) > 6 * block for content in contents)
