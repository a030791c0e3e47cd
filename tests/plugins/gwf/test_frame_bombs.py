"""Small frame files that ask for all memory: told in a line, before a library decodes them."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np
import pytest

from aframe_data.types import Segment
from aframe_data_plugins.gwf.model import DamagedFileError
from aframe_data_plugins.gwf.reader import DECODERS, FrameReader
from servers.frames import write_frames

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

START = 1_000_000_000
CHANNEL = "H1:TEST-STRAIN"


def structures(content: bytes) -> Iterator[tuple[int, str]]:
    """Where each structure begins, and its class."""
    position, names = 40, {1: "FrSH", 2: "FrSE"}
    while position < len(content):
        length, _, kind, _ = struct.unpack_from("<QBBI", content, position)
        if kind == 1:
            (size,) = struct.unpack_from("<H", content, position + 14)
            (number,) = struct.unpack_from("<H", content, position + 16 + size)
            names[number] = content[position + 16 : position + 15 + size].decode()
        yield position, names[kind]
        position += length


def changed(path: Path, kind: str, offset: int, code: str, value: int) -> None:
    """Write a number into the first structure of a class, and say that the file has no checksums."""
    content = bytearray(path.read_bytes())
    found = [*structures(bytes(content))]
    for position, _ in found:
        content[position + 8] = 0
    first = next(position for position, name in found if name == kind)
    struct.pack_into(code, content, first + 14 + offset, value)
    path.write_bytes(content)


def swelling(folder: Path) -> Path:
    """Some kilobytes that unpack to a thousand times as much: 4 s of zeros at 2^18 Hz."""
    return write_frames(folder, CHANNEL, START, 4, rate=2**18, data=np.zeros(4 * 2**18))


def declared(folder: Path) -> Path:
    """More samples than all disks have."""
    path = write_frames(folder, CHANNEL, START, 4)
    changed(path, "FrVect", 2 + len(CHANNEL) + 1 + 4, "<Q", 2**50)
    return path


def listing(folder: Path) -> Path:
    """A table of contents that says to have two thousand million frames."""
    path = write_frames(folder, CHANNEL, START, 4)
    changed(path, "FrTOC", 2, "<I", 2**31)
    return path


def packed(folder: Path) -> Path:
    """A vector that says to be longer than the file."""
    path = write_frames(folder, CHANNEL, START, 4)
    changed(path, "FrVect", 2 + len(CHANNEL) + 1 + 12, "<Q", 2**40)
    return path


def renamed(folder: Path) -> Path:
    """More samples than all disks have, in a structure whose class the dictionary calls by an unknown name."""
    path = declared(folder)
    content = path.read_bytes()
    path.write_bytes(content.replace(b"\7\0FrVect\0\x14\0", b"\7\0FrVecu\0\x14\0"))
    assert path.read_bytes() != content
    return path


def denied(folder: Path) -> Path:
    """A vector whose number the dictionary gives to another class, behind it."""
    path = write_frames(folder, CHANNEL, START, 4)
    changed(path, "FrVect", 2 + len(CHANNEL) + 1 + 4, "<Q", 4 * 256)
    content = path.read_bytes()
    path.write_bytes(content.replace(b"\r\0FrEndOfFrame\0\x07\0", b"\r\0FrEndOfFrame\0\x14\0"))
    assert path.read_bytes() != content
    return path


def hidden(folder: Path) -> Path:
    """A channel within another structure: the table of contents knows the place, the lengths pass it by."""
    path = write_frames(folder, CHANNEL, START, 4)
    content = bytearray(path.read_bytes())
    places = {name: position for position, name in structures(bytes(content))}
    channel, table, end = places["FrProcData"], places["FrTOC"], places["FrEndOfFile"]
    for position, _ in structures(bytes(content)):
        content[position + 8] = 0
    vector = places["FrVect"]
    bomb = bytearray(content[channel : vector + struct.unpack_from("<Q", content, vector)[0]])
    struct.pack_into("<Q", bomb, vector - channel + 14 + 2 + len(CHANNEL) + 1 + 4, 2**50)
    outer = struct.pack("<QBBI", 14 + len(bomb), 0, 10, 0) + bomb
    listed = content.index(struct.pack("<Q", channel), table)
    struct.pack_into("<Q", content, listed, table + 14)
    struct.pack_into("<Q", content, end + 14 + 4, len(content) + len(outer))
    content[table:table] = outer
    path.write_bytes(content)
    return path


def elsewhere(folder: Path) -> Path:
    """A table of contents within another structure, where only the end of the file knows it."""
    path = write_frames(folder, CHANNEL, START, 4)
    content = bytearray(path.read_bytes())
    places = {name: position for position, name in structures(bytes(content))}
    for position, _ in structures(bytes(content)):
        content[position + 8] = 0
    content[places["FrTOC"] + 9] = 10
    path.write_bytes(content)
    return path


BOMBS = [
    (swelling, "H1:TEST-STRAIN unpacks to 8.4 MB, and at most 2.1 MB are read of a file of this length"),
    (declared, "H1:TEST-STRAIN unpacks to"),
    (listing, "one of its structures has more items than bytes"),
    (packed, "one of its structures has more items than bytes"),
    (renamed, "H1:TEST-STRAIN unpacks to"),
    (denied, "its dictionary gives another meaning to structures of the number 20"),
    (hidden, "its table of contents names places where no structure begins"),
    (elsewhere, "its end names a place for the table of contents where there is none"),
]


@pytest.mark.parametrize("decoder", DECODERS)
@pytest.mark.parametrize(("bomb", "words"), BOMBS, ids=[bomb.__name__ for bomb, _ in BOMBS])
def test_no_library_gets_to_see_a_bomb(tmp_path: Path, decoder: str, bomb: Callable[[Path], Path], words: str) -> None:
    path = bomb(tmp_path)
    reader = FrameReader(decoder)
    reader._decoder = None
    with pytest.raises(DamagedFileError, match=words):
        reader.read(path, CHANNEL, Segment(START, START + 4))


@pytest.mark.parametrize(("bomb", "words"), BOMBS, ids=[bomb.__name__ for bomb, _ in BOMBS])
def test_a_bomb_on_disk_is_one_line(
    cli: Callable[..., object], tmp_path: Path, bomb: Callable[[Path], Path], words: str
) -> None:
    path = bomb(tmp_path)
    span = ("--start", str(START), "--end", str(START + 4), "--min-duration", "1", "--sample-rate", "256")
    asked = ("--source", "frames", "--frames-path", path, "--channels", CHANNEL, "--workers", "0")
    done = cli("fetch", *asked, *span, "-o", tmp_path / "out")
    assert done.code == 1
    (line,) = (line for line in done.err.splitlines() if words in line)
    assert f"{path} is damaged" in line


@pytest.mark.slow
def test_a_file_whose_name_says_nothing_may_be_as_long_as_those_of_archives(tmp_path: Path) -> None:
    path = swelling(tmp_path).rename(tmp_path / "strain.gwf")
    assert FrameReader().contents(path).frames == (Segment(START, START + 4),)
    bomb = declared(tmp_path).rename(tmp_path / "bomb.gwf")
    with pytest.raises(DamagedFileError, match=r"at most 2\.1 GB are read"):
        FrameReader().contents(bomb)


def test_the_fastest_channels_of_detectors_are_read(tmp_path: Path) -> None:
    path = write_frames(tmp_path, CHANNEL, START, 4, rate=65536)
    assert FrameReader().read(path, CHANNEL, Segment(START, START + 4)).sample_rate == 65536


def test_files_whose_dictionary_gives_numbers_of_its_own_are_read_and_bounded(tmp_path: Path) -> None:
    import lal
    import lalframe

    series = lal.CreateREAL8TimeSeries(CHANNEL, START, 0, 1 / 256, lal.StrainUnit, 1024)
    series.data.data[:] = 1e-20
    frame = lalframe.FrameNew(START, 4.0, "TEST", 0, 0, 0)
    lalframe.FrameAddREAL8TimeSeriesProcData(frame, series)
    path = tmp_path / f"H-TEST-{START}-4.gwf"
    lalframe.FrameWrite(frame, str(path))
    numbers = {name: path.read_bytes()[position + 9] for position, name in structures(path.read_bytes())}
    assert numbers["FrVect"] == 5
    assert set(FrameReader().read(path, CHANNEL, Segment(START, START + 4)).data) == {1e-20}
    changed(path, "FrVect", 2 + len(CHANNEL) + 1 + 4, "<Q", 2**50)
    with pytest.raises(DamagedFileError, match="H1:TEST-STRAIN unpacks to"):
        FrameReader().contents(path)
