"""``aframe-data timeslide-waveforms``: a campaign of injections over time-shifted background."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from aframe_data import checks
from aframe_data.errors import UsageError
from aframe_data.requests.declaration import OUTPUT, option
from aframe_data.requests.request import Request, request
from aframe_data.requests.shared import (
    CURVES,
    NOISE,
    PSD_HELP,
    SCHEDULE,
    DetectedSignals,
    Making,
    Working,
    noise_given,
    paths_given,
)
from aframe_data.times import Time, gps_seconds
from aframe_data.types import Segment

if TYPE_CHECKING:
    from aframe_data.reports.injections import InjectionReport


@request
class TimeslideWaveforms(DetectedSignals, Working, Making, Request["InjectionReport"]):
    """Generate a campaign of injections over time-shifted background.

    Slide k = 1, 2, … shifts the interferometers by k times --shifts in every segment, until there are
    --num-signals or --livetime; without either, slide 1 is made. The same --seed gives the same files on any
    number of workers; an interrupted command goes on where it stopped.
    """

    command, plan = "timeslide-waveforms", "aframe_data.injections.campaign:plan"
    example = (
        "--background background --shifts 0,1 --num-signals 1000 --prior end_o3_ratesandpops --ifos H1,L1 "
        "--waveform-duration 8 --sample-rate 2048 -o campaign"
    )

    output_dir: str | Path | None = option(
        default=None,
        help="Folder for waveforms.hdf5 and rejected-parameters.hdf5.",
        group=OUTPUT,
        short="o",
        flag="output",
        affects_data=False,
    )
    waveforms_file: str | Path | None = option(
        default=None, help="File for the injections, instead.", group=OUTPUT, affects_data=False
    )
    rejected_file: str | Path | None = option(
        default=None, help="File for the rejected draws' parameters, instead.", group=OUTPUT, affects_data=False
    )
    branches: bool = option(
        default=False,
        help="Also write the injections of each background file in each slide to a file of their own, "
        "branches/START-DURATION-SLIDE/waveforms.hdf5 beside the whole.",
        group=OUTPUT,
        affects_data=False,
    )
    background: str | Path | Sequence[str | Path] | None = option(
        default=None,
        help="Folder of background files, or the files: the segments.",
        group=SCHEDULE,
        affects_data=False,
        parse=paths_given,
        metavar="PATH",
        files=True,
        repeated=True,
    )
    start: Time | None = option(default=None, help="Instead: start of the one segment, GPS seconds.", group=SCHEDULE)
    end: Time | None = option(default=None, help="End of the one segment, GPS seconds.", group=SCHEDULE)
    shifts: Sequence[float] = option(
        help="Seconds by which each interferometer is shifted in slide 1: 0,1.", group=SCHEDULE
    )
    num_signals: int | None = option(default=None, help="Stop at so many injections.", group=SCHEDULE, minimum=1)
    livetime: float | None = option(
        default=None,
        help="Stop when so many seconds of shifted background are used.",
        group=SCHEDULE,
        minimum=0,
        exclusive=True,
    )
    spacing: float = option(
        default=16.0, help="Seconds from a window's end to the next start.", group=SCHEDULE, minimum=0
    )
    buffer: float = option(
        default=16.0, help="Seconds from the edges to the nearest window.", group=SCHEDULE, minimum=0
    )
    jitter: float = option(
        default=0.1, help="Seconds by which injections are moved at most.", group=SCHEDULE, minimum=0
    )
    psd_length: float = option(
        default=64.0, help="Seconds left free at each segment's start.", group=SCHEDULE, minimum=0
    )
    psd: str | Path | Sequence[str | Path] | Mapping[str, str | Path] | None = option(
        default=None,
        help=PSD_HELP,
        group=NOISE,
        parse=noise_given,
        files=True,
        names=CURVES,
        aliases=("psd_file",),
        metavar="[IFO=]FILE|CURVE",
        otherwise="each background file's own",
        repeated=True,
    )
    true_right_ascension: bool = option(
        default=False,
        help="Take ra as right ascension, and not as a longitude fixed to the Earth.",
        group=NOISE,
    )

    @property
    def span(self) -> Segment | None:
        """The one segment, if that is what is asked for."""
        if self.start is None or self.end is None:
            return None
        return Segment(gps_seconds(self.start), gps_seconds(self.end))

    def check(self) -> None:
        """Refuse values that do not go together."""
        self.check_signals()
        if self.branches and self.background is None:
            raise UsageError("--branches are those of background files: give --background.")
        if self.background is not None:
            if self.start is not None or self.end is not None:
                raise UsageError("--background says its own segments: leave out --start and --end.")
            return
        if self.start is None or self.end is None:
            raise UsageError("give --background FOLDER, or --start and --end of one segment with a --psd.")
        if not self.psd:
            raise UsageError("with --start and --end the noise must be given: --psd FILE, or the name of a curve.")
        checks.require_span(gps_seconds(self.start), gps_seconds(self.end))
