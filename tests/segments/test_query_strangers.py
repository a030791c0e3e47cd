"""The query, on lists of a stranger's source."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from aframe_data.errors import AframeDataError, NoDataError, OutputExistsError, TransientError, UsageError
from aframe_data.formats import segwizard
from aframe_data.requests.query import Query
from aframe_data.types import Segment
from aframe_data.work.carry_out import do, forecast
from aframe_data.work.engine import engine_for
from aframe_data.work.plan import Work
from plugin_factory import hook

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from aframe_data.reports.query import QueryResult

    Install = Callable[..., Path]

T0 = 1_000_000_000

LISTS = {
    "X_ALL": ([(0, 1000)], [(0, 1000)]),
    "X_HALF": ([(0, 500)], [(0, 1000)]),
    "X_OTHER": ([(600, 900)], [(0, 1000)]),
    "X_OFF": ([], [(0, 1000)]),
    "X_UNKNOWN": ([], []),
    "X_UNTOLD": ([(100, 200)], None),
    "X_UNSORTED": ([(300, 400), (100, 250), (200, 300), (-50, 20)], None),
    "X_FRACTION": ([(100.25, 200.5)], None),
}

CODE = f"""
from aframe_data.errors import NoDataError, unknown_name
from aframe_data.types import CatalogEvent, Segment, SegmentResult

LISTS = {LISTS!r}

def spans(pairs):
    return None if pairs is None else tuple(Segment({T0} + start, {T0} + stop) for start, stop in pairs)

class Lists:
    def query(self, query):
        if query.flag == "X_NOWHERE":
            raise NoDataError("nothing of " + query.flag, [Segment(1, 2)])
        if query.flag not in LISTS:
            raise unknown_name("flag", query.flag, list(LISTS))
        active, known = LISTS[query.flag]
        return SegmentResult(spans(active), spans(known), "memory")

class Catalog(Lists):
    def events(self, start, stop):
        events = [CatalogEvent("late", {T0} + 700.5), CatalogEvent("early", {T0} + 100.25)]
        return [event for event in events if start <= event.gps < stop]
"""

HOOK = """
yield SegmentSourceProvider(name="lists", summary="L", load="lists_code:Lists", flags=("X_.+",))
yield SegmentSourceProvider(name="catalog", summary="C", load="lists_code:Catalog", flags=("X_.+",), catalog=True)
"""


@pytest.fixture
def _lists(strangers: Install) -> None:
    strangers(source={"stranger": hook("segment_sources", HOOK), "lists_code": CODE})


def find(*flags: str, source: str | tuple[str, ...] = "lists", **more: Any) -> list[tuple[float, float]]:
    return [(segment.start - T0, segment.stop - T0) for segment in answer(*flags, source=source, **more).segments]


def answer(*flags: str, source: str | tuple[str, ...] = "lists", **more: Any) -> QueryResult:
    return do(Query(**{"flags": flags, "start": T0, "end": T0 + 1000, "source": source, **more}))


@pytest.mark.usefixtures("_lists")
class TestStrangersLists:
    def test_flags_are_intersected(self) -> None:
        assert find("X_ALL") == [(0, 1000)]
        assert find("X_ALL", "X_HALF") == [(0, 500)]

    def test_flags_are_subtracted(self) -> None:
        assert find("X_ALL", exclude_flags=["X_OTHER", "X_UNTOLD"]) == [(0, 100), (200, 600), (900, 1000)]

    def test_flags_that_overlap_take_time_once(self) -> None:
        result = answer("X_ALL", exclude_flags=["X_HALF", "X_UNTOLD", "X_OTHER"])
        taken = [(cost["name"], cost["seconds"]) for cost in result.record["costs"] if cost["kind"] == "excluded"]
        assert taken == [("X_HALF", 500), ("X_UNTOLD", 0), ("X_OTHER", 300)]
        assert result.livetime == 200

    def test_an_answer_in_disorder_and_beyond_the_span_is_put_in_order(self) -> None:
        assert find("X_UNSORTED") == [(0, 20), (100, 400)]

    def test_padding_is_kept_from_vetoes_and_not_from_the_ends_of_the_query(self) -> None:
        assert find("X_ALL", exclude_flags=["X_OTHER"], pad=10) == [(10, 590), (910, 990)]  # the list ends there
        assert find("X_ALL", start=T0 + 50, end=T0 + 950, pad=10) == [(50, 950)]
        assert find("X_ALL", start=T0 + 500, end=T0 + 595, exclude_flags=["X_OTHER"], pad=10) == [(500, 590)]

    def test_events_are_taken_out_in_whole_seconds(self) -> None:
        assert find("X_ALL", source="catalog", exclude_events=10) == [(0, 90), (111, 690), (711, 1000)]
        assert find("X_ALL", source="catalog", exclude_events=0.25) == [(0, 100), (101, 700), (701, 1000)]

    def test_an_event_outside_that_reaches_in_is_taken_out(self) -> None:
        assert find("X_ALL", source="catalog", start=T0 + 105, end=T0 + 200, exclude_events=10) == [(111, 200)]
        assert find("X_ALL", source="catalog", start=T0 + 115, end=T0 + 200, exclude_events=10, pad=10) == [(121, 200)]

    def test_events_are_sorted_by_time(self) -> None:
        result = answer("X_ALL", source="catalog", exclude_events=1)
        assert [event.name for event in result.events] == ["early", "late"]

    def test_pieces_are_of_whole_seconds_where_they_are_split(self) -> None:
        assert find("X_FRACTION") == [(100.25, 200.5)]
        assert find("X_FRACTION", max_duration=50) == [(101, 150), (150, 200)]

    def test_a_result_of_nothing_tells_why(self, tmp_path: Path) -> None:
        output = tmp_path / "segments.txt"
        for flags, more, message in (
            (["X_UNKNOWN"], {}, r"lists knows nothing of X_UNKNOWN in \[1000000000, 1000001000\): no data"),
            (["X_ALL", "X_OFF"], {}, "X_OFF is never active in .*: lists has no science time there"),
            (["X_HALF", "X_OTHER"], {}, "no time is left in .* not all of them together"),
            (["X_ALL"], {"exclude_flags": ["X_ALL"]}, "no time is left"),
            (["X_HALF"], {"min_duration": 501}, "no time is left"),
            (["X_HALF"], {"start": T0 + 505, "pad": 10}, "X_HALF is never active"),
            (["X_NOWHERE"], {}, "nothing of X_NOWHERE"),
        ):
            with pytest.raises(NoDataError, match=message):
                find(*flags, output_file=output, **more)
            assert not output.exists()

    def test_a_result_of_nothing_is_written_where_it_is_allowed(self, tmp_path: Path) -> None:
        output = tmp_path / "segments.txt"
        assert find("X_OFF", allow_empty=True, output_file=output) == []
        assert segwizard.read_segments(output) == ()

    def test_the_next_source_is_asked_where_one_has_nothing(self) -> None:
        result = answer("X_ALL", source=("catalog", "lists"))
        assert result.flags[0].source == "catalog"
        with pytest.raises(NoDataError, match=r"catalog: nothing of X_NOWHERE lists: nothing of X_NOWHERE"):
            find("X_NOWHERE", source=("catalog", "lists"))
        with pytest.raises(UsageError, match=r"catalog: unknown flag 'X_ALLL'.* lists: unknown flag"):
            find("X_ALLL", source=("catalog", "lists"))

    @pytest.mark.parametrize(
        ("wrong", "message"),
        [
            ({"flags": ()}, "no flag was given"),
            ({"flags": ("H1_DATA",)}, "segment source 'lists' does not accept 'H1_DATA', only X_"),
            ({"start": T0 + 1000}, "start = 1000001000 must come before end = 1000001000"),
            ({"start": 0}, "start = 0 is not a plausible GPS time"),
            ({"end": float("inf")}, "end = inf is not a finite number"),
            ({"end": 1e12}, "end = 1000000000000 is not a plausible GPS time"),
            ({"pad": -1}, "pad = -1 is not allowed, only values from 0 to 1e+06"),
            ({"pad": float("nan")}, "pad = nan is not a finite number"),
            (
                {"exclude_events": 0},
                "exclude_events = 0 is not allowed, only values between 0 and 1e+06",
            ),
            ({"min_duration": -1}, "min_duration = -1 is not allowed"),
            ({"max_duration": 0.5}, "max_duration = 0.5 is not allowed"),
            ({"min_duration": 10, "max_duration": 5}, "min_duration = 10 must not be above max_duration = 5"),
            ({"source": ()}, "no segment source was named"),
            ({"source": "list"}, "unknown segment source 'list'. Did you mean 'lists'"),
            ({"source_options": {"colour": "red"}}, "--colour is not an option of the segment source 'lists'"),
        ],
    )
    def test_a_wrong_argument_is_refused(self, wrong: dict[str, Any], message: str) -> None:
        flags = wrong.pop("flags", ("X_ALL",))
        with pytest.raises(UsageError) as caught:
            find(*flags, **wrong)
        assert message in str(caught.value)

    def test_an_output_that_is_there_is_kept(self, tmp_path: Path) -> None:
        output = tmp_path / "segments.txt"
        output.write_text("old")
        with pytest.raises(OutputExistsError, match=r"segments\.txt' exists already\. --overwrite replaces it"):
            find("X_ALL", output_file=output)
        with pytest.raises(NoDataError):
            find("X_OFF", output_file=output, overwrite=True)
        assert output.read_text() == "old"
        output.write_bytes(b"\x89HDF\xff")
        with pytest.raises(OutputExistsError, match=r"segments\.txt' exists already\. --overwrite replaces it"):
            find("X_ALL", output_file=output)
        find("X_ALL", output_file=output, overwrite=True)
        assert segwizard.read_segments(output) == (Segment(T0, T0 + 1000),)

    def test_the_same_query_again_is_answered_by_its_file(self, tmp_path: Path) -> None:
        output = tmp_path / "segments.txt"
        first = answer("X_ALL", output_file=output)
        before = output.stat().st_mtime_ns
        again = answer("X_ALL", output_file=output)
        assert again.present
        assert (again.segments, again.flags, again.livetime) == (first.segments, first.flags, first.livetime)
        assert output.stat().st_mtime_ns == before
        with pytest.raises(OutputExistsError, match=r"flags = X_ALL, not X_HALF"):
            find("X_HALF", output_file=output)
        output.write_text(output.read_text().replace("\t1000.0\n", "\t999.0\n"))
        with pytest.raises(OutputExistsError, match="its content changed since it was written"):
            find("X_ALL", output_file=output)

    def test_a_file_of_version_0_1_answers_the_same_query(self, tmp_path: Path) -> None:
        output = tmp_path / "segments.txt"
        first = answer("X_ALL", exclude_flags=["X_OTHER"])
        for flags, source in ((["X_ALL"], ["lists"]), ("X_ALL", "lists")):
            arguments = {**first.record["arguments"], "start": T0, "flags": flags, "source": source}
            record = {**first.record, "version": "0.1.0", "arguments": {**arguments, "source_options": None}}
            del record["identity"]
            segwizard.write_segments(output, first.segments, record)
            again = answer("X_ALL", exclude_flags=["X_OTHER"], output_file=output)
            assert (again.present, again.segments, again.flags) == (True, first.segments, first.flags)
            with pytest.raises(OutputExistsError, match=r"exclude_flags = X_OTHER, not none"):
                answer("X_ALL", output_file=output)

    def test_a_dry_run_asks_the_sources_and_writes_nothing(self, tmp_path: Path) -> None:
        output = tmp_path / "new" / "segments.txt"
        request = Query(flags=("X_HALF",), start=T0, end=T0 + 1000, source="lists", output_file=output)
        with engine_for(0) as engine:
            told = forecast(request, Work(engine)).describe()
        assert told["segments"] == [[T0, T0 + 500]]
        assert (told["livetime"], told["path"], told["present"]) == (500, str(output), False)
        assert told["flags"][0]["source"] == "lists"
        assert not output.parent.exists()

    def test_a_folder_that_cannot_be_written_to_is_told_before_the_first_question(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(UsageError, match="cannot write to the folder"):
            find("X_NOWHERE", output_file=tmp_path / "file" / "segments.txt")

    def test_two_runs_write_the_same_bytes(self, tmp_path: Path) -> None:
        for name in ("a", "b"):
            find("X_ALL", "X_HALF", output_file=tmp_path / name)
        assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
        json.loads((tmp_path / "a").read_text().splitlines()[0].partition("provenance=")[2])


@pytest.mark.usefixtures("_lists")
def test_a_source_that_breaks_its_contract_is_told(strangers: Install) -> None:
    code = CODE + "\nclass Broken(Lists):\n    def query(self, query):\n        return [(1, 2)]\n"
    provider = 'yield SegmentSourceProvider(name="broken", summary="B", load="broken_code:Broken")'
    strangers(distribution="other", source={"other": hook("segment_sources", provider), "broken_code": code})
    with pytest.raises(
        AframeDataError, match=r"segment source 'broken' must answer with a SegmentResult, not \[\(1, 2\)\]"
    ):
        find("X_ALL", source="broken")


@pytest.mark.usefixtures("_lists")
def test_what_a_source_refuses_is_told_before_the_first_question(strangers: Install) -> None:
    code = (
        "from aframe_data.errors import UsageError\n"
        "class Picky:\n"
        "    def __init__(self): raise UsageError('not in this weather.')\n"
        "    def query(self, query): pass\n"
    )
    provider = 'yield SegmentSourceProvider(name="picky", summary="P", load="picky_code:Picky", flags=("Y_.+",))'
    strangers(distribution="other", source={"other": hook("segment_sources", provider), "picky_code": code})
    with pytest.raises(UsageError, match="not in this weather"):  # and not what lists says of its flag
        find("X_NOWHERE", "Y_A", source=("lists", "picky"))


@pytest.mark.usefixtures("_lists")
def test_a_source_that_cannot_be_reached_is_told_with_what_was_kept(strangers: Install, tmp_path: Path) -> None:
    code = CODE + (
        "\nfrom aframe_data.errors import TransientError\n"
        "class Busy(Lists):\n"
        "    def query(self, query):\n"
        "        raise TransientError('host.example asks to be left alone.', retry_after=1e6)\n"
    )
    provider = 'yield SegmentSourceProvider(name="busy", summary="B", load="busy_code:Busy")'
    strangers(distribution="other", source={"other": hook("segment_sources", provider), "busy_code": code})
    with pytest.raises(TransientError, match=r"host\.example asks .* Nothing was written; the same command asks again"):
        find("X_ALL", source="busy", output_file=tmp_path / "segments.txt")
    assert list(tmp_path.glob("segments*")) == []
