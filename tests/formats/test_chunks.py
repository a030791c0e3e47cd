"""Rows that are unpacked from their chunks here: the same bits as HDF5 gives, its errors, and never other numbers."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aframe_data.formats import chunks, deflated

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CHUNK, SIZE = 300, 1000  # the last chunk reaches beyond the end


@pytest.fixture(params=["libdeflate", "zlib"])
def file(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[h5py.File]:
    """An empty file, of which either library unpacks what is put into it."""
    if request.param == "zlib":
        monkeypatch.setattr(deflated, "deflate", None)
    else:
        pytest.importorskip("deflate")
    with h5py.File(tmp_path / "file.hdf5", "w") as opened:
        yield opened


def numbers() -> np.ndarray[Any, Any]:
    """Noise and smooth numbers, with values that are not finite among them."""
    noise = np.random.default_rng(1).normal(size=SIZE) * 1e-21
    noise[400:700] = np.arange(300.0)
    noise[[3, 299, 300, 999]] = np.nan, np.inf, -np.inf, -0.0
    return noise


def packed(file: h5py.File, **settings: Any) -> h5py.Dataset:
    """A dataset whose chunks can be spoiled."""
    return file.create_dataset("x", data=numbers(), chunks=(CHUNK,), **{"compression": "gzip", **settings})


def by_hdf5(dataset: h5py.Dataset, start: int, stop: int) -> np.ndarray[Any, Any]:
    out = np.empty(stop - start)
    dataset.read_direct(out, np.s_[start:stop])
    return out


def by_us(dataset: h5py.Dataset, start: int, stop: int) -> np.ndarray[Any, Any]:
    out = np.full(stop - start, 123.0)
    chunks.read_into(dataset, start, out)
    return out


SPANS = [(0, SIZE), (0, 300), (299, 301), (310, 320), (350, 950), (899, 1000), (999, 1000)]
UNPACKED_HERE = [{"compression_opts": level, "shuffle": shuffle} for level in (0, 1, 4, 9) for shuffle in (False, True)]
LEFT_TO_HDF5: list[dict[str, Any]] = [
    {"compression": None, "chunks": None},
    {"compression": None},
    {"compression": None, "shuffle": True},
    {"fletcher32": True},
    {"fletcher32": True, "shuffle": True},
    {"compression": "lzf"},
    {"compression": "lzf", "shuffle": True},
    {"dtype": "f4"},
    {"dtype": ">f8", "shuffle": True},
]


@pytest.mark.parametrize("settings", [*UNPACKED_HERE, *LEFT_TO_HDF5], ids=str)
def test_rows_are_those_that_hdf5_reads_bit_by_bit(file: h5py.File, settings: dict[str, Any]) -> None:
    dataset = file.create_dataset("x", data=numbers(), **{"compression": "gzip", "chunks": (CHUNK,), **settings})
    for start, stop in SPANS:
        assert by_us(dataset, start, stop).tobytes() == by_hdf5(dataset, start, stop).tobytes()


@pytest.mark.parametrize("settings", UNPACKED_HERE, ids=str)
def test_what_gzip_packed_is_not_left_to_hdf5(
    file: h5py.File, settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = packed(file, **settings)
    monkeypatch.delattr(h5py.Dataset, "read_direct")
    assert by_us(dataset, 0, SIZE).tobytes() == numbers().tobytes()


@pytest.mark.parametrize("shuffle", [False, True])
def test_chunks_that_are_not_there_and_that_are_not_packed_are_read(file: h5py.File, shuffle: bool) -> None:
    dataset = file.create_dataset(
        "x", (SIZE,), "f8", chunks=(CHUNK,), compression="gzip", shuffle=shuffle, fillvalue=7.0
    )
    bare = np.arange(300.0)
    dataset.id.write_direct_chunk((300,), bare.tobytes(), filter_mask=0b11)
    found = by_us(dataset, 0, SIZE)
    np.testing.assert_array_equal(found, np.concatenate([np.full(300, 7.0), bare, np.full(400, 7.0)]))


def spoil(dataset: h5py.Dataset, chunk: bytes) -> None:
    """Put something else in the place of the second chunk."""
    dataset.id.write_direct_chunk((CHUNK,), chunk)
    dataset.file.flush()


@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize("how", ["cut", "empty", "checksum", "text", "in the middle"])
def test_a_damaged_chunk_is_told_as_by_hdf5(file: h5py.File, how: str, shuffle: bool) -> None:
    dataset = packed(file, shuffle=shuffle)
    _, chunk = dataset.id.read_direct_chunk((CHUNK,))
    middle = len(chunk) // 2
    spoiled = {
        "cut": chunk[:-10],
        "empty": chunk[:1],
        "checksum": chunk[:-1] + bytes([chunk[-1] ^ 1]),
        "text": b"<html>Sorry, we are closed for maintenance.</html>",
        "in the middle": chunk[:middle] + bytes(20) + chunk[middle + 20 :],
    }
    spoil(dataset, spoiled[how])
    with pytest.raises(OSError, match=r"^Can.t .*read data") as expected:
        by_hdf5(dataset, 0, SIZE)
    with pytest.raises(OSError, match=r"^Can.t .*read data") as caught:
        by_us(dataset, 0, SIZE)
    assert str(caught.value) == str(expected.value)
    assert by_us(dataset, 0, 300).tobytes() == numbers()[:300].tobytes()


@pytest.mark.parametrize(
    ("number", "told"), [(100, "800 bytes, where 2400 belong"), (301, "more than 2400 bytes, where 2400 belong")]
)
def test_a_chunk_of_another_size_is_damaged_where_hdf5_reads_zeros(file: h5py.File, number: int, told: str) -> None:
    dataset = packed(file)
    spoil(dataset, zlib.compress(np.ones(number).tobytes()))
    with pytest.raises(OSError, match=rf"the chunk of 'x' from 300 on is damaged: it unpacks to {told}"):
        by_us(dataset, 0, SIZE)


def test_a_bomb_is_not_unpacked(file: h5py.File) -> None:
    dataset = packed(file)
    packing = zlib.compressobj()
    spoil(dataset, b"".join([*(packing.compress(bytes(10**6)) for _ in range(100)), packing.flush()]))
    with pytest.raises(OSError, match="more than 2400 bytes"):
        by_us(dataset, 0, SIZE)


@given(st.data())
def test_no_bit_of_a_packed_stream_can_change_unnoticed(data: st.DataObject) -> None:
    wanted = numbers().tobytes()
    stream = bytearray(zlib.compress(wanted, data.draw(st.sampled_from([0, 1, 4, 9]))))
    bit = data.draw(st.integers(0, 8 * len(stream) - 1))
    stream[bit // 8] ^= 1 << bit % 8
    for known in {deflated.deflate, None}:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(deflated, "deflate", known)
            try:
                found = deflated.unpacked(bytes(stream), len(wanted))
            except deflated.WrongSizeError:
                continue
            # A few bits of the header say how it was packed, and not what.
            assert found is None or bytes(found) == wanted


@given(st.binary(max_size=100), st.binary(max_size=100))
def test_a_crc_goes_on_and_is_the_same_by_both(first: bytes, second: bytes) -> None:
    expected = zlib.crc32(first + second)
    for known in {deflated.deflate, None}:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(deflated, "deflate", known)
            assert deflated.crc32(memoryview(second), deflated.crc32(first)) == expected
