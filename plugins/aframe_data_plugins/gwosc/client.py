"""What a GWOSC server can be asked, by the gwosc client, and what the answers mean.

How a connection fails is in `connection`; which files to use, and how to read them, in `locate` and `files`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aframe_data.outside import outside_text
from aframe_data.types import Segment
from aframe_data_plugins.gwf.names import parse_name
from aframe_data_plugins.gwosc.connection import NotFoundError, download, talk
from aframe_data_plugins.http.address import parse_address
from aframe_data_plugins.http.answers import Fields, StrangeAnswerError
from gwosc.api import v2

if TYPE_CHECKING:
    from collections.abc import Iterable
    from contextlib import AbstractContextManager

    import requests
    from aframe_data_plugins.gwosc.options import GwoscOptions

#: Seconds. Files of runs have as many, and a file released with an event holds the event's time.
LONGEST_FILE = 4096
_ROOM = 32 * 10**6  # bytes of a file beside its strain: masks, and what is written about it


@dataclass(frozen=True, slots=True)
class ObservingRun:
    """An observing run: its span in GPS seconds and the detectors that took part."""

    name: str
    span: Segment
    detectors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListedFile:
    """A file of the archive and the span, in GPS seconds, that its name promises (LIGO-T050017)."""

    url: str
    span: Segment


@dataclass(frozen=True, slots=True)
class EventVersion:
    """One version of one published event, with the detectors whose strain was released for it."""

    name: str
    short_name: str
    gps: float
    version: int
    catalog: str
    detectors: tuple[str, ...]


class Archive:
    """One GWOSC server.

    Raises
    ------
    UsageError
        The host is no URL.
    """

    def __init__(self, options: GwoscOptions) -> None:
        self._address = parse_address(options.host, "--gwosc-host", "https://gwosc.org")
        self.host = self._address.url
        self._timeout = options.timeout
        self._runs: tuple[ObservingRun, ...] | None = None

    def runs(self, detector: str | None = None) -> tuple[ObservingRun, ...]:
        """Return the observing runs, sorted by start; with `detector`, those that it took part in.

        The server is asked once.
        """
        if self._runs is None:
            with self._talk() as session:
                runs = [_run(item) for item in v2.fetch_runs(host=self.host, session=session)]
            self._runs = tuple(sorted(runs, key=lambda run: (run.span, run.name)))
        return tuple(run for run in self._runs if detector is None or detector in run.detectors)

    def segments(self, flag: str, start: int, stop: int) -> list[Segment]:
        """Return where `flag` is active within ``[start, stop)``, as the server gives it.

        Raises
        ------
        NotFoundError
            The server has no such flag.
        """
        with self._talk() as session:
            listed = [
                Fields.of(item, f"a segment of {flag}")
                for item in v2.fetch_segments(flag, start, stop, host=self.host, session=session)
            ]
            pairs = [(float(item.number("start")), float(item.number("stop"))) for item in listed]
        return [Segment(a, b) for a, b in pairs if a < b]

    def flags(self, run: str) -> list[str]:
        """Return the names of the flags of a run, or nothing where this server does not list them."""
        try:
            with self._talk() as session:
                listed = list(v2.produce_fetched_objects(f"{self.host}/api/v2/runs/{run}/timelines", session=session))
                return [Fields.of(item, "a flag").text("name") for item in listed]
        except NotFoundError:
            return []

    def event_versions(self, start: int, stop: int) -> list[EventVersion]:
        """Return every version of every event with a GPS time in ``[start, stop]``, in no special order."""
        with self._talk() as session:
            return [
                _event(item) for item in v2.fetch_event_versions(segment=(start, stop), host=self.host, session=session)
            ]

    def run_files(
        self, run: str, detector: str, span: Segment, *, sample_rate: int, file_format: str
    ) -> list[ListedFile]:
        """Return the files of a run that overlap `span`, sorted by start."""
        with self._talk() as session:
            listed = v2.fetch_run_strain_files(
                run,
                detector,
                int(span.start),
                int(span.stop),
                sample_rate=sample_rate,
                host=self.host,
                session=session,
            )
            return _overlapping(listed, f"{file_format}_url", span)

    def event_files(
        self, event: str, detector: str, span: Segment, *, sample_rate: int, file_format: str
    ) -> list[ListedFile]:
        """Return the files released with an event that overlap `span`, sorted by start.

        Since GWTC-4.0 events have none: the runs' files serve, and the answer is empty.
        """
        with self._talk() as session:
            listed = v2.fetch_event_strain_data(
                event,
                detector=detector,
                sample_rate=sample_rate,
                format=file_format,
                host=self.host,
                session=session,
            )
            return _overlapping(listed, "download_url", span)

    def download(self, file: ListedFile, sample_rate: int, path: Path) -> None:
        """Write a file that the server lists to a path: see `connection.download`."""
        download(self._address, file.url, path, self._timeout, most_bytes=most_bytes(file, sample_rate))

    def _talk(self) -> AbstractContextManager[requests.Session]:
        return talk(self._address, self._timeout)


def most_bytes(file: ListedFile, sample_rate: int) -> int:
    """Return how many bytes a file can have by its name and its rate: twice its samples, and room for the rest."""
    return _ROOM + 2 * 8 * round(file.span.duration * sample_rate)


def _run(item: object) -> ObservingRun:
    run = Fields.of(item, "an observing run")
    return ObservingRun(
        run.text("name"), Segment(run.number("gps_start"), run.number("gps_end")), run.texts("detectors")
    )


def _event(item: object) -> EventVersion:
    event = Fields.of(item, "an event")
    return EventVersion(
        name=event.text("name"),
        short_name=event.text("shortName"),
        gps=float(event.number("gps")),
        version=int(event.number("version")),
        catalog=event.text("catalog"),
        detectors=event.texts("detectors"),
    )


def _overlapping(listed: Iterable[object], key: str, span: Segment) -> list[ListedFile]:
    urls = [Fields.of(item, "a file of strain").url(key) for item in listed]
    files = [_file(url) for url in urls if url]
    return sorted(
        (file for file in files if file.span.start < span.stop and span.start < file.span.stop),
        key=lambda file: (file.span, file.url),
    )


def _file(url: str) -> ListedFile:
    name = parse_name(Path(urlsplit(url).path))
    if name is None or name.span.duration > LONGEST_FILE:
        raise StrangeAnswerError(f"{outside_text(url)!r} is not a strain file of at most {LONGEST_FILE} s")
    return ListedFile(url, name.span)
