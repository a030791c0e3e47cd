"""Nothing half-written: a file appears under its final name only when it is whole."""

from __future__ import annotations

import errno
import os
import re
import shutil
import socket
import stat
import tempfile
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from aframe_data.errors import AframeDataError, UsageError
from aframe_data.remote import RemotePath
from aframe_data.sizes import format_bytes
from aframe_data.store.objects import NOTE, put, require_bucket, take_back, workplace

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

_SUFFIX = ".part"
#: Bytes in the name of a file, on every file system of today.
_LONGEST_NAME = 255
#: What a system says, without naming a file, when no more can be written.
_NO_MORE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS})


@contextmanager
def replacing(path: Path, *, durable: bool = True) -> Iterator[Path]:
    """Give a temporary path in the folder of `path`; move it there when the block ends without an error.

    Where `path` is a link, the file that it points to is replaced, or made; an object is put into its store.

    Parameters
    ----------
    durable
        Whether to wait until the content is on the disk. If not, a power failure may leave a file without content.

    Raises
    ------
    AframeDataError
        The disk is full, or the system refuses to write; what was at `path` before is untouched.
    """
    target, path = path, followed(path)
    with explained(path):
        descriptor, name = tempfile.mkstemp(prefix=_temporary_prefix(path), suffix=_SUFFIX, dir=path.parent)
        os.close(descriptor)
        temporary = Path(name)
        try:
            yield temporary
            if isinstance(target, RemotePath):
                put(temporary, target)
                return
            if durable:
                flush(temporary)
            temporary.chmod(0o666 & ~_umask())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)


def followed(path: Path) -> Path:
    """Where a file appears that is written to a path: where a link points, though nothing may be there yet.

    Of an object in a store, the path of this machine beside which it is made.
    """
    return Path(os.path.realpath(path)) if path.is_symlink() else workplace(path)


def _temporary_prefix(path: Path) -> str:
    return f".{path.name}.{socket.gethostname()}-{os.getpid()}-"


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Say in one line why a file cannot be written; the block leaves nothing at `path` when it fails.

    Raises
    ------
    AframeDataError
        The disk is full, or the system refuses to write. Whatever is not about this file goes through.
    """
    try:
        yield
    # HDF5 fails with a RuntimeError where it closes a file, and puts the number of the cause into the text.
    except (OSError, RuntimeError) as error:
        found = re.search(r"errno = (\d+)", str(error))
        number = int(found[1]) if found else getattr(error, "errno", None)
        name = getattr(error, "filename", None)
        # Whatever else goes wrong meanwhile (a connection, a file that is read) is not about this file.
        ours = Path(name).parent == path.parent if isinstance(name, str) else number in _NO_MORE
        if not number or not ours:
            raise
        reason = "the disk is full" if number == errno.ENOSPC else os.strerror(number)
        raise AframeDataError(f"cannot write {path}: {reason}. Nothing was left under that name.") from error


def flush(path: Path) -> None:
    """Wait until the content of a file, or of a folder the names of its files, is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def write_text(path: Path, text: str) -> None:
    """Write a text file, whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def remove_leftovers(paths: Iterable[Path]) -> None:
    """Delete what processes of this machine left for some files when they were killed: temporary files, and uploads."""
    wanted = {os.fspath(followed(path)) for path in paths}
    left_here = re.compile(rf"\.(?P<name>.+)\.{re.escape(socket.gethostname())}-(?P<process>\d+)-\w+{_SUFFIX}({NOTE})?")
    for folder in map(Path, {os.path.dirname(path) for path in wanted}):  # noqa: PTH120 - there may be many
        for entry in folder.iterdir() if folder.is_dir() else ():
            match = left_here.fullmatch(entry.name)
            if match and os.fspath(folder / match["name"]) in wanted and not is_running(int(match["process"])):
                if entry.suffix == NOTE:
                    take_back(entry)
                entry.unlink(missing_ok=True)


def is_running(process: int) -> bool:
    """Whether a process of this machine is alive."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    # A dead process that nobody waited for answers the signal too; Linux tells them apart.
    try:
        state = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return not Path("/proc/self").exists()  # no such system, or gone in this moment
    return state != "Z"


def require_replaceable(path: Path) -> None:
    """Check that a file can appear at `path`: nothing but a file is there, and the name is not too long.

    Raises
    ------
    UsageError
        A folder, a pipe or a device is there, or the system does not allow the name.
    """
    if isinstance(path, RemotePath):
        require_bucket(path)
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        mode = stat.S_IFREG
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot write {str(path)!r}: {getattr(error, 'strerror', error)}.") from error
    if not stat.S_ISREG(mode):
        what = "a folder" if stat.S_ISDIR(mode) else "a pipe or a device"
        raise UsageError(f"cannot write {str(path)!r}: {what} is there, and only a file can be replaced.")
    target = followed(path)
    if path.is_symlink() and not target.parent.is_dir():
        raise UsageError(f"cannot write {str(path)!r}: it is a link to {str(target)!r}, whose folder is not there.")
    spare = _LONGEST_NAME - len(os.fsencode(f"{_temporary_prefix(path)}12345678{_SUFFIX}"))
    if spare < 0:
        raise UsageError(f"the name {path.name!r} is too long, by {-spare} bytes: a temporary file has a longer one.")


def require_writable_folder(folder: Path) -> None:
    """Check that files can be made in `folder`, or, where it is not there, the folder itself; makes nothing.

    Raises
    ------
    UsageError
        It is not a folder, or it cannot be written to.
    """
    existing = next(parent for parent in (folder, *folder.absolute().parents) if parent.exists())
    try:
        with tempfile.TemporaryFile(dir=existing):
            pass
    except OSError as error:
        raise _unwritable(folder, error) from error


def make_folder(folder: Path) -> None:
    """Make `folder` and those above it, where they are not there; errors as `require_writable_folder`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(folder, error) from error


@contextmanager
def folders_made(folders: Iterable[Path], staying: Collection[Path] = ()) -> Iterator[None]:
    """Make folders for the block; what was not there before goes again at its end, unless something is in it.

    Parameters
    ----------
    staying
        Of the folders, those that go only where the block ends with an error.
    """
    with ExitStack() as at_end, ExitStack() as on_failure:
        for folder in folders:
            kept = on_failure if folder in staying else at_end
            for path in reversed((folder, *folder.parents)):
                if not path.exists():
                    kept.callback(remove_if_empty, path)
            make_folder(folder)
        yield
        on_failure.pop_all()


def remove_if_empty(folder: Path) -> None:
    """Remove a folder, unless something is in it, or it is not there."""
    with suppress(OSError):
        folder.rmdir()


def _unwritable(folder: Path, error: OSError) -> UsageError:
    reason = "it is a file" if folder.is_file() else error.strerror or type(error).__name__
    return UsageError(f"cannot write to the folder {str(folder)!r}: {reason}.")


def require_space(folder: Path, needed: int) -> None:
    """Check that the disk of `folder` has room for `needed` bytes more.

    Raises
    ------
    UsageError
        It has not.
    """
    existing = next(parent for parent in (folder, *folder.absolute().parents) if parent.exists())
    free = shutil.disk_usage(existing).free
    if free < needed:
        raise UsageError(
            f"the disk of {str(folder)!r} has {format_bytes(free)} free, and {format_bytes(needed)} are needed for "
            f"what is left to do: {format_bytes(needed - free)} more."
        )
