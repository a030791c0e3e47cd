"""The query, on the real lists of O3a."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from aframe_data.errors import NoDataError, OutputExistsError, UsageError
from aframe_data.formats import segwizard
from aframe_data.requests.query import Query
from aframe_data.segments import arithmetic
from aframe_data.types import Segment
from aframe_data.work.carry_out import do

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from aframe_data.reports.query import QueryResult
    from servers.gwosc import GwoscServer

    Install = Callable[..., Path]


START, END = 1240579783, 1241443783

FLAGS = ("H1_DATA", "L1_DATA")

GW190503 = 1240944862.3


def ask(server: GwoscServer, **more: Any) -> QueryResult:
    arguments = {"flags": FLAGS, "start": START, "end": END, "source_options": {"host": server.url}, **more}
    return do(Query(**arguments))


class TestRealLists:
    """The window of the README."""

    def test_the_coincident_time_is_that_of_the_archive(self, archive: GwoscServer, tmp_path: Path) -> None:
        output = tmp_path / "new" / "segments.txt"
        result = ask(archive, output_file=output)
        assert len(result.segments) == 39
        assert result.livetime == 488_609
        long = [segment for segment in result.segments if segment.duration > 5000][:4]
        assert [(segment.start, segment.stop) for segment in long] == [
            (1240579783, 1240587612),
            (1240594562, 1240606748),
            (1240624412, 1240654372),
            (1240658942, 1240668052),
        ]
        assert segwizard.read_segments(output) == result.segments
        assert [(report.flag, report.source, report.known) for report in result.flags] == [
            ("H1_DATA", "gwosc", END - START),
            ("L1_DATA", "gwosc", END - START),
        ]

    def test_the_file_says_how_it_was_made(self, archive: GwoscServer, tmp_path: Path) -> None:
        output = tmp_path / "segments.txt"
        ask(archive, output_file=output, min_duration=100)
        record = segwizard.read_record(output)
        assert record is not None
        assert record["command"] == "query"
        assert record["arguments"]["flags"] == list(FLAGS)
        assert (record["arguments"]["start"], record["arguments"]["min_duration"]) == (START, 100)
        assert record["sources"][0]["options"]["host"] == archive.url
        assert record["flags"][0]["origin"].startswith(archive.url)

    def test_a_catalogued_event_is_taken_out(self, archive: GwoscServer) -> None:
        all_time, clean = ask(archive), ask(archive, exclude_events=16)
        assert "GW190503_185404" in [event.name for event in clean.events]
        inside = [segment for segment in all_time.segments if segment.start <= GW190503 < segment.stop]
        assert len(inside) == 1  # it is in the science time, so that there is something to take out
        assert not arithmetic.intersect(clean.segments, [Segment(GW190503 - 16, GW190503 + 16)])
        removed = arithmetic.subtract(all_time.segments, clean.segments)
        assert any(segment == Segment(1240944846, 1240944879) for segment in removed)
        assert all(float(edge).is_integer() for segment in clean.segments for edge in (segment.start, segment.stop))

    def test_what_each_step_took_and_what_is_left_make_up_the_span(self, archive: GwoscServer) -> None:
        result = ask(archive, exclude_events=16, pad=8, min_duration=100)
        costs = {(cost["kind"], cost["name"]): cost["seconds"] for cost in result.record["costs"]}
        h1_alone = ask(archive, flags=["H1_DATA"]).livetime
        assert costs["required", "H1_DATA"] == END - START - h1_alone
        assert costs["required", "L1_DATA"] == h1_alone - ask(archive).livetime
        # In whole seconds, 16 on both sides of a time between two.
        assert costs["event", "GW190503_185404"] == 33
        kinds = [cost["kind"] for cost in result.record["costs"]]
        assert kinds == ["required", "required", *["event"] * len(result.events), "pad", "short"]
        assert sum(costs.values()) == END - START - result.livetime

    def test_padding_stays_away_from_every_edge_but_those_of_the_query(self, archive: GwoscServer) -> None:
        plain, padded = ask(archive), ask(archive, pad=8)
        first = plain.segments[0]
        assert first.start == START
        assert padded.segments[0] == Segment(START, first.stop - 8)
        assert set(padded.segments[1:-1]) <= set(arithmetic.contract(plain.segments, 8))
        assert padded.flags[0].known == END - START

    def test_an_excluded_flag_is_subtracted(self, archive: GwoscServer) -> None:
        hanford, both = ask(archive, flags="H1_DATA"), ask(archive)
        alone = ask(archive, flags="H1_DATA", exclude_flags=["L1_DATA"])
        assert alone.livetime == hanford.livetime - both.livetime
        assert not arithmetic.intersect(alone.segments, both.segments)
        assert [report.excluded for report in alone.flags] == [False, True]

    def test_pieces_keep_the_bounds(self, archive: GwoscServer) -> None:
        result = ask(archive, min_duration=1024, max_duration=20_000)
        assert all(1024 <= segment.duration <= 20_000 for segment in result.segments)
        long_enough = [segment for segment in ask(archive).segments if segment.duration >= 1024]
        assert result.livetime == arithmetic.livetime(long_enough)
        assert ask(archive, min_duration=1024).segments == tuple(long_enough)

    def test_an_unknown_flag_is_told_with_the_near_ones(self, archive: GwoscServer) -> None:
        with pytest.raises(UsageError, match=r"unknown flag of open data 'H1_DTAA'\. Did you mean 'H1_DATA'"):
            ask(archive, flags=["H1_DTAA"])

    def test_no_run_then_is_told_as_no_data(self, archive: GwoscServer) -> None:
        with pytest.raises(NoDataError, match=r"in no observing run then; the nearest: O3a"):
            ask(archive, start=1255000000, end=1255001000)

    def test_nothing_is_asked_where_an_argument_is_wrong(self, archive: GwoscServer, tmp_path: Path) -> None:
        (tmp_path / "there").touch()
        for wrong in ({"start": END}, {"pad": -1}, {"output_file": tmp_path / "there"}, {"exclude_events": 0}):
            with pytest.raises(UsageError):
                ask(archive, **wrong)
        assert archive.asked() == []


def test_a_file_of_segments_is_known_by_its_content_and_not_by_its_place(tmp_path: Path) -> None:
    def ask_in(folder: str, stop: float) -> QueryResult:
        path = tmp_path / folder / "flag.txt"
        path.parent.mkdir()
        path.write_text(f"{START} {START + stop}\n")
        return do(
            Query(
                flags=["H1_DATA"],
                start=START,
                end=END,
                source="file",
                source_options={"path": f"H1_DATA={path}"},
                output_file=tmp_path / "segments.txt",
            )
        )

    assert not ask_in("here", 60).present
    assert ask_in("there", 60).present
    with pytest.raises(OutputExistsError, match="another path"):
        ask_in("elsewhere", 50)
