"""Veto definers: what a file says, and what a query takes out by it, whatever the source of the flags."""

from __future__ import annotations

import hashlib
import logging
import math
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aframe_data.errors import OutputExistsError, UsageError
from aframe_data.formats import segwizard
from aframe_data.requests.query import Query
from aframe_data.segments import arithmetic
from aframe_data.segments.veto_definer import Veto, read_veto_definer
from aframe_data.types import Segment
from aframe_data.work.carry_out import do
from plugin_factory import hook
from veto_definers import OLD, write_veto_definer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from aframe_data.reports.query import QueryResult

    Install = Callable[..., Path]

T0 = 1_000_000_000
ALWAYS = (0, 0)


class TestReading:
    def test_a_row_is_a_flag_with_a_category_a_span_and_pads(self, tmp_path: Path) -> None:
        path = write_veto_definer(
            tmp_path / "vetoes.xml", ("H1:DCH-OMC", 3, 2, (T0, T0 + 50), (-8, 8)), ("V1:DQ", 1, 1, (T0, 0), (0, 0))
        )
        assert read_veto_definer(path) == (
            Veto("H1", "H1:DCH-OMC:3", 2, Segment(T0, T0 + 50), -8, 8),
            Veto("V1", "V1:DQ:1", 1, Segment(T0, math.inf)),
        )

    def test_without_a_version_it_is_the_flag_in_every_version(self, tmp_path: Path) -> None:
        path = write_veto_definer(
            tmp_path / "vetoes.xml", ("H1:A", -1, 1, ALWAYS, (0, 0)), ("H1:B", 0, 1, ALWAYS, (0, 0))
        )
        assert [veto.flag for veto in read_veto_definer(path)] == ["H1:A", "H1:B"]

    def test_a_compressed_file_is_read(self, tmp_path: Path) -> None:
        path = write_veto_definer(tmp_path / "vetoes.xml.gz", ("H1:A", 1, 1, ALWAYS, (0, 0)))
        assert path.read_bytes()[:2] == b"\x1f\x8b"
        assert len(read_veto_definer(path)) == 1

    def test_a_file_of_old_with_textual_identifiers_is_read_as_gwpy_reads_it(self, tmp_path: Path) -> None:
        from gwpy.segments import DataQualityDict

        path = tmp_path / "old.xml"
        path.write_text(OLD)
        rows = read_veto_definer(path)
        flags = DataQualityDict.from_veto_definer_file(path)
        assert [veto.flag for veto in rows] == list(flags) == ["H1:DCH-OMC:1", "L1:DMT-OVERFLOW:2"]
        for veto in rows:
            flag = flags[veto.flag]
            assert [tuple(map(float, span)) for span in flag.known] == [(veto.valid.start, veto.valid.stop)]
            assert tuple(map(float, flag.padding)) == (veto.start_pad, veto.end_pad)
            assert flag.category == veto.category

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (None, "cannot read the veto definer '.*': No such file or directory"),
            ("", "is no veto definer, a LIGO_LW file with a table 'veto_definer'"),
            ("0 1 2 3", "is no veto definer"),
            ("<LIGO_LW></LIGO_LW>", "must contain exactly one veto_definer Table"),
            (
                OLD.replace("1000000500", "999999999"),
                "row 1 of veto_definer: start_time = 1000000000 must come before end_time = 9",
            ),
            (OLD.replace(",1,1,1000000000", ",1,x,1000000000"), "is no veto definer.*'x'"),
            (OLD.replace(",1,1,1000000000", ",1,,1000000000"), "row 1 of veto_definer: there is no category"),
            (OLD.replace("veto_definer:category", "veto_definer:class"), "row 1 of veto_definer: there is no category"),
            (OLD[:-100], "is no veto definer"),
            (b"\x1f\x8b\x08\x00broken", "cannot be read|is no veto definer"),
        ],
    )
    def test_what_is_none_is_refused(self, tmp_path: Path, content: str | bytes | None, message: str) -> None:
        path = tmp_path / "vetoes.xml"
        if content is not None:
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        with pytest.raises(UsageError, match=message) as caught:
            read_veto_definer(path)
        assert "\n" not in str(caught.value)

    def test_a_folder_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match=": Is a directory"):
            read_veto_definer(tmp_path)


_SPANS = st.lists(
    st.tuples(st.integers(-60, 160), st.integers(1, 40)).map(lambda pair: Segment(pair[0], pair[0] + pair[1])),
    max_size=6,
)


class TestPadding:
    def test_pads_are_added_to_both_edges_and_the_result_clipped_to_the_span_of_the_row(self) -> None:
        veto = Veto("H1", "H1:A:1", 1, Segment(100, 200), -5, 10)
        active = [Segment(90, 98), Segment(150, 160), Segment(198, 300), Segment(203, 210)]
        assert veto.vetoed(active) == (Segment(100, 108), Segment(145, 170), Segment(193, 200))

    def test_what_pads_leave_nothing_of_is_not_vetoed(self) -> None:
        veto = Veto("H1", "H1:A:1", 1, Segment(0, math.inf), 5, -5)
        assert veto.vetoed([Segment(100, 110), Segment(200, 220)]) == (Segment(205, 215),)

    def test_a_row_that_applies_elsewhere_asks_for_nothing(self) -> None:
        veto = Veto("H1", "H1:A:1", 1, Segment(100, 200), -500, 500)
        assert veto.asked(Segment(200, 300)) is None
        assert veto.asked(Segment(0, 100)) is None

    @given(_SPANS, st.integers(-30, 30), st.integers(-30, 30), st.integers(0, 90), st.integers(1, 60))
    def test_asking_for_a_part_decides_the_window_as_asking_for_all_does(
        self, active: list[Segment], start_pad: int, end_pad: int, first: int, length: int
    ) -> None:
        veto = Veto("H1", "H1:A:1", 1, Segment(20, 80), start_pad, end_pad)
        joined, window = arithmetic.coalesce(active), Segment(first, first + length)
        expected = arithmetic.intersect(veto.vetoed(joined), [window])
        asked = veto.asked(window)
        if asked is None:
            assert expected == ()
        else:
            answer = arithmetic.intersect(joined, [asked])  # as a source clips it
            assert arithmetic.intersect(veto.vetoed(answer), [window]) == expected


# --- the query --------------------------------------------------------------------------------------------

CODE = f"""
from aframe_data.errors import NoDataError, unknown_name
from aframe_data.types import Segment, SegmentResult

LISTS = {{
    "H1_READY": [(0, 1000)],
    "L1_READY": [(0, 1000)],
    "H1:LOUD:1": [(100, 110), (998, 1005)],
    "H1:LOUD:2": [(400, 500)],
    "H1:QUIET:1": [(600, 700)],
    "L1:LOUD:1": [(200, 210), (-20, -3)],
}}

class Lists:
    def query(self, query):
        if query.flag not in LISTS:
            raise unknown_name("flag", query.flag, list(LISTS))
        if query.flag == "H1:QUIET:1" and query.start > {T0} + 500:
            raise NoDataError("nothing of " + query.flag)
        spans = [(max(a + {T0}, query.start), min(b + {T0}, query.stop)) for a, b in LISTS[query.flag]]
        return SegmentResult(tuple(Segment(a, b) for a, b in spans if a < b), (Segment(query.start, query.stop),), "m")
"""
HOOK = 'yield SegmentSourceProvider(name="lists", summary="L", load="veto_lists:Lists", flags=("[HL]1.+",))'


@pytest.fixture
def _lists(strangers: Install) -> None:
    strangers(source={"stranger": hook("segment_sources", HOOK), "veto_lists": CODE})


def ask(path: Path, *categories: int, flags: tuple[str, ...] = ("H1_READY",), **more: Any) -> QueryResult:
    arguments = {"flags": flags, "start": T0, "end": T0 + 1000, "source": "lists", "veto_definer": path, **more}
    return do(Query(**arguments, veto_categories=categories or None))


def found(result: QueryResult) -> list[tuple[float, float]]:
    return [(segment.start - T0, segment.stop - T0) for segment in result.segments]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write_veto_definer(
        tmp_path / "vetoes.xml",
        ("H1:LOUD", 1, 1, ALWAYS, (-5, 5)),
        ("H1:LOUD", 2, 2, (T0 + 450, 0), (0, 0)),
        ("L1:LOUD", 1, 1, ALWAYS, (0, 8)),
        ("H1:LOUD", 1, 3, (T0 + 5000, 0), (0, 0)),
        ("V1:LOUD", 1, 4, ALWAYS, (0, 0)),
    )


@pytest.mark.usefixtures("_lists")
class TestQuery:
    def test_flags_of_the_first_category_are_taken_out_with_their_padding(self, path: Path) -> None:
        assert found(ask(path)) == [(0, 95), (115, 993)]

    def test_categories_are_those_that_are_asked_for(self, path: Path) -> None:
        assert found(ask(path, 2)) == [(0, 450), (500, 1000)]
        assert found(ask(path, 1, 2)) == [(0, 95), (115, 450), (500, 993)]
        assert found(ask(path, 2, 1)) == found(ask(path, 1, 2))
        with pytest.raises(UsageError, match="2 is given twice"):
            ask(path, 2, 1, 2)

    def test_only_the_interferometers_of_the_query_count(self, path: Path) -> None:
        assert found(ask(path, flags=("H1_READY", "L1_READY"))) == [(5, 95), (115, 200), (218, 993)]
        assert found(ask(path, flags=("L1_READY",))) == [(5, 200), (218, 1000)]

    def test_the_pad_of_the_query_stays_away_from_vetoes_too(self, path: Path) -> None:
        assert found(ask(path, pad=1)) == [(1, 94), (116, 992)]

    def test_each_row_is_reported_and_the_file_is_in_the_provenance(self, path: Path, tmp_path: Path) -> None:
        output = tmp_path / "segments.txt"
        result = ask(path, 1, 2, output_file=output)
        assert [(report.flag, report.active, report.known, report.category) for report in result.flags] == [
            ("H1_READY", 1000, 1000, None),
            ("H1:LOUD:1", 20 + 7, 1000, 1),
            ("H1:LOUD:2", 50, 550, 2),
        ]
        record = segwizard.read_record(output)
        assert record is not None
        assert record["arguments"]["veto_definer"] == str(path)
        assert record["arguments"]["veto_categories"] == [1, 2]
        assert record["identity"]["veto_definer"] == {"sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
        assert [flag["category"] for flag in record["flags"]] == [None, 1, 2]

    def test_the_same_query_again_is_answered_by_its_file_unless_the_vetoes_changed(
        self, path: Path, tmp_path: Path
    ) -> None:
        output = tmp_path / "segments.txt"
        first = ask(path, output_file=output)
        again = ask(path, 1, output_file=output)
        assert again.present
        assert again.flags == first.flags
        path = path.rename(tmp_path / "renamed.xml")
        assert ask(path, output_file=output).present
        with pytest.raises(OutputExistsError, match=r"veto_categories = 1, not 1,2"):
            ask(path, 1, 2, output_file=output)
        with pytest.raises(OutputExistsError, match=r"no veto_definer now"):
            do(Query(flags=("H1_READY",), start=T0, end=T0 + 1000, source="lists", output_file=output))
        write_veto_definer(path, ("H1:LOUD", 1, 1, ALWAYS, (-6, 5)))
        with pytest.raises(OutputExistsError, match=r"another veto_definer"):
            ask(path, output_file=output)

    def test_the_veto_definer_is_no_output(self, path: Path) -> None:
        before = path.read_bytes()
        with pytest.raises(UsageError, match=r"vetoes\.xml' is among the files to read: name another output"):
            ask(path, output_file=path, overwrite=True)
        assert path.read_bytes() == before

    def test_a_flag_that_is_not_known_then_takes_nothing_out_and_is_told(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        path = write_veto_definer(tmp_path / "v.xml", ("H1:QUIET", 1, 1, ALWAYS, (0, 0)))
        result = ask(path, start=T0 + 550)
        assert found(result) == [(550, 1000)]
        assert (result.flags[1].active, result.flags[1].known) == (0, 0)
        assert "nothing is excluded for H1:QUIET:1: nothing of H1:QUIET:1" in caplog.text

    def test_a_file_of_another_time_is_told(self, path: Path, caplog: pytest.LogCaptureFixture) -> None:
        with caplog.at_level(logging.WARNING):
            assert found(ask(path, 3)) == [(0, 1000)]
        assert "no row of category 3 for H1 applies in [1000000000, 1000001000)" in caplog.text

    def test_a_flag_that_nobody_has_is_an_error(self, tmp_path: Path) -> None:
        path = write_veto_definer(tmp_path / "v.xml", ("H1:LOUDD", 1, 1, ALWAYS, (0, 0)))
        with pytest.raises(UsageError, match=r"unknown flag 'H1:LOUDD:1'\. Did you mean 'H1:LOUD:1'"):
            ask(path)

    @pytest.mark.parametrize(
        ("wrong", "message"),
        [
            ({"veto_categories": (4,)}, "has no flag of category 4 for H1, only of 1, 2, 3."),
            ({"flags": ("K1_READY",)}, "has no flag of category 1 for K1, nor of any other."),
            ({"flags": ("READY",)}, "no flag names an interferometer, as 'H1_DATA' and 'H1:NAME:1' do"),
            (
                {"veto_categories": ("one",)},
                "veto_categories = 'one' is not allowed: 'one' is not a category, only whole numbers, such as 1,2",
            ),
            ({"veto_categories": ()}, "veto_categories = .* is not allowed: give at least one"),
            ({"veto_definer": None, "veto_categories": (1,)}, "needs --veto-definer"),
            ({"veto_definer": "no-such.xml"}, "cannot read the veto definer 'no-such.xml'"),
        ],
    )
    def test_a_wrong_argument_is_refused(self, path: Path, wrong: dict[str, Any], message: str) -> None:
        arguments = {
            "flags": ("H1_READY",),
            "start": T0,
            "end": T0 + 9,
            "source": "lists",
            "veto_definer": path,
            **wrong,
        }
        with pytest.raises(UsageError, match=message):
            do(Query(**arguments))
