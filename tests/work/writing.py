"""A plan that writes small files, and a request for it."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from aframe_data.errors import AframeDataError
from aframe_data.store.atomic import write_text
from aframe_data.store.identity import provenance
from aframe_data.store.output import RecordedFile
from aframe_data.work.plan import Forecast, Plan, Report, Work
from aframe_data.work.unfinished import Unfinished

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from aframe_data.store.identity import Identity


@dataclass(frozen=True)
class Wrote(Report):
    """Which way the files came about."""

    how: str
    seed: int | None

    def describe(self) -> dict[str, Any]:
        return {"how": self.how}


@dataclass(frozen=True)
class Would(Forecast):
    def describe(self) -> dict[str, Any]:
        return {"would": True}


def read_record(path: Path) -> dict[str, Any] | None:
    record: dict[str, Any] | None = json.loads(path.read_text())
    return record


@dataclass(frozen=True)
class Writing(Plan[Wrote]):
    """Writes its record to some files, in units, and fails where it is told to."""

    paths: tuple[Path, ...]
    text: str = "a"
    seed: int | None = None
    given: tuple[Path, ...] = ()
    replaces: bool = False
    fails_after: int | None = None
    size: int = 10
    separate: bool = False

    @property
    def outputs(self) -> Sequence[RecordedFile]:
        return [RecordedFile(path, read_record) for path in self.paths]

    @property
    def inputs(self) -> Sequence[Path]:
        return self.given

    @property
    def independent(self) -> bool:
        return self.separate

    @property
    def identity(self) -> Identity:
        return {"command": "writing", "text": self.text, "seed": self.seed}

    @property
    def nbytes(self) -> int:
        return self.size

    @property
    def unfinished(self) -> Unfinished | None:
        return Unfinished(self.paths[0]) if self.paths and not self.separate else None

    def adopting(self, found: Identity) -> Writing:
        return self if self.seed is not None else replace(self, seed=found.get("seed"))

    def forecast(self, work: Work) -> Would:
        del work
        return Would()

    def make(self, work: Work) -> Wrote:
        if self.fails_after is not None:
            for number in range(self.fails_after):
                assert self.unfinished is not None
                self.unfinished.unit(number).write_text("done")
            raise AframeDataError("as told")
        for path in self.paths:
            if not path.exists() or self.replaces:
                write_text(path, json.dumps(provenance({}, self.identity)))
                work.tell({"event": "file", "path": str(path)})
        return Wrote("made", self.seed)

    def recall(self, work: Work) -> Wrote:
        del work
        return Wrote("recalled", self.seed)


@dataclass(frozen=True)
class Wish:
    """A request of the tests."""

    plan: Writing
    picture: Path | None = None

    def planned(self) -> Writing:
        return self.plan

    def processes(self) -> int:
        return 0

    def replaces(self) -> bool:
        return self.plan.replaces

    def wanted_picture(self) -> Path | None:
        return self.picture

    def drawer(self) -> Callable[[Any, Any, Path], None]:
        return lambda _request, report, path: write_text(path, report.how)
