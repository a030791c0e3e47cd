"""Which file answers for which flag, and with which times."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from segment_files import ACTIVE, PAIRS, T0, ask, flags_of_gwpy, source, write

from aframe_data.errors import NoDataError, UsageError
from aframe_data.types import Segment

spans = st.tuples(st.integers(0, 500), st.integers(1, 100)).map(lambda pair: (pair[0], pair[0] + pair[1]))


@given(st.lists(spans, max_size=12), spans)
def test_the_answer_is_sorted_disjoint_and_inside_the_span(tmp_path_factory, rows, span):
    path = write(tmp_path_factory.mktemp("rows"), "start stop\n" + "".join(f"{a} {b}\n" for a, b in rows))
    active = ask(path, span=span).active
    edges = [edge for segment in active for edge in (segment.start, segment.stop)]
    assert edges == sorted(set(edges))
    on = {second for segment in active for second in range(int(segment.start), int(segment.stop))}
    assert on == {second for a, b in rows for second in range(max(a, span[0]), min(b, span[1]))}


def test_a_span_of_which_nothing_is_known_is_not_the_same_as_no_science_time(tmp_path):
    path = write(tmp_path, json.dumps({"id": "H1_DATA", "start": T0, "end": T0 + 400, "segments": PAIRS}))
    assert ask(path, span=(T0 + 120, T0 + 180)).active == ()
    with pytest.raises(NoDataError, match="nothing is known of H1_DATA") as caught:
        ask(path, span=(T0 + 400, T0 + 500))
    assert caught.value.available == (Segment(T0, T0 + 400),)


def test_each_flag_can_be_given_its_file(tmp_path):
    first = write(tmp_path, f"{T0} {T0 + 10}\n", "a=b.txt")
    second = write(tmp_path, f"{T0} {T0 + 20}\n", "second.txt")
    items = (f"H1_DATA={first}", f"L1:SCIENCE:1={second}")
    assert ask(items, "H1_DATA").active[0].stop == T0 + 10
    assert ask(items, "L1:SCIENCE:1").active[0].stop == T0 + 20
    with pytest.raises(UsageError, match=r"unknown flag 'V1_DATA'.*Known: H1_DATA, L1:SCIENCE:1"):
        ask(items, "V1_DATA")
    assert ask(first).active[0].stop == T0 + 10


def test_a_lone_list_without_a_name_answers_for_every_flag(tmp_path):
    path = write(tmp_path, f"{T0} {T0 + 10}\n")
    assert ask(path, "H1_DATA") == ask(path, "L1_DATA")


def test_several_lists_without_a_name_are_refused(tmp_path):
    first, second = (write(tmp_path, f"{T0} {T0 + 10}\n", name) for name in ("a.txt", "b.txt"))
    with pytest.raises(UsageError, match="does not name its flag, and it is one of several: write FLAG="):
        source(first, second)


def test_a_column_of_flags_parts_the_rows(tmp_path):
    path = write(tmp_path, f"flag,start,stop\nH1_DATA,{T0},{T0 + 10}\nL1_DATA,{T0},{T0 + 20}\n")
    assert ask(path, "H1_DATA").active == (Segment(T0, T0 + 10),)
    assert ask(path, "L1_DATA").active == (Segment(T0, T0 + 20),)


def test_the_same_flag_in_several_files_is_joined(tmp_path):
    timeline = {"id": "H1_DATA", "start": T0, "end": T0 + 100, "segments": [[T0, T0 + 60]]}
    later = {"id": "H1_DATA", "start": T0 + 100, "end": T0 + 200, "segments": [[T0 + 100, T0 + 160]]}
    paths = tuple(write(tmp_path, json.dumps(part), f"{i}.json") for i, part in enumerate((timeline, later)))
    result = ask(paths)
    assert result.active == (Segment(T0, T0 + 60), Segment(T0 + 100, T0 + 160))
    assert result.known == (Segment(T0, T0 + 200),)
    assert result.origin == f"{paths[0]}, {paths[1]}"


def test_a_flag_can_be_picked_or_renamed(tmp_path):
    many = tmp_path / "many.h5"
    flags_of_gwpy().write(str(many), format="hdf5")
    assert ask((f"L1:SCIENCE={many}",), "L1:SCIENCE").active == (Segment(T0 + 50, T0 + 250),)
    with pytest.raises(UsageError, match=r"unknown flag in .*many.h5 'V1:SCIENCE'"):
        source(f"V1:SCIENCE={many}")
    one = write(tmp_path, json.dumps({"id": "H1_DATA", "segments": PAIRS}), "one.json")
    assert ask((f"H1_MINE={one}",), "H1_MINE").active == ACTIVE
