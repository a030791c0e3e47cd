"""What each stage of fetching costs for one file of the archive: the second table of ``fetch.py``.

Not a benchmark itself. Each stage is done alone, in one process, in stretches as `aframe-data fetch` reads them, and
three times, of which the median counts. The least that can be done with a file is to copy its decoded bytes:
every stage stands beside that. Other ways of decoding are there to see what could be gained; ``isal``, ``zlib-ng`` and
``deflate`` are tried where they are installed.
"""

from __future__ import annotations

import hashlib
import importlib
import itertools
import os
import statistics
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import h5py
import numpy as np

import requests
from aframe_data.formats import background, background_names, chunks, strain_part
from aframe_data.strain import quality
from aframe_data.strain.plan import reads
from aframe_data.strain.resample import Resampler, StreamResampler
from aframe_data_plugins.gwosc.files import Promise, StrainFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from aframe_data.types import Segment

    Samples = NDArray[np.float64]
    #: Takes a chunk of a file and its size without compression.
    Inflate = Callable[[bytes, int], bytes]

REPEATS = 3
_CHUNKS_A_TASK = 64


@dataclass(frozen=True)
class Stage:
    """The cost of one stage for one file, in seconds."""

    name: str
    seconds: float
    cpu_seconds: float
    #: Whether `aframe-data fetch` does it, once a file.
    done: bool


@dataclass(frozen=True)
class ArchiveFile:
    """A file of the archive: where it lies and is served, and what becomes of it in `folder`."""

    path: Path
    url: str
    span: Segment
    rate: int
    sample_rate: int
    folder: Path

    @property
    def promise(self) -> Promise:
        """What it has to be."""
        return Promise(self.path.name.split("-")[1].split("_")[0], self.rate, self.span)

    @property
    def nbytes(self) -> int:
        """Decoded."""
        return round(self.span.duration * self.rate) * 8

    @property
    def slices(self) -> list[slice]:
        """The samples of each stretch."""
        bounds = [(part.start - self.span.start, part.stop - self.span.start) for part in reads(self.span)]
        return [slice(round(first * self.rate), round(last * self.rate)) for first, last in bounds]


def stages(file: ArchiveFile) -> list[Stage]:
    """Measure them all."""
    with h5py.File(file.path) as opened:
        stretch = opened["strain/Strain"][file.slices[0]]
    resampled = np.resize(stretch, round(file.span.duration * file.sample_rate))
    ways: list[tuple[str, Callable[[], object], bool]] = [
        ("copy of the decoded bytes", partial(copy, file, stretch), False),
        ("download", partial(download, file), True),
        ("SHA-256 of the file (with --cache)", partial(digest, file), False),
        ("look through", partial(look_through, file), True),
        ("decode", partial(decode, file), True),
        ("decode, h5py", partial(decode_by_h5py, file), False),
        *(
            (f"decode, {name}, {count} thread{'s' * (count > 1)}", partial(decode_chunks, file, inflate, count), False)
            for name, inflate in inflaters().items()
            for count in (1, 2)
        ),
        ("checks", partial(check, file, stretch), True),
        ("resample", partial(resample, file, stretch), True),
        ("write a part", partial(write_part, file, resampled), True),
        ("join the part", partial(join_part, file), True),
    ]
    return [measured(name, way, done=done) for name, way, done in ways]


def measured(name: str, way: Callable[[], object], *, done: bool) -> Stage:
    """Median of some runs."""
    walls, cpus = [], []
    for _ in range(REPEATS):
        wall, cpu = time.perf_counter(), time.process_time()
        way()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    return Stage(name, statistics.median(walls), statistics.median(cpus), done)


# --- the stages ---------------------------------------------------------------------------------------


def copy(file: ArchiveFile, stretch: Samples) -> None:
    with (file.folder / "copy").open("wb") as out:
        for _ in range(0, file.nbytes, stretch.nbytes):
            out.write(stretch.data)
        out.flush()
        os.fsync(out.fileno())


def download(file: ArchiveFile) -> None:
    with requests.get(file.url, stream=True, timeout=30) as answer, (file.folder / "raw").open("wb") as out:
        for chunk in answer.iter_content(1 << 20):
            out.write(chunk)


def digest(file: ArchiveFile) -> str:
    with file.path.open("rb") as raw:
        return hashlib.file_digest(raw, "sha256").hexdigest()


def look_through(file: ArchiveFile) -> None:
    StrainFile(file.path, file.promise)


def decode(file: ArchiveFile) -> None:
    """As `StrainFile.read`, and as often."""
    for stretch in file.slices:
        with h5py.File(file.path) as opened:
            chunks.read_into(opened["strain/Strain"], stretch.start, np.empty(stretch.stop - stretch.start))


def decode_by_h5py(file: ArchiveFile) -> None:
    with h5py.File(file.path) as opened:
        for stretch in file.slices:
            opened["strain/Strain"][stretch]


def decode_chunks(file: ArchiveFile, inflate: Inflate, threads: int) -> None:
    """The chunks as they lie in the file, without HDF5's filters."""
    with h5py.File(file.path) as opened, ThreadPoolExecutor(threads) as pool:
        dataset = opened["strain/Strain"]
        size, shuffled = dataset.chunks[0], dataset.shuffle
        for stretch in file.slices:
            out = np.empty(stretch.stop - stretch.start)

            def place(starts: tuple[int, ...], out: Samples = out, first: int = stretch.start) -> None:
                for start in starts:
                    raw = inflate(dataset.id.read_direct_chunk((start,))[1], size * 8)
                    place = out[start - first : start - first + size]
                    place[...] = unshuffled(raw) if shuffled else np.frombuffer(raw)

            list(pool.map(place, grouped(range(stretch.start, stretch.stop, size))))


def unshuffled(raw: bytes) -> Samples:
    """Undo HDF5's shuffle filter, which puts the first bytes of all numbers first."""
    return np.ascontiguousarray(np.frombuffer(raw, dtype=np.uint8).reshape(8, -1).T).view(np.float64)[:, 0]


def grouped(starts: range) -> Iterator[tuple[int, ...]]:
    items = iter(starts)
    while group := tuple(itertools.islice(items, _CHUNKS_A_TASK)):
        yield group


def inflaters() -> dict[str, Inflate]:
    """The ways of inflating that are installed."""
    found: dict[str, Inflate] = {"zlib": lambda raw, size: zlib.decompress(raw, bufsize=size)}
    for name, module, function in (
        ("isal", "isal.isal_zlib", "decompress"),
        ("zlib-ng", "zlib_ng.zlib_ng", "decompress"),
        ("libdeflate", "deflate", "zlib_decompress"),
    ):
        try:
            decompress = getattr(importlib.import_module(module), function)
        except ImportError:
            continue
        found[name] = decompress if name == "libdeflate" else partial(_inflate_with, decompress)
    return found


def _inflate_with(decompress: Callable[..., bytes], raw: bytes, size: int) -> bytes:
    return decompress(raw, bufsize=size)


def check(file: ArchiveFile, stretch: Samples) -> None:
    for part in reads(file.span):
        quality.missing_samples(stretch, part.start, file.rate)
        quality.still_samples(stretch, part.start, file.rate)


def resample(file: ArchiveFile, stretch: Samples) -> None:
    stream = StreamResampler(Resampler(file.rate, file.sample_rate))
    for _ in file.slices:
        stream.feed(stretch)


def write_part(file: ArchiveFile, resampled: Samples) -> None:
    part = strain_part.StrainPart(file.span, "", (), (), (), None, None, None, None)
    with strain_part.create(file.folder / "part", size=len(resampled), dtype="float64") as writer:
        size = len(resampled) // len(file.slices)
        for first in range(0, len(resampled), size):
            writer.write(first, resampled[first : first + size])
        writer.finish(part)


def join_part(file: ArchiveFile) -> None:
    path = file.folder / background_names.file_name("background", file.span)
    with background.create(
        path, ifos=["H1"], segment=file.span, sample_rate=file.sample_rate, dtype="float64"
    ) as writer:
        for samples in strain_part.read_samples(file.folder / "part", 0, round(file.span.duration * file.sample_rate)):
            writer.append("H1", samples)
        writer.describe({"H1": "H1:STRAIN"}, {})
