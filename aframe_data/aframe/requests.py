"""What Aframe's five console scripts are asked for: its options, and the requests of this package that answer them.

Where the options are those of a command of ours, the script is that command with other defaults. As Aframe's do, the
scripts replace what is there: its workflow asks for an output again only where it is to be made anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aframe_data.errors import UsageError
from aframe_data.plugin.records import AUTO
from aframe_data.requests.campaign import AFRAME, TimeslideWaveforms
from aframe_data.requests.declaration import OUTPUT, Chooses, option
from aframe_data.requests.fetch import FAIL, FILL, Fetch
from aframe_data.requests.query import Query
from aframe_data.requests.request import Request, request
from aframe_data.requests.shared import Working, provider_options, workers_option
from aframe_data.requests.signals import NOISE, SCHEDULE, SIGNALS
from aframe_data.requests.validation import ValidationWaveforms
from aframe_data.requests.waveforms import TrainingWaveforms

if TYPE_CHECKING:
    from aframe_data.reports.fetch import FetchReport
    from aframe_data.reports.query import QueryResult
    from aframe_data.work.plan import Plan

#: The flags of open data; a segment server is asked for all others.
OPEN_FLAGS = frozenset({"H1_DATA", "L1_DATA", "V1_DATA"})
_DQSEGDB_HOST = "dqsegdb-host"
_TRIED = "in the order in which they are tried"


class Replacing:
    """Of scripts, which replace what is there as Aframe's do, and whose command lines Aframe writes."""

    example = ""

    def replaces(self) -> bool:
        """Whether outputs that are there are replaced."""
        return True


@request
class GenerateSegments(Replacing, Request["QueryResult"]):
    """Find the times in which all flags are active."""

    command = "query"

    flags: Sequence[str] = option(help="Flags that must all be active: [H1_DATA,L1_DATA].")
    start: float = option(help="First GPS second.")
    end: float = option(help="GPS second after the last one.")
    min_duration: float | None = option(default=None, help="Shortest segment, in seconds.", minimum=0)
    segment_server: str = option(
        default="https://segments.igwn.org", help="DQSegDB server, for flags that are not of open data."
    )
    source: str | Sequence[str] = option(
        default=(AUTO,),
        help=f"Segment sources, {_TRIED}.",
        chooses=Chooses("segments", "source_options", wanted=("flags",)),
    )
    source_options: Mapping[str, Any] | None = provider_options("the segment sources")
    output_file: str | Path = option(help="Segments file to write.", group=OUTPUT, short="o")

    def asked(self) -> Query:
        """The request of this package that answers the script's."""
        given = dict(self.source_options or {})
        asks_server = AUTO in self.source and not set(self.flags) <= OPEN_FLAGS
        if asks_server or "dqsegdb" in self.source:
            given.setdefault(_DQSEGDB_HOST, self.segment_server)
        return Query(
            flags=self.flags,
            start=self.start,
            end=self.end,
            min_duration=self.min_duration or 0.0,
            source=self.source,
            source_options=given or None,
            output_file=self.output_file,
            allow_empty=True,
            overwrite=True,
        )

    def planned(self) -> Plan[QueryResult]:
        """Make the plan."""
        return self.asked().planned()


@request
class FetchData(Replacing, Working, Request["FetchReport"]):
    """Fetch the strain of one span into one file."""

    command = "fetch"
    plan = "aframe_data.aframe.fetching:FetchOnePlan"

    start: float = option(help="First GPS second, a whole one.")
    end: float = option(help="GPS second after the last one, a whole one.")
    channels: Sequence[str] = option(help="Channels, one for each interferometer: [H1,L1].")
    sample_rate: float = option(help="Sample rate of the file, in Hz.")
    gaps: str = option(
        default=FAIL,
        help="How to handle strain that is missing or not a number: no file, or zeros.",
        choices=(FAIL, FILL),
    )
    source: str | Sequence[str] = option(
        default=(AUTO,),
        help=f"Strain fetchers, {_TRIED}.",
        chooses=Chooses("strain", "source_options", wanted=("channels",)),
    )
    source_options: Mapping[str, Any] | None = provider_options("the strain fetchers")
    nproc: int = option(default=3, help="Used as --workers if that is not given.", minimum=1)
    verbose: bool = option(default=True, help="Has no effect: use --log-file and --debug.")
    allow_tape: bool = option(default=True, help="Has no effect: use the options of the fetcher.")
    cache: bool = option(default=True, help="Has no effect: nothing is fetched twice.")
    workers: int | None = workers_option("--nproc")
    output_file: str | Path = option(help="File to write.", group=OUTPUT, short="o")

    def processes(self) -> int:
        """How many worker processes are asked for."""
        return self.nproc if self.workers is None else self.workers

    def into(self, folder: Path) -> Fetch:
        """The request of this package that answers the script's, with a folder of its own."""
        return Fetch(
            channels=self.channels,
            sample_rate=self.sample_rate,
            start=int(self.start),
            end=int(self.end),
            min_duration=1,
            gaps=self.gaps,
            source=self.source,
            source_options=self.source_options,
            workers=self.processes(),
            output_directory=folder,
        )

    def check(self) -> None:
        """Refuse what is none of this package's requests."""
        for name in ("start", "end"):
            if not float(getattr(self, name)).is_integer():
                raise UsageError(f"{name} = {getattr(self, name):.15g} must be a whole GPS second.")
        self.into(Path(self.output_file).parent / "checked")


def _double() -> Any:
    return option(default="float64", help="Type of the samples.", group=SIGNALS, choices=("float32", "float64"))


def _exact() -> Any:
    return option(
        default=True,
        help="Accept a PSD file with any df, and interpolate it.",
        group=NOISE,
        affects_data=False,
        switch_off="interpolate_psd",
    )


@request
class GenerateTrainingWaveforms(Replacing, TrainingWaveforms):
    """Generate the polarizations of signals drawn from a prior, for training."""

    dtype: str = _double()


@request
class GenerateValidationWaveforms(Replacing, ValidationWaveforms):
    """Generate signals that reach an SNR in a network of detectors, for validation."""

    dtype: str = _double()
    exact_df: bool = _exact()


@request
class GenerateTestingWaveforms(Replacing, TimeslideWaveforms):
    """Generate the injections of one branch of a campaign: one span, and one row of shifts.

    --start and --end are final, and --shifts are the shifts of this branch. Injections lie at start + buffer +
    duration // 2 and then every spacing + duration seconds, below end - buffer - duration // 2, each moved by at
    most --jitter.
    """

    plan = "aframe_data.aframe.branch:plan"

    start: float = option(help="First GPS second; the first PSD is taken off already.", group=SCHEDULE)
    end: float = option(help="GPS second after the last one; the largest shift is taken off already.", group=SCHEDULE)
    shifts: Sequence[float] = option(help="Time shift of each interferometer, in seconds: [0.0,1.0].", group=SCHEDULE)
    buffer: float = option(
        default=16.0,
        help="Seconds that are left free at both ends of the span, besides duration // 2, before jitter.",
        group=SCHEDULE,
        minimum=0,
    )
    background: str | Path | Sequence[str | Path] | None = option(
        default=None, help="Of a campaign.", affects_data=False, hidden=True
    )
    branches: bool = option(default=False, help="Of a campaign.", affects_data=False, hidden=True)
    num_signals: int | None = option(default=None, help="Follows from the span.", hidden=True)
    livetime: float | None = option(default=None, help="Follows from the span.", hidden=True)
    dtype: str = _double()
    psd_length: float = option(default=0.0, help="Taken off --start already.", hidden=True)
    grid: str = option(default=AFRAME, help="Of a branch.", hidden=True)
    exact_df: bool = _exact()
