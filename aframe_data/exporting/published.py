"""What an export made, as it appears under its name: a file or a folder, whole, with its record and hashes."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import h5py

from aframe_data.checks import output_exists
from aframe_data.errors import DataQualityError, UsageError
from aframe_data.formats import hdf5
from aframe_data.formats import record as records
from aframe_data.formats.ledger_arrays import iterate_rows
from aframe_data.store.atomic import explained, flush, replacing
from aframe_data.store.identity import encode
from aframe_data.store.output import RecordedFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: The file in a folder that says where the folder came from, and which files it has.
FOLDER_RECORD = "export.json"
_WHAT = "an exported file"


def output_at(path: Path, *, folder: bool) -> RecordedFile:
    """The output of an export."""
    return ExportedFolder(path, _read_folder) if folder else RecordedFile(path, _read_file)


@dataclass(frozen=True)
class ExportedFolder(RecordedFile):
    """A folder that an export made; no other one is replaced."""

    def require_usable(self) -> None:
        """Refuse a path at which no folder can appear.

        Raises
        ------
        UsageError
            A file is there, or a folder that no export made.
        """
        if self.path.is_dir() and (not any(self.path.iterdir()) or (self.path / FOLDER_RECORD).is_file()):
            return
        if self.path.exists() or self.path.is_symlink():
            what = "a folder that no export made" if self.path.is_dir() else "a file"
            raise UsageError(f"cannot write the folder {str(self.path)!r}: {what} is there.")

    def _record(self) -> Mapping[str, Any] | None:
        """That of the folder that is there; None where there is none, or an empty one."""
        return self.read_record(self.path)


@contextmanager
def publishing_file(path: Path, record: Mapping[str, Any]) -> Iterator[Path]:
    """Give a temporary path; the file appears at `path` with its record, where HDF5 has room for one."""
    with replacing(path) as temporary:
        temporary.unlink()  # what makes it may insist on a new one
        yield temporary
        if not temporary.is_file():
            raise DataQualityError(f"the export wrote no file for {path}.")
        if h5py.is_hdf5(temporary):
            with h5py.File(temporary, "r+") as file:
                records.write(file, record, _content(file))


@contextmanager
def publishing_folder(path: Path, record: Mapping[str, Any]) -> Iterator[Path]:
    """Give a temporary folder; it appears at `path`, in place of one that an export made, with its record."""
    beside = f".{path.name}.export-"
    for left in path.parent.glob(f"{beside}*"):  # of a run that was killed; nobody else is at work on this output
        shutil.rmtree(left)
    with explained(path):
        temporary = Path(tempfile.mkdtemp(prefix=beside, dir=path.parent))
        try:
            made = temporary / "new"
            made.mkdir()
            yield made
            hashes = _hashes(made)
            (made / FOLDER_RECORD).write_text(encode({**record, "files": hashes}) + "\n", encoding="utf-8")
            for name in (*hashes, FOLDER_RECORD):
                flush(made / name)
            if path.exists():
                path.rename(temporary / "old")
            made.rename(path)
        finally:
            shutil.rmtree(temporary)


def require_intact(path: Path) -> None:
    """Check that what an export made is as it was written.

    Raises
    ------
    DataQualityError
        It is not.
    """
    if path.is_dir():
        told = _hashes_told(path)
        changed = [name for name, digest in _hashes(path).items() if told.get(name) != digest]
        missing = [name for name in told if not (path / name).is_file()]
        if changed or missing:
            raise DataQualityError(
                f"{path / (changed or missing)[0]} {'changed' if changed else 'is gone'} since it was exported; "
                "--overwrite exports again."
            )
        return
    with hdf5.reading(path, _WHAT) as file:
        if file.attrs.get(records.CONTENT_HASH) != _content(file).hexdigest():
            raise DataQualityError(f"{path} changed since it was exported; --overwrite exports again.")


def files_in(path: Path) -> tuple[str, ...]:
    """The names of the files of an exported folder; none for a file."""
    return tuple(sorted(_hashes_told(path))) if path.is_dir() else ()


def _hashes_told(path: Path) -> Mapping[str, str]:
    found: Mapping[str, str] = (_read_folder(path) or {}).get("files", {})
    return found


def _content(file: h5py.File) -> records.ContentHash:
    """The hash of all datasets of an open file."""
    names: list[str] = []
    file.visititems(lambda name, item: names.append(name) if isinstance(item, h5py.Dataset) else None)
    content = records.ContentHash(names)
    for name in names:
        for block in iterate_rows(file[name]) if file[name].ndim else (file[name][()],):
            content.update(name, block)
    return content


def _hashes(folder: Path) -> dict[str, str]:
    """The files of a folder, but for its record, and the hash of each one's bytes."""
    found = {}
    for parent, _, names in os.walk(folder):
        for name in names:
            path = Path(parent, name)
            if path != folder / FOLDER_RECORD:
                with path.open("rb") as file:
                    found[path.relative_to(folder).as_posix()] = hashlib.file_digest(file, "sha256").hexdigest()
    return dict(sorted(found.items()))


def _read_file(path: Path) -> dict[str, Any] | None:
    return records.read_from(path, _WHAT)


def _read_folder(path: Path) -> dict[str, Any] | None:
    try:
        record: dict[str, Any] = json.loads((path / FOLDER_RECORD).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        raise output_exists(path) from error
    return record
