"""Files that are no segments are refused in words."""

from __future__ import annotations

import gzip

import h5py
import pytest
from segment_files import source, write

from aframe_data.errors import UsageError
from aframe_data_plugins.file.options import FileOptions
from aframe_data_plugins.file.source import FileSegments


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
    with gzip.open(path, "wb", 1) as file:
        for _ in range(200):
            file.write(b" " * 1_000_000)
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
