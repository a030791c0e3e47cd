"""``aframe-data timeslide-waveforms``: a campaign of injections over time-shifted background."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from aframe_data import checks
from aframe_data.errors import UsageError
from aframe_data.requests.declaration import OUTPUT, option, output
from aframe_data.requests.request import Request, request
from aframe_data.requests.shared import Making, Working
from aframe_data.requests.signals import CURVES, MOST_SIGNALS, NOISE, PSD_HELP, SCHEDULE, DetectedSignals, noise_given
from aframe_data.segment import Segment
from aframe_data.times import Time, gps_seconds

if TYPE_CHECKING:
    from aframe_data.reports.injections import InjectionReport

#: Where injections lie in a segment.
WINDOWS, AFRAME = "windows", "aframe"


@request
class TimeslideWaveforms(DetectedSignals, Working, Making, Request["InjectionReport"]):
    """Generate a campaign of injections over time-shifted background.

    Slide k = 1, 2, … shifts the interferometers by k times --shifts in every segment, until --num-signals or
    --livetime is reached; without either, only slide 1 is made. The same --seed gives the same files for any
    number of workers, and an interrupted command resumes where it stopped.
    """

    command, plan = "timeslide-waveforms", "aframe_data.injections.campaign:plan"
    printer = "injections"
    example = (
        "--background background --shifts 0,1 --num-signals 1000 --prior end_o3_ratesandpops --ifos H1,L1 "
        "--waveform-duration 8 --sample-rate 2048 -o campaign"
    )

    output_dir: str | Path | None = output(
        default=None, help="Folder to write waveforms.hdf5 and rejected-parameters.hdf5 to."
    )
    waveforms_file: str | Path | None = option(
        default=None, help="Write the injections to this file instead.", group=OUTPUT, remote=True, affects_data=False
    )
    rejected_file: str | Path | None = option(
        default=None,
        help="Write the parameters of rejected draws to this file instead.",
        group=OUTPUT,
        remote=True,
        affects_data=False,
    )
    branches: bool = option(
        default=False,
        help="Also write one file for each background file and slide: branches/START-DURATION-SLIDE/waveforms.hdf5 in "
        "the output folder.",
        group=OUTPUT,
        affects_data=False,
    )
    background: str | Path | Sequence[str | Path] | None = option(
        default=None,
        help="Background files, or a folder of them: each file is one segment of the campaign.",
        group=SCHEDULE,
        affects_data=False,
        metavar="PATH",
        remote=True,
        repeated=True,
    )
    start: Time | None = option(
        default=None,
        help="Start of a single segment (GPS seconds or a UTC date), instead of --background.",
        group=SCHEDULE,
    )
    end: Time | None = option(default=None, help="End of that segment (GPS seconds or a UTC date).", group=SCHEDULE)
    shifts: Sequence[float] = option(
        help="Time shift of each interferometer in the first slide, in seconds: 0,1. Slide k uses k times these.",
        group=SCHEDULE,
    )
    num_signals: int | None = option(
        default=None,
        help="Number of injections after which the campaign ends.",
        group=SCHEDULE,
        minimum=1,
        maximum=MOST_SIGNALS,
    )
    livetime: float | None = option(
        default=None,
        help="Seconds of time-shifted background after which the campaign ends.",
        group=SCHEDULE,
        minimum=0,
        exclusive=True,
    )
    grid: str = option(
        default=WINDOWS,
        help="'windows': as many windows as fit between the buffers, and exactly --num-signals. 'aframe': the times of "
        "Aframe's own pipeline, and whole slides, at least --num-signals, so that its inference finds every branch.",
        group=SCHEDULE,
        choices=(WINDOWS, AFRAME),
    )
    spacing: float = option(
        default=16.0,
        help="Seconds between the end of one waveform's window and the start of the next.",
        group=SCHEDULE,
        minimum=0,
    )
    buffer: float = option(
        default=16.0,
        help="Seconds kept free between the ends of a segment and the nearest window.",
        group=SCHEDULE,
        minimum=0,
    )
    jitter: float = option(
        default=0.1,
        help="Each injection time is shifted at random by at most this many seconds.",
        group=SCHEDULE,
        minimum=0,
    )
    psd_length: float = option(
        default=64.0,
        help="Seconds at the start of each segment that are left for estimating a PSD.",
        group=SCHEDULE,
        minimum=0,
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
        tabled=True,
        otherwise="each background file's own",
        repeated=True,
    )
    true_right_ascension: bool = option(
        default=False,
        help="Treat ra as a true right ascension. By default it is a longitude fixed to the Earth, as in Aframe.",
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
        super().check()
        if self.branches and self.background is None:
            raise UsageError("--branches needs --background.")
        if self.background is not None:
            if self.start is not None or self.end is not None:
                raise UsageError("--background already defines the segments: leave out --start and --end.")
            return
        if self.start is None or self.end is None:
            raise UsageError("give --background FOLDER, or --start and --end of one segment with a --psd.")
        if not self.psd:
            raise UsageError("with --start and --end the noise must be given: --psd FILE, or the name of a curve.")
        checks.require_span(gps_seconds(self.start), gps_seconds(self.end))
