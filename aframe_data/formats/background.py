"""Background strain files: ``{prefix}-{start}-{duration}.hdf5``, one dataset for each interferometer.

`gwpy.timeseries.TimeSeriesDict.read` reads them, and so do Aframe's loaders, which take start and duration
from the name. One attribute too many on a dataset makes gwpy refuse it, so what we add lies at the root.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np

from aframe_data.errors import DataQualityError
from aframe_data.formats import foreign, hdf5
from aframe_data.formats import record as records
from aframe_data.store.atomic import replacing
from aframe_data.types import Segment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from concurrent.futures import Executor, Future
    from pathlib import Path

    #: Told the interferometer and its next samples.
    OnBlock = Callable[[str, np.ndarray[Any, Any]], None]

#: The loader reads random slices: chunks of this many samples, uncompressed.
CHUNK = 131_072
#: The root attribute, a JSON object, of a file in which gaps were filled: interferometer and seconds.
FILLED = "filled_seconds"
#: Series of one file; there are fewer detectors.
_MOST_IFOS = 16
#: Samples read at once where a whole file is checked.
_BLOCK = 16 * CHUNK


@dataclass(frozen=True)
class BackgroundSummary:
    """What a background file holds.

    Attributes
    ----------
    ifos
        Names of the datasets, sorted.
    segment
        The span.
    sample_rate
        Hz.
    dtype
        Name of the samples' type.
    not_finite
        Number of samples that are NaN or infinite, for each interferometer.
    written_hash
        The hash of its samples that its writer took, or None.
    intact
        Whether the samples hash to that; None for a file without a hash.
    record
        The provenance, or None.
    digests
        The hash of the samples of each interferometer; empty where they were not read.
    """

    ifos: tuple[str, ...]
    segment: Segment
    sample_rate: float
    dtype: str
    not_finite: Mapping[str, int]
    written_hash: str | None
    intact: bool | None
    record: dict[str, Any] | None
    digests: Mapping[str, str] = field(default_factory=dict, compare=False)


class BackgroundWriter:
    """Fills a background file block by block; made by `create`.

    The hash, which takes longer than writing, is taken `beside`, by one other thread.
    """

    def __init__(self, file: h5py.File, ifos: Sequence[str], beside: Executor) -> None:
        self._file, self._beside = file, beside
        self._content = records.ContentHash(ifos)
        self._hashed: Future[None] | None = None
        self._filled = dict.fromkeys(ifos, 0)

    def append(self, ifo: str, samples: np.ndarray[Any, Any]) -> None:
        """Write the next samples of one interferometer, which nobody may change from now on."""
        dataset = self._file[ifo]
        start = self._filled[ifo]
        block = np.ascontiguousarray(samples, dtype=dataset.dtype)
        if start + len(block) > len(dataset):
            raise DataQualityError(
                f"{start + len(block)} samples of {ifo} were to be written, but {len(dataset)} were expected."
            )
        self._await_hash()  # of the block before, so that not all of them are in memory
        self._hashed = self._beside.submit(self._content.update, ifo, block)
        hdf5.write_rows(dataset.id, start, block)
        self._filled[ifo] = start + len(block)

    def annotate(self, name: str, values: np.ndarray[Any, Any] | Sequence[str]) -> None:
        """Keep an array in the group ``provenance/``."""
        self._file.create_dataset(f"provenance/{name}", data=values)

    def mark_filled(self, seconds: Mapping[str, float]) -> None:
        """Say in an attribute of the file how many seconds of each interferometer are not data but zeros."""
        self._file.attrs[FILLED] = json.dumps(dict(seconds), sort_keys=True)

    def describe(self, channels: Mapping[str, str], record: Mapping[str, Any]) -> None:
        """Write the channel of each interferometer, and the record; the last call before the file is whole."""
        for ifo, channel in channels.items():
            dataset = self._file[ifo]
            if self._filled[ifo] != len(dataset):
                raise DataQualityError(
                    f"{self._filled[ifo]} samples of {ifo} were written, but {len(dataset)} were expected."
                )
            dataset.attrs.update({"unit": "strain", "name": ifo, "channel": channel})
        self._await_hash()
        records.write(self._file, record, self._content)

    def _await_hash(self) -> None:
        if self._hashed is not None:
            self._hashed.result()


@contextmanager
def create(
    path: Path, *, ifos: Sequence[str], segment: Segment, sample_rate: float, dtype: str
) -> Iterator[BackgroundWriter]:
    """Make a background file; it appears at `path` when the block ends without an error."""
    size = round(segment.duration * sample_rate)
    # Without a cache of chunks, through which each sample would be copied once more.
    with (
        replacing(path) as temporary,
        h5py.File(temporary, "w", rdcc_nbytes=0) as file,
        ThreadPoolExecutor(1) as beside,
    ):
        hdf5.reserve(file, size * np.dtype(dtype).itemsize * len(ifos))
        for ifo in sorted(ifos):
            dataset = file.create_dataset(
                ifo, shape=(size,), dtype=dtype, chunks=(min(size, CHUNK),), dcpl=hdf5.allocated()
            )
            dataset.attrs.update({"x0": float(segment.start), "dx": 1 / sample_rate, "xunit": "s"})
        hdf5.fix(file)
        yield BackgroundWriter(file, sorted(ifos), beside)


def summarize(path: Path, *, check: bool = True, on_block: OnBlock | None = None) -> BackgroundSummary:
    """Read what a background file holds.

    Parameters
    ----------
    check
        Read all samples too: count those that are not finite and compare their hash.
    on_block
        Told all samples that are read, block by block, one interferometer after the other.

    Raises
    ------
    DataQualityError
        It cannot be read, or is not a background file.
    """
    with hdf5.reading(path, "a background file") as file:
        datasets = _series(file)
        if not datasets:
            raise DataQualityError(f"{path} holds no strain.")
        if len(datasets) > _MOST_IFOS:
            raise foreign.ForeignFileError(f"it holds {len(datasets)} series, and at most {_MOST_IFOS} are read")
        grids = {_grid(file, name) for name in datasets}
        if len(grids) != 1:
            raise DataQualityError(f"{path} holds interferometers of different span or rate.")
        ((size, start, dx),) = grids
        content = records.ContentHash(datasets)
        not_finite = dict.fromkeys(datasets, 0)
        for name, block in _blocks(file) if check else ():
            not_finite[name] += int(np.count_nonzero(~np.isfinite(block)))
            content.update(name, block)
            if on_block is not None:
                on_block(name, block)
        written = file.attrs.get(records.CONTENT_HASH)
        return BackgroundSummary(
            ifos=tuple(sorted(datasets)),
            segment=Segment(start, start + size * dx),
            sample_rate=1 / dx,
            dtype=str(next(iter(datasets.values())).dtype),
            not_finite=not_finite,
            digests=content.digests if check else {},
            written_hash=written if isinstance(written, str) else None,
            intact=None if written is None or not check else bool(written == content.hexdigest()),
            record=records.read(file),
        )


def measure_hash(path: Path) -> str:
    """The hash of a file's samples, read through, as it is taken where a file is written.

    Raises
    ------
    DataQualityError
        It cannot be read.
    """
    with hdf5.reading(path, "a background file") as file:
        content = records.ContentHash(_series(file))
        for name, block in _blocks(file):
            content.update(name, block)
        return content.hexdigest()


def read_record(path: Path) -> dict[str, Any] | None:
    """The provenance of a background file, or None where it has none.

    Raises
    ------
    DataQualityError
        It cannot be read.
    """
    return records.read_from(path, "a background file")


def read_samples(path: Path, ifo: str, span: slice) -> np.ndarray[Any, Any]:
    """Some samples of one interferometer, of the type that they have in the file, of which the summary was read.

    Raises
    ------
    DataQualityError
        The file is damaged there.
    """
    with hdf5.reading_on(path, "a background file") as file:
        samples: np.ndarray[Any, Any] = np.asarray(file[ifo][span])
        return samples


def _is_series(item: h5py.Dataset | h5py.Group | None) -> bool:
    """Whether this is strain: a spectrum has the same attributes, in hertz."""
    if not isinstance(item, h5py.Dataset) or "x0" not in item.attrs:
        return False
    unit = item.attrs.get("xunit", "s")
    return isinstance(unit, (str, bytes)) and unit in ("s", b"s")


def _grid(file: h5py.File, name: str) -> tuple[int, float, float]:
    """Number of samples, first GPS time, and seconds between two."""
    item = foreign.dataset(file, name, "f")
    foreign.sample_rate(item, "dx")
    return len(item), foreign.number(item, "x0"), foreign.number(item, "dx")


def _series(file: h5py.File) -> dict[str, h5py.Dataset]:
    return {name: item for name, item in file.items() if _is_series(item)}


def _blocks(file: h5py.File) -> Iterator[tuple[str, np.ndarray[Any, Any]]]:
    """All samples: the name of a series, and its next ones."""
    for name, item in _series(file).items():
        for start in range(0, len(item), _BLOCK):
            yield name, item[start : start + _BLOCK]
