"""Parts of background files: what was written is known again, and whatever changed since is noticed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import h5py
import numpy as np
import pytest

from aframe_data.formats import deflated, strain_part
from aframe_data.formats.strain_part import Origin, Run, StrainPart
from aframe_data.types import BitMask, Flaw, Segment

if TYPE_CHECKING:
    from pathlib import Path

SPAN = Segment(1_000_000_000, 1_000_000_008)
PART = StrainPart(
    span=SPAN,
    channel="H1:STRAIN",
    runs=(Run(SPAN, 64.0, np.arange(4.0), np.arange(4.0, 8.0)),),
    flaws=(Flaw(SPAN.start, SPAN.start + 0.5, "of constant strain"),),
    origins=(Origin("somewhere", SPAN.start, SPAN.stop, "a file"),),
    quality=BitMask(np.full(8, 3, dtype=np.uint32), ("DATA", "CAT1")),
    injections=None,
    before=np.arange(8.0, 12.0),
    after=None,
)


@pytest.fixture(params=["float32", "float64"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A part of 256 samples; its first and last eight are another part's business, and are never written."""
    samples = np.random.default_rng(1).normal(size=240)
    made = tmp_path / "part.hdf5"
    with strain_part.create(made, size=256, dtype=request.param) as writer:
        writer.write(8, samples[:100])
        writer.write(108, samples[100:])
        writer.finish(PART)
    return made


def test_a_part_is_intact_whichever_library_looks(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert strain_part.is_intact(path)
    monkeypatch.setattr(deflated, "deflate", None)
    assert strain_part.is_intact(path)


def test_samples_are_those_that_were_written(path: Path) -> None:
    (samples,) = strain_part.read_samples(path, 8, 248)
    np.testing.assert_array_equal(samples, np.random.default_rng(1).normal(size=240).astype(samples.dtype))
    found = strain_part.read(path)
    assert (found.span, found.flaws, found.origins) == (PART.span, PART.flaws, PART.origins)
    assert found.quality is not None
    assert (found.quality.values.tolist(), found.quality.bits) == ([3] * 8, ("DATA", "CAT1"))


@pytest.mark.parametrize("name", ["data", "before", "quality", "run-0/head", "run-0/tail"])
def test_a_number_that_changed_is_noticed(path: Path, name: str) -> None:
    with h5py.File(path, "r+") as file:
        file[name][-1 if name != "data" else 8] += 1
    assert not strain_part.is_intact(path)


@pytest.mark.parametrize("spoil", ["name", "words", "no checksum", "written", "missing"])
def test_anything_else_that_changed_is_noticed(path: Path, spoil: str) -> None:
    with h5py.File(path, "r+") as file:
        text = file["part"].asstr()[()]
        if spoil == "name":
            file.move("run-0/tail", "run-0/end")
        elif spoil == "no checksum":
            del file.attrs["crc32"]
        elif spoil == "missing":
            del file["part"]
        else:
            file["part"][()] = "no JSON" if spoil == "words" else text.replace("[8, 108]", "[8, 900]")
    assert not strain_part.is_intact(path)


@pytest.mark.parametrize("left", [0, 100, 2000])
def test_what_a_power_failure_left_is_noticed(path: Path, left: int) -> None:
    whole = path.read_bytes()
    for content in (whole[:left], whole[:left] + bytes(len(whole) - left)):
        path.write_bytes(content)
        assert not strain_part.is_intact(path)


def test_blocks_that_the_disk_has_not_seen_are_noticed(path: Path) -> None:
    with h5py.File(path) as file:
        place = file["data"].id.get_offset() + 128
    content = bytearray(path.read_bytes())
    content[place : place + 64] = bytes(64)
    path.write_bytes(content)
    assert not strain_part.is_intact(path)
