"""Every format of segments: text, JSON, and what gwpy writes."""

from __future__ import annotations

import gzip
import json

import pytest
from segment_files import ACTIVE, PAIRS, T0, ask, flags_of_gwpy, source, write

from aframe_data.errors import UsageError
from aframe_data.segments.arithmetic import intersect, livetime
from aframe_data.types import Segment, SegmentQuery


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
