"""The strain fetcher of files on disk: choose among the files that hold a span, read them, join what they give."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aframe_data.errors import NoDataError, UsageError, unknown_name
from aframe_data.segments.arithmetic import coalesce, intersect, subtract, whole_seconds
from aframe_data.types import Segment
from aframe_data_plugins.frames.formats import Held, StrainReader
from aframe_data_plugins.frames.index import Index, LocalFile
from aframe_data_plugins.gwf.joining import Stretch, damaged, joined, unreadable
from aframe_data_plugins.gwf.model import DamagedFileError, NoSuchChannelError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aframe_data.types import StrainRequest, StrainSeries
    from aframe_data_plugins.frames.options import FramesOptions

_logger = logging.getLogger(__name__)

_SHOWN = 4  # segments named in a message


@dataclass(frozen=True)
class FrameFiles:
    """What is read of which file, and what no file has; in order of time."""

    parts: Sequence[tuple[Held, Segment]]
    missing: tuple[Segment, ...]


class FramesStrain:
    """Strain from files.

    Where files overlap, the path that the user named first is taken, then the longer file, then the name.

    Raises
    ------
    UsageError
        No path was given, or one leads to no file.
    """

    def __init__(self, options: FramesOptions) -> None:
        if not options.path:
            raise UsageError("'frames' needs --frames-path: files, folders, patterns or cache files.")
        self._reader = StrainReader()
        self._index = Index(options.path, self._reader)
        self._seen: set[str] = set()  # channels of files that do not have the one that was asked for
        self._warned: set[tuple[str, ...]] = set()

    def fetch(self, request: StrainRequest) -> Mapping[str, StrainSeries]:
        """Return the whole span for every channel, at the rate of the files.

        Raises
        ------
        UsageError
            No file has the channel, or it is of whole numbers, or of a lower rate.
        NoDataError
            The files leave out a part of the span.
        SourceError
            A file is damaged, or cannot be read.
        """
        span = Segment(request.start, request.stop)
        return {channel: self._series(channel, span, request.sample_rate) for channel in request.channels}

    def _series(self, channel: str, span: Segment, sample_rate: float) -> StrainSeries:
        files = self._index.overlapping(channel, span)
        choice = self._choose(channel, files, span)
        if choice.missing:
            raise self._no_data(channel, span, files, choice)
        self._warn_of_two_kinds(channel, files, choice)
        return joined(channel, [self._read(held, part) for held, part in choice.parts], sample_rate)

    def _choose(self, channel: str, files: Sequence[LocalFile], span: Segment) -> FrameFiles:
        """Choose the first of some files for each part of a span; those that are not needed are not opened."""
        parts: list[tuple[Held, Segment]] = []
        missing: tuple[Segment, ...] = (span,)
        for file in files:
            held = self._look_up(file, channel) if missing else None
            if held is not None:
                taken = intersect(missing, whole_seconds(held.spans))
                parts += [(held, part) for part in taken]
                missing = subtract(missing, taken)
        return FrameFiles(sorted(parts, key=lambda part: part[1]), missing)

    def _look_up(self, file: LocalFile, channel: str) -> Held | None:
        """Return what a file holds of a channel, or None."""
        try:
            return self._reader.look_up(file.path, channel)
        except NoSuchChannelError as error:
            self._seen.update(error.channels)
            return None
        except DamagedFileError as error:
            raise damaged(file.path, error) from error
        except OSError as error:
            raise unreadable(file.path, error) from error

    def _read(self, held: Held, span: Segment) -> Stretch:
        try:
            return self._reader.read(held, span)
        except DamagedFileError as error:
            raise damaged(held.path, error) from error
        except OSError as error:
            raise unreadable(held.path, error) from error

    def _no_data(
        self, channel: str, span: Segment, files: Sequence[LocalFile], choice: FrameFiles
    ) -> NoDataError | UsageError:
        others = self._index.of(channel)
        if not choice.parts:
            # That no file at all has the channel is a mistake of the user's; a look into the outermost ones must do.
            outermost = sorted(others, key=lambda file: file.span)[:: max(1, len(others) - 1)]
            if not any(self._look_up(file, channel) for file in outermost):
                return unknown_name("channel of the files", channel, sorted(self._seen))
            if files:
                return NoDataError(
                    f"{files[0].path} and whatever else is of {span} has no {channel}; other files have."
                )
        gaps = " and ".join(str(gap) for gap in choice.missing)
        near = _named([file.span for file in others], span)
        return NoDataError(
            f"no file has {channel} in {gaps}; near it there is {near}.", [part for _, part in choice.parts]
        )

    def _warn_of_two_kinds(self, channel: str, files: Sequence[LocalFile], choice: FrameFiles) -> None:
        """Files of another frame type with the same channel may hold other data."""
        kinds = {file.path: file.description for file in files}
        used = tuple(sorted({kinds[held.path] for held, _ in choice.parts}))
        if len(used) > 1 and used not in self._warned:
            _logger.warning("%s is read from files of different types: %s", channel, ", ".join(used))
            self._warned.add(used)


def _named(spans: Sequence[Segment], span: Segment) -> str:
    """Name the few segments nearest a span, in order of time."""
    segments = coalesce(spans)
    nearest = sorted(segments, key=lambda part: max(part.start - span.stop, span.start - part.stop))[:_SHOWN]
    return ", ".join(str(part) for part in sorted(nearest)) or "nothing"
