"""Which files are meant by paths, folders, patterns and lists of them, and in which order.

Files that are gone can be meant too: an output whose inputs were removed after it was joined remembers their paths.
"""

from __future__ import annotations

import glob
import os
import re
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from aframe_data.errors import DataQualityError, UsageError
from aframe_data.formats.kinds import kind_of
from aframe_data.merging.joined import absolute
from aframe_data.places import place
from aframe_data.remote import RemotePath
from aframe_data.sizes import format_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_SUFFIXES = (".hdf5", ".h5")
#: What may lie in a folder beside ledgers, and is passed over.
_OTHERS = ("psd", "strain")
_STANDARD_INPUT = 0
#: Bytes of a list, which is read whole: paths of a million files.
_LONGEST_LIST = 256 * 2**20
_LONGEST_NAME = 255  # bytes that file systems allow


def lines_of(source: Path) -> tuple[Path, ...]:
    """What a list names, one path a line; ``-`` is the standard input.

    Raises
    ------
    UsageError
        It cannot be read, or names nothing.
    """
    try:
        with open(_STANDARD_INPUT if str(source) == "-" else source, "rb", closefd=str(source) != "-") as file:
            content = file.read(_LONGEST_LIST + 1)
    except OSError as error:
        raise UsageError(f"cannot read the list of files {str(source)!r}: {os.strerror(error.errno or 0)}.") from error
    if len(content) > _LONGEST_LIST:
        raise UsageError(f"{str(source)!r} is not a list of files: it has more than {format_bytes(_LONGEST_LIST)}.")
    lines = [line.rstrip(b"\r") for line in content.split(b"\n") if line.strip()]
    if not lines:
        raise UsageError(f"the list of files {str(source)!r} names no file.")
    if b"\0" in content or any(len(part) > _LONGEST_NAME for line in lines for part in line.split(b"/")):
        raise UsageError(f"{str(source)!r} is not a list of files: there must be one path per line.")
    return tuple(place(os.fsdecode(line)) for line in lines)


def files_of(given: Sequence[Path], output: Path, gone: Sequence[Path] = ()) -> tuple[Path, ...]:
    """The files that are meant.

    A path means itself. A folder means the ledgers that lie in it (``.hdf5`` and ``.h5``, none that is hidden, none of
    its subfolders); a pattern of ``*``, ``?``, ``[…]`` and ``**`` (any folders, or none) means the files that match.
    Both come in the order of their paths, with numbers by their value: ``2.hdf5`` before ``10.hdf5``.

    Parameters
    ----------
    output
        What is to be made of them: no folder and no pattern means it.
    gone
        Absolute paths of files that folders and patterns mean although they are not there any more.

    Raises
    ------
    UsageError
        A folder or a pattern means no file.
    DataQualityError
        A file of a folder is damaged, or cannot be told from a ledger that was not finished.
    """
    return tuple(path for each in given for path in _meant(each, output, gone))


def _meant(given: Path, output: Path, gone: Sequence[Path]) -> Sequence[Path]:
    remote, whole = isinstance(given, RemotePath), absolute(given)
    here = [path for path in gone if path.parent == whole]
    # Path.is_dir raises where a name is too long.
    is_folder = given.is_dir() if remote else os.path.isdir(given)  # noqa: PTH112
    there = given.exists() if remote else os.path.lexists(given)
    if is_folder or (here and not there):
        found = [*_ledgers(given, output), *here]
        nothing = f"the folder {str(given)!r} holds no ledger file."
    elif glob.has_magic(str(given)) and not there:
        found = [path for path in _matching(given) if path.is_file() and not _same(path, output)]
        found += [path for path in gone if _matches(path.parts, whole.parts)]
        nothing = f"no file matches {str(given)!r}."
    else:
        return (given,)
    if not found:
        raise UsageError(nothing)
    return sorted(found, key=_natural)


def _matching(pattern: Path) -> Iterator[Path]:
    """What there is of a pattern."""
    if isinstance(pattern, RemotePath):
        return map(place, pattern.matches())
    return map(Path, glob.glob(str(pattern), recursive=True))  # noqa: PTH207 - Path.glob takes no absolute pattern


def _ledgers(folder: Path, output: Path) -> Iterator[Path]:
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.name.startswith(".") or path.suffix not in _SUFFIXES or not path.is_file() or _same(path, output):
            continue
        kind = kind_of(path)
        if kind == "ledger":
            yield path
        # What a killed program leaves must not be passed over as if it were nothing.
        elif kind not in _OTHERS:
            raise DataQualityError(
                f"{path} cannot be read as a ledger file: make it again, or take it out of the folder."
            )


def _same(path: Path, output: Path) -> bool:
    return output.exists() and path.samefile(output)


def _natural(path: Path) -> list[tuple[int, str]]:
    """By which paths are sorted: folder by folder, and numbers by their value."""
    text = str(absolute(path)).replace(os.sep, "\0")
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"([0-9]+)", text)]


def _matches(parts: Sequence[str], pattern: Sequence[str]) -> bool:
    """Whether a path fits a pattern, as it would if the file were there."""
    if not pattern:
        return not parts
    if pattern[0] == "**":
        deeper = bool(parts) and not parts[0].startswith(".") and _matches(parts[1:], pattern)
        return deeper or _matches(parts, pattern[1:])
    if not parts or (parts[0].startswith(".") and not pattern[0].startswith(".")):
        return False
    return fnmatchcase(parts[0], pattern[0]) and _matches(parts[1:], pattern[1:])
