"""Ledger files: everything with waveforms, as Aframe's readers expect it.

A ledger has the root attribute ``length`` and the file's metadata, a group ``parameters`` with one dataset
(N, …) a field, and a group ``waveforms`` with one dataset (N, size) a field. Here it is written row by row,
so that memory follows the block and not the file; fields and shapes are the caller's.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np

from aframe_data.checks import require_unchanged
from aframe_data.errors import DataQualityError
from aframe_data.formats import hdf5
from aframe_data.formats import record as records
from aframe_data.formats.ledger_arrays import (
    CHUNK_ROWS,
    GROUPS,
    arrays_of,
    fields_of,
    iterate_rows,
    require_attributes,
)
from aframe_data.places import is_local
from aframe_data.store.atomic import replacing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from aframe_data.formats.ledger_arrays import Array


@dataclass(frozen=True)
class Layout:
    """The shape of a ledger.

    Attributes
    ----------
    length
        Number of rows, N.
    attributes
        Root attributes beside ``length``; a tuple is an array of UTF-8 strings.
    parameters
        Field and the shape of one row: ``()`` for (N,).
    waveforms
        Field and the samples of one row.
    dtype
        Of the waveforms.
    parameter_dtypes
        Of the parameters that are not float64, as ours are.
    """

    length: int
    attributes: Mapping[str, Any]
    parameters: Mapping[str, tuple[int, ...]]
    waveforms: Mapping[str, int] = field(default_factory=dict)
    dtype: str = "float32"
    parameter_dtypes: Mapping[str, str] = field(default_factory=dict)

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays."""
        waveforms = sum(self.waveforms.values()) * np.dtype(self.dtype).itemsize
        parameters = (
            int(np.prod(shape)) * np.dtype(self.parameter_dtype(name)).itemsize
            for name, shape in self.parameters.items()
        )
        return self.length * (waveforms + sum(parameters))

    @property
    def fields(self) -> list[str]:
        """The names of all arrays in the file."""
        return [f"{group}/{name}" for group in GROUPS for name in getattr(self, group)]

    def parameter_dtype(self, name: str) -> str:
        """The type of a parameter."""
        return self.parameter_dtypes.get(name, "float64")


@dataclass(eq=False)
class LedgerWriter:
    """Appends rows to a ledger, of which `rows` are written by now; made by `create`."""

    _file: h5py.File
    layout: Layout
    _datasets: Mapping[str, h5py.h5d.DatasetID]
    _content: records.Content
    rows: int = 0

    def append(self, parameters: Mapping[str, Array], waveforms: Mapping[str, Array]) -> None:
        """Write the next rows; every field of the layout must be there, with the same number of rows."""
        rows = len(next(iter(parameters.values())))
        stop = self.rows + rows
        if stop > self.layout.length:
            raise DataQualityError(f"{stop} rows were to be written, but {self.layout.length} were expected.")
        for group, values in (("parameters", parameters), ("waveforms", waveforms)):
            for name in getattr(self.layout, group):
                dataset = self._datasets[f"{group}/{name}"]
                block = np.ascontiguousarray(values[name], dtype=dataset.dtype)
                if block.shape != (rows, *dataset.shape[1:]):
                    raise DataQualityError(f"{name} has the shape {block.shape}, not {(rows, *dataset.shape[1:])}.")
                hdf5.write_rows(dataset, self.rows, block)
                self._content.update(f"{group}/{name}", block)
        self.rows = stop

    def finish(self, record: Mapping[str, Any]) -> None:
        """Write the provenance; the last call before the file is whole."""
        if self.rows != self.layout.length:
            raise DataQualityError(f"{self.rows} rows were written, but {self.layout.length} were expected.")
        records.write(self._file, record, self._content)


@contextmanager
def create(path: Path, layout: Layout, *, unfinished: bool = False) -> Iterator[LedgerWriter]:
    """Make a ledger; it appears at `path` when the block ends without an error.

    Parameters
    ----------
    unfinished
        Whether it is a piece of unfinished work. Nobody waits until that is on the disk, where it hardly comes: its
        checksum tells what a power failure left.
    """
    with replacing(path, durable=not unfinished) as temporary, h5py.File(temporary, "w") as file:
        hdf5.reserve(file, layout.nbytes)
        file.attrs["length"] = layout.length
        file.attrs.update({name: _attribute(value) for name, value in sorted(layout.attributes.items())})
        datasets = {
            f"parameters/{name}": hdf5.add_dataset(
                file, f"parameters/{name}", (layout.length, *shape), layout.parameter_dtype(name), hdf5.allocated()
            )
            for name, shape in sorted(layout.parameters.items())
        }
        for name, size in sorted(layout.waveforms.items()):
            chunks = hdf5.chunked((min(CHUNK_ROWS, layout.length), size)) if layout.length else None
            waveforms = f"waveforms/{name}"
            datasets[waveforms] = hdf5.add_dataset(file, waveforms, (layout.length, size), layout.dtype, chunks)
        hdf5.fix(file)
        content = (records.ContentChecksum if unfinished else records.ContentHash)(layout.fields)
        yield LedgerWriter(file, layout, datasets, content)


def _attribute(value: Any) -> Any:
    return np.array(value, dtype=h5py.string_dtype()) if isinstance(value, tuple) else value


@dataclass(frozen=True)
class LedgerSummary:
    """What a ledger holds.

    Attributes
    ----------
    attributes
        Root attributes, without provenance and hash.
    parameters
        Field and its smallest and largest value.
    waveforms
        Field and its shape.
    dtypes
        Field of the waveforms and its type.
    not_finite
        Field and the number of its values that are NaN or infinite, where there are any; empty if not checked.
    intact
        Whether the arrays hash to what was written; None for a file without a hash or not checked.
    record
        The provenance, or None.
    """

    attributes: Mapping[str, Any]
    parameters: Mapping[str, tuple[float, float]]
    waveforms: Mapping[str, tuple[int, ...]]
    dtypes: Mapping[str, str]
    not_finite: Mapping[str, int]
    intact: bool | None
    record: dict[str, Any] | None


def summarize(path: Path, *, check: bool = True) -> LedgerSummary:
    """Read what a ledger holds, in blocks; with `check`, compare the hash of all its arrays.

    Raises
    ------
    DataQualityError
        It cannot be read, or is not a ledger.
    """
    with hdf5.reading(path, "a ledger file") as file:
        kind = records.ContentChecksum if records.ContentChecksum.attribute in file.attrs else records.ContentHash
        written, hidden = file.attrs.get(kind.attribute), (records.PROVENANCE, kind.attribute)
        arrays = {group: arrays_of(file, group) for group in GROUPS}
        require_attributes(file)
        found, not_finite = _read_through(file, kind) if check else (None, {})
        return LedgerSummary(
            attributes={name: value for name, value in sorted(file.attrs.items()) if name not in hidden},
            parameters={name: _range(item) for name, item in arrays["parameters"].items()},
            waveforms={name: item.shape for name, item in arrays["waveforms"].items()},
            dtypes={name: str(item.dtype) for name, item in arrays["waveforms"].items()},
            not_finite=not_finite,
            intact=None if written is None or found is None else bool(written == found),
            record=records.read(file),
        )


def recall(path: Path) -> LedgerSummary:
    """Read what an output holds that is there already, and was made by the command that asks.

    An object in a store is not read through for that: it was put there whole, and the store keeps it as it is.

    Raises
    ------
    OutputExistsError
        It changed since it was written.
    DataQualityError
        It cannot be read, or is not a ledger.
    """
    local = is_local(path)
    summary = summarize(path, check=local)
    if local:
        require_unchanged(path, intact=summary.intact)
    return summary


def _read_through(file: h5py.File, kind: type[records.Content]) -> tuple[str, dict[str, int]]:
    """The hash of all arrays of an open ledger, as the writer took it, and the fields with values not finite."""
    fields = fields_of(file)
    content = kind(fields)
    not_finite = dict.fromkeys(fields, 0)
    for name in fields:
        for block in iterate_rows(file[name]):
            content.update(name, block)
            not_finite[name] += int(np.count_nonzero(~np.isfinite(block)))
    return content.hexdigest(), {name: count for name, count in not_finite.items() if count}


def read_record(path: Path) -> dict[str, Any] | None:
    """The record of a ledger, or None for one that this package did not write.

    Raises
    ------
    DataQualityError
        It cannot be read, or is not a ledger.
    """
    return summarize(path, check=False).record


def read_parameters(path: Path) -> dict[str, Array]:
    """All parameters of a ledger, (N, …) each, without its waveforms.

    Raises
    ------
    DataQualityError
        It cannot be read, or is not a ledger.
    """
    with hdf5.reading(path, "a ledger file") as file:
        return {name: item[()] for name, item in arrays_of(file, "parameters").items()}


def _range(dataset: h5py.Dataset) -> tuple[float, float]:
    if not len(dataset):
        return (float("nan"), float("nan"))
    lows, highs = zip(*((np.min(block), np.max(block)) for block in iterate_rows(dataset)), strict=True)
    return float(np.min(lows)), float(np.max(highs))
