"""Real files of the archive, served and fetched: the same samples as in the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import h5py
import numpy as np
import pytest

from aframe_data.errors import NoDataError, TransientError
from aframe_data.filestore.temporary import TemporaryStore
from aframe_data.types import Segment
from servers.gwosc import Fault, GwoscServer
from servers.gwosc_clients import request, strain_of
from servers.gwosc_files import INJECTION_BITS, QUALITY_BITS

if TYPE_CHECKING:
    from pathlib import Path


class TestRealStrain:
    """Files of the archive itself, served and fetched: the same samples as in the file."""

    @pytest.mark.parametrize("ifo", ["H1", "L1"])
    @pytest.mark.parametrize("file_format", ["hdf5", "gwf"])
    def test_gw150914_at_4_khz(self, real_server: GwoscServer, shared_data: Path, ifo: str, file_format: str) -> None:
        start, stop = 1126259450, 1126259470
        series = strain_of(real_server, file_format=file_format).fetch(request(start, stop, ifo))[ifo]
        with h5py.File(shared_data / "strain" / f"{ifo[0]}-{ifo}_LOSC_4_V2-1126259446-32.hdf5") as file:
            np.testing.assert_array_equal(series.data, file["strain/Strain"][4 * 4096 : 24 * 4096])
            quality, injections = file["quality/simple/DQmask"][4:24], file["quality/injections/Injmask"][4:24]
        assert series.quality is not None
        assert series.injections is not None
        assert series.quality.bits == QUALITY_BITS
        assert series.injections.bits == INJECTION_BITS
        np.testing.assert_array_equal(series.quality.values, quality)
        np.testing.assert_array_equal(series.injections.values, injections)
        assert series.pieces[0].origin.endswith(f"_LOSC_4_V2-1126259446-32.{file_format}")

    @pytest.mark.parametrize("file_format", ["hdf5", "gwf"])
    def test_parts_of_a_file_are_the_whole(self, real_server: GwoscServer, tmp_path: Path, file_format: str) -> None:
        """Read by one fetcher one after the other, with another detector's file between them."""
        fetcher = strain_of(real_server, file_format=file_format)
        fetcher.keep_files(TemporaryStore(tmp_path))
        start, stop = 1126259450, 1126259470
        whole = strain_of(real_server, file_format=file_format).fetch(request(start, stop, "H1", "L1"))
        parts = [fetcher.fetch(request(at, at + 5, "H1", "L1")) for at in range(start, stop, 5)]
        for ifo, series in whole.items():
            np.testing.assert_array_equal(np.concatenate([part[ifo].data for part in parts]), series.data)
            for name in ("quality", "injections"):
                values = [getattr(part[ifo], name).values for part in parts]
                np.testing.assert_array_equal(np.concatenate(values), getattr(series, name).values)

    def test_a_frame_file_is_decoded_once(self, real_server: GwoscServer, tmp_path: Path) -> None:
        """That takes seconds for a file of full size: a second look at this one would find nothing in it."""
        fetcher = strain_of(real_server, file_format="gwf")
        fetcher.keep_files(TemporaryStore(tmp_path))
        expected = strain_of(real_server).fetch(request(1126259460, 1126259465))["H1"].data
        fetcher.fetch(request(1126259450, 1126259460))
        (path,) = tmp_path.rglob("*.gwf")
        path.write_bytes(b"")
        np.testing.assert_array_equal(fetcher.fetch(request(1126259460, 1126259465))["H1"].data, expected)

    def test_gw150914_at_16_khz(self, real_server: GwoscServer, shared_data: Path) -> None:
        start, stop = 1126259447, 1126259447 + 32
        answer = strain_of(real_server).fetch(request(start, stop, "H1", "L1", sample_rate=16384))
        for ifo, series in answer.items():
            with h5py.File(shared_data / "strain" / f"{ifo[0]}-{ifo}_GWOSC_16KHZ_R1-{start}-32.hdf5") as file:
                np.testing.assert_array_equal(series.data, file["strain/Strain"][()])

    def test_three_detectors_in_o3a(self, real_server: GwoscServer, shared_data: Path) -> None:
        start, stop = 1242442952, 1242442952 + 31
        answer = strain_of(real_server).fetch(request(start, stop, "H1", "L1", "V1"))
        for ifo, series in answer.items():
            with h5py.File(shared_data / "strain" / f"{ifo[0]}-{ifo}_GWOSC_O3a_4KHZ_R1-{start}-31.hdf5") as file:
                np.testing.assert_array_equal(series.data, file["strain/Strain"][()])

    def test_padding_beyond_the_file_says_what_there_is(self, real_server: GwoscServer) -> None:
        with pytest.raises(NoDataError) as caught:
            strain_of(real_server).fetch(request(1126259440, 1126259480, "H1", "L1"))
        assert caught.value.available == (Segment(1126259446, 1126259446 + 32),)

    @pytest.mark.parametrize("lost", [1, 5000, 500_000])
    def test_a_truncated_frame_file_is_transient(
        self, real_server: GwoscServer, capfd: pytest.CaptureFixture[str], lost: int
    ) -> None:
        """Without a look at it first, lalframe ends the process."""
        real_server.fail(Fault(r"\.gwf$", drop=lost))
        with pytest.raises(TransientError, match="arrived damaged: it is cut"):
            strain_of(real_server, file_format="gwf").fetch(request(1126259450, 1126259451))
        assert capfd.readouterr().err == ""  # LAL says nothing beside the error
