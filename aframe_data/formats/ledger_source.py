"""Ledgers as sources of another: what shape they have, and all their rows, block by block.

Any ledger will do, also one that Aframe's own scripts wrote, without a hash or provenance.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np

from aframe_data.checks import require_file
from aframe_data.errors import DataQualityError, UsageError
from aframe_data.formats import foreign, hdf5, ledger
from aframe_data.formats import record as records
from aframe_data.formats.ledger_arrays import GROUPS, blocks, by_group, require_numbers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from aframe_data.formats.ledger import Layout, LedgerWriter
    from aframe_data.formats.ledger_arrays import Array
    from aframe_data.progress import Advance

#: Device, number, size and time of a file: by which another in its place is known.
_State = tuple[int, int, int, int]
NUM_INJECTIONS = "num_injections"
#: Parameters of a campaign whose segments have noise of their own: signals, and draws, of the row's segment.
SEGMENT_LENGTH, SEGMENT_NUM_INJECTIONS = "segment_length", "segment_num_injections"
#: What is not carried over as it is.
_OWN_ATTRIBUTES = ("length", records.PROVENANCE, records.CONTENT_HASH)
_NUMBERS = "biufc"


@dataclass(frozen=True, eq=False)
class LedgerSource:
    """A ledger that is to be read.

    Attributes
    ----------
    path, layout
        The file and its shape; of the root attributes, all but length, hash and provenance.
    written_hash
        The hash that its writer took of its arrays, or None.
    record
        Its provenance, or None.
    unknown
        What lies in it beside parameters and waveforms.
    state
        Which file it was when it was looked at.
    """

    path: Path
    layout: Layout
    written_hash: str | None
    record: dict[str, Any] | None
    unknown: tuple[str, ...]
    state: _State

    @property
    def num_injections(self) -> int | None:
        """Signals that were drawn for it; None where it does not say."""
        found = self.layout.attributes.get(NUM_INJECTIONS)
        return None if found is None else int(found)

    def known_hash(self) -> str:
        """The hash of its arrays that its writer took; read through if it took none."""
        return self.measure_hash() if self.written_hash is None else self.written_hash

    def measure_hash(self) -> str:
        """The hash of its arrays as they are; reads all of them."""
        content = records.ContentHash(self.layout.fields)
        for _ in self._blocks(content):
            pass
        return content.hexdigest()

    def append_to(self, writer: LedgerWriter, advance: Advance, *, columns: Mapping[str, Array]) -> str:
        """Write all rows to another ledger of the same shape, and give the hash of the arrays that were read.

        Parameters
        ----------
        columns
            Parameters that are other there than they were read.

        Raises
        ------
        DataQualityError
            It cannot be read, or is not what was written.
        """
        content = records.ContentHash(self.layout.fields)
        start = 0
        for block in self._blocks(content):
            parameters, waveforms = by_group(block)
            stop = start + len(next(iter(block.values())))
            writer.append(parameters | {name: values[start:stop] for name, values in columns.items()}, waveforms)
            advance(stop - start)
            start = stop
        found = content.hexdigest()
        if self.written_hash not in (None, found):
            raise DataQualityError(
                f"{self.path} changed since it was written: its arrays do not have the hash that was taken then. "
                "Make it again, or leave it out."
            )
        return found

    def iterate_parameters(self, names: Sequence[str]) -> Iterator[dict[str, Array]]:
        """Some of the parameters of all rows, in blocks of bounded size."""
        with self._reopened() as file:
            for block in blocks(file, [f"parameters/{name}" for name in names], slice(0, self.layout.length)):
                yield by_group(block)[0]

    def is_replaced(self) -> bool:
        """Whether another file is there now, or it was written to."""
        try:
            return _state(self.path) != self.state
        except OSError:
            return True

    @contextmanager
    def _reopened(self) -> Iterator[h5py.File]:
        """Open the file again, which is looked through only if it is another one by now: that takes longest."""
        reading = hdf5.reading if self.is_replaced() else hdf5.reading_on
        with reading(self.path, "a ledger file") as file:
            yield file

    def _blocks(self, content: records.ContentHash) -> Iterator[dict[str, Array]]:
        """All rows in order, in blocks of bounded size, added to a hash."""
        with self._reopened() as file:
            for block in blocks(file, self.layout.fields, slice(0, self.layout.length)):
                for name, values in block.items():
                    content.update(name, values)
                yield block


def open_source(path: Path) -> LedgerSource:
    """What a ledger holds; reads no array.

    Raises
    ------
    UsageError
        It is not there, or holds what is not an array of numbers with as many rows as the others.
    DataQualityError
        It cannot be read, or is not a ledger.
    """
    require_file(path)
    with hdf5.reading(path, "a ledger file") as file:
        state = _state(path)
        length = int(foreign.number(file, "length"))
        require_numbers(file)
        # What is empty may have lost the shape of its rows.
        parameters, waveforms = (
            {
                name: _shape(path, f"{group}/{name}", member, length, flat=group == "waveforms" and length > 0)
                for name, member in _members(file, group).items()
            }
            for group in GROUPS
        )
        if not parameters:
            raise DataQualityError(f"{path} cannot be read as a ledger file: it has no parameters.")
        dtypes = {dtype for _, dtype in waveforms.values()}
        if len(dtypes) > 1 and length:
            raise UsageError(f"{path} has waveforms of different types: {', '.join(sorted(dtypes))}.")
        layout = ledger.Layout(
            length=length,
            attributes={name: _attribute(file, name) for name in file.attrs if name not in _OWN_ATTRIBUTES},
            parameters={name: shape for name, (shape, _) in parameters.items()},
            waveforms={name: shape[0] if shape else 0 for name, (shape, _) in waveforms.items()},
            dtype=max(dtypes, default="<f4"),
            parameter_dtypes={name: dtype for name, (_, dtype) in parameters.items()},
        )
        written = file.attrs.get(records.CONTENT_HASH)
        unknown = tuple(sorted(set(file) - {*GROUPS, records.PROVENANCE}))
        return LedgerSource(path, layout, written, records.read(file), unknown, state)


def _state(path: Path) -> _State:
    found = path.stat()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _members(file: h5py.File, group: str) -> dict[str, tuple[tuple[int, ...], np.dtype[Any]] | None]:
    """Shape and type of what a group holds, or None for no array; each is asked once: there may be many files."""
    if group not in file:
        return {}
    found = h5py.h5g.open(file.id, group.encode())
    members = {name.decode(): h5py.h5o.open(found, name) for name in found}
    return {
        name: (item.shape, item.dtype) if isinstance(item, h5py.h5d.DatasetID) else None
        for name, item in members.items()
    }


def _shape(path: Path, name: str, member: Any, length: int, *, flat: bool) -> tuple[tuple[int, ...], str]:
    """Shape of a row of a field, and its type, if it is an array of numbers with as many rows as the others."""
    shape, dtype = member or ((), np.dtype("V"))
    if dtype.kind not in _NUMBERS or (flat and len(shape) != 2):
        raise UsageError(f"{path} holds {name}, which is not an array of numbers as ledger files have them.")
    if not shape or shape[0] != length:
        raise DataQualityError(
            f"{path} is damaged: its attribute length says {length}, and {name} has the shape {shape}."
        )
    return shape[1:], dtype.str


def _attribute(file: h5py.File, name: str) -> Any:
    """A root attribute, of the type that it has in the file: strings of any kind, too."""
    value = file.attrs[name]
    return value if isinstance(value, h5py.Empty) else np.array(value, dtype=file.attrs.get_id(name).dtype)
