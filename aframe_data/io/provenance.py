"""Where a file came from: one JSON string in a root attribute, which every reader of Aframe ignores.

What only tells how the work was run (workers, log files) is left out: it does not change the data, so that
two runs of one command give the same file, byte for byte, on any number of workers.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import numpy as np

from aframe_data import __version__
from aframe_data.errors import AframeDataError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import h5py

PROVENANCE = "provenance"
CONTENT_HASH = "content_sha256"

#: An HDF5 attribute holds less than this; longer records go into a dataset of the group.
_ATTRIBUTE_LIMIT = 60_000
_RECORD = "record"
#: What draws, models, filters and files depend on: the data is the same to the last bit with these versions.
_PACKAGES = ("astropy", "bilby", "gwosc", "gwpy", "h5py", "lalsuite", "numpy", "scipy")
#: Differences that a message names.
_SHOWN = 3
_RECORD_DATASET = "provenance/record"


def provenance(command: str, arguments: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """The record of one command.

    Parameters
    ----------
    command
        The command's name, ``fetch``.
    arguments
        All arguments as resolved: what the user gave and the defaults.
    more
        What else is known: seed, providers, sources.
    """
    return {
        "software": "aframe-data",
        "version": __version__,
        "packages": _packages(),
        "command": command,
        "arguments": dict(arguments),
        **more,
    }


def _packages() -> dict[str, str]:
    from importlib_metadata import PackageNotFoundError, version

    versions = {}
    for name in _PACKAGES:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            versions[name] = "unknown"  # conda splits LALSuite into packages of other names
    return versions


def difference(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> str:
    """In what two records differ, in a few words; empty where `found` says all that `wanted` says.

    Parameters
    ----------
    found
        As read from a file; what else it says does not count.
    wanted
        The record of the request at hand.
    """
    there = _flat({name: value for name, value in found.items() if name in wanted})
    now = _flat(wanted)
    names = [name for name in sorted(there | now) if there.get(name) != now.get(name)]
    shown = [f"{name}: {there.get(name)} there, {now.get(name)} now" for name in names[:_SHOWN]]
    return ", ".join([*shown, *(["…"] if len(names) > _SHOWN else [])])


def _flat(record: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested names with dots between them, and values as JSON gives them back."""
    flat: dict[str, Any] = {}
    for name, value in json.loads(encode(record)).items():
        flat |= _flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}": value}
    return flat


def encode(record: Mapping[str, Any]) -> str:
    """The record as JSON, the same text for the same content."""
    return json.dumps(record, sort_keys=True, default=str)


def write(file: h5py.File, record: Mapping[str, Any], content: ContentHash | None = None) -> None:
    """Write a record, and the hash of the content, into an open file."""
    text = encode(record)
    if len(text) < _ATTRIBUTE_LIMIT:
        file.attrs[PROVENANCE] = text
    else:
        file.create_dataset(_RECORD_DATASET, data=text)
        file.attrs[PROVENANCE] = json.dumps({"software": "aframe-data", _RECORD: _RECORD_DATASET})
    if content is not None:
        file.attrs[CONTENT_HASH] = content.hexdigest()


def read(file: h5py.File) -> dict[str, Any] | None:
    """The record of an open file, or None for a file that this package did not write."""
    text = file.attrs.get(PROVENANCE)
    if text is None:
        return None
    try:
        record = json.loads(text)
        if _RECORD in record:
            record = json.loads(file[record[_RECORD]].asstr()[()])
        return dict(record)
    except (ValueError, KeyError, TypeError) as error:
        raise AframeDataError(f"{file.filename} has a provenance that cannot be read: {error}") from error


class ContentHash:
    """SHA-256 over the samples of some datasets, taken while they are written or read back in blocks."""

    def __init__(self, names: Sequence[str]) -> None:
        self._hashes = {name: hashlib.sha256() for name in sorted(names)}

    def update(self, name: str, values: np.ndarray[Any, Any]) -> None:
        """Add the next rows of the dataset `name`."""
        self._hashes[name].update(np.ascontiguousarray(values).data)

    def hexdigest(self) -> str:
        """The hash of all datasets."""
        total = hashlib.sha256()
        for name, digest in self._hashes.items():
            total.update(f"{name}:{digest.hexdigest()}\n".encode())
        return total.hexdigest()
