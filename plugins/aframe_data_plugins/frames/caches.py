"""Lists of files, one a line: LAL cache files, Virgo's FFL, or bare paths and URLs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from aframe_data.checks import require_file
from aframe_data.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_BYTES = 256 * 2**20  # a million files
_LAL_FIELDS = 5  # observatory, description, start, duration, URL
_LIST_SUFFIX = ".ffl"
_FFL_FIELDS = 3  # path, start, duration, and more that is not needed


def read_cache(cache: Path, above: tuple[Path, ...] = ()) -> list[Path]:
    """Read the paths that a list has, in its order; a relative one is seen from the list.

    A list that it names, by the suffix ``.ffl``, is followed; `above` are those that led here.

    Raises
    ------
    UsageError
        It cannot be read, a line is of another form, or names what is not on this machine, or a list names itself.
    """
    require_file(cache, "--frames-path: ", _MOST_BYTES)
    try:
        text = cache.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"--frames-path: {str(cache)!r} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"--frames-path: {str(cache)!r} is neither a GWF or HDF5 file nor a list of files.") from error
    if cache in above:
        raise UsageError(f"--frames-path: {str(cache)!r} names itself, by way of {str(above[-1])!r}.")
    paths = []
    for number, location in _locations(cache, text):
        path = _local(cache, number, location)
        paths += read_cache(path, (*above, cache)) if path.suffix == _LIST_SUFFIX else [path]
    return paths


def _locations(cache: Path, text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.splitlines(), start=1):
        fields = line.split("#", 1)[0].split()
        if not fields:
            continue
        if len(fields) == 1 or (len(fields) >= _FFL_FIELDS and _is_number(fields[1]) and _is_number(fields[2])):
            yield number, fields[0]
        elif len(fields) == _LAL_FIELDS and _is_number(fields[2]) and _is_number(fields[3]):
            yield number, fields[4]
        else:
            raise UsageError(
                f"--frames-path: line {number} of {str(cache)!r} is not a line of a LAL cache (observatory, "
                "description, start, duration, URL) or of an FFL (path, start, duration, …), nor a single path."
            )


def _local(cache: Path, number: int, location: str) -> Path:
    parts = urlsplit(location)
    if not parts.scheme:
        return cache.parent / location
    if parts.scheme == "file" and parts.netloc in {"", "localhost"}:
        return Path(unquote(parts.path))
    raise UsageError(
        f"--frames-path: line {number} of {str(cache)!r} names {location}, which is not a file on this machine."
    )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
