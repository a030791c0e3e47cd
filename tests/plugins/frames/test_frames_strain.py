"""Strain from files on disk: samples, overlaps, gaps, damage."""

from __future__ import annotations

import errno
import itertools
import logging
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import pytest

from aframe_data import fetch
from aframe_data.errors import NoDataError, SourceError, TransientError, UsageError
from aframe_data.types import Segment, StrainRequest, StrainSeries
from aframe_data_plugins.frames.options import FramesOptions
from aframe_data_plugins.frames.strain import FramesStrain
from aframe_data_plugins.gwf.joining import unreadable
from servers.frames import samples, write_frames

if TYPE_CHECKING:
    from pathlib import Path

START = 1_000_000_000
CHANNEL = "H1:TEST-STRAIN"


def ask(paths: object, start: int, stop: int, *, channel: str = CHANNEL, sample_rate: float = 64) -> StrainSeries:
    items = paths if isinstance(paths, tuple) else (paths,)
    fetcher = FramesStrain(FramesOptions(path=tuple(str(item) for item in items)))
    return fetcher.fetch(StrainRequest((channel,), start, stop, sample_rate))[channel]


class TestSamples:
    @pytest.mark.parametrize("channel", ["H1:LOSC-STRAIN", "H1"])
    def test_real_frames_equal_the_real_hdf5_files(self, shared_data: Path, channel: str) -> None:
        stem = shared_data / "strain" / "H-H1_LOSC_4_V2-1126259446-32"
        frames = ask(f"{stem}.gwf", 1126259450, 1126259470, channel=channel)
        hdf5 = ask(f"{stem}.hdf5", 1126259450, 1126259470, channel="H1")
        np.testing.assert_array_equal(frames.data, hdf5.data)
        assert frames.channel == "H1:LOSC-STRAIN"
        assert hdf5.quality is not None
        assert "DATA" in hdf5.quality.bits
        assert (frames.unit, hdf5.unit) == ("strain", "strain")

    def test_a_span_over_several_files_is_joined_and_tells_of_each(self, tmp_path: Path) -> None:
        paths = [write_frames(tmp_path, CHANNEL, START + k, 16, frame=4) for k in (0, 16, 32)]
        series = ask(tmp_path, START + 3, START + 45)
        np.testing.assert_array_equal(series.data, samples(START + 3, START + 45))
        assert [(piece.start - START, piece.stop - START, piece.origin) for piece in series.pieces] == [
            (3, 16, str(paths[0])), (16, 32, str(paths[1])), (32, 45, str(paths[2])),
        ]  # fmt: skip

    def test_single_precision_stays(self, tmp_path: Path) -> None:
        write_frames(tmp_path, CHANNEL, START, 16, dtype="float32")
        series = ask(tmp_path, START, START + 16)
        assert series.data.dtype == np.float32
        np.testing.assert_array_equal(series.data, samples(START, START + 16, dtype="float32"))

    def test_a_file_that_is_not_named_by_the_standard_tells_by_its_content(self, tmp_path: Path) -> None:
        path = write_frames(tmp_path, CHANNEL, START, 16).rename(tmp_path / "mine.gwf")
        np.testing.assert_array_equal(ask(path, START + 2, START + 9).data, samples(START + 2, START + 9))

    def test_background_files_and_gwpys_own_are_read(self, tmp_path: Path) -> None:
        from gwpy.timeseries import TimeSeries

        data = samples(START, START + 16)
        series = TimeSeries(data, t0=START, sample_rate=256, name=CHANNEL, channel=CHANNEL, unit="strain")
        series.write(tmp_path / "gwpy.hdf5", path="anything")
        with h5py.File(tmp_path / f"background-{START}-16.hdf5", "w") as file:
            for ifo, name in (("H1", CHANNEL), ("L1", "L1:OTHER")):
                dataset = file.create_dataset(ifo, data=data if ifo == "H1" else 2 * data)
                attributes = {"x0": float(START), "dx": 1 / 256, "xunit": "s", "unit": "strain", "name": ifo}
                dataset.attrs.update({**attributes, "channel": name})
        for name, channel, factor in itertools.product(["background-*.hdf5"], ["L1", "L1:OTHER"], [2]):
            np.testing.assert_array_equal(ask(tmp_path / name, START, START + 16, channel=channel).data, factor * data)
        for name, channel in itertools.product(["background-*.hdf5", "gwpy.hdf5"], ["H1", CHANNEL]):
            np.testing.assert_array_equal(
                ask(tmp_path / name, START + 1, START + 9, channel=channel).data, data[256:2304]
            )


class TestOverlaps:
    @pytest.fixture
    def two(self, tmp_path: Path) -> tuple[Path, Path]:
        """Files with different data for 8 s in common."""
        (tmp_path / "a").mkdir()
        (tmp_path / "b").mkdir()
        first = write_frames(tmp_path / "a", CHANNEL, START, 16, data=np.full(16 * 256, 1.0))
        second = write_frames(tmp_path / "b", CHANNEL, START + 8, 24, tag="OTHER", data=np.full(24 * 256, 2.0))
        return first, second

    @pytest.mark.parametrize("order", [(0, 1), (1, 0)])
    def test_the_path_that_was_named_first_is_taken(self, two: tuple[Path, Path], order: tuple[int, int]) -> None:
        data = ask(tuple(two[index].parent for index in order), START, START + 32).data
        borders = np.flatnonzero(np.diff(data)) + 1
        assert borders.tolist() == [(16 if order == (0, 1) else 8) * 256]

    def test_the_longer_file_of_one_path_is_taken(self, two: tuple[Path, Path], tmp_path: Path) -> None:
        assert {piece.origin for piece in ask(tmp_path, START + 8, START + 16).pieces} == {str(two[1])}

    @pytest.mark.usefixtures("two")
    def test_a_mixture_of_types_is_told_once(self, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        fetcher = FramesStrain(FramesOptions(path=(str(tmp_path),)))
        with caplog.at_level(logging.WARNING):
            for _ in range(2):
                fetcher.fetch(StrainRequest((CHANNEL,), START, START + 32, 64))
        assert [record.getMessage() for record in caplog.records] == [
            f"{CHANNEL} is read from files of different types: OTHER, TEST"
        ]

    def test_a_damaged_file_that_is_not_needed_does_no_harm(self, two: tuple[Path, Path]) -> None:
        two[0].write_bytes(two[0].read_bytes()[:-100])
        assert ask((two[1], two[0]), START + 8, START + 32).data.size == 24 * 256


class TestGaps:
    def test_what_is_missing_is_told_with_what_is_there(self, tmp_path: Path) -> None:
        for start in (START, START + 32):
            write_frames(tmp_path, CHANNEL, start, 16)
        with pytest.raises(
            NoDataError, match=r"no file has H1:TEST-STRAIN in \[1000000016, 1000000032\); near"
        ) as caught:
            ask(tmp_path, START + 4, START + 40)
        assert caught.value.available == (Segment(START + 4, START + 16), Segment(START + 32, START + 40))

    def test_frames_missing_within_a_file_are_a_gap_too(self, tmp_path: Path) -> None:
        write_frames(tmp_path, CHANNEL, START, 16, frame=4, leave_out=(1,))
        with pytest.raises(NoDataError, match=r"in \[1000000004, 1000000008\)") as caught:
            ask(tmp_path, START, START + 16)
        assert caught.value.available == (Segment(START, START + 4), Segment(START + 8, START + 16))

    def test_a_span_far_from_all_files_names_the_nearest(self, tmp_path: Path) -> None:
        for index in range(9):
            write_frames(tmp_path, CHANNEL, START + 100 * index, 16)
        with pytest.raises(NoDataError, match=r"near it there is \[1000000500, .*, \[1000000800, 1000000816\)\.$"):
            ask(tmp_path, START + 5000, START + 5010)

    def test_files_of_another_site_do_not_count(self, tmp_path: Path) -> None:
        write_frames(tmp_path, CHANNEL, START, 16)
        write_frames(tmp_path, "L1:TEST-STRAIN", START + 100, 16)
        with pytest.raises(NoDataError, match=r"near it there is \[1000000000, 1000000016\)"):
            ask(tmp_path, START + 100, START + 110)

    def test_a_change_of_rate_leaves_the_longer_side_available(self, tmp_path: Path) -> None:
        write_frames(tmp_path, CHANNEL, START, 16, rate=256, frame=8)
        write_frames(tmp_path, CHANNEL, START + 16, 16, rate=512)
        with pytest.raises(NoDataError, match="changes its rate from 256 to 512 Hz at 1000000016") as caught:
            ask(tmp_path, START, START + 31)
        assert caught.value.available == (Segment(START, START + 16),)


class TestRefusals:
    def test_an_unknown_channel_is_told_with_near_names(self, tmp_path: Path) -> None:
        write_frames(tmp_path, CHANNEL, START, 16, others=("H1:AUX",))
        with pytest.raises(
            UsageError, match=r"unknown channel of the files 'H1:TEST-STRIAN'\. Did you mean 'H1:TEST-STRAIN'"
        ):
            ask(tmp_path, START, START + 16, channel="H1:TEST-STRIAN")

    def test_a_detector_with_two_channels_of_strain_must_be_named_in_full(self, tmp_path: Path) -> None:
        write_frames(tmp_path, CHANNEL, START, 16, others=("H1:TEST-STRAIN_CLEAN",))
        with pytest.raises(
            UsageError, match=r"unknown channel of the files 'H1'.*H1:TEST-STRAIN, H1:TEST-STRAIN_CLEAN"
        ):
            ask(tmp_path, START, START + 16, channel="H1")

    def test_a_channel_that_only_other_times_have_is_no_mistake(self, tmp_path: Path) -> None:
        write_frames(tmp_path, CHANNEL, START, 16)
        write_frames(tmp_path, "H1:OLD", START + 16, 16)
        with pytest.raises(NoDataError, match=r"has no H1:OLD; other files have"):
            ask(tmp_path, START, START + 16, channel="H1:OLD")

    @pytest.mark.parametrize("dtype", ["int16", "int32"])
    def test_whole_numbers_are_no_strain(self, tmp_path: Path, dtype: str) -> None:
        write_frames(tmp_path, CHANNEL, START, 16, data=np.arange(16 * 256).astype(dtype))
        with pytest.raises(UsageError, match=rf"H1:TEST-STRAIN in .*\.gwf is of type {dtype}"):
            ask(tmp_path, START, START + 16)

    def test_nothing_is_upsampled(self, tmp_path: Path) -> None:
        write_frames(tmp_path, CHANNEL, START, 16)
        with pytest.raises(UsageError, match="--sample-rate: 512 Hz is more than the 256 Hz of H1:TEST-STRAIN"):
            ask(tmp_path, START, START + 16, sample_rate=512)

    @pytest.mark.parametrize("lost", [1, 46, 500, 5000])
    @pytest.mark.parametrize("suffix", [".gwf", ".hdf5"])
    def test_a_truncated_file_is_named_and_not_asked_for_again(self, tmp_path: Path, suffix: str, lost: int) -> None:
        path = _one_file(tmp_path, suffix)
        path.write_bytes(path.read_bytes()[:-lost])
        with pytest.raises(SourceError, match=rf"{path} is damaged: ") as caught:
            ask(path, START, START + 16)
        assert not isinstance(caught.value, (TransientError, NoDataError))
        assert "\n" not in str(caught.value)

    def test_a_damaged_file_without_a_telling_name_is_refused_only_where_it_was_named(self, tmp_path: Path) -> None:
        _one_file(tmp_path, ".gwf")
        bad = tmp_path / "bad.gwf"
        bad.write_text("IGWD\0 and no more")
        assert ask(tmp_path, START, START + 16).data.size == 16 * 256
        with pytest.raises(SourceError, match=rf"{bad} is damaged: it is not a frame file"):
            ask((tmp_path, bad), START, START + 16)

    def test_a_file_that_vanished_is_told(self, tmp_path: Path) -> None:
        path = _one_file(tmp_path, ".gwf")
        fetcher = FramesStrain(FramesOptions(path=(str(tmp_path),)))
        path.unlink()
        with pytest.raises(SourceError, match=rf"{path} cannot be read: No such file or directory\."):
            fetcher.fetch(StrainRequest((CHANNEL,), START, START + 16, 64))

    def test_a_file_system_that_is_out_of_order_is_asked_again(self, tmp_path: Path) -> None:
        assert isinstance(unreadable(tmp_path, OSError(errno.ESTALE, "Stale file handle")), TransientError)
        assert not isinstance(unreadable(tmp_path, PermissionError(errno.EACCES, "no")), TransientError)


def _one_file(folder: Path, suffix: str) -> Path:
    if suffix == ".gwf":
        return write_frames(folder, CHANNEL, START, 16)
    path = folder / f"H-H1_TEST-{START}-16.hdf5"
    attributes: dict[str, Any] = {"x0": float(START), "dx": 1 / 256, "name": CHANNEL, "unit": "strain"}
    with h5py.File(path, "w") as file:
        file.create_dataset("strain", data=samples(START, START + 16)).attrs.update(attributes)
    return path


def test_a_fetch_is_known_again_after_the_frames_were_moved(tmp_path: Path) -> None:
    (tmp_path / "frames").mkdir()
    write_frames(tmp_path / "frames", CHANNEL, START, 32)

    def fetched_from(folder: str) -> str:
        (file,) = fetch(
            channels=[CHANNEL],
            start=START,
            end=START + 32,
            sample_rate=64,
            output_directory=tmp_path / "background",
            source="frames",
            source_options={"path": str(tmp_path / folder)},
            workers=0,
        ).files
        return file.status

    assert fetched_from("frames") == "fetched"
    (tmp_path / "frames").rename(tmp_path / "moved")
    assert fetched_from("moved") == "present"
