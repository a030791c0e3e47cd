"""The strain fetcher of frames that a server knows of: type, files, samples."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aframe_data.errors import NoDataError, SourceError, TransientError, UsageError, unknown_name
from aframe_data.filestore.temporary import TemporaryStore
from aframe_data.segments.arithmetic import coalesce, intersect, subtract, whole_seconds
from aframe_data.types import Segment
from aframe_data_plugins.datafind.frametypes import given_types, guesses, require_known
from aframe_data_plugins.datafind.locations import Carrier, Location, local_path, locations
from aframe_data_plugins.datafind.server import Server
from aframe_data_plugins.gwf.joining import Stretch, damaged, joined, unreadable
from aframe_data_plugins.gwf.model import DamagedFileError, NoSuchChannelError
from aframe_data_plugins.gwf.reader import FrameReader
from aframe_data_plugins.http.failures import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from aframe_data.plugin import FileStore
    from aframe_data.types import StrainRequest, StrainSeries
    from aframe_data_plugins.datafind.options import DatafindOptions

_LISTED_AT_ONCE = 4096  # seconds: the core asks in parts, and the server is asked once for many of them
_REMEMBERED = 8
_NEAR = 86_400  # seconds around a gap in which to look for what there is


class DatafindStrain:
    """Strain from one GWDataFind server. Without a store (`keep_files`), downloads last for one `fetch`."""

    def __init__(self, options: DatafindOptions) -> None:
        self._given = given_types(options.frametype)
        self._server = Server(options)
        self._carrier = Carrier(options, self._server.address)
        self._urltype = options.urltype
        self._reader = FrameReader()
        self._store: FileStore | None = None
        self._types: dict[str, list[str]] = {}
        self._listed: dict[tuple[str, str, int], list[Location]] = {}

    def keep_files(self, store: FileStore) -> None:
        """Take the store that downloads go through from now on."""
        self._store = store

    def fetch(self, request: StrainRequest) -> Mapping[str, StrainSeries]:
        """Return the whole span for every channel, at the rate of the frames.

        Raises
        ------
        UsageError
            No such frame type, or none that can be guessed, or two; no such channel in it, or one of whole numbers, or
            of a lower rate.
        NoDataError
            The server knows no file of a part of the span.
        TransientError
            A server cannot be reached, is busy, or sent a damaged file.
        SourceError
            It wants a credential that there is not, or a file cannot be read.
        """
        span = Segment(request.start, request.stop)
        with self._files() as store:
            return {channel: self._series(channel, span, request.sample_rate, store) for channel in request.channels}

    @contextmanager
    def _files(self) -> Iterator[FileStore]:
        if self._store is not None:
            yield self._store
            return
        with TemporaryDirectory(prefix="aframe-data-datafind-") as folder:
            yield TemporaryStore(Path(folder))

    def _series(self, channel: str, span: Segment, sample_rate: float, store: FileStore) -> StrainSeries:
        frametype = self._frametype(channel, span)
        stretches: list[Stretch] = []
        missing: tuple[Segment, ...] = (span,)
        for location in self._locations(channel[0], frametype, span):
            if intersect(missing, [location.name.span]):
                found = self._read(location, channel, missing, store)
                stretches += found
                missing = subtract(missing, (stretch.span for stretch in found))
        stretches.sort(key=lambda stretch: stretch.span)
        if missing:
            raise self._no_data(channel, frametype, span, missing, [stretch.span for stretch in stretches])
        return joined(channel, stretches, sample_rate)

    def _read(self, location: Location, channel: str, wanted: Sequence[Segment], store: FileStore) -> list[Stretch]:
        """Read what a file has of some spans: where its frames leave out seconds, less than its name says."""
        url = location.url
        try:
            with self._carrier.here(location, store) as path:
                there = whole_seconds(coalesce(self._reader.contents(path).frames))
                return [
                    Stretch(part, channel, self._reader.read(path, channel, part), url)
                    for part in intersect(wanted, there)
                ]
        except NoSuchChannelError as error:
            raise unknown_name(f"channel of {url.rpartition('/')[2]}", channel, error.channels) from error
        except DamagedFileError as error:
            if urlsplit(url).scheme == "file":
                raise damaged(local_path(url), error) from error
            store.discard(url)
            raise TransientError(f"{url} arrived damaged: {error}.") from error
        except NotFoundError as error:
            raise SourceError(f"{self._server.url} lists {url}, which is not there: {error}") from error
        except OSError as error:
            raise unreadable(local_path(url), error) from error

    def _locations(self, site: str, frametype: str, span: Segment) -> list[Location]:
        """Return the files that overlap a span, best first."""
        first, last = int(span.start // _LISTED_AT_ONCE), int((span.stop - 1) // _LISTED_AT_ONCE)
        found = {
            location
            for index in range(first, last + 1)
            for location in self._listing(site, frametype, index)
            if intersect([location.name.span], [span])
        }
        return sorted(found, key=lambda location: location.rank)

    def _listing(self, site: str, frametype: str, index: int) -> list[Location]:
        key = (site, frametype, index)
        if key not in self._listed:
            span = Segment(index * _LISTED_AT_ONCE, (index + 1) * _LISTED_AT_ONCE)
            urls = [] if self._urltype == "auto" else self._server.urls(site, frametype, span, self._urltype)
            # Without any, what else there is tells a way that is not offered from a gap.
            urls = urls or self._server.urls(site, frametype, span, None)
            if len(self._listed) == _REMEMBERED:
                del self._listed[next(iter(self._listed))]
            self._listed[key] = locations(urls, self._urltype)
        return self._listed[key]

    def _frametype(self, channel: str, span: Segment) -> str:
        """Return the type of the frames to read: the given one, or the one that can be guessed."""
        ifo, site = channel[:2], channel[0]
        known = self._known_types(site)
        given = self._given.get(ifo, self._given.get(""))
        if given is not None:
            require_known(given, site, known, self._server.url)
            return given
        fitting = [name for name in known if any(form.fullmatch(name) for form in guesses(channel))]
        if not fitting:
            raise self._no_guess(channel, known)
        if len(fitting) > 1:
            times = {name: self._server.times(site, name, span) for name in fitting}
            with_data = [name for name in fitting if times[name]]
            if len(with_data) > 1:
                raise UsageError(
                    f"{channel} may be in frames of several types, {' and '.join(with_data)}, which both have {span}: "
                    f"choose with --datafind-frametype {ifo}={with_data[0]}."
                )
            fitting = with_data or fitting
        return fitting[0]

    def _known_types(self, site: str) -> list[str]:
        if site not in self._types:
            self._types[site] = self._server.types(site)
        return self._types[site]

    def _no_guess(self, channel: str, known: list[str]) -> UsageError:
        ifo = channel[:2]
        expected = " or ".join(form.pattern for form in guesses(channel))
        reason = f"it would be {expected}, which the server does not have" if expected else "its name does not tell"
        shown = ", ".join(known[:20]) + (", …" if len(known) > 20 else "")
        return UsageError(
            f"the frame type of {channel} cannot be guessed: {reason}. Give --datafind-frametype {ifo}=TYPE; "
            f"{self._server.url} has of site {channel[0]}: {shown or 'nothing'}."
        )

    def _no_data(
        self, channel: str, frametype: str, span: Segment, missing: Sequence[Segment], available: Sequence[Segment]
    ) -> NoDataError:
        around = Segment(span.start - _NEAR, span.stop + _NEAR)
        near = self._server.times(channel[0], frametype, around)
        named = ", ".join(str(part) for part in near[:4]) or "nothing within a day"
        gaps = " and ".join(str(gap) for gap in missing)
        return NoDataError(
            f"{self._server.url} has no frames {frametype} with {channel} in {gaps}; near it there is {named}.",
            available,
        )
