"""The unit of work: one file, what it holds as plain data, and what is wrong with it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from aframe_data.dataset_report.listing import without_path
from aframe_data.errors import AframeDataError
from aframe_data.inspection import ledger, psd, segments, strain
from aframe_data.reports.dataset import DataFile
from aframe_data.work.units import advance

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from aframe_data.dataset_report.listing import Found
    from aframe_data.reports.inspect import Inspection

#: What is told of HDF5 that is nobody's mistake.
_OTHER = "HDF5 of another kind, which was not examined"
_KINDS = {"background strain": "background"}


@dataclass(frozen=True)
class ExaminationUnit:
    """A file to examine; `quick` leaves its samples alone."""

    file: Found
    quick: bool

    def __str__(self) -> str:
        return self.file.name


@dataclass(frozen=True)
class Examination:
    """What was found in a file.

    Attributes
    ----------
    file
        What the report tells of it.
    path
        Where it is.
    facts, problems
        As `inspect` has them.
    """

    file: DataFile
    path: Path
    facts: Mapping[str, Any] = field(default_factory=dict)
    problems: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The file's path from the folder on."""
        return self.file.name

    @property
    def record(self) -> Mapping[str, Any]:
        """The provenance; empty where there is none."""
        return self.file.record or {}


def examine(unit: ExaminationUnit) -> Examination:
    """Read one file. Of strain the samples are left to `verify`, which knows more of what can be wrong with them."""
    path, name = unit.file.path, unit.file.name
    readers: dict[str | None, Callable[[Path], Inspection]] = {
        "text": segments.read,
        "psd": psd.read,
        "ledger": partial(ledger.read, check=not unit.quick),
        "strain": partial(strain.read, samples=False),
    }
    try:
        nbytes = path.stat().st_size
        if unit.file.kind not in readers:
            kind = "damaged" if unit.file.kind is None else "other"
            return Examination(DataFile(name, kind, nbytes, None, None), path, problems=(unit.file.damage or _OTHER,))
        found = readers[unit.file.kind](path)
        sha256 = None if unit.quick else _sha256(path)
    except (AframeDataError, OSError) as error:
        damaged = DataFile(name, "damaged", path.stat().st_size if path.exists() else 0, None, None)
        return Examination(damaged, path, problems=(without_path(error, path),))
    finally:
        advance(1)
    told = DataFile(name, _KINDS.get(found.kind, found.kind), nbytes, sha256, found.record)
    # Its name, its span and its samples are judged with the other files of its folder.
    problems = () if told.kind == "background" else found.problems
    return Examination(told, path, found.facts, problems)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
