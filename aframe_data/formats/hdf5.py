"""Room for HDF5 files before they are filled; what is in them is the business of the modules beside.

HDF5 does not survive a full disk: what cannot be written stays in its cache, closing the file fails, and so
does everything that follows in the process, up to a crash at its end. So the space is taken first.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np

from aframe_data.errors import AframeDataError, DataQualityError
from aframe_data.formats import foreign, opening, screening
from aframe_data.outside import outside_text
from aframe_data.remote import RemotePath

if TYPE_CHECKING:
    from collections.abc import Iterator

#: For what is added to a file after its datasets: the provenance, attributes, masks at 1 Hz.
_MARGIN = 4 * 2**20


def allocated() -> h5py.h5p.PropDCID:
    """The properties of a dataset whose place in the file is fixed at once, and that is then filled whole."""
    properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    properties.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
    properties.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
    return properties


def chunked(shape: tuple[int, ...]) -> h5py.h5p.PropDCID:
    """The properties of a dataset in chunks."""
    properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    properties.set_chunk(shape)
    return properties


def add_dataset(
    file: h5py.File, path: str, shape: tuple[int, ...], dtype: str, properties: h5py.h5p.PropDCID | None
) -> h5py.h5d.DatasetID:
    """Make a dataset, and its groups; as h5py would, in a quarter of the time, for many small files."""
    properties = properties or h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    properties.set_obj_track_times(False)
    links = h5py.h5p.create(h5py.h5p.LINK_CREATE)
    links.set_create_intermediate_group(True)
    kind, space = h5py.h5t.py_create(np.dtype(dtype)), h5py.h5s.create_simple(shape)
    return h5py.h5d.create(file.id, path.encode(), kind, space, dcpl=properties, lcpl=links)


def reserve(file: h5py.File, nbytes: int) -> None:
    """Take the disk's space for a new file, before its datasets are made; `fix` keeps what of it is needed.

    Parameters
    ----------
    nbytes
        Bytes of all datasets.

    Raises
    ------
    OSError
        The disk is full, or the file would be larger than allowed; the file can still be closed.
    """
    _allocate(file, nbytes + _MARGIN)


def fix(file: h5py.File) -> None:
    """Give the `allocated` datasets their places on the disk, and check that a little more is left; as `reserve`."""
    file.flush()
    size = file.id.get_filesize()
    os.truncate(file.filename, size)
    _allocate(file, size)
    if hasattr(os, "posix_fallocate"):
        with tempfile.TemporaryFile(dir=Path(file.filename).parent) as margin:
            os.posix_fallocate(margin.fileno(), 0, _MARGIN)


@contextmanager
def reading(path: Path, what: str) -> Iterator[h5py.File]:
    """Open a file to read it as `what`, in words, whoever wrote it; whatever is in it that is not ours is damage.

    Raises
    ------
    DataQualityError
        It cannot be read, or could do harm.
    """
    with explained(path, what), foreign.opened(path) as file:
        yield file


@contextmanager
def reading_on(path: Path, what: str) -> Iterator[h5py.File]:
    """As `reading`, of a file that was read before, and of which now a further part is: it is not looked through."""
    with explained(path, what), opening.opened(path) as file:
        yield file


def read_root_text(path: Path, name: str, what: str) -> str | None:
    """A text that is an attribute of a file's root, or None; by a way that takes half as long, for many files.

    Errors as those of `reading`.
    """
    with explained(path, what), _opened_low(path) as file:
        root = h5py.h5g.open(file, b"/")
        screening.require_small(root, "the file")
        if not h5py.h5a.exists(root, name.encode()):
            return None
        attribute = h5py.h5a.open(root, name.encode())
        if attribute.shape != () or attribute.dtype.kind not in "SO":
            raise DataQualityError(f"{path} cannot be read as {what}: its attribute {name!r} is not a text.")
        value = np.empty((), attribute.dtype)
        attribute.read(value)
        text = value[()]
        return text.decode() if isinstance(text, bytes) else str(text)


@contextmanager
def _opened_low(path: Path) -> Iterator[h5py.h5f.FileID]:
    """Open a file by the quickest way that there is."""
    if isinstance(path, RemotePath):
        with opening.opened(path) as file:
            yield file.id
        return
    access = h5py.h5p.create(h5py.h5p.FILE_ACCESS)
    access.set_fclose_degree(h5py.h5f.CLOSE_STRONG)  # as h5py does: who has it otherwise keeps others from opening it
    with closing(h5py.h5f.open(os.fsencode(path), h5py.h5f.ACC_RDONLY, access)) as identifier:
        yield identifier


@contextmanager
def explained(path: Path, what: str) -> Iterator[None]:
    """Say what is wrong in a file that is read as `what`."""
    try:
        yield
    except AframeDataError:
        raise
    except FileNotFoundError as error:
        raise DataQualityError(f"{path} cannot be read as {what}: there is no such file, or it was removed.") from error
    # h5py raises a RuntimeError or a LookupError where a file is damaged inside; the others are for files of other
    # programs: no such attribute, words for numbers, a rate of zero.
    except (OSError, RuntimeError, LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise DataQualityError(f"{path} cannot be read as {what}: {outside_text(error)}") from error


def plain(value: Any) -> Any:
    """An attribute as Python has it, so that 2048 equals 2048.0 and bytes equal text."""
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    found = value.tolist() if hasattr(value, "tolist") else value
    return [plain(item) for item in found] if isinstance(found, list) else found


def read_rows(dataset: h5py.h5d.DatasetID, start: int, stop: int) -> np.ndarray[Any, Any]:
    """Some rows of a dataset; by a way that takes a tenth of the time, for many small files."""
    length, *row = dataset.shape
    values = np.empty((max(0, min(stop, length) - start), *row), dtype=dataset.dtype)
    if len(values) == length:
        dataset.read(h5py.h5s.ALL, h5py.h5s.ALL, values)
    elif values.size:
        dataset.read(h5py.h5s.create_simple(values.shape), _rows_of(dataset, start, values.shape), values)
    return values


def write_rows(dataset: h5py.h5d.DatasetID, start: int, values: np.ndarray[Any, Any]) -> None:
    """Write rows of a dataset, which are contiguous in memory and of its type; as fast as `read_rows`."""
    if not values.size:
        return
    if values.shape == dataset.shape:
        dataset.write(h5py.h5s.ALL, h5py.h5s.ALL, values)
    else:
        dataset.write(h5py.h5s.create_simple(values.shape), _rows_of(dataset, start, values.shape), values)


def _rows_of(dataset: h5py.h5d.DatasetID, start: int, shape: tuple[int, ...]) -> h5py.h5s.SpaceID:
    space = dataset.get_space()
    space.select_hyperslab((start, *(0 for _ in shape[1:])), shape)
    return space


def open_part(path: Path) -> h5py.File:
    """Open a file of unfinished work, which another command that makes the same output may have finished meanwhile.

    Raises
    ------
    AframeDataError
        It is gone.
    """
    try:
        return h5py.File(path, "r")
    except OSError as error:
        if path.exists():
            raise
        raise AframeDataError(
            f"{path} has disappeared: another command finished the same output, or removed it. Run this one "
            "again: it keeps what exists, and makes what is missing."
        ) from error


def _allocate(file: h5py.File, nbytes: int) -> None:
    # Not on macOS; there HDF5's own error is what the user gets.
    if hasattr(os, "posix_fallocate"):
        with Path(file.filename).open("r+b") as raw:
            os.posix_fallocate(raw.fileno(), 0, nbytes)
