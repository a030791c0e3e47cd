"""The record of a file, in a root attribute that every reader of Aframe ignores, and the hash of its content."""

from __future__ import annotations

import hashlib
import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from aframe_data.errors import DataQualityError
from aframe_data.formats import foreign, hdf5
from aframe_data.formats.deflated import crc32
from aframe_data.outside import outside_text
from aframe_data.store.identity import encode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    import h5py

PROVENANCE = "provenance"
CONTENT_HASH = "content_sha256"

#: An HDF5 attribute holds less than this; longer records go into a dataset of the group.
_ATTRIBUTE_LIMIT = 60_000
_RECORD = "record"
_RECORD_DATASET = "provenance/record"
#: What parts of a record are.
_PARTS: dict[type, frozenset[str]] = {
    dict: frozenset({"arguments", "identity", "packages"}),
    list: frozenset({"cut", "filled", "flags", "events", "files"}),
}


def write(file: h5py.File, record: Mapping[str, Any], content: Content | None = None) -> None:
    """Write a record, and the hash or checksum of the content, into an open file."""
    text = encode(record)
    if len(text) < _ATTRIBUTE_LIMIT:
        file.attrs[PROVENANCE] = text
    else:
        file.create_dataset(_RECORD_DATASET, data=text)
        file.attrs[PROVENANCE] = json.dumps({"software": "aframe-data", _RECORD: _RECORD_DATASET})
    if content is not None:
        file.attrs[content.attribute] = content.hexdigest()


def read(file: h5py.File) -> dict[str, Any] | None:
    """The record of an open file, or None for a file that this package did not write.

    Raises
    ------
    DataQualityError
        It cannot be read as one.
    """
    text = file.attrs.get(PROVENANCE)
    if text is None:
        return None
    with explained(file.filename):
        record = parse(text)
        if _RECORD in record:
            record = parse(foreign.dataset(file, _RECORD_DATASET, "SO", 0).asstr()[()])
        return record


def read_from(path: Path, what: str) -> dict[str, Any] | None:
    """The record of a file that is not open, as fast as can be: there may be many of them; as `read`.

    Raises
    ------
    DataQualityError
        The file cannot be read as `what`, in words.
    """
    text = hdf5.read_root_text(path, PROVENANCE, what)
    if text is None:
        return None
    with explained(path):
        record = parse(text)
    if _RECORD not in record:
        return record
    with hdf5.reading(path, what) as file:
        return read(file)


def parse(text: str | bytes) -> dict[str, Any]:
    """A record out of its text, by whoever wrote it, without parts that are of another kind than in ours.

    What is wrong with it otherwise is said by `explained`.
    """
    record = json.loads(text)
    if not isinstance(record, dict):
        raise TypeError("it is not an object of names and values")
    parts = [(name, kind) for kind, names in _PARTS.items() for name in names & record.keys()]
    strange = [name for name, kind in parts if not isinstance(record[name], kind)]
    return {name: value for name, value in record.items() if name not in strange}


@contextmanager
def explained(path: str | Path) -> Iterator[None]:
    """Say what is wrong in the record of a file."""
    try:
        yield
    # Python gives up on what is nested a thousand times.
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise DataQualityError(f"{path} has a provenance that cannot be read: {outside_text(error)}") from error


class ContentHash:
    """SHA-256 over the samples of some datasets, taken while they are written or read back in blocks.

    Attributes
    ----------
    attribute
        Where a file has it.
    """

    attribute = CONTENT_HASH

    def __init__(self, names: Iterable[str]) -> None:
        self._hashes = {name: hashlib.sha256() for name in sorted(names)}

    def update(self, name: str, values: np.ndarray[Any, Any]) -> None:
        """Add the next rows of the dataset `name`."""
        self._hashes[name].update(np.ascontiguousarray(values).data)

    @property
    def digests(self) -> dict[str, str]:
        """The hash of each dataset."""
        return {name: digest.hexdigest() for name, digest in self._hashes.items()}

    def hexdigest(self) -> str:
        """The hash of all datasets."""
        total = hashlib.sha256()
        for name, digest in self.digests.items():
            total.update(f"{name}:{digest}\n".encode())
        return total.hexdigest()


class ContentChecksum:
    """CRC-32 in place of SHA-256, as `ContentHash`: for files of unfinished work, in a tenth of the time."""

    attribute = "content_crc32"

    def __init__(self, names: Iterable[str]) -> None:
        self._checksums = dict.fromkeys(sorted(names), 0)

    def update(self, name: str, values: np.ndarray[Any, Any]) -> None:
        """Add the next rows of the dataset `name`."""
        self._checksums[name] = crc32(np.ascontiguousarray(values).view(np.uint8).data, self._checksums[name])

    def hexdigest(self) -> str:
        """The checksum of all datasets."""
        text = "".join(f"{name}:{checksum:08x}\n" for name, checksum in self._checksums.items())
        return f"{crc32(text.encode()):08x}"


#: What a writer takes while it writes: of a finished file, or of a piece of unfinished work.
Content = ContentHash | ContentChecksum
