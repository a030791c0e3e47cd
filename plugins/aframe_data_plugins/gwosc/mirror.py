"""Copies of the archive's files elsewhere: on CVMFS, in the OSDF, on the disks or the web server of a computing centre.

The archive's own list says which files there are, and what has to be in them; a mirror only has the bytes.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from aframe_data.errors import SourceError, UsageError
from aframe_data.redaction import redacted
from aframe_data_plugins.gwosc.client import most_bytes
from aframe_data_plugins.gwosc.connection import NotFoundError, download
from aframe_data_plugins.gwosc.files import DamagedFileError, Extras
from aframe_data_plugins.http.address import Address, parse_address

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from aframe_data.plugin import FileStore
    from aframe_data_plugins.gwosc.client import ListedFile
    from aframe_data_plugins.gwosc.locate import FileKind

_logger = logging.getLogger(f"aframe_data.{__name__}")

#: Where files lie below a mirror. Folders are named by a GPS time, rounded down to a multiple of 2**20 s.
_LAYOUTS = (
    "{run}/strain.{khz}k/{kind}.v1/{detector}/{folder}/{name}",  # CVMFS and the OSDF, to O3
    "{run}/{release}/STRAIN_{kind_since_o4}/{detector}/{folder}/{name}",
    "{run}/{release}/STRAIN_{kind_since_o4}/{detector}/{wide_folder}/{name}",  # multiples of 2**22 s
    "{release}/{folder}/{name}",  # the archive's own
    "{name}",
)
#: Redirects to a cache of the OSDF that has the file and is near.
_DIRECTOR = "https://osdf-director.osg-htc.org"


class Mirror:
    """One mirror.

    Parameters
    ----------
    base
        A folder; or a URL: http, https, osdf or file.
    timeout
        Seconds in which nothing may come from a URL.

    Raises
    ------
    UsageError
        There is no such folder, or it is another kind of URL.
    """

    def __init__(self, base: str, timeout: float) -> None:
        parts = urlsplit(base)
        self._folder: Path | None = None
        self._server = Address(_DIRECTOR)
        if parts.scheme in {"", "file"}:
            self._folder = Path(unquote(parts.path) if parts.scheme else base).expanduser()
            if not base or not self._folder.is_dir():
                raise UsageError(f"--gwosc-mirror: there is no folder {base!r}.")
        elif parts.scheme in {"http", "https"} and parts.netloc:
            self._server = parse_address(base, "--gwosc-mirror", "https://example.org/gwdata")
            base = self._server.url
        elif parts.scheme != "osdf" or parts.netloc:
            raise UsageError(
                f"--gwosc-mirror: {redacted(base)!r} is not a mirror: name a folder, or a URL such as "
                "https://example.org/gwdata or osdf:///gwdata."
            )
        self.base = str(self._folder or base).rstrip("/")
        self._timeout = timeout
        self._layouts = list(_LAYOUTS)
        self._given_up: set[str] = set()

    def read(
        self, file: ListedFile, wanted: FileKind, store: FileStore, read: Callable[[Path], Extras]
    ) -> tuple[Extras, str] | None:
        """Have a copy of a file read.

        Parameters
        ----------
        file, wanted
            As the archive lists it.
        store
            For a copy that has to be downloaded.
        read
            Reads it, or raises `DamagedFileError` where it is not what it has to be.

        Returns
        -------
        extras, place
            What `read` returned, and the copy's path or URL; None where there is no copy that can be used, which is
            logged once for each file.
        """
        if file.url in self._given_up:
            return None
        try:
            for layout, place in self._places(file, wanted):
                try:
                    extras = self._read_at(place, most_bytes(file, wanted.sample_rate), store, read)
                except NotFoundError:
                    continue
                # The next file is likely to lie in the same way.
                self._layouts.sort(key=lambda other: other != layout)
                return extras, place
            self._give_up(file, f"{self.base} has no copy of it.")
        except DamagedFileError as error:
            self._give_up(file, f"the copy in {self.base} cannot be used: {error}.")
        except (SourceError, OSError) as error:
            self._give_up(file, str(error))
        return None

    def _places(self, file: ListedFile, wanted: FileKind) -> Iterator[tuple[str, str]]:
        """Yield each layout and where a copy is in it; the layout of the copy found last comes first."""
        facts = _facts(file, wanted)
        for layout in tuple(self._layouts):
            with suppress(KeyError):  # some layouts are of some files only
                yield layout, f"{self.base}/{layout.format(**facts)}"

    def _read_at(self, place: str, allowed: int, store: FileStore, read: Callable[[Path], Extras]) -> Extras:
        if self._folder is not None:
            path = Path(place)
            if not path.is_file():
                raise NotFoundError(place)
            return read(path)
        try:
            with store.file(place, partial(self._download, place, allowed)) as path:
                return read(path)
        except DamagedFileError:
            store.discard(place)
            raise

    def _download(self, place: str, allowed: int, path: Path) -> None:
        parts = urlsplit(place)
        url = f"{_DIRECTOR}{parts.path}" if parts.scheme == "osdf" else place
        download(self._server, url, path, self._timeout, most_bytes=allowed, option="--gwosc-mirror")

    def _give_up(self, file: ListedFile, reason: str) -> None:
        # One warning is enough where a mirror has nothing of a whole run; the log file has all.
        level = logging.INFO if self._given_up else logging.WARNING
        self._given_up.add(file.url)
        _logger.log(level, "%s is taken from the archive itself: %s", file.url.rpartition("/")[2], reason)


def _facts(file: ListedFile, wanted: FileKind) -> dict[str, object]:
    """What layouts are made of; some of it says only a URL such as ``…/archive/data/O3a_4KHZ_R1/1238368256/NAME``."""
    start = int(file.span.start)
    parts = urlsplit(file.url).path.split("/")
    facts: dict[str, object] = {
        "name": parts[-1],
        "detector": wanted.detector,
        "khz": wanted.sample_rate // 1024,
        "kind": {"hdf5": "hdf", "gwf": "frame"}[wanted.file_format],
        "folder": start >> 20 << 20,
        "wide_folder": start >> 22 << 22,
    }
    if parts[-5:-3] == ["archive", "data"]:
        facts |= {"release": parts[-3], "run": parts[-3].partition("_")[0]}
    if wanted.file_format == "hdf5":  # where GWF files of O4 lie is not documented
        facts["kind_since_o4"] = "HDF"
    return facts
