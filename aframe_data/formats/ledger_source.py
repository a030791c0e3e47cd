"""Ledgers as sources of another: what shape they have, and all their rows, block by block.

Any ledger will do, also one that Aframe's own scripts wrote, without a hash or provenance.
"""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np

from aframe_data.errors import AframeDataError, DataQualityError, UsageError
from aframe_data.formats import hdf5, ledger
from aframe_data.formats import record as records

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from aframe_data.formats.ledger import Array, Layout, LedgerWriter
    from aframe_data.progress import Advance

_GROUPS = ("parameters", "waveforms")
NUM_INJECTIONS = "num_injections"
#: What is not carried over as it is.
_OWN_ATTRIBUTES = ("length", records.PROVENANCE, records.CONTENT_HASH)
_NUMBERS = "biufc"
_BLOCK_BYTES = 32 * 2**20


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
    """

    path: Path
    layout: Layout
    written_hash: str | None
    record: dict[str, Any] | None
    unknown: tuple[str, ...]

    def traits(self) -> dict[str, Any]:
        """All in which files must agree to be joined, by names for the user; not how many rows and injections."""
        layout = self.layout
        traits = {f"the attribute {name}": hdf5.plain(value) for name, value in layout.attributes.items()}
        if NUM_INJECTIONS in layout.attributes:
            traits[f"the attribute {NUM_INJECTIONS}"] = "summed"
        for name, shape in layout.parameters.items():
            traits[f"parameters/{name}"] = _described(layout.parameter_dtype(name), shape)
        for name, size in layout.waveforms.items():
            traits[f"waveforms/{name}"] = _described(layout.dtype, (size,))
        return traits

    @property
    def num_injections(self) -> int | None:
        """Signals that were drawn for it; None where it does not say."""
        found = self.layout.attributes.get(NUM_INJECTIONS)
        return None if found is None else int(found)

    def measure_hash(self) -> str:
        """The hash of its arrays, read through if its writer took none."""
        if self.written_hash is not None:
            return self.written_hash
        content = records.ContentHash(self._names)
        for _ in self._blocks(content):
            pass
        return content.hexdigest()

    def append_to(self, writer: LedgerWriter, advance: Advance) -> str:
        """Write all rows to another ledger of the same shape, and give the hash of the arrays that were read.

        Raises
        ------
        DataQualityError
            It cannot be read, or is not what was written.
        """
        content = records.ContentHash(self._names)
        for parameters, waveforms in self._blocks(content):
            writer.append(parameters, waveforms)
            advance(len(next(iter(parameters.values()))))
        found = content.hexdigest()
        if self.written_hash not in (None, found):
            raise DataQualityError(
                f"{self.path} changed since it was written: its arrays do not have the hash that was taken then. "
                "Make it again, or leave it out."
            )
        return found

    @property
    def _names(self) -> list[str]:
        return [f"{group}/{name}" for group in _GROUPS for name in getattr(self.layout, group)]

    def _blocks(self, content: records.ContentHash) -> Iterator[tuple[dict[str, Array], dict[str, Array]]]:
        """All rows in order, in blocks of bounded size, added to a hash."""
        rows = max(1, _BLOCK_BYTES // max(1, self.layout.row_nbytes))
        # Whole chunks, where they are not too large.
        rows -= rows % ledger.CHUNK_ROWS if rows > ledger.CHUNK_ROWS else 0
        with _opened(self.path) as file:
            for start in range(0, self.layout.length, rows):
                block = {name: file[name][start : start + rows] for name in self._names}
                for name, values in block.items():
                    content.update(name, values)
                parameters, waveforms = (
                    {name: block[f"{group}/{name}"] for name in getattr(self.layout, group)} for group in _GROUPS
                )
                yield parameters, waveforms


def open_source(path: Path) -> LedgerSource:
    """What a ledger holds; reads no array.

    Raises
    ------
    UsageError
        It is not there, or holds what is no array of numbers with as many rows as the others.
    DataQualityError
        It cannot be read, or is no ledger.
    """
    with _opened(path) as file:
        length = int(file.attrs["length"])
        groups = {group: dict(file.get(group, {}).items()) for group in _GROUPS}
        if not groups["parameters"]:
            raise DataQualityError(f"{path} cannot be read as a ledger file: it has no parameters.")
        for group, members in groups.items():
            for name, item in members.items():
                _require_rows(path, f"{group}/{name}", item, length, flat=group == "waveforms")
        dtypes = {item.dtype.str for item in groups["waveforms"].values()}
        if len(dtypes) > 1:
            raise UsageError(f"{path} has waveforms of different types: {', '.join(sorted(dtypes))}.")
        parameters = groups["parameters"]
        layout = ledger.Layout(
            length=length,
            attributes={name: _attribute(file, name) for name in file.attrs if name not in _OWN_ATTRIBUTES},
            parameters={name: item.shape[1:] for name, item in parameters.items()},
            waveforms={name: item.shape[1] for name, item in groups["waveforms"].items()},
            dtype=dtypes.pop() if dtypes else "<f4",
            parameter_dtypes={name: item.dtype.str for name, item in parameters.items()},
        )
        written = file.attrs.get(records.CONTENT_HASH)
        unknown = tuple(sorted(set(file) - {*_GROUPS, records.PROVENANCE}))
        return LedgerSource(path, layout, written, records.read(file), unknown)


def _require_rows(path: Path, name: str, item: Any, length: int, *, flat: bool) -> None:
    if not isinstance(item, h5py.Dataset) or item.dtype.kind not in _NUMBERS or (flat and len(item.shape) != 2):
        raise UsageError(f"{path} holds {name}, which is no array of numbers as ledger files have them.")
    if not item.shape or item.shape[0] != length:
        raise DataQualityError(
            f"{path} is damaged: its attribute length says {length}, and {name} has the shape {item.shape}."
        )


def _attribute(file: h5py.File, name: str) -> Any:
    """A root attribute, of the type that it has in the file: strings of any kind, too."""
    value = file.attrs[name]
    return value if isinstance(value, h5py.Empty) else np.array(value, dtype=file.attrs.get_id(name).dtype)


def _described(dtype: str, shape: tuple[int, ...]) -> str:
    return f"{np.dtype(dtype)} ({', '.join(map(str, ('N', *shape)))})"


@contextmanager
def _opened(path: Path) -> Iterator[h5py.File]:
    try:
        with h5py.File(path, "r") as file:
            yield file
    except AframeDataError:
        raise
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        # h5py gives the number and no words, or many.
        raise UsageError(f"cannot read {str(path)!r}: {os.strerror(error.errno or errno.ENOENT)}.") from error
    # Whatever a file holds that is not ours.
    except (OSError, LookupError, RuntimeError, TypeError, ValueError, AttributeError) as error:
        raise DataQualityError(f"{path} cannot be read as a ledger file: {error}") from error
