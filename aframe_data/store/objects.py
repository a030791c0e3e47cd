"""Objects in a store: made in a folder of this machine, and put there whole."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any

from aframe_data.errors import AframeDataError, UsageError
from aframe_data.places import place, user_cache
from aframe_data.remote import RemotePath

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: The name of a note beside a file that is being uploaded, behind the file's own.
NOTE = ".upload"
#: Bytes of a part of an upload, and parts that an upload may have (S3: 10 000).
_PART, _MOST_PARTS = 32 * 2**20, 9_000


def workplace(path: Path) -> Path:
    """The path of this machine beside which the work on a file lies: its own, or one in the user's cache for an object.

    Raises
    ------
    UsageError
        There is no such cache.
    """
    return _root() / path.protocol / path.key if isinstance(path, RemotePath) else path


def _root() -> Path:
    try:
        return user_cache() / "objects"
    except RuntimeError as error:
        raise UsageError("no home folder is known for unfinished work: set XDG_CACHE_HOME to a folder.") from error


def require_bucket(path: RemotePath) -> None:
    """Check that there is a bucket for an object.

    Raises
    ------
    UsageError
        There is none.
    AframeDataError
        The store cannot be reached, or refuses.
    """
    if "/" not in path.key:
        raise UsageError(f"cannot write {str(path)!r}: it names a bucket, and no object in it.")
    if not path.bucket.exists():
        raise UsageError(f"cannot write {str(path)!r}: there is no bucket {str(path.bucket)!r}.")


def put(source: Path, target: RemotePath) -> None:
    """Put a file into a store as one object, which appears whole or not at all.

    What was put of it until an error, or Ctrl-C, is taken back; a note beside the file tells of it where the process is
    killed (`take_back`).

    Raises
    ------
    AframeDataError
        The store refuses, or cannot be reached.
    """
    try:
        with target.answered() as store:
            size = source.stat().st_size
            if size <= _PART:
                store.pipe_file(target.key, source.read_bytes())
            else:
                _put_in_parts(store, source, target, max(_PART, size // _MOST_PARTS + 1))
    except FileNotFoundError as error:
        raise AframeDataError(f"cannot write {target}: there is no bucket {target.bucket}.") from error


def _put_in_parts(store: Any, source: Path, target: RemotePath, size: int) -> None:
    upload = store.open(target.key, "wb", block_size=size, autocommit=False)
    try:
        with source.open("rb") as reading, _noted(source, target) as note:
            while block := reading.read(size):
                upload.write(block)
                note(upload)
            upload.close()
            upload.commit()
    except BaseException:
        upload.closed = True  # else it would be finished when it is forgotten
        with contextlib.suppress(Exception):
            upload.discard()
        raise


@contextlib.contextmanager
def _noted(source: Path, target: RemotePath) -> Iterator[Any]:
    """Keep a note of an upload, as soon as it has a number, for as long as the block goes on."""
    path = source.with_name(f"{source.name}{NOTE}")

    def note(upload: Any) -> None:
        number = (getattr(upload, "mpu", None) or {}).get("UploadId")
        if number and not path.exists():
            path.write_text(json.dumps({"url": str(target), "upload": number}), encoding="utf-8")

    try:
        yield note
    finally:
        path.unlink(missing_ok=True)


def take_back(note: Path) -> None:
    """Have a store forget the parts of an upload whose process was killed, as far as it can be reached."""
    with contextlib.suppress(OSError, ValueError, LookupError, AframeDataError):
        said = json.loads(note.read_text(encoding="utf-8"))
        target = place(said["url"])
        if isinstance(target, RemotePath):
            with target.answered() as store:
                store.abort_mpu(*target.key.split("/", 1), said["upload"])
