"""One file at a time, in this process: what a source may do, and what the file says of it afterwards."""

from __future__ import annotations

import itertools
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import pytest

from aframe_data.errors import DataQualityError, NoDataError, SourceError, TransientError
from aframe_data.requests.fetch import Fetch
from aframe_data.types import Segment
from servers.gwosc_files import synthetic_strain
from strain.background_files import expected, read, record
from strain.fetching import asked, fetch

if TYPE_CHECKING:
    from pathlib import Path

START = 1_240_580_096  # a multiple of 1024, which is the length of the source's files
SPAN = (START + 10, START + 2100)  # three of them

pytestmark = pytest.mark.usefixtures("awkward")


def pieces(path: Path, ifo: str = "H1") -> list[tuple[str, float, float]]:
    return [(piece["source"], piece["start"], piece["stop"]) for piece in record(path)["strain"][ifo]["pieces"]]


def fetch_span(folder: Path, *, span: tuple[int, int] = SPAN, **arguments: Any) -> Path:
    """Fetch one span; what is no field of a request is an option of the source."""
    given = {field.name: arguments.pop(field.name) for field in fields(Fetch) if field.name in arguments}
    report = fetch(asked(folder, **given, start=span[0], end=span[1], source_options=arguments))
    return report.files[0].path


def left_in(folder: Path) -> list[str]:
    """What is there beside the folder of unfinished work."""
    return [path.name for path in folder.iterdir() if path.name != "background.parts"]


class TestBlocks:
    def test_a_span_over_several_blocks_equals_the_whole(self, folder: Path) -> None:
        path = fetch_span(folder)
        np.testing.assert_array_equal(read(path), expected("H1", *SPAN, 256, 128))
        assert pieces(path) == [("awkward", *SPAN)]
        assert record(path)["strain"]["H1"]["data_beyond_edges_used"] == {"before": True, "after": True}

    @pytest.mark.parametrize("sample_rate", [128, 96])
    @pytest.mark.parametrize("edges", [(-1, 20), (-2, 20), (-20, 1), (-20, 2), (1, 1025), (-1, 1026)], ids=str)
    def test_parts_of_a_second_or_two_join_like_long_ones(
        self, folder: Path, sample_rate: int, edges: tuple[int, int]
    ) -> None:
        span = (START + edges[0], START + edges[1])
        path = fetch_span(folder, span=span, sample_rate=sample_rate)
        np.testing.assert_array_equal(read(path), expected("H1", *span, 256, sample_rate))

    def test_no_parts_are_left(self, folder: Path) -> None:
        path = fetch_span(folder)
        assert [each for each in folder.rglob("*") if each.is_file()] == [path]

    def test_each_second_is_asked_for_once_and_those_beyond_the_edges_too(self, folder: Path, tmp_path: Path) -> None:
        log = tmp_path / "log"
        fetch_span(folder, log=str(log))
        asked = sorted(Segment(*map(int, line.split(":"))) for line in log.read_text().split())
        assert asked[0] == Segment(SPAN[0] - 1, SPAN[0])
        assert asked[-1] == Segment(SPAN[1], SPAN[1] + 1)
        assert all(left.stop == right.start for left, right in itertools.pairwise(asked))
        assert max(segment.duration for segment in asked) == 256  # what is held in memory

    def test_equal_rates_are_copied_and_need_no_edges(self, folder: Path, tmp_path: Path) -> None:
        log = tmp_path / "log"
        path = fetch_span(folder, span=(START, START + 1024), sample_rate=256, log=str(log))
        assert log.read_text().split() == [f"{START + at}:{START + at + 256}" for at in range(0, 1024, 256)]
        np.testing.assert_array_equal(read(path), synthetic_strain("H1", START, START + 1024, 256))

    def test_float32_is_the_float64_file_rounded(self, folder: Path, tmp_path: Path) -> None:
        single = fetch_span(folder, dtype="float32")
        double = fetch_span(tmp_path / "double")
        assert read(single).dtype == np.float32
        np.testing.assert_array_equal(read(single), read(double).astype(np.float32))


class TestEdges:
    def test_without_data_beyond_them_the_file_is_made_and_says_so(self, folder: Path) -> None:
        path = fetch_span(folder, there=f"{SPAN[0]}:{SPAN[1]}")
        strain = record(path)["strain"]["H1"]
        assert strain["data_beyond_edges_used"] == {"before": False, "after": False}
        whole = expected("H1", *SPAN, 256, 128)
        data = read(path)
        np.testing.assert_array_equal(data[10:-10], whole[10:-10])
        assert not np.array_equal(data[:10], whole[:10])

    @pytest.mark.parametrize(("nan", "side"), [((9, 10), "before"), ((2100, 2101), "after")])
    def test_data_that_is_not_finite_beyond_them_is_not_used(
        self, folder: Path, nan: tuple[int, int], side: str
    ) -> None:
        path = fetch_span(folder, nan=f"{START + nan[0]}:{START + nan[1]}")
        used = record(path)["strain"]["H1"]["data_beyond_edges_used"]
        assert used == {"before": side != "before", "after": side != "after"}
        assert np.isfinite(read(path)).all()

    @pytest.mark.parametrize("outside", ["refused", "wrong"])
    def test_a_source_that_refuses_what_is_beyond_them_gives_the_rest(self, folder: Path, outside: str) -> None:
        path = fetch_span(folder, there=f"{SPAN[0]}:{SPAN[1] + 1}", outside=outside)
        assert record(path)["strain"]["H1"]["data_beyond_edges_used"] == {"before": False, "after": True}

    def test_a_source_that_is_busy_for_them_fails_the_file(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """With another edge it would be another file than the next run makes."""
        monkeypatch.setattr("aframe_data.retries.ATTEMPTS", 1)
        with pytest.raises(TransientError, match="awkward is busy"):
            fetch_span(folder, span=(START, START + 1024), there=f"{START}:{START + 1024}", outside="busy")
        assert left_in(folder) == []

    def test_they_are_asked_for_where_another_files_part_ended(self, folder: Path) -> None:
        """The middle of a file that failed is no file's beginning or end: it does not hold what lies beyond."""
        with pytest.raises(DataQualityError):
            fetch_span(folder, nan=f"{START + 700}:{START + 701}")
        span = (START + 1024, START + 2048)
        path = fetch_span(folder, span=span)
        np.testing.assert_array_equal(read(path), expected("H1", *span, 256, 128))
        assert record(path)["strain"]["H1"]["data_beyond_edges_used"] == {"before": True, "after": True}


class TestFlaws:
    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"nan": f"{START + 70}:{START + 72}"}, rf"2 s of .* not finite .*\[{START + 70}, {START + 72}\)"),
            ({"still": f"{START + 70}:{START + 72}"}, rf"2 s of constant strain .*\[{START + 70}, {START + 72}\)"),
            ({"still": f"{START + 1023.4}:{START + 1024.6}"}, "of constant strain"),
            ({"short": 1}, rf"\[{START + 10}, {START + 255}\) came"),
            ({"rate": 64}, "not upsampled"),
            ({"other_rate": str(START + 1024)}, rf"changes its rate at {START + 1024}: 256 to 512 Hz"),
        ],
        ids=str,
    )
    def test_a_flaw_is_told_and_nothing_is_left(self, folder: Path, options: dict[str, Any], message: str) -> None:
        with pytest.raises(DataQualityError, match=message) as caught:
            fetch_span(folder, **options)
        assert "\n" not in str(caught.value)
        assert left_in(folder) == []

    def test_no_data_says_what_there_is(self, folder: Path) -> None:
        with pytest.raises(NoDataError, match=rf"awkward has \[{START}, {START + 1100}\)"):
            fetch_span(folder, there=f"{START}:{START + 1100}")
        assert left_in(folder) == []


class TestSourcesInOrder:
    """The first one that has a block gives it."""

    def test_the_next_one_fills_what_the_first_has_not(self, folder: Path) -> None:
        path = fetch_span(
            folder,
            source=["awkward", "second"],
            **{"awkward-there": f"{START}:{START + 2048}", "second-bits": ("DATA", "CAT1")},
        )
        assert pieces(path) == [
            ("awkward", START + 10, START + 2048),
            ("second", START + 2048, START + 2100),
        ]
        np.testing.assert_array_equal(read(path), expected("H1", *SPAN, 256, 128))

    def test_the_first_one_is_asked_for_the_piece_itself_before_the_next_one(self, folder: Path) -> None:
        """Which has what lies beyond the edges, too: it may be of another kind, and the edge does not take it."""
        path = fetch_span(folder, source=["awkward", "second"], **{"awkward-there": f"{SPAN[0]}:{SPAN[1]}"})
        assert {source for source, *_ in pieces(path)} == {"awkward"}
        assert record(path)["strain"]["H1"]["data_beyond_edges_used"] == {"before": False, "after": False}

    def test_the_error_tells_what_each_one_said(self, folder: Path) -> None:
        here, there = f"{START - 99}:{START - 90}", f"{START + 3900}:{START + 3999}"
        with pytest.raises(NoDataError) as caught:
            fetch_span(folder, source=["awkward", "second"], **{"awkward-there": here, "second-there": there})
        message = str(caught.value)
        assert f"awkward: awkward has [{START - 99}, {START - 90})" in message
        assert f"second: awkward has [{START + 3900}, {START + 3999})" in message
        assert "\n" not in message

    def test_one_that_refuses_is_passed_over(self, folder: Path) -> None:
        options = {"awkward-there": f"{START - 9}:{START - 8}", "awkward-outside": "refused"}
        path = fetch_span(folder, source=["awkward", "second"], **options)
        assert {source for source, *_ in pieces(path)} == {"second"}
        with pytest.raises(SourceError, match="does not give"):
            fetch_span(folder, span=(START - 20, START), there="5:6", outside="refused")


class TestRecord:
    def test_masks_are_kept_with_the_names_of_their_bits(self, folder: Path) -> None:
        path = fetch_span(folder, bits=("DATA", "CAT1"))
        with h5py.File(path) as file:
            np.testing.assert_array_equal(file["provenance/H1/quality"], np.full(2090, 0b11))
            assert list(file["provenance/H1/quality_bits"].asstr()) == ["DATA", "CAT1"]
            assert "injections" not in file["provenance/H1"]

    def test_bits_of_two_sources_keep_their_names(self, folder: Path) -> None:
        options = {"awkward-there": f"{START}:{START + 2048}", "second-bits": ("CAT1", "DATA")}
        path = fetch_span(folder, source=["awkward", "second"], **{**options, "awkward-bits": ("DATA",)})
        with h5py.File(path) as file:
            assert list(file["provenance/H1/quality_bits"].asstr()) == ["DATA", "CAT1"]
            np.testing.assert_array_equal(file["provenance/H1/quality"], [0b01] * 2038 + [0b11] * 52)

    def test_a_source_that_does_not_say_where_from_is_named_all_the_same(self, folder: Path) -> None:
        path = fetch_span(folder, span=(START + 1, START + 60), pieces=False)
        assert pieces(path) == [("awkward", START + 1, START + 60)]

    def test_numbers_of_numpy_and_paths_are_as_good_as_those_of_python(self, folder: Path) -> None:
        path = fetch_span(folder, span=(START + 1, START + 60), numpy=True)
        assert record(path)["strain"]["H1"]["native_sample_rate"] == 256
        assert record(path)["strain"]["H1"]["pieces"][0]["origin"] == "awkward.hdf5"

    def test_interferometers_are_sorted_and_keep_their_channels(self, folder: Path) -> None:
        path = fetch_span(folder, channels=["L1:STRAIN", "H1"])
        with h5py.File(path) as file:
            assert {name: file[name].attrs["channel"] for name in ("H1", "L1")} == {"H1": "H1", "L1": "L1:STRAIN"}
        assert record(path)["strain"]["L1"]["native_sample_rate"] == 256
        np.testing.assert_array_equal(read(path, "L1"), expected("L1", *SPAN, 256, 128))
