"""Parts of background files that are not whole yet: one channel over one stretch of time, resampled but for its edges.

What a filter gives near an edge depends on what lies beyond it, which another part has. So a part keeps, beside
the resampled samples, the archive's own samples at its edges, and the borders are filtered when parts are joined.
A part is a file that no reader of Aframe ever sees; it is deleted when its file is whole, most often before the disk
has seen it: so nobody waits for the disk, and a checksum tells what a power failure left.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np

from aframe_data.formats import hdf5
from aframe_data.formats.deflated import crc32
from aframe_data.store.atomic import replacing
from aframe_data.types import BitMask, Flaw, Segment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from aframe_data.types import FloatArray

_DATA, _DESCRIPTION, _CHECKSUM = "data", "part", "crc32"
_BLOCK = 2**21


@dataclass(frozen=True)
class Run:
    """A stretch without a gap, at one rate.

    Attributes
    ----------
    span
        Whole GPS seconds.
    sample_rate
        Of the archive, Hz.
    head, tail
        (edge,) float64, the archive's own samples at both ends, where `edge` is the resampler's. A run that is too
        short for two steps of it has all its samples in `head`, and no `tail`.
    """

    span: Segment
    sample_rate: float
    head: FloatArray
    tail: FloatArray | None


@dataclass(frozen=True)
class Origin:
    """Where one stretch came from: the source's key, and what it says of itself."""

    source: str
    start: float
    stop: float
    origin: str


@dataclass(frozen=True)
class StrainPart:
    """What a part holds beside its resampled samples, which `read_samples` gives.

    Attributes
    ----------
    span
        Whole GPS seconds.
    channel
        As the archive spells it.
    runs
        In order; what lies between them is missing.
    flaws
        What is missing or bad, with all digits of its times.
    origins
        Where it came from, in order.
    quality, injections
        (seconds of the span,) masks, where the archive has them; 0 in seconds that are missing.
    before, after
        The archive's own samples just outside the span, (context,) or more, where they were wanted, are there and
        are finite.
    """

    span: Segment
    channel: str
    runs: tuple[Run, ...]
    flaws: tuple[Flaw, ...]
    origins: tuple[Origin, ...]
    quality: BitMask | None
    injections: BitMask | None
    before: FloatArray | None
    after: FloatArray | None


class PartWriter:
    """Fills a part; made by `create`."""

    def __init__(self, file: h5py.File) -> None:
        self._file = file
        self._data = file[_DATA]
        self._written: list[tuple[int, int]] = []
        self._checksum = 0

    def write(self, first: int, samples: FloatArray) -> None:
        """Write resampled samples from an index on, counted from the start of the span, behind those before."""
        block = np.ascontiguousarray(samples, dtype=self._data.dtype)
        hdf5.write_rows(self._data.id, first, block)
        self._checksum = crc32(block.data, self._checksum)
        self._written.append((first, first + len(block)))

    def finish(self, part: StrainPart) -> None:
        """Write all else; the last call before the part is whole."""
        description = {
            "span": [part.span.start, part.span.stop],
            "channel": part.channel,
            "runs": [[run.span.start, run.span.stop, run.sample_rate] for run in part.runs],
            "flaws": [asdict(flaw) for flaw in part.flaws],
            "origins": [asdict(origin) for origin in part.origins],
            "written": self._written,
        }
        arrays: dict[str, np.ndarray[Any, Any] | None] = {"before": part.before, "after": part.after}
        for name, mask in (("quality", part.quality), ("injections", part.injections)):
            if mask is not None:
                arrays[name], description[f"{name}_bits"] = mask.values, list(mask.bits)
        for number, run in enumerate(part.runs):
            arrays |= {f"run-{number}/head": run.head, f"run-{number}/tail": run.tail}
        for name, values in arrays.items():
            if values is not None:
                self._file.create_dataset(name, data=values)
        self._file.create_dataset(_DESCRIPTION, data=json.dumps(description, default=_plain))
        self._file.attrs[_CHECKSUM] = _with_the_rest(self._file, self._checksum)


def _plain(value: object) -> object:
    """Numbers of numpy as Python's, and all else (a path) as text: what a fetcher takes from a file's attributes."""
    return value.item() if isinstance(value, np.generic) else str(value)


@contextmanager
def create(path: Path, *, size: int, dtype: str) -> Iterator[PartWriter]:
    """Make a part with room for `size` resampled samples; it appears at `path` when the block ends without an error."""
    with replacing(path, durable=False) as temporary, h5py.File(temporary, "w") as file:
        hdf5.reserve(file, size * np.dtype(dtype).itemsize)
        file.create_dataset(_DATA, shape=(size,), dtype=dtype, dcpl=hdf5.allocated())
        hdf5.fix(file)
        yield PartWriter(file)


def is_intact(path: Path) -> bool:
    """Whether a whole part is there, with the content that was written."""
    try:
        with h5py.File(path, "r") as file:
            checksum, data = 0, file[_DATA].id
            for first, last in _described(file)["written"]:
                for start in range(first, last, _BLOCK):
                    checksum = crc32(hdf5.read_rows(data, start, min(start + _BLOCK, last)).data, checksum)
            return bool(file.attrs[_CHECKSUM] == _with_the_rest(file, checksum))
    # h5py raises the first three where a file is damaged inside; a description may be damaged too.
    except (OSError, RuntimeError, LookupError, ValueError, TypeError):
        return False


def read(path: Path) -> StrainPart:
    """Read a part, but for its resampled samples.

    Raises
    ------
    AframeDataError
        It is gone.
    """
    with hdf5.open_part(path) as file:
        about = _described(file)
        runs = tuple(
            Run(Segment(start, stop), rate, file[f"run-{number}/head"][:], _array(file, f"run-{number}/tail"))
            for number, (start, stop, rate) in enumerate(about["runs"])
        )
        return StrainPart(
            span=Segment(*about["span"]),
            channel=about["channel"],
            runs=runs,
            flaws=tuple(Flaw(**flaw) for flaw in about["flaws"]),
            origins=tuple(Origin(**origin) for origin in about["origins"]),
            quality=_mask(file, "quality", about),
            injections=_mask(file, "injections", about),
            before=_array(file, "before"),
            after=_array(file, "after"),
        )


def read_samples(path: Path, first: int, last: int) -> Iterator[FloatArray]:
    """Resampled samples from one index to another, in blocks; those at the edges of runs hold nothing of use."""
    with hdf5.open_part(path) as file:
        for start in range(first, last, _BLOCK):
            yield file[_DATA][start : min(start + _BLOCK, last)]


def _array(file: h5py.File, name: str) -> FloatArray | None:
    return file[name][:] if name in file else None


def _mask(file: h5py.File, name: str, about: Mapping[str, Any]) -> BitMask | None:
    return BitMask(file[name][:], tuple(about[f"{name}_bits"])) if name in file else None


def _described(file: h5py.File) -> dict[str, Any]:
    described: dict[str, Any] = json.loads(file[_DESCRIPTION].asstr()[()])
    return described


def _with_the_rest(file: h5py.File, checksum: int) -> int:
    """The checksum of the resampled samples, continued over all else."""
    names: list[str] = []
    file.visititems(lambda name, item: names.append(name) if isinstance(item, h5py.Dataset) else None)
    for name in sorted(names):
        if name != _DATA:
            value = file[name][()]
            found = value if isinstance(value, bytes) else np.ascontiguousarray(value).tobytes()
            checksum = crc32(found, crc32(name.encode(), checksum))
    return checksum
