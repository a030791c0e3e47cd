"""The segment source ``file``: which file answers for which flag, and what the answer is."""

from __future__ import annotations

import gzip
import io
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from aframe_data.checks import require_file
from aframe_data.errors import NoDataError, UsageError, unknown_name
from aframe_data.segments.arithmetic import intersect
from aframe_data.sizes import format_bytes
from aframe_data.types import Segment, SegmentResult
from aframe_data_plugins.file.json_lists import parse_json
from aframe_data_plugins.file.text import parse_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from aframe_data.types import SegmentQuery
    from aframe_data_plugins.file.lists import FlagSegments
    from aframe_data_plugins.file.options import FileOptions

_HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_GZIP_SIGNATURE = b"\x1f\x8b"
#: Of one file, what is compressed unpacked: two million segments as text.
_MOST_BYTES = 100 * 10**6
_BYTE_ORDER_MARK = "\ufeff"


class FileSegments:
    """Segments from files.

    A file that names its flags answers for those; the same flag in several files is joined. ``FLAG=FILE``
    says for which flag a file answers. One file alone that names no flag answers for every flag: it is a
    list that somebody combined already.
    """

    def __init__(self, options: FileOptions) -> None:
        if not options.path:
            raise UsageError("'file' needs --file-path: at least one file of segments.")
        self._named: dict[str, FlagSegments] = {}
        self._for_any: FlagSegments | None = None
        for item in options.path:
            flag, path = _split(item)
            lists = _read(path, options.format)
            for found in lists if flag is None else [_chosen(flag, lists, path)]:
                name = flag or found.flag
                if name is not None:
                    self._add(name, found)
                elif len(options.path) > 1:
                    raise UsageError(f"{path} does not name its flag, and it is one of several: write FLAG={path}.")
                else:
                    self._for_any = found

    def query(self, query: SegmentQuery) -> SegmentResult:
        """Return the flag's segments inside the span.

        Raises
        ------
        UsageError
            No file has the flag.
        NoDataError
            The files know nothing about the span.
        """
        found = self._for_any or _lookup(query.flag, self._named)
        if found is None:
            raise unknown_name("flag", query.flag, sorted(self._named))
        span = Segment(query.start, query.stop)
        known = None if found.known is None else intersect(found.known, [span])
        origin = ", ".join(found.origins)
        if found.known is not None and not known:
            raise NoDataError(f"{origin}: nothing is known of {query.flag} in {span}.", found.known)
        return SegmentResult(active=intersect(found.active, [span]), known=known, origin=origin)

    def _add(self, name: str, found: FlagSegments) -> None:
        known = self._named.get(name)
        self._named[name] = found if known is None else known.joined(found)


def _split(item: str) -> tuple[str | None, Path]:
    """Part FLAG=FILE; a file whose own name has a '=' is still a file."""
    if Path(item).is_file() or "=" not in item:
        return None, Path(item)
    flag, _, path = item.partition("=")
    return flag.strip(), Path(path.strip())


def _chosen(flag: str, lists: Iterable[FlagSegments], path: Path) -> FlagSegments:
    """Find the list of a file that ``FLAG=FILE`` means: its only one, or the one of that name."""
    by_name = {found.flag or "": found for found in lists}
    if len(by_name) == 1:
        return next(iter(by_name.values()))
    found = _lookup(flag, by_name)
    if found is None:
        raise unknown_name(f"flag in {path}", flag, sorted(by_name))
    return found


def _lookup(flag: str, named: Mapping[str, FlagSegments]) -> FlagSegments | None:
    """Find the flag of that name, or its only version where the name is given without one."""
    if flag in named:
        return named[flag]
    versions = [name for name in named if name.startswith(f"{flag}:") and name[len(flag) + 1 :].isdigit()]
    return named[versions[0]] if len(versions) == 1 else None


# --- formats --------------------------------------------------------------------------------------------


def _read(path: Path, form: str) -> list[FlagSegments]:
    require_file(path, "the segments file ")
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
        if content.startswith(_GZIP_SIGNATURE):
            with gzip.open(io.BytesIO(content)) as file:
                content = file.read(_MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise UsageError(
            f"segments file {path} cannot be read: {getattr(error, 'strerror', None) or error}."
        ) from error
    if len(content) > _MOST_BYTES:
        raise UsageError(f"segments file {path} has more than {format_bytes(_MOST_BYTES)}, too much for segments.")
    if form == "auto":
        form = _recognised(content)
    if form in ("hdf5", "ligolw"):
        # gwpy takes seconds to import: only for the formats that need it.
        from aframe_data_plugins.file.tables import read_hdf5, read_ligolw

        return read_hdf5(path) if form == "hdf5" else read_ligolw(path)
    try:
        text = content.decode("utf-8").removeprefix(_BYTE_ORDER_MARK)
    except UnicodeDecodeError as error:
        raise UsageError(f"segments file {path} is neither text nor HDF5.") from error
    return parse_json(text, str(path)) if form == "json" else parse_text(text, str(path))


def _recognised(content: bytes) -> str:
    """Tell the format by the first bytes; what is nothing else is text."""
    if content.startswith(_HDF5_SIGNATURE):
        return "hdf5"
    return {b"{": "json", b"[": "json", b"<": "ligolw"}.get(content.lstrip()[:1], "text")
