"""Opening HDF5 files to read them, of this machine or in a store."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import h5py

from aframe_data.remote import RemotePath

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: Where the signature of an HDF5 file may be: at its beginning, or behind a user's block of 512 bytes times a power of
#: two, of which larger ones than 64 kB are not looked for in a store.
_SIGNATURE, _OFFSETS = b"\x89HDF\r\n\x1a\n", (0, *(512 << power for power in range(8)))


@contextmanager
def opened(path: Path) -> Iterator[h5py.File]:
    """Open a file to read it, for a ``with`` block; of an object in a store, parts are fetched as they are read.

    What is in it is not looked through: `aframe_data.formats.foreign` does that.

    Raises
    ------
    AframeDataError
        The store refuses, or cannot be reached.
    OSError, RuntimeError, LookupError
        h5py's, where it is damaged.
    """
    if not isinstance(path, RemotePath):
        with h5py.File(path, "r") as file:
            yield file
        return
    ranged = path.ranged()
    try:
        with h5py.File(ranged, "r") as file:
            yield file
    # HDF5 tells that it could not read, and not why.
    except (OSError, RuntimeError, LookupError):
        if ranged.error is not None:
            raise ranged.error from None
        raise


def is_hdf5(path: Path) -> bool:
    """Whether a file says that it is HDF5; errors as `opened`."""
    if not isinstance(path, RemotePath):
        return bool(h5py.is_hdf5(path))
    file = path.ranged()
    for offset in _OFFSETS:
        file.seek(offset)
        if file.read(len(_SIGNATURE)) == _SIGNATURE:
            return True
    return False
