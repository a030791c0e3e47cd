"""Background files, read as gwpy, the training, the inference and the plots read them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import pytest

from aframe_data import checks
from aframe_data.errors import AframeDataError, DataQualityError, UsageError
from aframe_data.formats import background, background_names
from aframe_data.formats.background_masks import read_masks
from aframe_data.types import Segment

if TYPE_CHECKING:
    from collections.abc import Mapping

START, DURATION, RATE = 1240579783, 100, 2048
SPAN = Segment(START, START + DURATION)


def strain(ifo: str, size: int = DURATION * RATE) -> np.ndarray[Any, Any]:
    return 1e-21 * np.random.default_rng(ord(ifo[0])).standard_normal(size)


def write(
    folder: Path,
    *,
    span: Segment = SPAN,
    rate: float = RATE,
    dtype: str = "float64",
    name: str | None = None,
    data: Mapping[str, np.ndarray[Any, Any]] | None = None,
    record: Mapping[str, Any] | None = None,
) -> Path:
    size = round(span.duration * rate)
    data = {ifo: strain(ifo, size) for ifo in ("L1", "H1")} if data is None else data
    path = folder / (name or background_names.file_name("background", span))
    with background.create(path, ifos=list(data), segment=span, sample_rate=rate, dtype=dtype) as writer:
        for ifo, samples in data.items():
            for block in np.array_split(samples, 7):
                writer.append(ifo, block)
        writer.annotate("H1/quality", np.arange(10, dtype="u4"))
        writer.annotate("H1/quality_bits", ["DATA", "CBC_CAT1"])
        channels = {ifo: f"{ifo}:GDS-CALIB_STRAIN" for ifo in data}
        writer.describe(channels, {"command": "fetch"} if record is None else record)
    return path


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_gwpy_reads_what_was_written(tmp_path: Path, dtype: str) -> None:
    from gwpy.timeseries import TimeSeriesDict

    path = write(tmp_path, dtype=dtype)
    read = TimeSeriesDict.read(path, format="hdf5")
    assert sorted(read) == ["H1", "L1"]
    for ifo, series in read.items():
        np.testing.assert_array_equal(series.value, strain(ifo).astype(dtype))
        assert series.dtype == dtype
        assert (series.t0.value, series.sample_rate.value, series.duration.value) == (START, RATE, DURATION)
        assert (series.name, str(series.channel), str(series.unit)) == (ifo, f"{ifo}:GDS-CALIB_STRAIN", "strain")


def test_gwpy_reads_it_though_the_provenance_is_long(tmp_path: Path) -> None:
    from gwpy.timeseries import TimeSeriesDict

    path = write(tmp_path, record={"pieces": ["x" * 1000] * 100})
    assert sorted(TimeSeriesDict.read(path, format="hdf5")) == ["H1", "L1"]
    assert background.summarize(path).record == {"pieces": ["x" * 1000] * 100}


def test_the_layout_is_that_of_the_format(tmp_path: Path) -> None:
    with h5py.File(write(tmp_path)) as file:
        assert sorted(file) == ["H1", "L1", "provenance"]
        for ifo in ("H1", "L1"):
            dataset = file[ifo]
            assert sorted(dataset.attrs) == ["channel", "dx", "name", "unit", "x0", "xunit"]
            assert dataset.attrs["x0"] == START
            assert dataset.attrs["x0"].dtype == dataset.attrs["dx"].dtype == np.float64
            assert 1 / dataset.attrs["dx"] == RATE
            assert (dataset.attrs["xunit"], dataset.attrs["unit"], dataset.attrs["name"]) == ("s", "strain", ifo)
            assert dataset.chunks == (131072,)
            assert dataset.compression is None
            assert (dataset.shape, dataset.dtype) == ((DURATION * RATE,), np.float64)
        assert file["provenance/H1/quality_bits"].asstr()[:].tolist() == ["DATA", "CBC_CAT1"]
        assert json.loads(file.attrs["provenance"]) == {"command": "fetch"}


def test_a_short_file_is_one_chunk(tmp_path: Path) -> None:
    path = write(tmp_path, span=Segment(START, START + 10))
    with h5py.File(path) as file:
        assert file["H1"].chunks == (10 * RATE,)


def test_random_slices_are_read_as_written(tmp_path: Path) -> None:
    with h5py.File(write(tmp_path)) as file:
        for start in (0, 131_000, DURATION * RATE - 5):
            np.testing.assert_array_equal(file["H1"][start : start + 200], strain("H1")[start : start + 200])


def test_no_space_is_wasted(tmp_path: Path) -> None:
    path = write(tmp_path)
    chunk = 131072 * 8
    assert path.stat().st_size < 2 * -(-DURATION * RATE * 8 // chunk) * chunk + 20_000


def test_the_same_strain_gives_the_same_bytes(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert write(tmp_path / "a").read_bytes() == write(tmp_path / "b").read_bytes()


@pytest.mark.parametrize("rate", [rate for rate in range(64, 16385, 64) if 1 / (1 / rate) == rate][::16])
def test_every_allowed_rate_comes_back_exactly(tmp_path: Path, rate: int) -> None:
    checks.require_sample_rate(rate)
    path = write(tmp_path, span=Segment(START, START + 10), rate=rate)
    with h5py.File(path) as file:
        assert 1 / file["H1"].attrs["dx"] == rate
    summary = background.summarize(path)
    assert (summary.sample_rate, summary.segment) == (rate, Segment(START, START + 10))


@pytest.mark.parametrize("rate", [49, 98, 103])  # below, and where 1 / (1 / x) is not x
def test_a_rate_that_does_not_come_back_is_refused(rate: int) -> None:
    with pytest.raises(UsageError, match=f"sample_rate = {rate} is not allowed"):
        checks.require_sample_rate(rate)


@pytest.mark.parametrize("prefix", ["background", "bg", "H1L1-O3a", "run_3.b"])
@pytest.mark.parametrize("duration", [1, 9, 10, 7829, 99_999_999])
def test_all_readers_of_the_name_find_start_and_duration(prefix: str, duration: int) -> None:
    checks.require_prefix(prefix)
    path = Path("/data/1111111111-2222") / background_names.file_name(prefix, Segment(START, START + duration))
    assert path.name == f"{prefix}-{START}-{duration}.hdf5"
    assert int(path.stem.split("-")[-1]) == duration  # training
    assert [int(field) for field in path.stem.split("-")[-2:]] == [START, duration]  # inference
    assert re.search(r"[0-9]{10}(?=-)", path.name).group() == str(START)  # type: ignore[union-attr]  # plots
    if duration >= 10:  # Aframe of May 2026; that of today makes files of a second, and reads them
        assert re.search(r"[0-9]{2,8}(?=.hdf5)", path.name).group() == str(duration)  # type: ignore[union-attr]
    assert background_names.parse_file_name(path) == Segment(START, START + duration)


@pytest.mark.parametrize("prefix", ["", "a/b", ".hidden", "with space", "1111111111", "bg-1111111111-x", "x1111111111"])
def test_a_prefix_that_misleads_a_reader_of_the_name_is_refused(prefix: str) -> None:
    with pytest.raises(UsageError, match="prefix = "):
        checks.require_prefix(prefix)


@pytest.mark.parametrize(
    "name",
    [
        *("background.hdf5", "background-124057978-100.hdf5", "background-1240579783-.hdf5", "background.txt"),
        *("background-1240579783-0.hdf5", "background-1240579783-00.hdf5", "background-1240579783-100000000.hdf5"),
    ],
)
def test_another_name_says_nothing(name: str) -> None:
    assert background_names.parse_file_name(Path(name)) is None


def test_a_summary_says_what_is_there(tmp_path: Path) -> None:
    path = write(tmp_path, dtype="float32")
    with h5py.File(path) as file:
        written = file.attrs["content_sha256"]
    found = background.summarize(path)
    assert found == background.BackgroundSummary(
        ifos=("H1", "L1"),
        segment=SPAN,
        sample_rate=RATE,
        dtype="float32",
        not_finite={"H1": 0, "L1": 0},
        written_hash=written,
        intact=True,
        record={"command": "fetch"},
    )


def test_samples_that_are_not_finite_are_counted(tmp_path: Path) -> None:
    samples = strain("H1")
    samples[[0, 5, -1]] = np.nan, np.inf, -np.inf
    found = background.summarize(write(tmp_path, data={"H1": samples, "L1": strain("L1")}))
    assert found.not_finite == {"H1": 3, "L1": 0}
    assert found.intact


def test_one_flipped_bit_is_noticed(tmp_path: Path) -> None:
    path = write(tmp_path)
    content = bytearray(path.read_bytes())
    place = content.index(strain("L1")[1000].tobytes())
    content[place] ^= 1
    path.write_bytes(content)
    assert background.summarize(path).intact is False
    assert background.summarize(path, check=False).intact is None


def test_a_file_without_a_hash_is_neither_intact_nor_not(tmp_path: Path) -> None:
    path = write(tmp_path)
    with h5py.File(path, "a") as file:
        del file.attrs["content_sha256"]
        del file.attrs["provenance"]
    found = background.summarize(path)
    assert (found.intact, found.record) == (None, None)


def test_a_file_that_gwpy_wrote_is_read(tmp_path: Path) -> None:
    from gwpy.timeseries import TimeSeriesDict

    path = tmp_path / background_names.file_name("background", SPAN)
    series = TimeSeriesDict.read(write(tmp_path, name="ours.hdf5"), format="hdf5")
    series.write(path, format="hdf5")
    found = background.summarize(path)
    assert (found.ifos, found.segment, found.sample_rate, found.intact) == (("H1", "L1"), SPAN, RATE, None)


@pytest.mark.parametrize("keep", [0, 4, 100, 3000, 0.5, -1])
def test_a_truncated_file_is_an_error_of_ours(tmp_path: Path, keep: float) -> None:
    path = write(tmp_path)
    content = path.read_bytes()
    path.write_bytes(content[: int(keep * len(content)) if keep == 0.5 else int(keep)])
    with pytest.raises(DataQualityError, match=r"cannot be read as a background file"):
        background.summarize(path)


def test_a_file_that_is_not_there_is_an_error_of_ours(tmp_path: Path) -> None:
    with pytest.raises(DataQualityError, match=r"nothing\.hdf5 cannot be read"):
        background.summarize(tmp_path / "nothing.hdf5")


def _shorten(file: h5py.File) -> None:
    data, attributes = file["L1"][:-1], dict(file["L1"].attrs)
    del file["L1"]
    file["L1"] = data
    file["L1"].attrs.update(attributes)


DAMAGE = {
    "different lengths": (_shorten, "different span or rate"),
    "different starts": (lambda file: file["L1"].attrs.update(x0=START + 1.0), "different span or rate"),
    "no strain": (lambda file: [file.pop(ifo) for ifo in ("H1", "L1")], "holds no strain"),
    "no dx": (lambda file: file["L1"].attrs.pop("dx"), "cannot be read"),
    "a dx of zero": (lambda file: [file[ifo].attrs.update(dx=0.0) for ifo in ("H1", "L1")], "cannot be read"),
    "words for numbers": (lambda file: file["L1"].attrs.update(x0="early"), "cannot be read"),
    "a provenance that is not JSON": (
        lambda file: file.attrs.update(provenance="{"),
        "provenance that cannot be read",
    ),
    "a provenance that is a list": (lambda file: file.attrs.update(provenance="3"), "provenance that cannot be read"),
}


@pytest.mark.parametrize(("damage", "message"), DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_file_is_an_error_of_ours(tmp_path: Path, damage: Any, message: str) -> None:
    path = write(tmp_path)
    with h5py.File(path, "a") as file:
        damage(file)
    with pytest.raises(AframeDataError, match=message):
        background.summarize(path)


def test_a_file_that_is_not_filled_never_appears(tmp_path: Path) -> None:
    with pytest.raises(DataQualityError, match=rf"{DURATION * RATE - 1} samples of L1 were written, but"):
        write(tmp_path, data={"H1": strain("H1"), "L1": strain("L1")[:-1]})
    assert list(tmp_path.iterdir()) == []


def test_more_samples_than_belong_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataQualityError, match=rf"{DURATION * RATE + 1} samples of L1 were to be written"):
        write(tmp_path, data={"H1": strain("H1"), "L1": strain("L1", DURATION * RATE + 1)})
    assert list(tmp_path.iterdir()) == []


def test_masks_are_read_with_the_names_of_their_bits(tmp_path: Path) -> None:
    path = tmp_path / background_names.file_name("background", SPAN)
    with background.create(path, ifos=["H1"], segment=SPAN, sample_rate=RATE, dtype="float64") as writer:
        writer.append("H1", np.zeros(round(SPAN.duration * RATE)))
        writer.annotate("H1/quality", np.arange(4, dtype=np.uint32))
        writer.annotate("H1/quality_bits", ["DATA", "CBC_CAT1"])
        writer.annotate("record", "a long provenance")
        writer.describe({"H1": "H1"}, {})
    found = read_masks(path)
    assert list(found) == ["quality"]
    assert list(found["quality"]) == ["H1"]
    assert found["quality"]["H1"].bits == ("DATA", "CBC_CAT1")
    assert found["quality"]["H1"].values.tolist() == [0, 1, 2, 3]


def test_a_file_without_masks_has_none_and_one_with_damaged_masks_is_an_error(tmp_path: Path) -> None:
    path = write(tmp_path)
    with h5py.File(path, "a") as file:
        del file["provenance"]
    assert read_masks(path) == {}
    with h5py.File(path, "a") as file:
        file["provenance/H1/quality_bits"] = ["DATA"]
    with pytest.raises(DataQualityError, match="has masks that cannot be read"):
        read_masks(path)
