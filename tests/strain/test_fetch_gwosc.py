"""From a GWOSC server to background files: several archive files, faults, holes, and the real data."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import pytest

from aframe_data import retries
from aframe_data.errors import NoDataError
from aframe_data.types import Segment
from aframe_data.work.carry_out import do
from servers.gwosc import Fault, GwoscServer
from servers.gwosc_archive import GwoscArchive
from servers.gwosc_files import INJECTION_BITS, QUALITY_BITS, write_strain_file
from strain.background_files import expected, read, record
from strain.fetching import asked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from aframe_data.reports.fetch import FetchReport

BORDER = 1_240_584_192  # a multiple of 4096 inside O3a: archive files begin here
FILE = 64


@pytest.fixture
def files(archive: GwoscArchive, tmp_path: Path) -> list[Path]:
    """Four files of H1 that touch, two on either side of the border."""
    starts = [BORDER + FILE * k for k in (-2, -1, 0, 1)]
    paths = [
        write_strain_file(tmp_path, "H1", start, FILE, quality=np.arange(start, start + FILE, dtype="u4") % 128)
        for start in starts
    ]
    for path in paths:
        archive.add_file(path, "O3a")
    return paths


def fetch_from(server: GwoscServer, folder: Path, **changes: Any) -> FetchReport:
    arguments = {"sample_rate": 2048, "source": "gwosc", "source_options": {"host": server.url}}
    return do(asked(folder, **{**arguments, **changes}))


@pytest.mark.usefixtures("files")
class TestSeveralFiles:
    def test_a_span_over_files_and_blocks_equals_the_whole(self, server: GwoscServer, folder: Path) -> None:
        span = (BORDER - 100, BORDER + 90)
        report = fetch_from(server, folder, start=span[0], end=span[1])
        (file,) = report.files
        np.testing.assert_array_equal(read(file.path), expected("H1", *span, 4096, 2048))
        strain = record(file.path)["strain"]["H1"]
        borders = [span[0], BORDER - FILE, BORDER, BORDER + FILE, span[1]]
        assert [(piece["start"], piece["stop"]) for piece in strain["pieces"]] == list(itertools.pairwise(borders))
        assert {piece["source"] for piece in strain["pieces"]} == {"gwosc"}
        assert all(piece["origin"].startswith(f"{server.url}/archive/data/O3a_4KHZ") for piece in strain["pieces"])
        assert strain["data_beyond_edges_used"] == {"before": True, "after": True}
        assert strain["native_sample_rate"] == 4096
        with h5py.File(file.path) as there:
            masks = there["provenance/H1"]
            np.testing.assert_array_equal(masks["quality"], np.arange(*span) % 128)
            np.testing.assert_array_equal(masks["injections"], np.full(190, 31))
            assert tuple(masks["quality_bits"].asstr()) == QUALITY_BITS
            assert tuple(masks["injections_bits"].asstr()) == INJECTION_BITS
        assert len(server.asked(r"H-H1.*\.hdf5$")) == 4  # each archive file once

    def test_faults_that_pass_are_overcome(
        self, server: GwoscServer, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(retries.tenacity.nap, "sleep", lambda _seconds: None)
        server.fail(
            Fault(rf"{BORDER - FILE}-.*\.hdf5$", status=503, retry_after="0", times=2),
            Fault(rf"{BORDER}-.*\.hdf5$", cut_after=10_000),
        )
        spans = [Segment(BORDER - 40, BORDER - 20), Segment(BORDER + 20, BORDER + 40)]
        report = fetch_from(server, folder, segments=spans)
        report.raise_for_failures()
        for file, span in zip(report.files, spans, strict=True):
            np.testing.assert_array_equal(read(file.path), expected("H1", span.start, span.stop, 4096, 2048))
        assert len(server.asked(r"\.hdf5$")) == 3 + 2

    def test_a_refusal_fails_at_once(self, server: GwoscServer, folder: Path) -> None:
        server.fail(Fault(r"\.hdf5$", status=403, times=None))
        report = fetch_from(server, folder, start=BORDER + 10, end=BORDER + 30)
        assert "403" in str(report.failed[0].error)
        assert list(folder.iterdir()) == []


class TestHoles:
    @pytest.mark.slow
    def test_the_others_are_made_and_a_rerun_makes_what_was_missing(
        self, archive: GwoscArchive, server: GwoscServer, files: list[Path], folder: Path, tmp_path: Path
    ) -> None:
        """One segment has NaN, one a hole; the archive repairs both. Each run asks it anew, in processes of its own."""
        write_strain_file(tmp_path, "H1", BORDER, FILE, missing=[(BORDER + 30, BORDER + 33)])
        held_back = archive.files.pop(files.index(next(path for path in files if f"{BORDER - FILE}-" in path.name)))
        spans = [Segment(BORDER + at, BORDER + at + 20) for at in (-120, -74, 20, 80)]
        report = fetch_from(server, folder, segments=spans, workers=2)
        assert [file.status for file in report.files] == ["fetched", "failed", "failed", "fetched"]
        hole, nan = (str(file.error) for file in report.failed)
        assert isinstance(report.failed[0].error, NoDataError)
        assert f"[{BORDER - 64}, {BORDER - 54})" in hole
        assert f"near it there is [{BORDER - 128}, {BORDER - 64})" in hole
        assert f"has 3 s of samples that are not finite (missing data) in [{BORDER + 20}, {BORDER + 40})" in nan
        assert f"[{BORDER + 30}, {BORDER + 33})" in nan
        assert "\n" not in hole + nan
        assert sorted(path.name for path in folder.iterdir()) == [
            f"background-{BORDER - 120}-20.hdf5",
            f"background-{BORDER + 80}-20.hdf5",
            "background.parts",  # what came of the others: with --gaps split it is used
        ]

        archive.files.append(held_back)
        write_strain_file(tmp_path, "H1", BORDER, FILE)
        asked = len(server.asked())
        again = fetch_from(server, folder, segments=spans, workers=2)
        assert [file.status for file in again.files] == ["present", "fetched", "fetched", "present"]
        assert not any(f"-{BORDER + FILE}-" in request for request in server.asked(r"\.hdf5$")[asked:])
        for file, span in zip(again.files, spans, strict=True):
            np.testing.assert_array_equal(read(file.path), expected("H1", span.start, span.stop, 4096, 2048))
        assert not (folder / "background.parts").exists()

    def test_another_source_fills_a_hole_and_the_record_says_so(
        self, archive: GwoscArchive, server: GwoscServer, files: list[Path], folder: Path
    ) -> None:
        del archive.files[files.index(next(path for path in files if f"H1_GWOSC_O3a_4KHZ_R1-{BORDER}-" in path.name))]
        report = fetch_from(
            server,
            folder,
            source=["gwosc", "simulated"],
            source_options={"host": server.url, "simulated-rate": 4096},
            start=BORDER - 30,
            end=BORDER + 40,
        )
        report.raise_for_failures()
        (file,) = report.files
        strain = record(file.path)["strain"]["H1"]
        assert [(piece["source"], piece["start"], piece["stop"]) for piece in strain["pieces"]] == [
            ("gwosc", BORDER - 30, BORDER),
            ("simulated", BORDER, BORDER + 40),
        ]
        data = read(file.path)
        whole = expected("H1", BORDER - 30, BORDER, 4096, 2048)
        np.testing.assert_array_equal(data[: len(whole) - 10], whole[:-10])  # the filter sees 10 samples ahead
        with h5py.File(file.path) as there:
            assert tuple(there["provenance/H1/quality_bits"].asstr()) == QUALITY_BITS
            assert "injections" not in there["provenance/H1"]  # the simulated part has none


class TestRealData:
    """GW150914, 32 s at 4 and at 16 kHz: ours is gwpy's resampling of the whole file, cut."""

    @pytest.fixture
    def server(self, shared_data: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GwoscServer]:
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        with GwoscServer(GwoscArchive.of_real_data(shared_data)) as running:
            yield running

    @pytest.mark.parametrize(
        ("sample_rate", "name"),
        [(2048, "LOSC_4_V2-1126259446-32"), (8192, "GWOSC_16KHZ_R1-1126259447-32")],
    )
    @pytest.mark.slow
    def test_real_strain_equals_gwpys_own_resampling(
        self, server: GwoscServer, shared_data: Path, folder: Path, sample_rate: int, name: str
    ) -> None:
        """The whole file, and two pieces of it that touch."""
        from gwpy.timeseries import TimeSeries

        start = int(name.split("-")[1])
        segments = [Segment(start, start + 32)]
        cut = [Segment(start + 5, start + 17), Segment(start + 17, start + 28)]
        arguments = {"channels": ["H1", "L1"], "sample_rate": sample_rate}
        whole = fetch_from(server, folder / "whole", segments=segments, **arguments)
        parts = fetch_from(server, folder / "parts", segments=cut, **arguments)
        whole.raise_for_failures()
        parts.raise_for_failures()
        assert record(whole.files[0].path)["strain"]["H1"]["data_beyond_edges_used"] == {
            "before": False,
            "after": False,
        }
        for ifo in ("H1", "L1"):
            original = TimeSeries.read(shared_data / "strain" / f"{ifo[0]}-{ifo}_{name}.hdf5", format="hdf5.gwosc")
            theirs = original.resample(sample_rate).value
            rms = np.sqrt(np.mean(theirs**2))
            ours = read(whole.files[0].path, ifo)
            joined = np.concatenate([read(file.path, ifo) for file in parts.files])
            assert np.max(np.abs(ours - theirs)[10:-10]) < 1e-9 * rms
            assert np.max(np.abs(joined - theirs[5 * sample_rate : 28 * sample_rate])) < 1e-9 * rms
            np.testing.assert_array_equal(joined, ours[5 * sample_rate : 28 * sample_rate])
