"""Strain of open data: choose the files, have them kept while they are needed, join them into the asked span."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
from igwn_segments import segment, segmentlist

from aframe_data.errors import NoDataError, SourceError, TransientError, UsageError, unknown_name
from aframe_data.filestore.temporary import TemporaryStore
from aframe_data.strain import masks
from aframe_data.types import Piece, Segment, StrainRequest, StrainSeries
from aframe_data_plugins.gwosc.client import Archive
from aframe_data_plugins.gwosc.connection import NotFoundError
from aframe_data_plugins.gwosc.files import DamagedFileError, Extras, HarmfulFileError, Promise
from aframe_data_plugins.gwosc.locate import FileKind, FilePart, Locator, from_segmentlist, nearest_runs
from aframe_data_plugins.gwosc.mirror import Mirror
from aframe_data_plugins.gwosc.reading import PartReader

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from aframe_data.plugin import FileStore
    from aframe_data.types import FloatArray
    from aframe_data_plugins.gwosc.options import GwoscStrainOptions

DETECTORS = ("G1", "H1", "K1", "L1", "V1")
SAMPLE_RATES = (4096, 16384)  # Hz, of the archive's files
_SHOWN = 4  # segments named in a message


class GwoscStrain:
    """Strain from one GWOSC server. Without a store (`keep_files`), files last for one `fetch`.

    Raises
    ------
    UsageError
        The host is no URL, the mirror is none, or the archive has no files of the option's rate.
    """

    def __init__(self, options: GwoscStrainOptions) -> None:
        if options.rate is not None and options.rate not in SAMPLE_RATES:
            allowed = " or ".join(map(str, SAMPLE_RATES))
            raise UsageError(f"--gwosc-rate: open data has no files of {options.rate} Hz; choose {allowed}.")
        self._archive = Archive(options)
        self._locator = Locator(self._archive)
        self._file_format = options.file_format
        self._rate = options.rate
        self._mirror = None if options.mirror is None else Mirror(options.mirror, options.timeout)
        self._reader = PartReader()
        self._store: FileStore | None = None

    def keep_files(self, store: FileStore) -> None:
        """Take the store that downloads go through from now on."""
        self._store = store

    def ping(self) -> None:
        """Ask for the list of runs: a second of strain would be a file of an hour."""
        self._archive.runs()

    def fetch(self, request: StrainRequest) -> Mapping[str, StrainSeries]:
        """Return the whole span for every channel, at 4096 or 16384 Hz: the option's rate, or the next above.

        All files are located before the first is downloaded. ``NoDataError.available`` is what the archive has
        near the span in all the asked detectors.

        Raises
        ------
        UsageError
            No such detector, or a rate above 16384 Hz or above the option's.
        NoDataError
            No file holds the span or a part of it, or the server lists a file that it does not have.
        SourceError
            The server has a file that is not read: it leads out of itself, or asks for too much memory.
        TransientError
            The server cannot be reached, is busy, or sent a damaged file.
        """
        rate = file_rate(request.sample_rate, self._rate)
        for channel in request.channels:
            if channel not in DETECTORS:
                raise unknown_name("channel of open data", channel, DETECTORS)
        span = Segment(request.start, request.stop)
        wanted = {channel: FileKind(channel, rate, self._file_format) for channel in request.channels}
        choices = {channel: self._locator.choose(kind, span) for channel, kind in wanted.items()}
        missing = {channel: choice.missing for channel, choice in choices.items() if choice.missing}
        if missing:
            raise self._no_data(wanted, missing, span)
        with self._files() as store:
            return {channel: self._series(wanted[channel], choices[channel].parts, span, store) for channel in wanted}

    @contextmanager
    def _files(self) -> Iterator[FileStore]:
        if self._store is not None:
            yield self._store
            return
        with TemporaryDirectory(prefix="aframe-data-gwosc-") as folder:
            yield TemporaryStore(Path(folder))

    def _series(self, wanted: FileKind, parts: Sequence[FilePart], span: Segment, store: FileStore) -> StrainSeries:
        rate = wanted.sample_rate
        data = np.empty(round(span.duration) * rate)  # the parts cover it: nothing is missing
        extras, pieces = [], []
        for part in parts:
            first = round(part.span.start - span.start) * rate
            out = data[first : first + round(part.span.duration) * rate]
            extra, origin = self._read(wanted, part, store, out)
            extras.append(extra)
            pieces.append(Piece(part.span.start, part.span.stop, origin))
        return StrainSeries(
            data=data,
            start=span.start,
            sample_rate=rate,
            ifo=wanted.detector,
            channel=extras[0].channel,
            quality=masks.join([extra.quality for extra in extras]),
            injections=masks.join([extra.injections for extra in extras]),
            pieces=tuple(pieces),
        )

    def _read(self, wanted: FileKind, part: FilePart, store: FileStore, out: FloatArray) -> tuple[Extras, str]:
        """Read a part from the mirror, or else from the archive, and say from where."""
        url = part.file.url
        promise = Promise(wanted.detector, wanted.sample_rate, part.file.span)

        def read(path: Path) -> Extras:
            return self._reader.read(path, promise, part.span, out)

        if self._mirror is not None:
            found = self._mirror.read(part.file, wanted, store, read)
            if found is not None:
                return found
        try:
            with store.file(url, partial(self._archive.download, part.file, wanted.sample_rate)) as path:
                return read(path), url
        except NotFoundError as error:
            raise NoDataError(
                f"{self._archive.host} lists {url} for {wanted} in {part.span}, and does not have it."
            ) from error
        except HarmfulFileError as error:
            store.discard(url)
            raise SourceError(f"{url} is not read: {error}.") from error
        except DamagedFileError as error:
            store.discard(url)
            raise TransientError(f"{url} arrived damaged: {error}.") from error

    def _no_data(
        self, wanted: Mapping[str, FileKind], missing: Mapping[str, tuple[Segment, ...]], span: Segment
    ) -> NoDataError:
        reasons = []
        common = segmentlist([segment(-np.inf, np.inf)])
        for channel, kind in wanted.items():
            there = self._locator.nearby(kind, span)
            common &= segmentlist(segment(part.start, part.stop) for part in there)
            if channel in missing:
                near = f"near it there is {_named(there, span)}" if there else self._runs_near(channel, span)
                reasons.append(f"no {kind} for {_named(missing[channel], span)}; {near}")
        return NoDataError(f"{self._archive.host} has {', and '.join(reasons)}.", from_segmentlist(common))

    def _runs_near(self, detector: str, span: Segment) -> str:
        runs = nearest_runs(self._archive.runs(detector), span)
        names = " and ".join(f"{run.name} {run.span}" for run in runs)
        return f"nothing within a day of it; the nearest runs of {detector}: {names or 'none'}"


def file_rate(sample_rate: float, fixed: int | None = None) -> int:
    """Return the rate of the archive's files, in Hz, that serves an asked rate without upsampling.

    Parameters
    ----------
    sample_rate
        The asked rate, in Hz.
    fixed
        The rate that the user wants, one of `SAMPLE_RATES`.

    Raises
    ------
    UsageError
        The archive has no rate as high, or the fixed one is lower.
    """
    if fixed is not None:
        if sample_rate > fixed:
            raise UsageError(f"--gwosc-rate: {fixed} Hz is below the sample rate asked for, {sample_rate:g} Hz.")
        return fixed
    for rate in SAMPLE_RATES:
        if sample_rate <= rate:
            return rate
    raise UsageError(
        f"--sample-rate: {sample_rate:g} Hz is more than open data has, and strain is never upsampled: "
        f"ask for at most {SAMPLE_RATES[-1]} Hz."
    )


def _named(segments: Sequence[Segment], span: Segment) -> str:
    """Name the few segments nearest a span, in order of time."""
    nearest = sorted(segments, key=lambda part: max(part.start - span.stop, span.start - part.stop))[:_SHOWN]
    more = len(segments) - len(nearest)
    listed = ", ".join(str(part) for part in sorted(nearest))
    return f"{listed} and {more} more" if more else listed
