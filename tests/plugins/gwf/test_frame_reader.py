"""Frame files: the samples that are in them, by either library, and refusals of what is damaged."""

from __future__ import annotations

import itertools
import random
from typing import TYPE_CHECKING

import h5py
import numpy as np
import pytest

from aframe_data.types import Segment
from aframe_data_plugins.gwf.model import DamagedFileError, NoSuchChannelError
from aframe_data_plugins.gwf.reader import DECODERS, FrameReader
from aframe_data_plugins.gwf.wholeness import require_whole
from servers.frames import samples, write_frames

if TYPE_CHECKING:
    from pathlib import Path

START = 1_000_000_000
CHANNEL = "H1:TEST-STRAIN"


@pytest.fixture(params=DECODERS)
def reader(request: pytest.FixtureRequest) -> FrameReader:
    return FrameReader(request.param)


class TestContent:
    @pytest.mark.parametrize("ifo", ["H", "L"])
    def test_real_frames_hold_what_the_real_hdf5_files_hold(
        self, reader: FrameReader, shared_data: Path, ifo: str
    ) -> None:
        path = shared_data / "strain" / f"{ifo}-{ifo}1_LOSC_4_V2-1126259446-32.gwf"
        contents = reader.contents(path)
        assert contents.frames == (Segment(1126259446, 1126259478),)
        assert set(contents.channels) == {f"{ifo}1:LOSC-{name}" for name in ("STRAIN", "DQMASK", "INJMASK")}
        read = reader.read(path, f"{ifo}1:LOSC-STRAIN", Segment(1126259450, 1126259460))
        with h5py.File(path.with_suffix(".hdf5")) as file:
            np.testing.assert_array_equal(read.data, file["strain/Strain"][4 * 4096 : 14 * 4096])
        assert (read.start, read.sample_rate) == (1126259450, 4096)
        assert "0:DATA" in reader.read(path, f"{ifo}1:LOSC-DQMASK", contents.frames[0]).unit

    @pytest.mark.parametrize("dtype", ["float64", "float32", "int16", "int32"])
    @pytest.mark.parametrize("channel_type", ["proc", "sim", "adc"])
    def test_samples_keep_their_type(self, reader: FrameReader, tmp_path: Path, dtype: str, channel_type: str) -> None:
        data = (1e3 * np.sin(np.arange(8 * 64))).astype(dtype)
        path = write_frames(tmp_path, CHANNEL, START, 8, rate=64, data=data, unit="counts", channel_type=channel_type)
        read = reader.read(path, CHANNEL, Segment(START, START + 8))
        np.testing.assert_array_equal(read.data, data)
        assert read.data.dtype == dtype
        assert read.unit == "counts"

    def test_one_of_several_channels_is_read(self, reader: FrameReader, tmp_path: Path) -> None:
        path = write_frames(tmp_path, CHANNEL, START, 8, others=("H1:A", "H1:B"))
        assert sorted(reader.contents(path).channels) == ["H1:A", "H1:B", CHANNEL]
        whole = Segment(START, START + 8)
        np.testing.assert_array_equal(reader.read(path, CHANNEL, whole).data, samples(START, START + 8))
        np.testing.assert_array_equal(reader.read(path, "H1:B", whole).data, 3 * samples(START, START + 8))

    def test_any_span_of_a_file_of_many_frames_is_read(self, reader: FrameReader, tmp_path: Path) -> None:
        path = write_frames(tmp_path, CHANNEL, START, 16, frame=4)
        for first, last in itertools.combinations(range(17), 2):
            span = Segment(START + first, START + last)
            np.testing.assert_array_equal(
                reader.read(path, CHANNEL, span).data, samples(span.start, span.stop), err_msg=str(span)
            )

    def test_a_name_of_any_form_is_read(self, reader: FrameReader, tmp_path: Path) -> None:
        path = write_frames(tmp_path, CHANNEL, START, 4).rename(tmp_path / "a *[x] file.frame")
        np.testing.assert_array_equal(
            reader.read(path, CHANNEL, Segment(START, START + 4)).data, samples(START, START + 4)
        )

    def test_invalid_samples_of_an_adc_are_nan(self, tmp_path: Path) -> None:
        data = np.ma.masked_array(np.ones(4 * 64), mask=True)
        path = write_frames(tmp_path, CHANNEL, START, 4, rate=64, data=data, channel_type="adc")
        assert np.isnan(FrameReader("gwframe").read(path, CHANNEL, Segment(START, START + 4)).data).all()

    def test_a_file_that_was_written_anew_is_read_anew(self, reader: FrameReader, tmp_path: Path) -> None:
        span = Segment(START, START + 4)
        path = write_frames(tmp_path, CHANNEL, START, 4)
        reader.read(path, CHANNEL, span)
        path.unlink()
        write_frames(tmp_path, CHANNEL, START, 4, data=np.ones(4 * 256))
        np.testing.assert_array_equal(reader.read(path, CHANNEL, span).data, np.ones(4 * 256))


class TestRefusals:
    def test_a_channel_that_is_not_there_comes_with_those_that_are(self, reader: FrameReader, tmp_path: Path) -> None:
        path = write_frames(tmp_path, CHANNEL, START, 4, others=("H1:A",))
        with pytest.raises(NoSuchChannelError) as caught:
            reader.read(path, "H1:B", Segment(START, START + 4))
        assert set(caught.value.channels) == {CHANNEL, "H1:A"}

    def test_frames_that_leave_out_seconds_are_not_joined(self, reader: FrameReader, tmp_path: Path) -> None:
        path = write_frames(tmp_path, CHANNEL, START, 16, frame=4, leave_out=(2,))
        assert len(reader.contents(path).frames) == 3
        with pytest.raises(DamagedFileError, match=r"frames do not cover .* without a gap"):
            reader.read(path, CHANNEL, Segment(START, START + 16))
        np.testing.assert_array_equal(
            reader.read(path, CHANNEL, Segment(START + 12, START + 16)).data, samples(START + 12, START + 16)
        )

    @pytest.mark.parametrize("kept", [0, 3, 39, 40, 60, 1000, -46, -1])
    def test_a_file_that_is_cut_is_refused(self, reader: FrameReader, tmp_path: Path, kept: int) -> None:
        path = write_frames(tmp_path, CHANNEL, START, 4)
        path.write_bytes(path.read_bytes()[:kept])
        with pytest.raises(DamagedFileError, match=r"it is cut|it is not a frame file"):
            reader.contents(path)

    def test_what_is_no_frame_file_is_refused(self, reader: FrameReader, tmp_path: Path) -> None:
        path = tmp_path / "H-H1_TEST-1000000000-4.gwf"
        path.write_text("<html>Sorry, we are closed for maintenance today.</html>")
        with pytest.raises(DamagedFileError, match="it is not a frame file"):
            reader.contents(path)

    def test_any_changed_byte_is_noticed(self, tmp_path: Path) -> None:
        path = write_frames(tmp_path, CHANNEL, START, 4)
        whole = path.read_bytes()
        require_whole(path)
        rng = random.Random(1)  # noqa: S311 - places of damage
        for place in (5, 39, len(whole) - 1, len(whole) - 46, *rng.sample(range(40, len(whole)), 200)):
            damaged = bytearray(whole)
            damaged[place] ^= 1 << rng.randrange(8)
            path.write_bytes(damaged)
            with pytest.raises(DamagedFileError):
                require_whole(path)

    def test_files_of_other_versions_are_refused_since_nothing_tells_whether_they_are_whole(
        self, reader: FrameReader, tmp_path: Path
    ) -> None:
        path = write_frames(tmp_path, CHANNEL, START, 4)
        content = bytearray(path.read_bytes())
        content[5] = 6
        path.write_bytes(content)
        with pytest.raises(DamagedFileError, match="it has version 6 of the frame format, and only version 8, of 2011"):
            reader.contents(path)
