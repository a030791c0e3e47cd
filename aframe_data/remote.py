"""Objects in a store such as S3, as paths: what this package asks of a `pathlib.Path`, a store answers.

A `RemotePath` is no ``os.PathLike``: what takes local paths alone (``Path(…)``, ``open``) fails on it, and never makes
a local folder called ``s3:``.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import stat
from collections import OrderedDict
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from aframe_data.errors import AframeDataError, StoreError
from aframe_data.outside import outside_text
from aframe_data.ranges import RangedFile
from aframe_data.redaction import redacted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: How often a request is made whose connection broke; what the store refuses is not asked for again.
_TRIES = 2
#: Objects of which parts are kept that were read.
_OBJECTS = 4


class RemoteStatus(NamedTuple):
    """What a store says of an object or a folder, by the names of `os.stat_result`."""

    st_mode: int
    st_size: int
    st_mtime_ns: int
    st_ino: int
    st_dev: int = -1


@dataclass(frozen=True, order=True)
class RemotePath:
    """An object in a store, or what objects there have in common: their folder.

    Errors of the store are a `StoreError` in one line, or a `FileNotFoundError`.

    Attributes
    ----------
    protocol
        Such as ``s3``.
    key
        Bucket and name of the object, with single slashes between.
    """

    protocol: str
    key: str

    def __str__(self) -> str:
        return f"{self.protocol}://{self.key}"

    def __truediv__(self, name: str) -> RemotePath:
        return RemotePath(self.protocol, f"{self.key}/{name}")

    @property
    def name(self) -> str:
        """The last part."""
        return PurePosixPath(self.key).name

    @property
    def stem(self) -> str:
        """The last part without its suffix."""
        return PurePosixPath(self.key).stem

    @property
    def suffix(self) -> str:
        """The end of the last part, from its last dot on."""
        return PurePosixPath(self.key).suffix

    @property
    def parts(self) -> tuple[str, ...]:
        """Store and bucket, and all that follows."""
        first, *rest = self.key.split("/")
        return (f"{self.protocol}://{first}", *rest)

    @property
    def parent(self) -> RemotePath:
        """The folder; of a bucket, itself."""
        return self if "/" not in self.key else RemotePath(self.protocol, self.key.rpartition("/")[0])

    @property
    def bucket(self) -> RemotePath:
        """The bucket, or what other stores call so."""
        return RemotePath(self.protocol, self.key.partition("/")[0])

    def with_name(self, name: str) -> RemotePath:
        """Another place in the same folder."""
        return self.parent / name

    def absolute(self) -> RemotePath:
        """The same: a URL says all."""
        return self

    def resolve(self) -> RemotePath:
        """The same: there are no links."""
        return self

    def relative_to(self, folder: RemotePath) -> PurePosixPath:
        """Its path from a folder on."""
        return PurePosixPath(self.key).relative_to(folder.key)

    def is_symlink(self) -> bool:
        """Never."""
        return False

    @contextlib.contextmanager
    def answered(self) -> Iterator[Any]:
        """The store, as fsspec has it; what it refuses in the block is told in one line, without secrets.

        Raises
        ------
        FileNotFoundError
            There is no such object, or no such bucket.
        StoreError
            The store refuses, or cannot be reached.
        """
        import fsspec

        try:
            store = fsspec.filesystem(self.protocol, use_listings_cache=False)
            store.retries = _TRIES
            yield store
        except AframeDataError:
            raise
        except FileNotFoundError as error:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(self)) from error
        # Each store's package has errors of its own, most of which have nothing but `Exception` in common.
        except Exception as error:
            refused = isinstance(error, PermissionError)
            said = redacted(outside_text(error)).rstrip(".")
            what = f"the store refuses access to {self}" if refused else f"{self} cannot be used"
            raise StoreError(f"{what}: {said or type(error).__name__}.") from error

    def stat(self) -> RemoteStatus:
        """What the store says of it."""
        import hashlib  # which a help page does without

        with self.answered() as store:
            info = store.info(self.key)
        changed = info.get("LastModified") or info.get("mtime") or info.get("last_modified")
        seconds = changed.timestamp() if hasattr(changed, "timestamp") else 0.0
        said = f"{self.key} {info.get('ETag', info.get('etag', ''))}"
        return RemoteStatus(
            st_mode=stat.S_IFDIR | 0o777 if info["type"] == "directory" else stat.S_IFREG | 0o666,
            st_size=int(info.get("size") or 0),
            st_mtime_ns=round(seconds * 1e9),
            st_ino=int(hashlib.sha256(said.encode()).hexdigest()[:15], 16),
        )

    def exists(self) -> bool:
        """Whether there is an object, or one below."""
        return self._mode() != 0

    def is_file(self) -> bool:
        """Whether there is an object."""
        return stat.S_ISREG(self._mode())

    def is_dir(self) -> bool:
        """Whether there are objects below."""
        return stat.S_ISDIR(self._mode())

    def _mode(self) -> int:
        try:
            return self.stat().st_mode
        except FileNotFoundError:
            return 0

    def samefile(self, other: object) -> bool:
        """Whether it is the same object."""
        return self == other

    def iterdir(self) -> Iterator[RemotePath]:
        """What is directly below, in the order of the names."""
        with self.answered() as store:
            found = store.ls(self.key, detail=False)
        names = {name.rstrip("/").rpartition("/")[2] for name in found if name.strip("/") != self.key}
        return (self / name for name in sorted(names))

    def glob(self, pattern: str) -> Sequence[RemotePath]:
        """What is below, of a pattern."""
        if "/" in pattern:
            return (self / pattern).matches()
        try:
            return [path for path in self.iterdir() if fnmatchcase(path.name, pattern)]
        except FileNotFoundError:
            return []

    def objects(self) -> Sequence[RemotePath]:
        """All objects below, however deep, in the order of their names."""
        with self.answered() as store:
            return [RemotePath(self.protocol, name) for name in store.find(self.key)]

    def matches(self) -> Sequence[RemotePath]:
        """What there is of a place whose name is a pattern."""
        with self.answered() as store:
            return [RemotePath(self.protocol, name) for name in store.glob(self.key)]

    def read_bytes(self) -> bytes:
        """All of it."""
        with self.answered() as store:
            return cast("bytes", store.cat_file(self.key))

    def read_text(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        """All of it, with line ends as on this machine."""
        return io.TextIOWrapper(io.BytesIO(self.read_bytes()), encoding=encoding, errors=errors).read()

    def open(self, mode: str = "r", *, encoding: str | None = None, errors: str | None = None) -> Any:
        """Open it to read it; parts are fetched as they are asked for."""
        if mode not in ("r", "rb"):
            raise ValueError(f"{self} can only be read")
        buffered = io.BufferedReader(self.ranged())
        return buffered if mode == "rb" else io.TextIOWrapper(buffered, encoding=encoding, errors=errors)

    def ranged(self) -> RangedFile:
        """A file object that fetches parts as they are asked for; raises an `IsADirectoryError` for a folder."""
        status = self.stat()
        if not stat.S_ISREG(status.st_mode):
            raise IsADirectoryError(errno.EISDIR, "it is a folder, not a file", str(self))

        def fetch(start: int, stop: int) -> bytes:
            with self.answered() as store:
                return cast("bytes", store.cat_file(self.key, start=start, end=stop))

        # Where the store does not say when an object changed, another one may have its name meanwhile.
        pages = _pages(self, status) if status.st_mtime_ns else OrderedDict()
        return RangedFile(fetch, status.st_size, str(self), pages)

    def unlink(self, *, missing_ok: bool = False) -> None:
        """Remove the object."""
        try:
            with self.answered() as store:
                store.rm_file(self.key)
        except FileNotFoundError:
            if not missing_ok:
                raise

    def rmdir(self) -> None:
        """Nothing: a folder goes with the last object in it."""


@lru_cache(maxsize=_OBJECTS)
def _pages(_path: RemotePath, _status: RemoteStatus) -> OrderedDict[int, bytes]:
    """What was read of an object, for whoever opens it again as it was: its metadata is looked at many times."""
    return OrderedDict()
