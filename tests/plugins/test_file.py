"""Segments from files: every format, which file answers for which flag, and what is refused in words."""

from __future__ import annotations

import gzip
import json

import h5py
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aframe_data.errors import NoDataError, UsageError
from aframe_data.plugin.values import resolve
from aframe_data.segments.arithmetic import intersect, livetime
from aframe_data.types import Segment, SegmentQuery
from aframe_data_plugins.file.options import FileOptions
from aframe_data_plugins.file.source import FileSegments

T0 = 1_240_579_783
ACTIVE = (Segment(T0, T0 + 100), Segment(T0 + 200, T0 + 350))
SPAN = (T0 - 1000, T0 + 1000)
PAIRS = [[int(segment.start), int(segment.stop)] for segment in ACTIVE]


def source(*paths, form="auto"):
    return FileSegments(resolve(FileOptions, {"path": [str(path) for path in paths], "format": form}, owner="file"))


def ask(paths, flag="H1_DATA", span=SPAN, form="auto"):
    paths = paths if isinstance(paths, tuple) else (paths,)
    return source(*paths, form=form).query(SegmentQuery(flag, *span))


def write(folder, text, name="segments.txt"):
    path = folder / name
    path.write_text(text)
    return path


def flags_of_gwpy():
    from gwpy.segments import DataQualityDict, DataQualityFlag, SegmentList
    from gwpy.segments import Segment as GwpySegment

    known = SegmentList([GwpySegment(T0 - 500, T0 + 500)])
    return DataQualityDict(
        {
            "H1:SCIENCE:1": DataQualityFlag("H1:SCIENCE:1", active=[tuple(pair) for pair in PAIRS], known=known),
            "L1:SCIENCE:1": DataQualityFlag("L1:SCIENCE:1", active=[(T0 + 50, T0 + 250)], known=known),
        }
    )


# --- formats --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "# seg\tstart\tstop\tduration\n0\t{0}\t{1}\t100.0\n1\t{2}\t{3}\t150.0\n",
        "0 {0} {1} 100\n1 {2} {3} 150\n",
        "{0} {1}\n\n  {2}   {3}\n",
        "% a comment\n{2}\t{3}\n{0}\t{1}\n",
        "{0} {1} 100\n{2} {3} 150\n",
        "{0},{1}\n{2},{3}\n",
        "start,stop\n{0},{1}\n{2},{3}\n",
        "GPS_start,gps_end,comment\n{0},{1},quiet\n{2},{3},\n",
        "seg;end;start\n0;{1};{0}\n1;{3};{2}\n",
        "start end\n{0}.0 {1}.0\n{2} {3}e0\n",
        "\ufeffstart,stop\r\n{0},{1}\r\n{2},{3}\r\n",
    ],
)
def test_text_in_every_common_shape_is_read(tmp_path, text):
    path = write(tmp_path, text.format(T0, T0 + 100, T0 + 200, T0 + 350))
    result = ask(path)
    assert result.active == ACTIVE
    assert result.known is None
    assert result.origin == str(path)


@pytest.mark.parametrize(
    "content",
    [
        PAIRS,
        [{"start": start, "stop": stop} for start, stop in PAIRS],
        [{"start": start, "end": stop} for start, stop in PAIRS],
        {"segments": PAIRS},
        {"results": [{"start": start, "stop": stop} for start, stop in PAIRS], "next": None},
        {"H1_DATA": PAIRS, "L1_DATA": []},
        {"H1_DATA": {"active": PAIRS}, "L1_DATA": {"segments": []}},
    ],
)
def test_json_in_every_common_shape_is_read(tmp_path, content):
    result = ask(write(tmp_path, json.dumps(content)))
    assert result.active == ACTIVE
    assert result.known is None


def test_a_timeline_of_gwosc_names_its_flag_and_knows_its_span(tmp_path):
    content = {"id": "H1_DATA", "start": T0 - 10, "end": T0 + 400, "segments": PAIRS}
    path = write(tmp_path, json.dumps(content))
    result = ask(path)
    assert result.active == ACTIVE
    assert result.known == (Segment(T0 - 10, T0 + 400),)
    with pytest.raises(UsageError, match=r"unknown flag 'L1_DATA'. Did you mean 'H1_DATA'"):
        ask(path, "L1_DATA")


def test_gwpys_json_is_read_under_gwpys_name(tmp_path):
    path = tmp_path / "flag.json"
    flags_of_gwpy()["H1:SCIENCE:1"].write(str(path), format="json")
    result = ask(path, "H1:SCIENCE:1")
    assert result.active == ACTIVE
    assert result.known == (Segment(T0 - 500, T0 + 500),)


@pytest.mark.parametrize(("name", "form"), [("f.h5", "hdf5"), ("f.xml", "ligolw"), ("f.xml.gz", "ligolw")])
def test_flags_that_gwpy_wrote_are_read_by_name(tmp_path, name, form):
    path = tmp_path / name
    flags_of_gwpy().write(str(path), format=form)
    for asked in ("H1:SCIENCE:1", "H1:SCIENCE"):
        result = ask(path, asked)
        assert result.active == ACTIVE
        assert result.known == (Segment(T0 - 500, T0 + 500),)
    assert ask(path, "L1:SCIENCE:1").active == (Segment(T0 + 50, T0 + 250),)
    with pytest.raises(UsageError, match=r"unknown flag 'V1:SCIENCE:1'.*Known: H1:SCIENCE:1, L1:SCIENCE:1"):
        ask(path, "V1:SCIENCE:1")


def test_one_flag_that_gwpy_wrote_to_hdf5_is_read_whatever_its_group(tmp_path):
    path = tmp_path / "flag.h5"
    flags_of_gwpy()["H1:SCIENCE:1"].write(str(path), path="somewhere/else", format="hdf5")
    assert ask(path, "H1:SCIENCE:1").active == ACTIVE


def test_lists_that_gwpy_wrote_to_hdf5_are_read(tmp_path):
    from gwpy.segments import Segment as GwpySegment
    from gwpy.segments import SegmentList

    segments = SegmentList([GwpySegment(*pair) for pair in PAIRS])
    alone, named = tmp_path / "alone.h5", tmp_path / "named.h5"
    segments.write(str(alone), path="segments")
    segments.write(str(named), path="H1_DATA")
    SegmentList([GwpySegment(T0, T0 + 1)]).write(str(named), path="L1_DATA", append=True)
    assert ask(alone, "V1_DATA").active == ACTIVE
    assert ask(named, "H1_DATA").active == ACTIVE
    assert ask(named, "L1_DATA").active == (Segment(T0, T0 + 1),)


def test_segwizard_that_gwpy_wrote_is_read(tmp_path):
    from gwpy.segments import Segment as GwpySegment
    from gwpy.segments import SegmentList

    path = tmp_path / "segments.txt"
    SegmentList([GwpySegment(*pair) for pair in PAIRS]).write(str(path), format="segwizard")
    assert ask(path).active == ACTIVE


def test_gzipped_text_is_read(tmp_path):
    path = tmp_path / "segments.txt.gz"
    path.write_bytes(gzip.compress(f"{T0} {T0 + 100}\n".encode()))
    assert ask(path).active == (Segment(T0, T0 + 100),)


def test_the_real_lists_of_the_third_run_give_the_known_coincident_time(shared_data):
    folder = shared_data / "segments"
    both = source(folder / "O3a_Hanford_segments.json", folder / "O3a_Livingston_segments.json")
    span, window = (1_238_166_018, 1_253_977_218), (1_240_579_783, 1_241_443_783)
    hanford, livingston = (both.query(SegmentQuery(flag, *span)).active for flag in ("H1_DATA", "L1_DATA"))
    assert (len(hanford), livetime(hanford)) == (545, 11_218_675)
    assert (len(livingston), livetime(livingston)) == (535, 11_956_179)
    coincident = intersect(hanford, livingston)
    assert (len(coincident), livetime(coincident)) == (734, 9_226_511)
    hanford, livingston = (both.query(SegmentQuery(flag, *window)).active for flag in ("H1_DATA", "L1_DATA"))
    coincident = intersect(hanford, livingston)
    assert (len(coincident), livetime(coincident)) == (39, 488_609)
    assert coincident[0] == Segment(1_240_579_783, 1_240_587_612)


# --- the answer -----------------------------------------------------------------------------------------

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


# --- files and flags ------------------------------------------------------------------------------------


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


# --- bad input ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1 2\n3 x\n", "line 2: '3 x' is not a segment"),
        ("1 2\n\n5 4\n", "line 3: the segment must start before it stops, not 5 to 4"),
        ("1 2\n4 4\n", "line 2: the segment must start before it stops"),
        ("1 nan\n", "line 1: the times 1 and nan must be finite"),
        ("1 2\n3\n", "line 2: '3' has 1 columns"),
        ("1 2 3 4 5\n", "line 1: '1 2 3 4 5' has 5 columns"),
        ("0 10 30\n", "line 1: '0 10 30' does not last 30 s"),
        ("0 10 30 40\n", "line 1: '0 10 30 40' does not last 40 s"),
        ("gps,length\n1,2\n", "line 1: the header 'gps, length' must name columns 'start' and 'stop'"),
        ("start,stop\n1,2\n3\n", "line 3: '3' is not a segment"),
        ("[[1, 2], [3]]", r"entry 2 of the list: \[3\] is not a segment"),
        ("[[1, true]]", r"entry 1 of the list: \[1, true\] is not a segment"),
        ('{"segments": [[1, 2], [4, 3]]}', "entry 2 of segments: the segment must start before it stops"),
        ('{"segments": 3}', "segments must be a list of segments"),
        ('{"H1_DATA": {"start": 3}}', "'H1_DATA' must hold a list of segments"),
        ('{"results": [], "next": "https://example.org/2"}', "one page of several"),
        ("{}", "an empty object holds no segments"),
        ("[[1, 2],\n[3, 4]", "line 2: this is not JSON"),
        ("<html><body/></html>", "cannot be read as LIGO_LW segment tables"),
        ("<?xml version='1.0'?><LIGO_LW></LIGO_LW>", "LIGO_LW"),
        ("<LIGO_LW", "cannot be read as LIGO_LW segment tables"),
        ("[" * 100_000, "it is nested too deeply"),
        ('{"a":' * 100_000, "it is nested too deeply"),
        (f"[[{'9' * 5000}, 1]]", "a number has too many digits"),
        (f"[[{'9' * 400}, 1]]", "is not a segment"),
        ("x" * 1_000_000 + " 5", "line 1: 'x{199}…' is not a segment"),
        ("\x1b[31m 5", r"line 1: '\?\[31m 5' is not a segment"),
    ],
)
def test_malformed_content_is_refused_naming_the_file_and_the_line(tmp_path, text, message):
    path = write(tmp_path, text)
    with pytest.raises(UsageError, match=message) as caught:
        source(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_small_file_that_unpacks_to_a_huge_one_is_not_read_to_its_end(tmp_path):
    path = tmp_path / "segments.txt.gz"
    path.write_bytes(gzip.compress(b" " * 200_000_000, 1))
    with pytest.raises(UsageError, match=r"segments\.txt\.gz has more than 100\.0 MB, too much for segments"):
        source(path)


def test_hdf5_without_segments_is_refused(tmp_path):
    path = tmp_path / "other.h5"
    with h5py.File(path, "w") as file:
        file["strain"] = [1.0, 2.0]
    with pytest.raises(UsageError, match="holds no flag and no list of segments"):
        source(path)
    path.write_bytes(path.read_bytes()[:64])
    with pytest.raises(UsageError, match="cannot be read as segments that gwpy wrote"):
        source(path)


def test_the_format_can_be_named(tmp_path):
    path = write(tmp_path, "[[1, 2]]")
    with pytest.raises(UsageError, match="line 1"):
        source(path, form="text")
    with pytest.raises(UsageError, match="--file-format: 'yaml' is not allowed, only one of auto, text, json"):
        source(path, form="yaml")


def test_files_that_cannot_be_read_are_refused(tmp_path):
    with pytest.raises(UsageError, match=r"nowhere.txt.: No such file or directory"):
        source(tmp_path / "nowhere.txt")
    with pytest.raises(UsageError, match=": Is a directory"):
        source(tmp_path)
    binary = tmp_path / "binary"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="neither text nor HDF5"):
        source(binary)
    with pytest.raises(UsageError, match="needs --file-path"):
        FileSegments(FileOptions(path=()))
