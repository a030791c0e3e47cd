"""Segments files, by the pipeline's reader and by gwpy's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aframe_data.errors import AframeDataError, DataQualityError, UsageError
from aframe_data.formats import segwizard
from aframe_data.store.identity import provenance
from aframe_data.types import Segment

if TYPE_CHECKING:
    from pathlib import Path

SEGMENTS = (Segment(1240579783, 1240587612), Segment(1240594562, 1240606748))
RECORD = provenance({"flags": ["H1_DATA"], "note": "tab\tand\nline"}, {"command": "query"}, long="x" * 100_000)


def read_as_the_pipeline(path: Path) -> list[tuple[float, float]]:
    """Drop line 1, split by tabs, take fields 1 and 3: start and duration."""
    lines = path.read_text().splitlines()[1:]
    return [(float(line.split("\t")[1]), float(line.split("\t")[3])) for line in lines]


@pytest.mark.parametrize("record", [None, RECORD], ids=["bare", "with provenance"])
def test_the_pipeline_and_gwpy_read_what_was_written(tmp_path: Path, record: dict[str, object] | None) -> None:
    from gwpy.segments import SegmentList

    path = tmp_path / "segments.txt"
    segwizard.write_segments(path, SEGMENTS, record)
    assert read_as_the_pipeline(path) == [(1240579783, 7829), (1240594562, 12186)]
    assert [(float(a), float(b)) for a, b in SegmentList.read(path, format="segwizard")] == [
        (segment.start, segment.stop) for segment in SEGMENTS
    ]
    assert segwizard.read_segments(path) == SEGMENTS
    assert segwizard.read_record(path) == record


def test_the_text_is_that_of_the_format(tmp_path: Path) -> None:
    path = tmp_path / "segments.txt"
    segwizard.write_segments(path, SEGMENTS[:1])
    assert path.read_bytes() == b"# seg\tstart\tstop\tduration\n0\t1240579783\t1240587612\t7829.0\n"


def test_gwpy_s_own_file_is_read(tmp_path: Path) -> None:
    from gwpy.segments import SegmentList

    path = tmp_path / "segments.txt"
    SegmentList([(segment.start, segment.stop) for segment in SEGMENTS]).write(path, format="segwizard")
    assert segwizard.read_segments(path) == SEGMENTS
    assert segwizard.read_record(path) is None


@given(st.lists(st.tuples(st.floats(7e8, 2e9), st.floats(1e-3, 1e5)), max_size=5))
def test_segments_come_back_bit_by_bit(
    tmp_path_factory: pytest.TempPathFactory, spans: list[tuple[float, float]]
) -> None:
    segments = tuple(Segment(start, start + duration) for start, duration in spans)
    path = tmp_path_factory.getbasetemp() / "round-trip.txt"
    segwizard.write_segments(path, segments)
    assert segwizard.read_segments(path) == segments


def test_an_empty_list_is_a_header(tmp_path: Path) -> None:
    path = tmp_path / "segments.txt"
    segwizard.write_segments(path, ())
    assert path.read_text() == "# seg\tstart\tstop\tduration\n"
    assert segwizard.read_segments(path) == ()


@pytest.mark.parametrize(
    "text",
    ["10 20\n", "10 20 10\n", "0 10 20 10\n", "# comment\n\n  10\t20  \n# more", "10.0 2e1", "1.0e1 20.000"],
)
def test_other_columns_are_read(tmp_path: Path, text: str) -> None:
    path = tmp_path / "segments.txt"
    path.write_text(text)
    (segment,) = segwizard.read_segments(path)
    assert segment == Segment(10, 20)
    assert isinstance(segment.start, int)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("10", "it has 1 column[.]"),
        ("1 2 3 4 5", "5 columns"),
        ("10 ten", "could not convert"),
        ("20 10", "must start before it stops"),
        ("10 10", "must start before it stops"),
        ("10 inf", "inf is not a time"),
        ("nan 10", "nan is not a time"),
        ("10,20", "it has 1 column[.]"),
    ],
)
def test_a_line_that_is_no_segment_is_named(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "segments.txt"
    path.write_text(f"# header\n1 2\n{line}\n")
    with pytest.raises(UsageError, match=rf"segments\.txt, line 3: '{line}' is not a segment.*{message}"):
        segwizard.read_segments(path)


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\x89\xff\xfe")
    for name, reason in (("nothing", "No such file"), ("binary", "not a text file"), (".", "Is a directory")):
        with pytest.raises(UsageError, match=rf"cannot read the segments file .*{reason}"):
            segwizard.read_segments(tmp_path / name)


def test_a_provenance_that_is_cut_off_is_an_error_of_ours(tmp_path: Path) -> None:
    path = tmp_path / "segments.txt"
    path.write_text('# seg\tstart\tstop\tduration\tprovenance={"a": \n0\t1\t2\t1.0\n')
    assert segwizard.read_segments(path) == (Segment(1, 2),)
    with pytest.raises(DataQualityError, match="provenance that cannot be read"):
        segwizard.read_record(path)


def test_a_failure_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "segments.txt"
    path.mkdir()
    with pytest.raises(AframeDataError):
        segwizard.write_segments(path, SEGMENTS)
    assert list(tmp_path.iterdir()) == [path]
