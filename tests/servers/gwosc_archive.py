"""What a GWOSC server holds: runs, flags, events and strain files, and the answer to each query of its API.

No HTTP here: `servers.gwosc` asks this module and pages, sends, or breaks the answer.
"""

from __future__ import annotations

import csv
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

ANSWER = dict[str, Any]

# T050017: H-H1_GWOSC_O3a_4KHZ_R1-1240580096-4096.hdf5, or H-H1_LOSC_4_V2-1126259446-32.gwf of older releases
_FILE_NAME = re.compile(
    r"[A-Z]-(?P<ifo>[A-Z]\d)_(?:GWOSC|LOSC)_(?:.+_)?(?P<khz>\d+)(?:KHZ)?_[RV]\d+"
    r"-(?P<start>\d+)-(?P<duration>\d+)\.(?P<format>hdf5|gwf)"
)


class UnknownNameError(LookupError):
    """The archive has no such run, flag or event: HTTP 404."""


@dataclass(frozen=True)
class Run:
    name: str
    start: int
    stop: int
    detectors: tuple[str, ...]


RUNS = (
    Run("O1", 1126051217, 1137254417, ("H1", "L1")),
    Run("O2", 1164556817, 1187733618, ("H1", "L1", "V1")),
    Run("O3a", 1238166018, 1253977218, ("H1", "L1", "V1")),
    Run("O3b", 1256655618, 1269363618, ("H1", "L1", "V1")),
)


@dataclass(frozen=True)
class Event:
    name: str
    gps: float
    version: int = 1
    catalog: str = "GWTC-confident"
    detectors: tuple[str, ...] = ("H1", "L1", "V1")
    short_name: str = ""

    @property
    def key(self) -> str:
        return self.short_name or f"{self.name}-v{self.version}"


@dataclass(frozen=True)
class ArchivedFile:
    """A strain file; it belongs to a run or to one version of an event."""

    path: Path
    ifo: str
    start: int
    duration: int
    khz: int
    file_format: str
    owner: str

    @property
    def url_path(self) -> str:
        folder = self.start >> 20 << 20
        return f"/archive/data/{self.owner}_{self.khz}KHZ_R1/{folder}/{self.path.name}"

    def overlaps(self, start: int, stop: int) -> bool:
        return self.start < stop and start < self.start + self.duration


@dataclass
class GwoscArchive:
    """The content of a server; tests add to it, also while it is served."""

    runs: list[Run] = field(default_factory=lambda: list(RUNS))
    flags: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    files: list[ArchivedFile] = field(default_factory=list)
    lists_flags: bool = True  # whether /runs/{run}/timelines exists

    def add_file(self, path: Path, owner: str) -> ArchivedFile:
        """List a file, whose name says what it is, under a run (``O3a``) or an event (``GW150914-v4``)."""
        named = _FILE_NAME.fullmatch(path.name)
        if named is None:
            raise ValueError(f"{path.name} is not a name of a GWOSC strain file")
        file = ArchivedFile(
            path=path,
            ifo=named["ifo"],
            start=int(named["start"]),
            duration=int(named["duration"]),
            khz=int(named["khz"]),
            file_format=named["format"],
            owner=owner,
        )
        self.files.append(file)
        return file

    @classmethod
    def of_real_data(cls, folder: Path) -> GwoscArchive:
        """Make the archive of the real files: all of O3a's segments, the catalogue, and the strain there is."""
        archive = cls()
        for path in sorted((folder / "segments").glob("*.json")):
            content = json.loads(path.read_text())
            archive.flags[content["id"]] = [(a, b) for a, b in content["segments"]]
        with (folder / "catalog" / "gwosc_event_versions.csv").open(newline="") as file:
            archive.events += [
                Event(
                    row["name"],
                    float(row["gps"]),
                    int(row["version"]),
                    row["catalog"],
                    short_name=row["shortName"],
                )
                for row in csv.DictReader(file)
            ]
        for path in sorted((folder / "strain").iterdir()):
            start = int(path.stem.split("-")[-2])
            archive.add_file(path, next(event.key for event in archive.events if abs(event.gps - start) < 32))
        return archive

    # --- the API's queries ----------------------------------------------------------------------------

    def run(self, name: str) -> Run:
        for run in self.runs:
            if run.name == name:
                return run
        raise UnknownNameError(name)

    def event(self, key: str) -> Event:
        for event in self.events:
            if event.key == key:
                return event
        raise UnknownNameError(key)

    def list_runs(self) -> list[ANSWER]:
        return [
            {"name": run.name, "gps_start": run.start, "gps_end": run.stop, "detectors": list(run.detectors)}
            for run in self.runs
        ]

    def list_flags(self, run: str) -> list[ANSWER]:
        self.run(run)
        if not self.lists_flags:
            raise UnknownNameError("timelines")
        return [{"name": flag} for flag in sorted(self.flags)]

    def list_segments(self, flag: str, start: int, stop: int) -> list[ANSWER]:
        """Clip a flag's segments to the query."""
        if flag not in self.flags:
            raise UnknownNameError(flag)
        clipped = ((max(a, start), min(b, stop)) for a, b in self.flags[flag])
        return [{"start": a, "stop": b} for a, b in clipped if a < b]

    def list_events(self, minimum: float, maximum: float) -> list[ANSWER]:
        return [
            {
                "name": event.name,
                "shortName": event.key,
                "gps": event.gps,
                "version": event.version,
                "catalog": event.catalog,
                "detectors": list(event.detectors),
            }
            for event in self.events
            if minimum <= event.gps <= maximum
        ]

    def describe_event(self, key: str) -> ANSWER:
        event = self.event(key)
        runs = [run.name for run in self.runs if run.start <= event.gps < run.stop]
        return {"name": event.name, "gps": event.gps, "run": runs[0] if runs else None}

    def list_run_files(self, host: str, run: str, query: dict[str, str]) -> list[ANSWER]:
        """List a run's files, HDF5 and GWF of one span in one entry, sorted by start."""
        self.run(run)
        entries: dict[tuple[int, str, int, int], ANSWER] = {}
        for file in self._selected(run, query):
            if not file.overlaps(int(query["start"]), int(query["stop"])):
                continue
            entry = entries.setdefault(
                (file.start, file.ifo, file.khz, file.duration),
                {
                    "gps_start": file.start,
                    "detector": file.ifo,
                    "sample_rate_kHz": file.khz,
                    "hdf5_url": None,
                    "gwf_url": None,
                },
            )
            entry[f"{file.file_format}_url"] = host + file.url_path
        return [entries[key] for key in sorted(entries)]

    def list_event_files(self, host: str, key: str, query: dict[str, str]) -> list[ANSWER]:
        self.event(key)
        wanted = {"hdf": "hdf5"}.get(query["file-format"], query["file-format"])
        return [
            {
                "gps_start": file.start,
                "detector": file.ifo,
                "sample_rate_kHz": file.khz,
                "duration": file.duration,
                "file_format": query["file-format"],
                "download_url": host + file.url_path,
            }
            for file in self._selected(key, query)
            if file.file_format == wanted
        ]

    def find_file(self, url_path: str) -> Path:
        for file in self.files:
            if file.url_path == url_path:
                return file.path
        raise UnknownNameError(url_path)

    def _selected(self, owner: str, query: dict[str, str]) -> list[ArchivedFile]:
        return [
            file
            for file in self.files
            if file.owner == owner and file.ifo == query["detector"] and file.khz == int(query["sample-rate"])
        ]
