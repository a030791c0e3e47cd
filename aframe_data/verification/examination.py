"""The unit of work: one file of the folder, read once, and what was found in it as plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aframe_data.errors import AframeDataError, StoreError
from aframe_data.formats import background, background_names
from aframe_data.formats.edits import Edit, edits
from aframe_data.formats.kinds import kind_of
from aframe_data.formats.record_parts import mapping_in
from aframe_data.strain.stretches import SampleCheck, Stretches
from aframe_data.types import Segment
from aframe_data.work.units import advance

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

#: What a file may hold that is no strain, in words.
_OTHER = {"ledger": "waveforms or parameters", "psd": "spectra", "other": "no strain as `aframe-data fetch` writes it"}
#: Times nearer than this to a whole second are whole: 1 / rate times a number of samples is not exact.
_EXACT = 1e-6


@dataclass(frozen=True)
class FileUnit:
    """One file to examine; `quick` leaves its samples alone."""

    path: Path
    quick: bool

    def __str__(self) -> str:
        return self.path.name


@dataclass(frozen=True)
class Content:
    """What a file holds that can be read as background.

    Attributes
    ----------
    ifos, span, sample_rate, dtype
        As in `aframe_data.formats.background.BackgroundSummary`.
    intact
        Whether the samples are those that were written; None where that is not known.
    foreign
        Whether the file has no provenance.
    not_finite, still
        Bad stretches, for each interferometer that has any.
    identical
        Interferometers with the same samples, together.
    cut, filled
        What the fetch that made the file did to its segment.
    min_duration
        Seconds of the shortest file of that fetch, or None.
    """

    ifos: tuple[str, ...]
    span: Segment
    sample_rate: float
    dtype: str
    intact: bool | None = None
    foreign: bool = False
    not_finite: Mapping[str, Stretches] = field(default_factory=dict)
    still: Mapping[str, Stretches] = field(default_factory=dict)
    identical: tuple[tuple[str, ...], ...] = ()
    cut: tuple[Edit, ...] = ()
    filled: tuple[Edit, ...] = ()
    min_duration: float | None = None


@dataclass(frozen=True)
class FileFacts:
    """What was found in one file: its content, or what it is instead.

    Attributes
    ----------
    path
        The file.
    named
        The span that its name says, or None for a name of another form.
    content
        None for a file that is no background.
    damage
        Why it cannot be read; empty where it can.
    holds
        What it holds instead of strain; empty where it holds strain, or cannot be read.
    """

    path: Path
    named: Segment | None
    content: Content | None = None
    damage: str = ""
    holds: str = ""


def examine(unit: FileUnit) -> FileFacts:
    """Read one file, whatever it holds.

    Raises
    ------
    StoreError
        It is an object that cannot be read now, which says nothing of its soundness.
    """
    path, named = unit.path, background_names.parse_file_name(unit.path)
    try:
        if path.exists() and not path.is_file():
            return FileFacts(path, named, damage="a folder, a pipe or a device, not a file")
        kind = kind_of(path)
        if kind == "text":
            return FileFacts(path, named, damage=f"no HDF5 file, {path.stat().st_size} bytes")
        if kind != "strain":
            return FileFacts(path, named, holds=_OTHER[kind])
        return FileFacts(path, named, _read(path, quick=unit.quick))
    except StoreError:
        raise
    except (AframeDataError, OSError) as error:
        return FileFacts(path, named, damage=_reason(path, error))
    finally:
        advance(1)


def _reason(path: Path, error: Exception) -> str:
    """What an error says, without what a table says already."""
    reason = str(error)
    for said in (f"{path} is damaged: ", f"{path} cannot be read as a background file: ", f"{path} "):
        reason = reason.removeprefix(said)
    return reason


def _read(path: Path, *, quick: bool) -> Content:
    outline = background.summarize(path, check=False)
    checks = {ifo: SampleCheck(outline.sample_rate) for ifo in outline.ifos}
    found = outline
    if not quick:
        found = background.summarize(path, on_block=lambda ifo, samples: checks[ifo].add(samples))
    ends = {ifo: check.end(found.segment.start) for ifo, check in checks.items()}
    record = found.record or {}
    return Content(
        ifos=found.ifos,
        span=Segment(_tidy(found.segment.start), _tidy(found.segment.stop)),
        sample_rate=found.sample_rate,
        dtype=found.dtype,
        intact=found.intact,
        foreign=found.record is None,
        not_finite={ifo: bad for ifo, (bad, _) in ends.items() if bad.number},
        still={ifo: bad for ifo, (_, bad) in ends.items() if bad.number},
        identical=_identical(found.digests),
        cut=edits(record, "cut"),
        filled=edits(record, "filled"),
        min_duration=_min_duration(record),
    )


def _identical(digests: Mapping[str, str]) -> tuple[tuple[str, ...], ...]:
    """The interferometers, in order, whose samples have the same hash."""
    together: dict[str, list[str]] = {}
    for ifo, digest in sorted(digests.items()):
        together.setdefault(digest, []).append(ifo)
    return tuple(tuple(ifos) for ifos in together.values() if len(ifos) > 1)


def _tidy(seconds: float) -> float:
    return round(seconds) if abs(seconds - round(seconds)) < _EXACT else seconds


def _min_duration(record: Mapping[str, Any]) -> float | None:
    value = mapping_in(record, "arguments").get("min_duration")
    return float(value) if isinstance(value, (int, float)) else None
