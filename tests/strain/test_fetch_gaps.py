"""Gaps in files: left out, filled, or told; what is cut is recorded, and a rerun knows it."""

from __future__ import annotations

import json
import socket
import subprocess
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import pytest

from aframe_data.errors import DataQualityError, OutputExistsError, SourceError
from aframe_data.formats import background, background_names
from aframe_data.strain.join import join_file
from aframe_data.types import Segment
from aframe_data.work.carry_out import do
from strain.background_files import content, expected, read, record
from strain.fetching import foresee, spans
from strain.gap_fetches import NAN, SPAN, START, fetched, files, request

if TYPE_CHECKING:
    from pathlib import Path

    from aframe_data.reports.fetch import FetchReport
    from aframe_data.strain.file import WantedFile

pytestmark = pytest.mark.usefixtures("awkward")


def span_of(path: Path) -> Segment:
    found = background_names.parse_file_name(path)
    assert found is not None
    return found


class TestSplit:
    def test_good_stretches_get_files_of_their_own(self, folder: Path) -> None:
        report = fetched(folder, source_options={"nan": NAN})
        wanted = [Segment(SPAN.start, START + 700), Segment(START + 703, SPAN.stop)]
        assert spans(report) == wanted
        assert [span_of(file.path) for file in report.files] == wanted
        for path, span in files(report):
            assert background.summarize(path).intact
            data, whole = read(path), expected("H1", int(span.start), int(span.stop), 256, 128)
            away = slice(10 if span.start != SPAN.start else 0, -10 if span.stop != SPAN.stop else None)
            np.testing.assert_array_equal(data[away], whole[away])  # near the gap the filter sees none of it
            assert np.max(np.abs(data)) < 1e-21

    def test_the_files_say_what_was_cut(self, folder: Path) -> None:
        report = fetched(folder, source_options={"nan": NAN})
        cut = {"ifo": "H1", "start": START + 700.25, "stop": START + 702.5}
        for path, _ in files(report):
            there = record(path)
            assert [{name: entry[name] for name in cut} for entry in there["cut"]] == [cut]
            assert "not finite" in there["cut"][0]["reason"]
            assert there["segment"] == [SPAN.start, SPAN.stop]
            assert there["files"] == [[span.start, span.stop] for span in spans(report)]
            with h5py.File(path) as file:
                np.testing.assert_array_equal(file["provenance/H1/cut"], [[cut["start"], cut["stop"]]])
        edges = [record(path)["strain"]["H1"]["data_beyond_edges_used"] for path, _ in files(report)]
        assert edges == [{"before": True, "after": False}, {"before": False, "after": True}]

    def test_what_one_detector_has_not_is_cut_from_all(self, folder: Path) -> None:
        options = {"nan": NAN, "nan_only": "L1"}
        report = fetched(folder, channels=["H1", "L1"], source_options=options)
        assert [span.stop for span in spans(report)] == [START + 700, SPAN.stop]
        assert "H1" not in report.cut
        path, span = files(report)[1]
        # H1 has data beyond the cut, and the filter saw it.
        np.testing.assert_array_equal(read(path), expected("H1", int(span.start), int(span.stop), 256, 128))
        beyond = {ifo: told["data_beyond_edges_used"]["before"] for ifo, told in record(path)["strain"].items()}
        assert beyond == {"H1": True, "L1": False}

    def test_what_the_archive_has_not_is_a_gap_too(self, folder: Path) -> None:
        report = fetched(folder, source_options={"there": f"{START + 300}:{START + 1500}"})
        assert spans(report) == [Segment(START + 300, START + 1500)]
        assert next((flaw.start, flaw.stop) for flaw in report.cut["H1"]) == (SPAN.start, START + 256)
        assert all("no source has" in flaw.reason for flaw in report.cut["H1"])

    def test_a_source_that_is_out_of_order_is_no_gap(self, folder: Path) -> None:
        options = {"there": f"{START + 300}:{START + 1500}", "outside": "refused"}
        with pytest.raises(SourceError, match="does not give"):
            fetched(folder, source_options=options)

    def test_a_stretch_too_short_for_a_file_is_dropped(self, folder: Path) -> None:
        report = fetched(folder, source_options={"nan": f"{START + 15}:{START + 20}"})
        assert report.dropped == (Segment(START + 10, START + 15),)
        assert spans(report) == [Segment(START + 20, SPAN.stop)]

    def test_a_rate_that_changes_makes_two_files(self, folder: Path) -> None:
        report = fetched(folder, source_options={"other_rate": str(START + 1024)})
        assert [span.stop for span in spans(report)] == [START + 1024, SPAN.stop]
        rates = [record(path)["strain"]["H1"]["native_sample_rate"] for path, _ in files(report)]
        assert rates == [256, 512]

    def test_masks_are_those_of_the_file(self, folder: Path) -> None:
        report = fetched(folder, source_options={"nan": NAN})
        for path, span in files(report):
            with h5py.File(path) as file:
                np.testing.assert_array_equal(file["provenance/H1/quality"], np.ones(int(span.duration)))

    def test_a_rerun_knows_what_is_there(self, folder: Path) -> None:
        options = {"nan": NAN}
        first = do(request(folder, source_options=options))
        before = content(folder)
        again = request(folder, source_options=options)
        assert foresee(again).nbytes == 0
        report = do(again)
        assert [file.status for file in report.files] == ["present", "present"]
        assert [file.path for file in report.files] == [file.path for file in first.files]
        assert content(folder) == before

    def test_a_rerun_makes_what_is_missing_and_leaves_the_rest(self, folder: Path) -> None:
        options = {"nan": NAN}
        first = do(request(folder, source_options=options))
        before = content(folder)
        kept, lost = (file.path for file in first.files)
        written = kept.stat().st_mtime_ns
        lost.unlink()
        do(request(folder, source_options=options)).raise_for_failures()
        assert content(folder) == before
        assert kept.stat().st_mtime_ns == written

    @pytest.mark.parametrize("gaps", ["fail", "fill"])
    def test_another_policy_does_not_put_the_same_time_beside_them(self, folder: Path, gaps: str) -> None:
        """Training would see it twice, be it that the archive was repaired, or that gaps are filled."""
        fetched(folder, source_options={"nan": NAN})
        before = content(folder)
        with pytest.raises(
            OutputExistsError, match=r"that --gaps split made, and this command would make other files .*--overwrite"
        ):
            do(request(folder, gaps=gaps))
        assert content(folder) == before

    @pytest.mark.parametrize(
        ("changes", "durations"),
        [
            ({"gaps": "fill", "source_options": {"nan": NAN}}, [2090]),
            ({"source_options": {}}, [2090]),
            ({"require_bits": ["DATA"], "source_options": {"bit_off": f"0:{START + 10}:{START + 20}"}}, [2080]),
            (
                {"require_bits": ["DATA"], "source_options": {"nan": NAN, "bit_off": f"0:{START + 10}:{START + 20}"}},
                [680, 1397],
            ),
        ],
        ids=["filled", "repaired", "other bits", "other bits and one file the same"],
    )
    def test_overwriting_replaces_them_all(self, folder: Path, changes: dict[str, Any], durations: list[int]) -> None:
        do(request(folder, source_options={"nan": NAN}))
        do(request(folder, overwrite=True, **changes)).raise_for_failures()
        assert [span_of(path).duration for path in sorted(folder.iterdir())] == durations

    def test_pieces_of_a_repaired_archive_are_not_put_beside_them(self, folder: Path) -> None:
        first = do(request(folder, source_options={"nan": NAN}))
        first.files[0].path.unlink()
        before = content(folder)
        (failed,) = do(request(folder)).failed
        assert f"{first.files[1].path} already exists" in str(failed.error)
        assert content(folder) == before

    def test_another_shortest_file_is_another_request_where_that_makes_a_difference(self, folder: Path) -> None:
        options = {"nan": f"{START + 60}:{START + 61}"}
        fetched(folder, min_duration=100, source_options=options)  # 50 s are dropped
        assert foresee(request(folder, min_duration=51, source_options=options)).nbytes == 0
        with pytest.raises(OutputExistsError, match="the shortest file 100 s, not 50 s"):
            do(request(folder, min_duration=50, source_options=options))

    def test_another_command_that_was_faster_is_no_failure(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """It has written the files and deleted the parts just before they are joined."""
        options = {"nan": NAN}

        def late(file: WantedFile, **_: Any) -> FetchReport:
            monkeypatch.setattr("aframe_data.strain.run.join_file", join_file)
            do(request(folder, source_options=options)).raise_for_failures()
            return join_file(file)

        mine = request(folder, source_options=options)
        monkeypatch.setattr("aframe_data.strain.run.join_file", late)
        assert [file.status for file in do(mine).files] == ["present", "present"]

    def test_what_a_killed_fetch_left_of_them_is_removed(self, folder: Path) -> None:
        folder.mkdir()
        ended = subprocess.Popen(["true"])
        ended.wait()
        left = folder / f".background-{START + 703}-1397.hdf5.{socket.gethostname()}-{ended.pid}-abc.part"
        left.touch()
        do(request(folder, source_options={"nan": NAN})).raise_for_failures()
        assert not left.exists()

    def test_other_bits_are_another_request(self, folder: Path) -> None:
        fetched(folder, source_options={"nan": NAN})
        with pytest.raises(OutputExistsError, match="bits required none, not DATA"):
            do(request(folder, source_options={"nan": NAN}, require_bits=["DATA"]))


class TestFill:
    def test_zeros_lie_where_nothing_was_and_the_file_says_so(self, folder: Path) -> None:
        report = fetched(folder, gaps="fill", source_options={"nan": NAN})
        ((path, span),) = files(report)
        assert span == SPAN
        data, whole = read(path), expected("H1", int(span.start), int(span.stop), 256, 128)
        gap = slice(690 * 128, 693 * 128)
        np.testing.assert_array_equal(data[gap], np.zeros(3 * 128))
        np.testing.assert_array_equal(data[: gap.start - 10], whole[: gap.start - 10])
        np.testing.assert_array_equal(data[gap.stop + 10 :], whole[gap.stop + 10 :])
        with h5py.File(path) as file:
            assert json.loads(file.attrs["filled_seconds"]) == {"H1": 3.0}
            np.testing.assert_array_equal(file["provenance/H1/filled"], [[START + 700, START + 703]])
        (entry,) = record(path)["filled"]
        assert (entry["start"], entry["stop"]) == (START + 700.25, START + 702.5)

    def test_the_samples_beside_a_gap_are_those_of_split_files(self, folder: Path, tmp_path: Path) -> None:
        options = {"nan": NAN}
        filled = fetched(folder, gaps="fill", source_options=options)
        split = fetched(tmp_path / "split", source_options=options)
        whole = read(filled.files[0].path)
        for path, span in files(split):
            first = round((span.start - SPAN.start) * 128)
            data = read(path)
            np.testing.assert_array_equal(data, whole[first : first + len(data)])

    def test_a_sound_span_has_no_such_attribute(self, folder: Path) -> None:
        report = fetched(folder, gaps="fill")
        with h5py.File(report.files[0].path) as file:
            assert "filled_seconds" not in file.attrs

    def test_a_filled_file_is_not_what_another_policy_makes(self, folder: Path) -> None:
        fetched(folder, gaps="fill", source_options={"nan": NAN})
        assert foresee(request(folder, gaps="fill", source_options={"nan": NAN})).nbytes == 0
        with pytest.raises(OutputExistsError, match="filled with zeros, not treated by --gaps fail"):
            do(request(folder, gaps="fail", source_options={"nan": NAN}))

    def test_all_may_be_missing(self, folder: Path) -> None:
        report = fetched(folder, gaps="fill", source_options={"nan": f"{START}:{START + 9999}"})
        assert not read(report.files[0].path).any()


class TestFail:
    def test_what_was_fetched_is_used_by_another_policy(self, folder: Path, tmp_path: Path) -> None:
        log = tmp_path / "log"
        options = {"nan": NAN, "log": str(log)}
        with pytest.raises(DataQualityError, match="--gaps split leaves them out"):
            fetched(folder, gaps="fail", source_options=options)
        asked = log.read_text()
        report = fetched(folder, source_options=options)
        assert len(report.files) == 2
        assert log.read_text() == asked

    def test_what_has_a_flaw_is_asked_for_again_and_the_rest_is_not(self, folder: Path, tmp_path: Path) -> None:
        """The archive may have been repaired."""
        log = tmp_path / "log"
        options = {"nan": NAN, "log": str(log)}
        with pytest.raises(DataQualityError):
            fetched(folder, gaps="fail", source_options=options)
        log.unlink()
        report = fetched(folder, gaps="fail", source_options={"log": str(log)})
        np.testing.assert_array_equal(read(report.files[0].path), expected("H1", SPAN.start, SPAN.stop, 256, 128))
        asked = [int(line.split(":")[0]) for line in log.read_text().split()]
        assert min(asked) == SPAN.start - 1
        assert max(asked) < START + 1024  # the first block of three
