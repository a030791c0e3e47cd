"""What the page about a data set tells, as plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aframe_data.reports.verify import Examined

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

#: What a ledger may be.
TRAINING, VALIDATION, CAMPAIGN, REJECTED = ROLES = ("training", "validation", "campaign", "rejected")


@dataclass(frozen=True)
class DataFile:
    """One file of the folder.

    Attributes
    ----------
    name
        Its path from the folder on.
    kind
        ``"segments"``, ``"background"``, ``"PSD"``, ``"waveforms"``, ``"parameters"``, ``"damaged"`` or ``"other"``.
    nbytes
        Its size.
    sha256
        Of the whole file; None where not all was read.
    record
        Its provenance, or None.
    """

    name: str
    kind: str
    nbytes: int
    sha256: str | None
    record: Mapping[str, Any] | None


@dataclass(frozen=True)
class Remark:
    """One thing that was found: of a kind, a file or a span, in words, and whether it is a problem."""

    kind: str
    where: str
    text: str
    problem: bool


@dataclass(frozen=True)
class SegmentsFacts:
    """What a segments file holds.

    Attributes
    ----------
    name
        Of the file.
    number, livetime
        Segments, and their seconds.
    span
        GPS seconds that were asked for, or else from the first segment to the last; None without any.
    shortest, longest
        Seconds; None without any.
    flags
        What the query told of each flag: its seconds in the span.
    costs
        Seconds that each step of the query took, in order; they and the livetime make up the span. Empty where the
        file does not say it.
    events
        Name and GPS second of those around which time was taken out.
    """

    name: str
    number: int
    livetime: float
    span: tuple[float, float] | None
    shortest: float | None
    longest: float | None
    flags: tuple[Mapping[str, Any], ...]
    costs: tuple[Mapping[str, Any], ...]
    events: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class DetectorFacts:
    """What is known of one interferometer's strain in a folder.

    Attributes
    ----------
    ifo
        The interferometer.
    channels, native_sample_rates
        Of the archive: as the files' records say them.
    sources
        Where the strain came from: source, origin, and the number of pieces.
    masks
        Of each mask, seconds that it has, and for which each of its bits is set.
    edits
        Seconds that were ``cut`` or ``filled``, by the reason.
    stretches, stretch_seconds, fft_seconds
        How many stretches the noise was estimated in, how long each is, and the FFTs in it.
    frequencies
        (k,) Hz: the middles of columns even in log f.
    low, median, high
        (k,) amplitude spectral density, 1/sqrt(Hz): quantiles of 5, 50 and 95 per cent of the stretches.
    quietest
        Hz and 1/sqrt(Hz) where the median is smallest, or None.
    """

    ifo: str
    channels: tuple[str, ...]
    native_sample_rates: tuple[float, ...]
    sources: tuple[tuple[str, str, int], ...]
    masks: Mapping[str, Mapping[str, int]]
    edits: Mapping[str, Mapping[str, float]]
    stretches: int = 0
    stretch_seconds: float = 0.0
    fft_seconds: float = 0.0
    frequencies: tuple[float, ...] = ()
    low: tuple[float, ...] = ()
    median: tuple[float, ...] = ()
    high: tuple[float, ...] = ()
    quietest: tuple[float, float] | None = None


@dataclass(frozen=True)
class StrainFacts:
    """What a folder of background holds.

    Attributes
    ----------
    folder
        Its path from the data set's folder on; empty for that itself.
    number, nbytes, livetime
        Files, their bytes, and the seconds that they cover, each counted once.
    span
        GPS seconds from the first to the last.
    sample_rates, dtypes
        Of the files.
    segments
        Name of the segments file that the files were compared with, or None.
    missing
        Spans that no file covers.
    detectors
        One each.
    """

    folder: str
    number: int
    nbytes: int
    livetime: float
    span: tuple[float, float] | None
    sample_rates: tuple[float, ...]
    dtypes: tuple[str, ...]
    segments: str | None
    missing: tuple[tuple[float, float], ...]
    detectors: tuple[DetectorFacts, ...]


@dataclass(frozen=True)
class Slide:
    """One slide of a campaign: the shift of each interferometer, segments used, injections, seconds of background."""

    shifts: tuple[float, ...]
    segments: int
    injections: int
    livetime: float | None


@dataclass(frozen=True)
class SignalsFacts:
    """What a ledger holds.

    Attributes
    ----------
    name, role, number
        Of the file, one of `ROLES`, and its signals.
    drawn, acceptance
        Signals that were drawn for it, and the share that is in it; None where that is not known.
    acceptance_over_time
        Of a campaign whose segments have noise of their own: the mean over time; None for others.
    failures
        Draws that gave no waveform, by the reason.
    rejected
        Draws below the threshold, whose parameters are in a file of their own; None without one.
    threshold
        Network SNR.
    snr
        Of the network and of each interferometer: smallest, median and largest.
    ranges
        Smallest and largest value of some parameters.
    made
        How: prior, generator, seed and the like, for a person.
    slides, livetime
        Of a campaign: in the order of their shifts; and seconds of all together, None where that is not known.
    """

    name: str
    role: str
    number: int
    drawn: int | None = None
    acceptance: float | None = None
    acceptance_over_time: float | None = None
    failures: Mapping[str, int] = field(default_factory=dict)
    rejected: int | None = None
    threshold: float | None = None
    snr: Mapping[str, Mapping[str, float | None]] = field(default_factory=dict)
    ranges: Mapping[str, Mapping[str, float | None]] = field(default_factory=dict)
    made: Mapping[str, str] = field(default_factory=dict)
    slides: tuple[Slide, ...] = ()
    livetime: float | None = None


@dataclass(frozen=True)
class StageFacts:
    """A stage of a build, and what it cost; what the record of the build does not say is None."""

    name: str
    command: str
    nbytes: float | None
    seconds: float | None
    cpu_seconds: float | None
    peak_memory: float | None
    bytes_per_second: float | None
    workers: float | None


@dataclass(frozen=True)
class Remake:
    """How to make the data again: one command with its configuration, or the commands of the files."""

    commands: tuple[str, ...]
    configuration: str = ""
    configuration_name: str = ""


@dataclass(frozen=True)
class Totals:
    """How much there is: files, bytes, seconds of background (each counted once), signals, and a campaign's."""

    files: int
    nbytes: int
    background: float
    training: int
    validation: int
    injections: int
    livetime: float | None


@dataclass(frozen=True, kw_only=True)
class DatasetReport(Examined):
    """What a folder holds.

    Attributes
    ----------
    page, croissant_file
        What was written.
    quick
        Whether samples were not compared with their hashes.
    problems, notes
        What is wrong, and what is told besides.
    pieces
        Of campaigns, files of branches, which hold the same injections and were not opened.
    croissant
        Croissant metadata, JSON-LD.
    """

    page: Path
    croissant_file: Path | None
    quick: bool
    totals: Totals
    remake: Remake
    segments: tuple[SegmentsFacts, ...]
    strain: tuple[StrainFacts, ...]
    signals: tuple[SignalsFacts, ...]
    stages: tuple[StageFacts, ...]
    problems: tuple[Remark, ...]
    notes: tuple[Remark, ...]
    files: tuple[DataFile, ...]
    pieces: int
    croissant: Mapping[str, Any]

    def describe(self) -> dict[str, Any]:
        """The report as JSON has it."""
        return {"sound": self.sound, **super().describe()}
