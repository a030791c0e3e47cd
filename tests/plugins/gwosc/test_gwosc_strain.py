"""Open data's strain: files joined, cut and chosen, masks, and what is said where there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from aframe_data.errors import NoDataError, TransientError, UsageError
from aframe_data.types import Segment
from aframe_data_plugins.gwosc.options import GwoscStrainOptions
from aframe_data_plugins.gwosc.strain import GwoscStrain, file_rate
from servers.gwosc import Fault, GwoscServer
from servers.gwosc_archive import Event, GwoscArchive, Run
from servers.gwosc_clients import FILE, START, add_three_files, request, strain_of
from servers.gwosc_files import INJECTION_BITS, QUALITY_BITS, synthetic_strain, write_strain_file

if TYPE_CHECKING:
    from pathlib import Path


class TestStrain:
    def test_a_span_across_files_is_joined_without_seam(
        self, archive: GwoscArchive, server: GwoscServer, tmp_path: Path
    ) -> None:
        add_three_files(archive, tmp_path)
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
        assert all(piece.origin.startswith(f"{server.url}/archive/data/O3a_4KHZ_R1/") for piece in series.pieces)

    def test_every_channel_comes_under_its_own_name(
        self, archive: GwoscArchive, server: GwoscServer, tmp_path: Path
    ) -> None:
        add_three_files(archive, tmp_path, "H1")
        add_three_files(archive, tmp_path, "L1")
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

    def test_the_rate_of_the_files_can_be_fixed(
        self, archive: GwoscArchive, server: GwoscServer, tmp_path: Path
    ) -> None:
        for rate in (4096, 16384):
            archive.add_file(write_strain_file(tmp_path, "H1", START, 8, sample_rate=rate), "O3a")
        fetcher = GwoscStrain(GwoscStrainOptions(host=server.url, rate=16384))
        series = fetcher.fetch(request(START, START + 8, sample_rate=2048))["H1"]
        np.testing.assert_array_equal(series.data, synthetic_strain("H1", START, START + 8, 16384))

    def test_a_fixed_rate_below_the_asked_one_is_refused_without_asking(self, server: GwoscServer) -> None:
        fetcher = GwoscStrain(GwoscStrainOptions(host=server.url, rate=4096))
        with pytest.raises(UsageError, match=r"--gwosc-rate: 4096 Hz is below the sample rate asked for, 8192 Hz"):
            fetcher.fetch(request(START, START + 8, sample_rate=8192))
        assert server.asked() == []

    def test_a_rate_that_no_file_has_is_refused(self) -> None:
        with pytest.raises(UsageError, match=r"no files of 2048 Hz; choose 4096 or 16384"):
            GwoscStrain(GwoscStrainOptions(rate=2048))

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
            write_strain_file(tmp_path, "H1", START, FILE, missing=[(START + 50, START + 55)], injections=injections),
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

    def test_files_without_masks_give_none(self, archive: GwoscArchive, server: GwoscServer, tmp_path: Path) -> None:
        archive.add_file(write_strain_file(tmp_path, "H1", START, FILE, masks=False), "O3a")
        series = strain_of(server).fetch(request(START, START + FILE))["H1"]
        assert series.quality is None
        assert series.injections is None

    def test_nothing_stays_on_disk(
        self, archive: GwoscArchive, server: GwoscServer, tmp_path: Path, downloads: Path
    ) -> None:
        add_three_files(archive, tmp_path)
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
        add_three_files(archive, tmp_path)
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
        add_three_files(archive, tmp_path)
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

    def test_the_longest_file_of_an_event_is_taken_whatever_is_asked(
        self, archive: GwoscArchive, server: GwoscServer, tmp_path: Path
    ) -> None:
        """Another file for a shorter question would mean that a second depends on what is asked with it."""
        event = Event("GW1", START + 16.0)
        archive.events.append(event)
        for start, duration in ((START - 64, 160), (START, 32), (START + 14, 8)):
            archive.add_file(write_strain_file(tmp_path, "H1", start, duration), event.key)
        for span in ((START - 64, START + 96), (START + 4, START + 28), (START + 15, START + 16)):
            series = strain_of(server).fetch(request(*span))["H1"]
            assert [piece.origin.rsplit("-", maxsplit=1)[-1] for piece in series.pieces] == ["160.hdf5"]
            np.testing.assert_array_equal(series.data, synthetic_strain("H1", *span))


class TestNoData:
    def test_a_hole_says_what_lies_around_it(self, archive: GwoscArchive, server: GwoscServer, tmp_path: Path) -> None:
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
        add_three_files(archive, tmp_path, "H1")
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
        add_three_files(archive, tmp_path)
        with pytest.raises(NoDataError, match="16 kHz"):
            strain_of(server).fetch(request(START, START + 8, sample_rate=8192))

    def test_a_format_that_only_other_files_have_is_no_data(
        self, archive: GwoscArchive, server: GwoscServer, tmp_path: Path
    ) -> None:
        add_three_files(archive, tmp_path)
        with pytest.raises(NoDataError, match="gwf"):
            strain_of(server, file_format="gwf").fetch(request(START, START + 8))

    def test_a_listed_file_that_is_gone_is_named(
        self, archive: GwoscArchive, server: GwoscServer, tmp_path: Path
    ) -> None:
        add_three_files(archive, tmp_path)
        server.fail(Fault(rf"{START + FILE}-{FILE}\.hdf5$", status=404, times=None))
        with pytest.raises(NoDataError, match=rf"lists http.*{START + FILE}-{FILE}\.hdf5 .* does not have it"):
            strain_of(server).fetch(request(START, START + 3 * FILE))
