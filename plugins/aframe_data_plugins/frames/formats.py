"""What a file holds of a channel, and reading it, whatever its format."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aframe_data.segments.arithmetic import coalesce
from aframe_data_plugins.frames import hdf5
from aframe_data_plugins.gwf.joining import Stretch
from aframe_data_plugins.gwf.model import NoSuchChannelError
from aframe_data_plugins.gwf.names import GWF_SUFFIXES
from aframe_data_plugins.gwf.reader import FrameReader

if TYPE_CHECKING:
    from pathlib import Path

    from aframe_data.types import Segment


@dataclass(frozen=True)
class Held:
    """What a file holds of a channel: its name there, and where, in GPS seconds."""

    path: Path
    name: str
    spans: tuple[Segment, ...]


class StrainReader:
    """Reads files of both formats; all errors are those of `FrameReader`."""

    def __init__(self) -> None:
        self._frames = FrameReader()

    def channels(self, path: Path) -> tuple[str, ...]:
        """Return what the file has."""
        if _is_gwf(path):
            return self._frames.contents(path).channels
        return tuple(series.names[0] for series in hdf5.series_of(path))

    def spans(self, path: Path) -> tuple[Segment, ...]:
        """Return where the file has anything."""
        if _is_gwf(path):
            return coalesce(self._frames.contents(path).frames)
        return coalesce(series.span for series in hdf5.series_of(path))

    def look_up(self, path: Path, channel: str) -> Held:
        """Find a channel; a bare detector, ``H1``, means its only channel of strain."""
        if _is_gwf(path):
            contents = self._frames.contents(path)
            return Held(path, _meant(channel, contents.channels), coalesce(contents.frames))
        series = _series(hdf5.series_of(path), channel)
        return Held(path, series.names[0], (series.span,))

    def read(self, held: Held, span: Segment) -> Stretch:
        """Read a span, in whole GPS seconds, within one of those that are held."""
        if _is_gwf(held.path):
            samples = self._frames.read(held.path, held.name, span)
            return Stretch(span, held.name, samples, str(held.path))
        return hdf5.read(held.path, _series(hdf5.series_of(held.path), held.name), span)


def _is_gwf(path: Path) -> bool:
    return path.suffix in GWF_SUFFIXES


def _series(found: tuple[hdf5.Series, ...], channel: str) -> hdf5.Series:
    named = [series for series in found if channel in series.names]
    if len(named) == 1:
        return named[0]
    name = _meant(channel, tuple(series.names[0] for series in found))
    return next(series for series in found if series.names[0] == name)


def _meant(channel: str, channels: tuple[str, ...]) -> str:
    """Find the channel of that name, or the one that a bare detector means."""
    if channel in channels:
        return channel
    if ":" not in channel:
        own = [name for name in channels if name.startswith(f"{channel}:")]
        strain = [name for name in own if "strain" in name.lower() or "hoft" in name.lower()]
        for likely in (strain, own):
            if len(likely) == 1:
                return likely[0]
    raise NoSuchChannelError(channel, channels)
