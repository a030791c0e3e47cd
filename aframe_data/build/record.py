"""What a build leaves of itself in the data set's folder: its configuration, and what each stage took."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from aframe_data import __version__
from aframe_data.store.atomic import folders_made, followed, remove_leftovers, write_text
from aframe_data.store.identity import plain
from aframe_data.work.usage import Usage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from aframe_data.reports.build import StageReport
    from aframe_data.requests.request import Request


@dataclass
class BuildRecord:
    """The record of a data set's builds, at some path."""

    path: Path

    def __post_init__(self) -> None:
        self._written = ""
        self._stages: dict[str, Mapping[str, Any]] = {}
        # Nothing is lost where there is none, or a broken one.
        with suppress(OSError, ValueError, LookupError, TypeError):
            self._written = self.path.read_text(encoding="utf-8")
            self._stages = {str(stage["name"]): dict(stage) for stage in json.loads(self._written)["stages"]}

    def usage_of(self, stage: str) -> Usage | None:
        """What a stage took when it was made; None where nobody knows."""
        with suppress(LookupError, TypeError, ValueError):
            told = self._stages[stage]["usage"]
            return Usage(told["seconds"], told["cpu_seconds"], told["peak_memory"])
        return None

    def keep(self, report: StageReport, request: Request[Any], files: Sequence[Path], rate: float | None) -> None:
        """Take note of a stage that is whole; of one that was there already, what is known of it stays as it is.

        Parameters
        ----------
        rate
            Bytes in a second, where all of it was made in one go.
        """
        folder = self.path.parent
        told = {
            "name": report.name,
            "command": report.command,
            "arguments": request.arguments,
            "outputs": [str(path.relative_to(folder)) for path in files],
            "nbytes": report.nbytes,
            "usage": None,
            "report": plain(report.report.describe()),
        }
        known = self._stages.get(report.name, {})
        if report.present and all(known.get(name) == told[name] for name in ("outputs", "nbytes")):
            return
        if not report.present and report.usage is not None:
            told["usage"] = {**asdict(report.usage), "bytes_per_second": rate, "workers": request.processes()}
        self._stages[report.name] = told

    def write(self, order: Sequence[str], arguments: Sequence[str], name: str, text: str) -> bool:
        """Write it where it changed, with the command line and the configuration of the build; gives whether it did."""
        content = {
            "software": "aframe-data",
            "version": __version__,
            "arguments": list(arguments),
            "configuration_name": name,
            "configuration": text,
            "stages": [self._stages[stage] for stage in order if stage in self._stages],
        }
        written = json.dumps(content, indent=1, default=str) + "\n"
        if written == self._written:
            return False
        remove_leftovers([self.path])
        with folders_made([followed(self.path).parent]):
            write_text(self.path, written)
        self._written = written
        return True
