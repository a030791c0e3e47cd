"""``aframe-data fetch``: strain, what it is asked for by, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from aframe_data import checks
from aframe_data.errors import AframeDataError, DataQualityError, UsageError
from aframe_data.plugin.records import AUTO
from aframe_data.requests.declaration import OUTPUT, RUNNING, Chooses, option
from aframe_data.requests.request import Request, request
from aframe_data.requests.shared import Working, options_of_providers, path_or_segments
from aframe_data.store.atomic import parse_size
from aframe_data.types import Flaw, Segment
from aframe_data.work.engine import available_cpus
from aframe_data.work.plan import Report

STRAIN, GAPS, SOURCES = "Strain", "Gaps", "Sources"

#: A background file must be longer than the kernel of the training's loader, or the loader stops in the middle of a
#: training; shorter pieces are dropped unless the user names another bound.
SHORTEST = 10.0


@dataclass(frozen=True)
class FetchedFile:
    """What became of one file.

    Attributes
    ----------
    path, span
        The file.
    status
        ``"fetched"``, ``"present"`` (there already, and sound), ``"failed"``, or ``"empty"`` (nothing of the span is
        long enough for a file, after what should not be used was left out).
    nbytes
        Size on disk.
    error
        Why it failed.
    """

    path: Path
    span: Segment
    status: str
    nbytes: int = 0
    error: AframeDataError | None = None

    def describe(self) -> dict[str, Any]:
        """The file as JSON has it."""
        return {
            "path": str(self.path),
            "start": int(self.span.start),
            "stop": int(self.span.stop),
            "status": self.status,
            "bytes": self.nbytes,
            "error": None if self.error is None else str(self.error),
        }


@dataclass(frozen=True)
class FetchReport(Report):
    """What became of all files of a fetch.

    Attributes
    ----------
    files
        In the order of the plan.
    dropped
        Segments, or remainders of them, that are too short for a file.
    cut, filled
        For each interferometer, what was left out of files that were fetched, or replaced by zeros in them.
    """

    files: tuple[FetchedFile, ...]
    dropped: tuple[Segment, ...]
    cut: Mapping[str, tuple[Flaw, ...]] = field(default_factory=dict)
    filled: Mapping[str, tuple[Flaw, ...]] = field(default_factory=dict)

    @property
    def exit_code(self) -> int:
        """That of the gravest failure."""
        return max((file.error.exit_code if file.error else 1 for file in self.failed), default=0)

    @property
    def failed(self) -> tuple[FetchedFile, ...]:
        """The files that could not be made."""
        return tuple(file for file in self.files if file.status == "failed")

    def raise_for_failures(self) -> None:
        """Raise the error of the first file that failed, if any did."""
        if self.failed:
            error = self.failed[0].error
            raise (error if error is not None else DataQualityError(f"{self.failed[0].path} could not be fetched."))

    def describe(self) -> dict[str, Any]:
        """The report as JSON has it."""
        return {
            "files": [file.describe() for file in self.files],
            "dropped": [[segment.start, segment.stop] for segment in self.dropped],
            **{
                what: {ifo: [asdict(flaw) for flaw in flaws] for ifo, flaws in found.items()}
                for what, found in (("cut", self.cut), ("filled", self.filled))
            },
        }


def _bytes(value: Any) -> int:
    return value if isinstance(value, int) else parse_size(str(value))


@request
class Fetch(Working, Request[FetchReport]):
    """Fetch strain and write background files.

    Files are named PREFIX-START-DURATION.hdf5. What is there already and sound is kept, so that the same
    command goes on after an interruption.
    """

    command, plan = "fetch", "aframe_data.strain.fetch:plan"
    streams = True
    example = "--channels H1,L1 --segments segments.txt --sample-rate 2048 -o background"

    channels: Sequence[str] = option(help="Channels, one for each interferometer: H1,L1.", group=STRAIN)
    sample_rate: float = option(help="Sample rate of the files, in Hz; never above the archive's own.", group=STRAIN)
    start: int | None = option(default=None, help="First GPS second of one span.", group=STRAIN)
    end: int | None = option(default=None, help="GPS second after its last one.", group=STRAIN)
    segments: str | Path | Sequence[Segment] | None = option(
        default=None,
        help="Segments file, instead of --start and --end.",
        group=STRAIN,
        parse=path_or_segments,
        metavar="PATH",
        affects_data=False,
    )
    min_duration: float = option(default=SHORTEST, help="Shortest file, in seconds.", group=STRAIN)
    max_duration: float | None = option(
        default=None, help="Longest file, in seconds; longer segments are split evenly.", group=STRAIN
    )
    dtype: str = option(default="float64", help="Type of the samples.", group=STRAIN, choices=("float64", "float32"))
    gaps: str = option(
        default="fail",
        help="How to handle strain that is missing, stands still or is excluded: no file, a file of each good "
        "stretch, or zeros.",
        group=GAPS,
        choices=("fail", "split", "fill"),
    )
    require_bits: Sequence[str] = option(
        default=(), help="Bits of the archive's masks that must be set: CBC_CAT1,CBC_CAT2.", group=GAPS
    )
    exclude_hardware_injections: bool = option(
        default=False,
        help="Exclude seconds with hardware injections of transients, by the archive's own mask.",
        group=GAPS,
    )
    source: str | Sequence[str] = option(
        default=(AUTO,),
        help="Strain fetchers, in the order in which they are tried; with --help, shows the options of those. "
        "`plugins list --kind strain` names all.",
        group=SOURCES,
        chooses=Chooses("strain", "source_options", wanted=("channels",)),
    )
    source_options: Mapping[str, Any] | None = option(
        default=None, help="Options of the strain fetchers.", hidden=True, parse=options_of_providers
    )
    cache: str | Path | None = option(
        default=None,
        help="Folder in which the archive's raw files are kept for other runs; several may share it.",
        group=SOURCES,
        affects_data=False,
    )
    cache_size: int | str = option(
        default=50_000_000_000,
        help="Bytes of them, such as 50GB; the oldest ones go.",
        group=SOURCES,
        parse=_bytes,
        metavar="SIZE",
        affects_data=False,
    )
    workers: int | None = option(
        default=None,
        help="Worker processes; 0 does the work in this one.",
        group=RUNNING,
        minimum=0,
        otherwise="one more than there are CPUs, at most 4",
        affects_data=False,
    )
    output_directory: str | Path = option(help="Folder for the files.", group=OUTPUT, short="o", affects_data=False)
    prefix: str = option(default="background", help="First part of the files' names.", group=OUTPUT, short="p")

    def processes(self) -> int:
        """By default one more than there are CPUs, so that one downloads while the others work, at most four."""
        return min(available_cpus() + 1, 4) if self.workers is None else self.workers

    def check(self) -> None:
        """Refuse values that do not go together."""
        checks.require_one_channel_each(self.channels)
        checks.require_sample_rate(self.sample_rate)
        checks.require_durations(self.min_duration, self.max_duration)
        checks.require_prefix(self.prefix)
        if (self.segments is None) == (self.start is None and self.end is None):
            raise UsageError("say either start and end, or segments.")
        if self.segments is not None:
            return
        if self.start is None or self.end is None:
            raise UsageError("start and end belong together: one of them is missing.")
        checks.require_span(self.start, self.end)
