"""The GWOSC providers against a GWOSC server on loopback, with the unmodified gwosc client in between."""

from __future__ import annotations

import socket
import tempfile
from typing import TYPE_CHECKING

import h5py
import numpy as np
import pytest
from aframe_data_plugins.gwosc import register_segment_sources, register_strain_fetchers
from aframe_data_plugins.gwosc.options import GwoscOptions, GwoscStrainOptions
from aframe_data_plugins.gwosc.segments import GwoscSegments
from aframe_data_plugins.gwosc.strain import GwoscStrain, file_rate
from gwosc.api import v2
from servers.gwosc import Fault, GwoscServer
from servers.gwosc_archive import Event, GwoscArchive, Run
from servers.gwosc_files import INJECTION_BITS, QUALITY_BITS, synthetic_strain, write_strain_file

from aframe_data.errors import NoDataError, SourceError, TransientError, UsageError
from aframe_data.options import resolve
from aframe_data.providers import EventCatalog, SegmentSource, StrainFetcher
from aframe_data.types import CatalogEvent, Segment, SegmentQuery, StrainRequest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

START = 1240580096  # a multiple of 4096, inside O3a
FILE = 64  # seconds in a synthetic file
README = (1240579783, 1241443783)
FOR_EVER = None


@pytest.fixture(autouse=True)
def _no_remembered_answers() -> Iterator[None]:
    """The client keeps every list it got: a test must not see another's."""
    v2.JSON_CACHE.clear()
    yield
    v2.JSON_CACHE.clear()


@pytest.fixture
def archive() -> GwoscArchive:
    return GwoscArchive()


@pytest.fixture
def server(archive: GwoscArchive) -> Iterator[GwoscServer]:
    with GwoscServer(archive, page_size=2) as running:
        yield running


@pytest.fixture(scope="module")
def real_server(shared_data: Path) -> Iterator[GwoscServer]:
    with GwoscServer(GwoscArchive.of_real_data(shared_data), page_size=10) as running:
        yield running


@pytest.fixture
def downloads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which temporary files are made."""
    folder = tmp_path / "downloads"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def segments_of(server: GwoscServer) -> GwoscSegments:
    return GwoscSegments(GwoscOptions(host=server.url))


def strain_of(server: GwoscServer, *, file_format: str = "hdf5", timeout: float = 30.0) -> GwoscStrain:
    return GwoscStrain(GwoscStrainOptions(host=server.url, file_format=file_format, timeout=timeout))


def three_files(archive: GwoscArchive, folder: Path, ifo: str = "H1") -> None:
    for k in range(3):
        archive.add_file(write_strain_file(folder, ifo, START + k * FILE, FILE), "O3a")


def request(start: int, stop: int, *channels: str, sample_rate: float = 2048) -> StrainRequest:
    return StrainRequest(channels or ("H1",), start, stop, sample_rate)


class TestRecords:
    def test_the_classes_are_what_the_records_promise(self) -> None:
        (source,) = register_segment_sources()
        (fetcher,) = register_strain_fetchers()
        assert source.load.rsplit(":", maxsplit=1)[-1] == GwoscSegments.__name__
        assert fetcher.load.rsplit(":", maxsplit=1)[-1] == GwoscStrain.__name__
        assert isinstance(GwoscSegments(GwoscOptions()), SegmentSource)
        assert isinstance(GwoscSegments(GwoscOptions()), EventCatalog)
        assert isinstance(GwoscStrain(GwoscStrainOptions()), StrainFetcher)
        assert source.catalog
        assert fetcher.alignment == 4096

    @pytest.mark.parametrize("flag", ["H1_DATA", "L1_CBC_CAT2", "V1_NO_CBC_HW_INJ"])
    def test_open_flags_are_accepted(self, flag: str) -> None:
        (source,) = register_segment_sources()
        assert source.accepts(flag)

    @pytest.mark.parametrize("flag", ["H1:DMT-ANALYSIS_READY:1", "H1", "h1_data"])
    def test_other_flags_are_not(self, flag: str) -> None:
        (source,) = register_segment_sources()
        assert not source.accepts(flag)

    def test_a_bare_detector_is_open_data_and_a_channel_is_not(self) -> None:
        (fetcher,) = register_strain_fetchers()
        assert all(fetcher.accepts(name) for name in ("H1", "L1", "V1", "K1", "G1"))
        assert not any(fetcher.accepts(name) for name in ("H1:GDS-CALIB_STRAIN", "X1", "H1_DATA", "H2"))

    def test_the_host_comes_from_the_option_then_the_environment_then_the_public_archive(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("GWOSC_SERVER_URL", raising=False)
        assert resolve(GwoscOptions, {}, owner="gwosc").host == "https://gwosc.org"
        monkeypatch.setenv("GWOSC_SERVER_URL", "http://mirror.example")
        assert resolve(GwoscOptions, {}, owner="gwosc").host == "http://mirror.example"
        assert (
            resolve(GwoscOptions, {"host": "http://other.example"}, owner="gwosc").host
            == "http://other.example"
        )

    def test_the_format_is_one_of_two(self) -> None:
        assert resolve(GwoscStrainOptions, {"format": "gwf"}, owner="gwosc").file_format == "gwf"
        with pytest.raises(UsageError, match="one of hdf5, gwf"):
            resolve(GwoscStrainOptions, {"file_format": "txt"}, owner="gwosc")

    @pytest.mark.parametrize("host", ["gwosc.org", "ftp://gwosc.org", "", "http://"])
    def test_a_host_that_is_no_url_is_refused_at_once(self, host: str) -> None:
        with pytest.raises(UsageError, match=r"--gwosc-host: .* write http"):
            GwoscSegments(GwoscOptions(host=host))


class TestSegments:
    def test_segments_are_clipped_to_the_query_and_touching_ones_joined(
        self, archive: GwoscArchive, server: GwoscServer
    ) -> None:
        archive.flags["H1_DATA"] = [
            (START - 50, START + 10),
            (START + 10, START + 20),
            (START + 30, START + 99),
        ]
        result = segments_of(server).query(SegmentQuery("H1_DATA", START, START + 40.5))
        assert result.active == (Segment(START, START + 20), Segment(START + 30, START + 40.5))
        assert result.known == (Segment(START, START + 40.5),)
        assert result.origin.startswith(f"{server.url}/api/v2/timelines/H1_DATA/segments?")

    def test_all_pages_are_read(self, archive: GwoscArchive, server: GwoscServer) -> None:
        archive.flags["H1_DATA"] = [(START + 10 * k, START + 10 * k + 5) for k in range(7)]
        result = segments_of(server).query(SegmentQuery("H1_DATA", START, START + 100))
        assert len(result.active) == 7
        assert len(server.asked("timelines/H1_DATA")) == 4  # pages of two

    def test_a_query_across_runs_knows_only_the_runs(self, archive: GwoscArchive, server: GwoscServer) -> None:
        o3a_end, o3b_start = 1253977218, 1256655618
        archive.flags["H1_DATA"] = [(o3a_end - 100, o3a_end), (o3b_start + 10, o3b_start + 50)]
        result = segments_of(server).query(SegmentQuery("H1_DATA", o3a_end - 200, o3b_start + 200))
        assert result.active == (Segment(o3a_end - 100, o3a_end), Segment(o3b_start + 10, o3b_start + 50))
        assert result.known == (Segment(o3a_end - 200, o3a_end), Segment(o3b_start, o3b_start + 200))

    def test_no_science_time_is_an_empty_answer(self, archive: GwoscArchive, server: GwoscServer) -> None:
        archive.flags["H1_DATA"] = [(START, START + 100)]
        result = segments_of(server).query(SegmentQuery("H1_DATA", START + 200, START + 300))
        assert result.active == ()
        assert result.known == (Segment(START + 200, START + 300),)

    def test_no_run_is_an_error_that_names_the_nearest(
        self, archive: GwoscArchive, server: GwoscServer
    ) -> None:
        archive.flags["H1_DATA"] = []
        with pytest.raises(NoDataError, match=r"no observing run then; the nearest: O3a .*, O3b ") as caught:
            segments_of(server).query(SegmentQuery("H1_DATA", 1255000000, 1255000100))
        assert caught.value.available == (Segment(1238166018, 1253977218), Segment(1256655618, 1269363618))

    def test_a_run_without_the_detector_does_not_count(
        self, archive: GwoscArchive, server: GwoscServer
    ) -> None:
        archive.flags["V1_DATA"] = []
        with pytest.raises(NoDataError, match=r"V1 was in no observing run then; the nearest: O2 "):
            segments_of(server).query(SegmentQuery("V1_DATA", 1130000000, 1130000100))

    @pytest.mark.parametrize("lists_flags", [True, False])
    def test_an_unknown_flag_gets_the_nearest_names(
        self, archive: GwoscArchive, server: GwoscServer, *, lists_flags: bool
    ) -> None:
        archive.flags |= {"H1_DATA": [], "H1_CBC_CAT1": [], "L1_DATA": []}
        archive.lists_flags = lists_flags
        with pytest.raises(
            UsageError, match=r"'H1_DTA'\. Did you mean 'H1_DATA'.* Known: .*H1_CBC_CAT1"
        ) as caught:
            segments_of(server).query(SegmentQuery("H1_DTA", START, START + 10))
        assert (
            "H1_NO_CW_HW_INJ" in str(caught.value)
        ) is not lists_flags  # the server's own list, if it has one
        assert "L1_" not in str(caught.value).split("Known")[1]

    def test_a_flag_that_cannot_be_one_is_refused_without_asking(self, server: GwoscServer) -> None:
        with pytest.raises(UsageError, match=r"'h1_data'\. Did you mean 'H1_DATA'"):
            segments_of(server).query(SegmentQuery("h1_data", START, START + 10))
        assert server.asked() == []

    def test_the_windows_of_the_readme(self, real_server: GwoscServer) -> None:
        source = segments_of(real_server)
        spans = [
            {(int(a.start), int(a.stop)) for a in source.query(SegmentQuery(flag, *README)).active}
            for flag in ("H1_DATA", "L1_DATA")
        ]
        both = sorted((max(a, c), min(b, d)) for a, b in spans[0] for c, d in spans[1] if max(a, c) < min(b, d))
        assert len(both) == 39
        assert sum(b - a for a, b in both) == 488_609
        first_long = [(a, b) for a, b in both if b - a > 7000][:4]
        assert first_long == [
            (1240579783, 1240587612),
            (1240594562, 1240606748),
            (1240624412, 1240654372),
            (1240658942, 1240668052),
        ]


class TestEvents:
    def test_the_catalogue_in_the_readme_window(self, real_server: GwoscServer) -> None:
        assert segments_of(real_server).events(*README) == [CatalogEvent("GW190503_185404", 1240944862.2)]

    def test_the_newest_version_counts_and_the_span_is_half_open(
        self, archive: GwoscArchive, server: GwoscServer
    ) -> None:
        archive.events += [
            Event("late", START + 50.0),
            Event("early", START + 10.9, version=1),
            Event("early", START + 11.1, version=3),
            Event("early", START + 10.8, version=2),
            Event("at the end", START + 60.0),
            Event("moved out", START + 59.9, version=1),
            Event("moved out", START + 60.5, version=2),
        ]
        events = segments_of(server).events(START, START + 60.0)
        assert events == [CatalogEvent("early", START + 11.1), CatalogEvent("late", START + 50.0)]


class TestStrain:
    def test_a_span_across_files_is_joined_without_seam(
        self, archive: GwoscArchive, server: GwoscServer, tmp_path: Path
    ) -> None:
        three_files(archive, tmp_path)
        start, stop = START + 7, START + 2 * FILE + 13
        series = strain_of(server).fetch(request(start, stop))["H1"]
        np.testing.assert_array_equal(series.data, synthetic_strain("H1", start, stop))
        assert (series.start, series.stop, series.sample_rate) == (start, stop, 4096)
        assert (series.ifo, series.channel, series.unit) == ("H1", "H1:GWOSC-4KHZ_R1_STRAIN", "strain")
        assert [(piece.start, piece.stop) for piece in series.pieces] == [
            (start, START + FILE),
            (START + FILE, START + 2 * FILE),
            (START + 2 * FILE, stop),
        ]
        assert all(
            piece.origin.startswith(f"{server.url}/archive/data/O3a_4KHZ_R1/") for piece in series.pieces
        )

    def test_every_channel_comes_under_its_own_name(
        self, archive: GwoscArchive, server: GwoscServer, tmp_path: Path
    ) -> None:
        three_files(archive, tmp_path, "H1")
        three_files(archive, tmp_path, "L1")
        answer = strain_of(server).fetch(request(START, START + 10, "L1", "H1"))
        assert list(answer) == ["L1", "H1"]
        for ifo, series in answer.items():
            np.testing.assert_array_equal(series.data, synthetic_strain(ifo, START, START + 10))

    def test_the_files_rate_follows_the_asked_one(
        self, archive: GwoscArchive, server: GwoscServer, tmp_path: Path
    ) -> None:
        for rate in (4096, 16384):
            archive.add_file(write_strain_file(tmp_path, "H1", START, 8, sample_rate=rate), "O3a")
        for asked, got in ((2048, 4096), (4096, 4096), (4097, 16384), (16384, 16384)):
            series = strain_of(server).fetch(request(START, START + 8, sample_rate=asked))["H1"]
            np.testing.assert_array_equal(series.data, synthetic_strain("H1", START, START + 8, got))
            assert series.sample_rate == got

    def test_a_higher_rate_than_the_archive_has_is_refused(self) -> None:
        with pytest.raises(UsageError, match=r"16385 Hz is more than open data has.*at most 16384 Hz"):
            file_rate(16385)

    def test_an_unknown_channel_is_refused_without_asking(self, server: GwoscServer) -> None:
        with pytest.raises(UsageError, match=r"'H1:GDS-CALIB_STRAIN'.*Known: G1, H1, K1, L1, V1"):
            strain_of(server).fetch(request(START, START + 8, "H1:GDS-CALIB_STRAIN"))
        assert server.asked() == []

    def test_missing_samples_stay_nan_and_masks_follow_the_span(
        self, archive: GwoscArchive, server: GwoscServer, tmp_path: Path
    ) -> None:
        injections = np.full(FILE, 31, dtype=np.uint32)
        injections[60:] = 30
        archive.add_file(
            write_strain_file(
                tmp_path, "H1", START, FILE, missing=[(START + 50, START + 55)], injections=injections
            ),
            "O3a",
        )
        archive.add_file(write_strain_file(tmp_path, "H1", START + FILE, FILE), "O3a")
        series = strain_of(server).fetch(request(START + 40, START + 70))["H1"]
        expected = synthetic_strain("H1", START + 40, START + 70)
        expected[10 * 4096 : 15 * 4096] = np.nan
        np.testing.assert_array_equal(series.data, expected)
        assert series.quality is not None
        assert series.injections is not None
        assert series.quality.bits == QUALITY_BITS
        assert series.injections.bits == INJECTION_BITS
        assert series.quality.values.tolist() == [127] * 10 + [0] * 5 + [127] * 15
        assert series.injections.values.tolist() == [31] * 20 + [30] * 4 + [31] * 6

    def test_masks_of_runs_that_name_their_bits_differently_are_brought_together(
        self, archive: GwoscArchive, server: GwoscServer, tmp_path: Path
    ) -> None:
        for k, bits in enumerate((("DATA", "CBC_CAT1"), ("BURST_CAT1", "DATA"))):
            quality = np.full(FILE, 0b10, dtype=np.uint32)
            path = write_strain_file(tmp_path, "H1", START + k * FILE, FILE, quality=quality, quality_bits=bits)
            archive.add_file(path, "O3a")
        mask = strain_of(server).fetch(request(START, START + 2 * FILE))["H1"].quality
        assert mask is not None
        assert mask.bits == ("DATA", "CBC_CAT1", "BURST_CAT1")
        assert mask.values.tolist() == [0b010] * FILE + [0b001] * FILE

    def test_files_without_masks_give_none(
        self, archive: GwoscArchive, server: GwoscServer, tmp_path: Path
    ) -> None:
        archive.add_file(write_strain_file(tmp_path, "H1", START, FILE, masks=False), "O3a")
        series = strain_of(server).fetch(request(START, START + FILE))["H1"]
        assert series.quality is None
        assert series.injections is None

    def test_nothing_stays_on_disk(
        self, archive: GwoscArchive, server: GwoscServer, tmp_path: Path, downloads: Path
    ) -> None:
        three_files(archive, tmp_path)
        strain_of(server).fetch(request(START, START + 3 * FILE))
        server.fail(Fault(r"\.hdf5$", cut_after=1000))
        with pytest.raises(TransientError):
            strain_of(server).fetch(request(START, START + 3 * FILE))
        assert list(downloads.iterdir()) == []


class TestChoiceOfFiles:
    def test_runs_that_follow_each_other_at_once_are_crossed(
        self, archive: GwoscArchive, server: GwoscServer, tmp_path: Path
    ) -> None:
        """Both runs have a file around the border, each with NaN in the other's seconds (as O4b and O4c)."""
        border = START + 20
        archive.runs += [Run("X4b", START - 1000, border, ("H1",)), Run("X4c", border, START + 1000, ("H1",))]
        archive.runs = [run for run in archive.runs if run.name != "O3a"]
        for run, gap in (("X4b", (border, START + FILE)), ("X4c", (START, border))):
            archive.add_file(write_strain_file(tmp_path, "H1", START, FILE, run=run, missing=[gap]), run)
        series = strain_of(server).fetch(request(START, START + FILE))["H1"]
        np.testing.assert_array_equal(series.data, synthetic_strain("H1", START, START + FILE))
        assert [(piece.start, piece.stop) for piece in series.pieces] == [
            (START, border),
            (border, START + FILE),
        ]

    def test_a_file_that_reaches_beyond_its_run_still_serves(
        self, archive: GwoscArchive, server: GwoscServer, tmp_path: Path
    ) -> None:
        start = 1238166018 - 20  # O3a begins in the middle of the file
        archive.add_file(write_strain_file(tmp_path, "H1", start, FILE), "O3a")
        series = strain_of(server).fetch(request(start, start + FILE))["H1"]
        np.testing.assert_array_equal(series.data, synthetic_strain("H1", start, start + FILE))
        assert len(series.pieces) == 1
        assert len(server.asked(r"\.hdf5$")) == 1

    def test_runs_come_before_events_so_that_a_second_has_one_source(
        self, archive: GwoscArchive, server: GwoscServer, tmp_path: Path
    ) -> None:
        three_files(archive, tmp_path)
        event = Event("GW1", START + 30.0)
        archive.events.append(event)
        other = write_strain_file(tmp_path, "H1", START, FILE, run="other", strain=np.zeros(FILE * 4096))
        archive.add_file(other, event.key)
        series = strain_of(server).fetch(request(START, START + 10))["H1"]
        np.testing.assert_array_equal(series.data, synthetic_strain("H1", START, START + 10))
        assert server.asked("event-versions") == []

    def test_events_fill_what_no_run_has_the_newest_version_first(
        self, archive: GwoscArchive, server: GwoscServer, tmp_path: Path
    ) -> None:
        three_files(archive, tmp_path)
        end = START + 3 * FILE
        for version in (1, 2, 3):
            detectors = ("L1",) if version == 3 else ("H1", "L1")
            event = Event("GW1", end + 10.0, version=version, detectors=detectors)
            archive.events.append(event)
            strain = np.full(FILE * 4096, float(version))
            path = write_strain_file(tmp_path, "H1", end, FILE, run=f"v{version}", strain=strain)
            archive.add_file(path, event.key)
        series = strain_of(server).fetch(request(end - 5, end + 5))["H1"]
        np.testing.assert_array_equal(series.data[: 5 * 4096], synthetic_strain("H1", end - 5, end))
        assert (series.data[5 * 4096 :] == 2).all()

    def test_the_shortest_event_file_that_holds_all_is_taken(
        self, archive: GwoscArchive, server: GwoscServer, tmp_path: Path
    ) -> None:
        event = Event("GW1", START + 16.0)
        archive.events.append(event)
        for start, duration in ((START - 64, 160), (START, 32), (START + 14, 8)):
            archive.add_file(write_strain_file(tmp_path, "H1", start, duration), event.key)
        series = strain_of(server).fetch(request(START + 4, START + 28))["H1"]
        assert [piece.origin.rsplit("-", maxsplit=1)[-1] for piece in series.pieces] == ["32.hdf5"]
        np.testing.assert_array_equal(series.data, synthetic_strain("H1", START + 4, START + 28))


class TestNoData:
    def test_a_hole_says_what_lies_around_it(
        self, archive: GwoscArchive, server: GwoscServer, tmp_path: Path
    ) -> None:
        for k in (0, 1, 3):
            archive.add_file(write_strain_file(tmp_path, "H1", START + k * FILE, FILE), "O3a")
        with pytest.raises(NoDataError) as caught:
            strain_of(server).fetch(request(START + 10, START + 3 * FILE + 10))
        assert caught.value.available == (
            Segment(START, START + 2 * FILE),
            Segment(START + 3 * FILE, START + 4 * FILE),
        )
        assert f"no H1 strain (4 kHz, hdf5) for [{START + 2 * FILE}, {START + 3 * FILE})" in str(caught.value)
        assert server.url in str(caught.value)
        assert server.asked(r"\.hdf5$") == []  # nothing is downloaded in vain

    def test_available_is_what_all_detectors_have(
        self, archive: GwoscArchive, server: GwoscServer, tmp_path: Path
    ) -> None:
        three_files(archive, tmp_path, "H1")
        archive.add_file(write_strain_file(tmp_path, "L1", START + 10, 20), "O3a")
        with pytest.raises(NoDataError, match="no L1 strain") as caught:
            strain_of(server).fetch(request(START, START + FILE, "H1", "L1"))
        assert caught.value.available == (Segment(START + 10, START + 30),)
        assert "no H1 strain" not in str(caught.value)

    def test_outside_every_run_the_nearest_are_named(self, server: GwoscServer) -> None:
        with pytest.raises(NoDataError, match=r"nearest runs of L1: O3a .* and O3b ") as caught:
            strain_of(server).fetch(request(1255000000, 1255000010, "L1"))
        assert caught.value.available == ()

    def test_a_rate_that_only_other_files_have_is_no_data(
        self, archive: GwoscArchive, server: GwoscServer, tmp_path: Path
    ) -> None:
        three_files(archive, tmp_path)
        with pytest.raises(NoDataError, match="16 kHz"):
            strain_of(server).fetch(request(START, START + 8, sample_rate=8192))

    def test_a_format_that_only_other_files_have_is_no_data(
        self, archive: GwoscArchive, server: GwoscServer, tmp_path: Path
    ) -> None:
        three_files(archive, tmp_path)
        with pytest.raises(NoDataError, match="gwf"):
            strain_of(server, file_format="gwf").fetch(request(START, START + 8))

    def test_a_listed_file_that_is_gone_is_named(
        self, archive: GwoscArchive, server: GwoscServer, tmp_path: Path
    ) -> None:
        three_files(archive, tmp_path)
        server.fail(Fault(rf"{START + FILE}-{FILE}\.hdf5$", status=404, times=FOR_EVER))
        with pytest.raises(NoDataError, match=rf"lists http.*{START + FILE}-{FILE}\.hdf5 .* does not have it"):
            strain_of(server).fetch(request(START, START + 3 * FILE))


class TestFaults:
    @pytest.fixture(autouse=True)
    def _files(self, archive: GwoscArchive, tmp_path: Path) -> None:
        three_files(archive, tmp_path)
        archive.flags["H1_DATA"] = [(START, START + 100)]

    @pytest.mark.parametrize(
        "fault",
        [
            Fault(r"\.hdf5$", cut_after=10_000),
            Fault(r"\.hdf5$", cut_after=0),
            Fault(r"\.hdf5$", claim=1),
            Fault(r"\.hdf5$", drop=1000),
            Fault(r"\.hdf5$", status=503),
            Fault(r"\.hdf5$", status=429, retry_after="7"),
        ],
        ids=lambda fault: repr(fault).split(", ", 1)[1],
    )
    def test_a_file_that_does_not_arrive_whole_can_be_asked_for_again(
        self, server: GwoscServer, fault: Fault
    ) -> None:
        server.fail(fault)
        fetcher = strain_of(server)
        with pytest.raises(TransientError, match=r"127\.0\.0\.1:\d+") as caught:
            fetcher.fetch(request(START, START + 2 * FILE))
        assert caught.value.retry_after == (7.0 if fault.retry_after else None)
        assert len(server.asked(r"\.hdf5$")) == 1  # the core repeats, with its own pauses
        data = fetcher.fetch(request(START, START + 2 * FILE))["H1"].data
        np.testing.assert_array_equal(data, synthetic_strain("H1", START, START + 2 * FILE))

    def test_a_date_to_wait_for_is_understood(self, server: GwoscServer) -> None:
        server.fail(Fault(r"\.hdf5$", status=503, retry_after="Fri, 31 Dec 2123 23:59:59 GMT"))
        with pytest.raises(TransientError) as caught:
            strain_of(server).fetch(request(START, START + FILE))
        assert caught.value.retry_after is not None
        assert caught.value.retry_after > 86_400

    def test_a_server_that_stops_answering_is_left(self, server: GwoscServer) -> None:
        server.fail(Fault(r"\.hdf5$", delay=60))
        with pytest.raises(TransientError, match=r"did not answer within 0\.3 s"):
            strain_of(server, timeout=0.3).fetch(request(START, START + FILE))

    def test_a_slow_list_is_asked_again_by_the_client(self, server: GwoscServer) -> None:
        server.fail(Fault("timelines", delay=60))
        source = GwoscSegments(GwoscOptions(host=server.url, timeout=0.3))
        assert source.query(SegmentQuery("H1_DATA", START, START + 10)).active == (Segment(START, START + 10),)
        assert len(server.asked("timelines")) == 2

    def test_a_busy_list_is_asked_again_by_the_client(self, server: GwoscServer) -> None:
        server.fail(Fault("timelines", status=429, retry_after="0", times=2))
        server.fail(Fault("strain-files", status=503, retry_after="0", times=2))
        assert segments_of(server).query(SegmentQuery("H1_DATA", START, START + 10)).active
        assert len(strain_of(server).fetch(request(START, START + 1))["H1"].data) == 4096

    def test_a_list_that_stays_busy_is_transient_and_names_the_host(self, server: GwoscServer) -> None:
        server.fail(Fault("timelines", status=503, retry_after="0", times=FOR_EVER))
        with pytest.raises(
            TransientError, match=r"http://127\.0\.0\.1:\d+ answers 503 .* after 10 tries"
        ) as caught:
            segments_of(server).query(SegmentQuery("H1_DATA", START, START + 10))
        assert caught.value.retry_after == 0

    def test_a_refusal_is_not_transient(self, server: GwoscServer) -> None:
        server.fail(Fault("timelines", status=403))
        with pytest.raises(SourceError, match="403") as caught:
            segments_of(server).query(SegmentQuery("H1_DATA", START, START + 10))
        assert not isinstance(caught.value, (TransientError, NoDataError))

    def test_a_damaged_file_is_not_taken_for_strain(
        self, archive: GwoscArchive, server: GwoscServer, tmp_path: Path
    ) -> None:
        path = archive.files[0].path
        path.write_bytes(b"<html>Sorry, we are closed for maintenance.</html>")
        with pytest.raises(TransientError, match="arrived damaged"):
            strain_of(server).fetch(request(START, START + FILE))
        write_strain_file(tmp_path, "H1", START, FILE)
        with h5py.File(path, "r+") as file:
            file["strain/Strain"].attrs["Xstart"] = START - 1
        with pytest.raises(TransientError, match=rf"arrived damaged: its start is {START - 1}"):
            strain_of(server).fetch(request(START, START + FILE))

    def test_nobody_there_names_the_host(self) -> None:
        with socket.socket() as taken:  # bound and never listening: nobody else gets the port
            taken.bind(("127.0.0.1", 0))
            host = f"http://127.0.0.1:{taken.getsockname()[1]}"
            with pytest.raises(TransientError, match=rf"the connection to {host} failed: .*refused"):
                GwoscSegments(GwoscOptions(host=host)).query(SegmentQuery("H1_DATA", START, START + 10))

    def test_another_kind_of_server_is_told_from_gwosc(self, server: GwoscServer) -> None:
        server.fail(Fault("timelines", drop=1, times=FOR_EVER))
        with pytest.raises(SourceError, match="not as a GWOSC server does: check --gwosc-host"):
            segments_of(server).query(SegmentQuery("H1_DATA", START, START + 10))


class TestRealStrain:
    """Files of the archive itself, served and fetched: the same samples as in the file."""

    @pytest.mark.parametrize("ifo", ["H1", "L1"])
    @pytest.mark.parametrize("file_format", ["hdf5", "gwf"])
    def test_gw150914_at_4_khz(
        self, real_server: GwoscServer, shared_data: Path, ifo: str, file_format: str
    ) -> None:
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
            with h5py.File(
                shared_data / "strain" / f"{ifo[0]}-{ifo}_GWOSC_O3a_4KHZ_R1-{start}-31.hdf5"
            ) as file:
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
        with pytest.raises(TransientError, match="arrived damaged: it is no whole GWF file"):
            strain_of(real_server, file_format="gwf").fetch(request(1126259450, 1126259451))
        assert capfd.readouterr().err == ""  # LAL says nothing beside the error
