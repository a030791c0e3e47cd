"""The conversation with a GWOSC server: the gwosc client asks, errors come back as this project's own.

What is asked, and what the answers mean, is here; which files to use and how to read them is not.
The client tries a list again by itself when the server is busy; a file is asked for once, because the core
repeats a whole block when it meets a `TransientError`.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
import tenacity

from aframe_data.errors import AframeDataError, SourceError, TransientError, UsageError
from aframe_data.types import Segment
from gwosc import locate, timeline, utils
from gwosc.api import v2

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from aframe_data_plugins.gwosc.options import GwoscOptions

_CHUNK = 1 << 20  # bytes held in memory while a file is written


class NotFoundError(SourceError):
    """The server answered 404: there is no such flag, run, event or file."""


@dataclass(frozen=True, slots=True)
class Run:
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

    def runs(self, detector: str | None = None) -> tuple[Run, ...]:
        """Return the observing runs, sorted by start; with `detector`, those that it took part in."""
        with self._talk() as session:
            found = [
                Run(run["name"], Segment(run["gps_start"], run["gps_end"]), tuple(run["detectors"]))
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

    def download(self, url: str, folder: Path) -> Path:
        """Stream a file into `folder`, under its own name, and compare its length with the announced one.

        Raises
        ------
        NotFoundError
            The server lists the file and does not have it.
        TransientError
            The server could not send it now, or sent a part of it.
        """
        path = folder / url.rsplit("/", maxsplit=1)[-1]
        try:
            with self._talk(url) as session, session.get(url, stream=True, headers=_AS_IT_IS) as answer:
                answer.raise_for_status()
                with path.open("wb") as file:
                    for chunk in answer.iter_content(_CHUNK):
                        file.write(chunk)
        except OSError as error:
            path.unlink(missing_ok=True)
            raise AframeDataError(
                f"cannot write {path}: {error.strerror}. Make room there, or name another folder in TMPDIR."
            ) from error
        announced = answer.headers.get("Content-Length")
        received = path.stat().st_size
        if announced is not None and int(announced) != received:
            raise TransientError(f"{urlsplit(url).netloc} sent {received} of {announced} bytes of {url}.")
        return path

    @contextmanager
    def _talk(self, url: str | None = None) -> Iterator[requests.Session]:
        """Give a session, for a file or for lists, and say what goes wrong in it in this project's words."""
        host = urlsplit(url).netloc if url else self.host
        try:
            with _TimedSession(self._timeout) as session:
                yield session
        except tenacity.RetryError as error:
            raise _gave_up(host, error) from error
        except requests.HTTPError as error:
            raise _refused(host, error) from error
        except (requests.JSONDecodeError, KeyError, TypeError) as error:
            raise SourceError(f"{host} answers, but not as a GWOSC server does: check --gwosc-host.") from error
        except requests.exceptions.ChunkedEncodingError as error:
            raise TransientError(f"{host} broke off in the middle of {url or 'a list'}.") from error
        except requests.Timeout as error:
            raise TransientError(f"{host} did not answer within {self._timeout:g} s.") from error
        except requests.RequestException as error:
            raise TransientError(
                f"the connection to {host} failed: {_reason(error)}. "
                "Check the network, or name another server with --gwosc-host."
            ) from error


_AS_IT_IS = {"Accept-Encoding": "identity"}  # else Content-Length counts compressed bytes


class _TimedSession(requests.Session):
    """A session that waits as long as the user said; the gwosc client has a constant of its own."""

    def __init__(self, timeout: float) -> None:
        super().__init__()
        self._timeout = timeout

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        return super().send(request, **{**kwargs, "timeout": self._timeout})


def _overlapping(urls: list[str | None], span: Segment) -> list[StrainFile]:
    files = [StrainFile(url, Segment(*utils.url_segment(url))) for url in urls if url]
    return sorted(
        (file for file in files if file.span.start < span.stop and span.start < file.span.stop),
        key=lambda file: (file.span, file.url),
    )


def _gave_up(host: str, error: tenacity.RetryError) -> TransientError:
    """Say what the server answered to the last of the client's own tries."""
    last = error.last_attempt
    tries = f"after {last.attempt_number} tries"
    if last.failed:
        return TransientError(f"{host} did not answer in time, {tries}.")
    response = last.result()
    message = f"{host} answers {response.status_code} {response.reason}, {tries}."
    return TransientError(message, retry_after=_retry_after(response))


def _refused(host: str, error: requests.HTTPError) -> SourceError:
    response = error.response
    if response is None:
        return SourceError(f"{host} refuses: {error}.")
    message = f"{host} answers {response.status_code} {response.reason} for {response.url}."
    if response.status_code == requests.codes.not_found:
        return NotFoundError(message)
    if response.status_code in v2.TRANSIENT_ERROR_CODES:
        return TransientError(message, retry_after=_retry_after(response))
    return SourceError(message)


def _retry_after(response: requests.Response) -> float | None:
    """Seconds that the server asks to wait: a number or a date (RFC 9110, section 10.2.3)."""
    text = response.headers.get("Retry-After", "")
    if text.isdigit():
        return float(text)
    try:
        then = parsedate_to_datetime(text)
    except ValueError:
        return None
    if then.tzinfo is None:
        return None
    return max(0.0, (then - datetime.now(UTC)).total_seconds())


def _reason(error: requests.RequestException) -> str:
    """Return the last part of a chain of messages such as "Max retries exceeded …: Connection refused"."""
    cause = error.args[0] if error.args else error
    return str(getattr(cause, "reason", cause)).rsplit(": ", maxsplit=1)[-1]
