"""Which files there are, and what their names say."""

from __future__ import annotations

import glob
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from aframe_data.checks import require_file
from aframe_data.errors import UsageError
from aframe_data.types import Segment
from aframe_data_plugins.frames.caches import read_cache
from aframe_data_plugins.gwf.joining import damaged, unreadable
from aframe_data_plugins.gwf.model import DamagedFileError
from aframe_data_plugins.gwf.names import GWF_SUFFIXES, HDF5_SUFFIXES, parse_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from aframe_data_plugins.frames.formats import StrainReader

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class LocalFile:
    """A file, and what is known of it without looking into it.

    Attributes
    ----------
    path
        Where it is.
    order
        Number of the path that the user named and that led here.
    span
        GPS seconds, by its name; by its content where the name says nothing.
    sites
        Letters of the detectors' sites, or None if the name has none.
    description
        Frame type.
    """

    path: Path
    order: int
    span: Segment
    sites: frozenset[str] | None
    description: str

    def may_hold(self, channel: str) -> bool:
        """Whether a channel may be in it, by its name."""
        return self.sites is None or channel[0] in self.sites

    @property
    def rank(self) -> tuple[int, float, str]:
        """Of two files with the same time, the one with the lower rank is taken."""
        return self.order, -self.span.duration, str(self.path)


class Index:
    """The files that the user's paths lead to.

    Raises
    ------
    UsageError
        A path leads to no file.
    SourceError
        A file that was named is damaged, and its name does not say what it holds.
    """

    def __init__(self, items: Iterable[str], reader: StrainReader) -> None:
        found: dict[Path, LocalFile] = {}
        for order, item in enumerate(items):
            named = _expanded(item)
            for path, must_be_good in named:
                if path not in found and (file := _described(path, order, reader, must_be_good=must_be_good)):
                    found[path] = file
        self._files = sorted(found.values(), key=lambda file: file.rank)
        if not self._files:
            raise UsageError("--frames-path: no file with strain was found.")

    def overlapping(self, channel: str, span: Segment) -> list[LocalFile]:
        """Return the files that may hold a part of a channel's span, best first."""
        return [file for file in self.of(channel) if file.span.start < span.stop and span.start < file.span.stop]

    def of(self, channel: str) -> list[LocalFile]:
        """Return the files that may hold a channel, best first."""
        return [file for file in self._files if file.may_hold(channel)]


def _expanded(item: str) -> Iterator[tuple[Path, bool]]:
    """Give the files that one of the user's paths leads to, and whether he meant exactly this one."""
    path = Path(item).expanduser()
    if path.is_dir():
        yield from ((file, False) for file in sorted(path.rglob("*")) if _has_strain_suffix(file) and file.is_file())
    elif path.is_file():
        yield from ((file, True) for file in ([path] if _has_strain_suffix(path) else read_cache(path)))
    else:
        if path.exists():  # a pipe or a device
            require_file(path, "--frames-path: ")
        matches = sorted(glob.glob(str(path), recursive=True))  # noqa: PTH207 - Path.glob takes no absolute pattern
        if not matches:
            raise UsageError(f"--frames-path: {item!r} is neither a file nor a folder nor a pattern of any file.")
        for match in matches:
            yield from _expanded(match)


def _has_strain_suffix(path: Path) -> bool:
    return path.suffix in (*GWF_SUFFIXES, *HDF5_SUFFIXES)


def _described(path: Path, order: int, reader: StrainReader, *, must_be_good: bool) -> LocalFile | None:
    """Describe a file by its name, or by its content; None for what lies in a folder by chance."""
    name = parse_name(path)
    if name is not None:
        return LocalFile(path, order, name.span, name.sites, name.description)
    try:
        spans = reader.spans(path)
    except (DamagedFileError, OSError) as error:
        if must_be_good:
            raise (unreadable(path, error) if isinstance(error, OSError) else damaged(path, error)) from error
        _logger.info("%s is left out: %s", path, error)
        return None
    if not spans:
        if must_be_good:
            raise UsageError(f"--frames-path: {str(path)!r} holds no strain.")
        return None
    return LocalFile(path, order, Segment(spans[0].start, spans[-1].stop), None, path.name)
