"""What a GWOSC server can be asked, by the gwosc client, and what the answers mean.

How a connection fails is in `connection`; which files to use, and how to read them, in `locate` and `files`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aframe_data.errors import UsageError
from aframe_data.types import Segment
from aframe_data_plugins.gwosc.connection import NotFoundError, download, talk
from gwosc import locate, timeline, utils
from gwosc.api import v2

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

    import requests
    from aframe_data_plugins.gwosc.options import GwoscOptions


@dataclass(frozen=True, slots=True)
class ObservingRun:
    """An observing run: its span in GPS seconds and the detectors that took part."""

    name: str
    span: Segment
    detectors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StrainFile:
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
        parts = urlsplit(options.host)
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            raise UsageError(
                f"--gwosc-host: {options.host!r} is no server: write http:// or https:// and a name, "
                "as in https://gwosc.org."
            )
        self.host = options.host.rstrip("/")
        self._timeout = options.timeout

    def runs(self, detector: str | None = None) -> tuple[ObservingRun, ...]:
        """Return the observing runs, sorted by start; with `detector`, those that it took part in."""
        with self._talk() as session:
            found = [
                ObservingRun(run["name"], Segment(run["gps_start"], run["gps_end"]), tuple(run["detectors"]))
                for run in v2.fetch_runs(host=self.host, session=session)
            ]
        return tuple(
            sorted(
                (run for run in found if detector is None or detector in run.detectors),
                key=lambda run: (run.span, run.name),
            )
        )

    def segments(self, flag: str, start: int, stop: int) -> list[Segment]:
        """Return where `flag` is active within ``[start, stop)``, as the server gives it.

        Raises
        ------
        NotFoundError
            The server has no such flag.
        """
        with self._talk() as session:
            pairs = timeline.get_segments(flag, start, stop, host=self.host, session=session)
            return [Segment(float(a), float(b)) for a, b in pairs if a < b]

    def flags(self, run: str) -> list[str]:
        """Return the names of the flags of a run, or nothing where this server does not list them."""
        try:
            with self._talk() as session:
                listed = list(v2.produce_fetched_objects(f"{self.host}/api/v2/runs/{run}/timelines", session=session))
        except NotFoundError:
            return []
        return [item["name"] for item in listed if isinstance(item.get("name"), str)]

    def event_versions(self, start: int, stop: int) -> list[EventVersion]:
        """Return every version of every event with a GPS time in ``[start, stop]``, in no special order."""
        with self._talk() as session:
            return [
                EventVersion(
                    name=event["name"],
                    short_name=event["shortName"],
                    gps=float(event["gps"]),
                    version=int(event["version"]),
                    catalog=event["catalog"],
                    detectors=tuple(event["detectors"]),
                )
                for event in v2.fetch_event_versions(segment=(start, stop), host=self.host, session=session)
            ]

    def run_files(
        self, run: str, detector: str, span: Segment, *, sample_rate: int, file_format: str
    ) -> list[StrainFile]:
        """Return the files of a run that overlap `span`, sorted by start."""
        with self._talk() as session:
            urls = locate.get_run_urls(
                run,
                detector,
                int(span.start),
                int(span.stop),
                format=file_format,
                sample_rate=sample_rate,
                host=self.host,
                session=session,
            )
        return _overlapping(urls, span)

    def event_files(
        self, event: str, detector: str, span: Segment, *, sample_rate: int, file_format: str
    ) -> list[StrainFile]:
        """Return the files released with an event that overlap `span`, sorted by start.

        Since GWTC-4.0 events have none: the runs' files serve, and the answer is empty.
        """
        with self._talk() as session:
            listed = list(
                v2.fetch_event_strain_data(
                    event,
                    detector=detector,
                    sample_rate=sample_rate,
                    format=file_format,
                    host=self.host,
                    session=session,
                )
            )
        return _overlapping([item["download_url"] for item in listed], span)

    def download(self, url: str, path: Path) -> None:
        """Write a file that the server lists to a path: see `connection.download`."""
        download(url, path, self._timeout)

    def _talk(self) -> AbstractContextManager[requests.Session]:
        return talk(self.host, self._timeout)


def _overlapping(urls: list[str | None], span: Segment) -> list[StrainFile]:
    files = [StrainFile(url, Segment(*utils.url_segment(url))) for url in urls if url]
    return sorted(
        (file for file in files if file.span.start < span.stop and span.start < file.span.stop),
        key=lambda file: (file.span, file.url),
    )
