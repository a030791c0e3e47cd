"""Reading stretches of frame files, one after the other."""

from __future__ import annotations

import itertools
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from aframe_data.types import Segment
from aframe_data_plugins.gwf.model import Contents, DamagedFileError, NoSuchChannelError, Samples
from aframe_data_plugins.gwf.wholeness import require_whole

if TYPE_CHECKING:
    from pathlib import Path

#: Names of the modules that decode, the preferred one first.
DECODERS = ("gwframe", "lalframe")
#: Files whose contents are remembered.
_REMEMBERED = 32


class FrameReader:
    """Reads stretches of channels.

    A frame can only be decoded whole, and may be thousands of seconds long: what was decoded stays in memory until
    something else is read. A file is checked once, until it changes.

    Parameters
    ----------
    decoder
        One of `DECODERS`; by default the first that is installed.
    """

    def __init__(self, decoder: str | None = None) -> None:
        name = decoder or next(name for name in DECODERS if find_spec(name) is not None)
        self._decoder: Any = import_module(f"aframe_data_plugins.gwf.with_{name}")
        self._known: dict[tuple[object, ...], Contents] = {}  # of whole files, by their identity
        self._decoded: tuple[object, ...] = ()
        self._samples: Samples | None = None

    def contents(self, path: Path) -> Contents:
        """Return the channels and frames of a file.

        Raises
        ------
        DamagedFileError
            The file is not whole, or is not a frame file.
        OSError
            There is no such file, or it cannot be read.
        """
        identity = _identity(path)
        if identity not in self._known:
            require_whole(path)
            read: Contents = self._call("contents", path)
            frames = tuple(Segment(_rounded(frame.start), _rounded(frame.stop)) for frame in read.frames)
            if len(self._known) == _REMEMBERED:
                del self._known[next(iter(self._known))]
            self._known[identity] = Contents(read.channels, frames)
        return self._known[identity]

    def read(self, path: Path, channel: str, span: Segment) -> Samples:
        """Read a span, in GPS seconds, that the file's frames cover; the data is only to be read.

        Raises
        ------
        NoSuchChannelError
            The file has no such channel.
        DamagedFileError
            The file is not whole, its frames do not cover the span, or hold something else than they say.
        OSError
            There is no such file, or it cannot be read.
        """
        frames = _frames_of(span, self.contents(path))
        decoded = (_identity(path), channel, frames)
        if self._samples is None or self._decoded != decoded:
            self._samples = None  # two of them at once would double the peak of memory
            self._samples, self._decoded = self._decode(path, channel, frames), decoded
        samples = self._samples
        first = round((span.start - frames.start) * samples.sample_rate)
        size = round(span.duration * samples.sample_rate)
        return Samples(samples.data[first : first + size], span.start, samples.sample_rate, samples.unit)

    def _decode(self, path: Path, channel: str, frames: Segment) -> Samples:
        samples: Samples = self._call("read", path, channel, frames)
        size = round(frames.duration * samples.sample_rate)
        if not samples.sample_rate > 0 or len(samples.data) != size:
            raise DamagedFileError(f"{channel} has {len(samples.data)} samples where {size} belong in {frames}")
        if abs(samples.start - frames.start) * samples.sample_rate > 0.5:
            raise DamagedFileError(f"{channel} begins at {samples.start:.10g}, its frame at {frames.start:.10g}")
        return samples

    def _call(self, function: str, *arguments: object) -> Any:
        """Call the decoder, whose libraries raise many kinds of errors for what they cannot read."""
        try:
            return getattr(self._decoder, function)(*arguments)
        except (OSError, MemoryError, NoSuchChannelError):
            raise
        except Exception as error:
            raise DamagedFileError(f"it cannot be decoded: {' '.join(str(error).split())}") from error


def _identity(path: Path) -> tuple[object, ...]:
    status = path.stat()
    return path, status.st_size, status.st_mtime_ns, status.st_ino


def _rounded(time: float) -> float:
    """Round to microseconds, so that frames of parts of a second touch where they should."""
    return round(time, 6)


def _frames_of(span: Segment, contents: Contents) -> Segment:
    """Return the span of the frames that overlap a span, which must cover it without a gap."""
    frames = sorted(frame for frame in contents.frames if frame.start < span.stop and span.start < frame.stop)
    gapless = all(first.stop == second.start for first, second in itertools.pairwise(frames))
    if not frames or not gapless or frames[0].start > span.start or frames[-1].stop < span.stop:
        there = ", ".join(str(frame) for frame in frames) or "none"
        raise DamagedFileError(f"its frames do not cover {span} without a gap: {there}")
    return Segment(frames[0].start, frames[-1].stop)
