"""Where a file came from: kept whole, whatever its length, and the same text for the same run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import h5py
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aframe_data.errors import AframeDataError, DataQualityError
from aframe_data.formats import record as records

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("size", [10, 59_000, 60_000, 64_000, 70_000, 1_000_000])
@pytest.mark.parametrize("letter", ["x", "é"])
def test_a_record_of_any_length_comes_back(tmp_path: Path, size: int, letter: str) -> None:
    record = {"command": "fetch", "arguments": {"a": letter * size}, "seed": 5}
    with h5py.File(tmp_path / "file.hdf5", "w") as file:
        records.write(file, record)
        assert len(file.attrs["provenance"].encode()) < 64 * 1024
    with h5py.File(tmp_path / "file.hdf5") as file:
        assert records.read(file) == record
    assert records.read_from(tmp_path / "file.hdf5", "a file") == record


def test_a_file_of_others_has_no_record(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "file.hdf5", "w") as file:
        assert records.read(file) is None
    assert records.read_from(tmp_path / "file.hdf5", "a file") is None


def test_a_file_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    (tmp_path / "file.hdf5").write_bytes(b"nothing of the kind")
    with pytest.raises(DataQualityError, match=r"file\.hdf5 cannot be read as a thing: "):
        records.read_from(tmp_path / "file.hdf5", "a thing")


@pytest.mark.parametrize("text", ["{", "[1]", "3", '{"record": "provenance/lost"}'])
def test_a_record_that_is_damaged_is_an_error_of_ours(tmp_path: Path, text: str) -> None:
    with h5py.File(tmp_path / "file.hdf5", "w") as file:
        file.attrs["provenance"] = text
        with pytest.raises(AframeDataError, match=r"file\.hdf5 has a provenance that cannot be read"):
            records.read(file)
    with pytest.raises(AframeDataError, match=r"file\.hdf5 has a provenance that cannot be read"):
        records.read_from(tmp_path / "file.hdf5", "a file")


CONTENT = [records.ContentHash, records.ContentChecksum]


@given(st.lists(st.integers(0, 50), max_size=6), st.sampled_from(["f4", "f8", "u4"]), st.sampled_from(CONTENT))
def test_the_hash_of_the_content_does_not_depend_on_the_blocks(cuts: list[int], dtype: str, kind: type) -> None:
    values = np.arange(50).astype(dtype)
    whole, parts = kind(["H1", "L1"]), kind(["L1", "H1"])
    whole.update("H1", values)
    whole.update("L1", -values)
    for first, last in zip([0, *sorted(cuts)], [*sorted(cuts), 50], strict=True):
        parts.update("L1", -values[first:last])
        parts.update("H1", values[first:last])
    assert parts.hexdigest() == whole.hexdigest()


@pytest.mark.parametrize("kind", CONTENT)
def test_the_hash_tells_the_datasets_apart(kind: type) -> None:
    one, other = kind(["H1", "L1"]), kind(["H1", "L1"])
    one.update("H1", np.arange(3.0))
    other.update("L1", np.arange(3.0))
    assert one.hexdigest() != other.hexdigest()
