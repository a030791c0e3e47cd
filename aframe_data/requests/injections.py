"""``aframe-data validation-waveforms`` and ``timeslide-waveforms``: signals that reach an SNR, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from aframe_data import checks
from aframe_data.errors import UsageError
from aframe_data.requests.declaration import OUTPUT, option
from aframe_data.requests.request import Request, request
from aframe_data.requests.shared import (
    NOISE,
    PSD_HELP,
    SCHEDULE,
    SIGNALS,
    DetectedSignals,
    Making,
    Pictured,
    Working,
    noise_given,
    paths_given,
)
from aframe_data.work.plan import Forecast, Report


@dataclass(frozen=True)
class CampaignExtent:
    """How much background a campaign uses.

    Attributes
    ----------
    num_slides, num_segments
        Slides, and segments with injections.
    livetime
        Seconds of background in all slides together.
    """

    num_slides: int
    num_segments: int
    livetime: float


@dataclass(frozen=True)
class InjectionReport(Report):
    """What was made.

    Attributes
    ----------
    path, rejected_path
        The files; None where the rejected parameters were not asked for.
    num_signals, num_injections
        Accepted signals, and all that were drawn: accepted and rejected.
    failures
        The draws that failed, with their parameters and reasons; in neither number.
    audited, largest_ratio
        Rejected draws that were made in full all the same, and the largest ratio of SNR to estimate among them.
    seed
        Of the run.
    campaign
        How much background it uses, if it is one.
    present
        True if the files were there already and are sound.
    """

    path: Path
    rejected_path: Path | None
    num_signals: int
    num_injections: int
    failures: tuple[str, ...]
    audited: int
    largest_ratio: float
    seed: int
    campaign: CampaignExtent | None = None
    present: bool = False

    def describe(self) -> dict[str, Any]:
        """The report as JSON has it."""
        rejected = None if self.rejected_path is None else str(self.rejected_path)
        return {**asdict(self), "path": str(self.path), "rejected_path": rejected}


#: Draws that a calibration makes in full, about.
_CALIBRATED = 200


@dataclass(frozen=True)
class InjectionForecast(Forecast):
    """What to expect.

    Attributes
    ----------
    paths, num_signals, snr_threshold, seed
        What would be made.
    nbytes, rejected_row_nbytes
        Bytes of the output, and of the parameters of one rejected draw; as many as of the output lie beside it until
        it is whole.
    workers
        How many there are.
    seconds_in_full
        Of one worker, for a signal made in full.
    seconds_estimated
        For an estimate; None for a model that every draw is made in full of.
    acceptance
        Share of the draws that is accepted; None where that is not known.
    campaign
        How much background it uses, if it is one.
    """

    paths: tuple[Path, ...]
    num_signals: int
    snr_threshold: float
    seed: int
    nbytes: int
    rejected_row_nbytes: int
    workers: int
    seconds_in_full: float
    seconds_estimated: float | None
    acceptance: float | None
    campaign: CampaignExtent | None

    @property
    def seconds(self) -> float | None:
        """Of all workers together; None where that is not known."""
        if not self.acceptance or self.seconds_estimated is None:
            return None
        full = (self.num_signals + _CALIBRATED) * self.seconds_in_full
        return (full + self.num_signals * self.seconds_estimated / self.acceptance) / self.workers

    @property
    def rejected(self) -> int | None:
        """How many draws will be rejected, about."""
        return round(self.num_signals / self.acceptance) - self.num_signals if self.acceptance else None

    def describe(self) -> dict[str, Any]:
        """The forecast as JSON has it."""
        told = {**asdict(self), "files": [str(path) for path in self.paths], "temporary_nbytes": self.nbytes}
        del told["paths"]
        return {**told, "seconds": self.seconds, "rejected": self.rejected}


@request
class ValidationWaveforms(DetectedSignals, Pictured, Working, Making, Request[InjectionReport]):
    """Generate signals that reach an SNR in a network of detectors, for validation.

    Draws whose estimated SNR is too low are never made in full. The same --seed gives the same file on any
    number of workers; an interrupted command goes on where it stopped.
    """

    command, plan = "validation-waveforms", "aframe_data.injections.validation:plan"
    picture = "aframe_data.injections.picture:draw_accepted"
    example = (
        "--prior end_o3_ratesandpops --num-signals 2000 --ifos H1,L1 --waveform-duration 8 --sample-rate 2048 "
        "--psd background -o val_waveforms.hdf5"
    )

    num_signals: int = option(help="Number of accepted signals.", group=SIGNALS, minimum=1)
    output_file: str | Path = option(help="File to write.", group=OUTPUT, short="o", affects_data=False)
    rejected_file: str | Path | None = option(
        default=None, help="File to write the rejected draws' parameters to.", group=OUTPUT, affects_data=False
    )
    psd: str | Path | Sequence[str | Path] | Mapping[str, str | Path] = option(
        help=PSD_HELP,
        group=NOISE,
        parse=noise_given,
        aliases=("psd_file",),
        metavar="[IFO=]FILE|CURVE",
        repeated=True,
    )

    def check(self) -> None:
        """Refuse values that do not go together."""
        self.check_signals()
        if self.rejected_file is not None:
            checks.require_different("output_file", Path(self.output_file), "rejected_file", Path(self.rejected_file))


@request
class TimeslideWaveforms(DetectedSignals, Working, Making, Request[InjectionReport]):
    """Generate a campaign of injections over time-shifted background.

    Slide k = 1, 2, … shifts the interferometers by k times --shifts in every segment, until there are
    --num-signals or --livetime; without either, slide 1 is made. The same --seed gives the same files on any
    number of workers; an interrupted command goes on where it stopped.
    """

    command, plan = "timeslide-waveforms", "aframe_data.injections.campaign:plan"
    example = (
        "--background background --shifts 0,1 --num-signals 1000 --prior end_o3_ratesandpops --ifos H1,L1 "
        "--waveform-duration 8 --sample-rate 2048 --output-dir campaign"
    )

    output_dir: str | Path = option(
        help="Folder for waveforms.hdf5 and rejected-parameters.hdf5.", group=OUTPUT, short="o", affects_data=False
    )
    background: str | Path | Sequence[str | Path] | None = option(
        default=None,
        help="Folder of background files, or the files: the segments.",
        group=SCHEDULE,
        affects_data=False,
        parse=paths_given,
        metavar="PATH",
        repeated=True,
    )
    start: float | None = option(default=None, help="Instead: start of the one segment, GPS seconds.", group=SCHEDULE)
    end: float | None = option(default=None, help="End of the one segment, GPS seconds.", group=SCHEDULE)
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

    def check(self) -> None:
        """Refuse values that do not go together."""
        self.check_signals()
        if self.background is not None:
            if self.start is not None or self.end is not None:
                raise UsageError("--background says its own segments: leave out --start and --end.")
            return
        if self.start is None or self.end is None:
            raise UsageError("give --background FOLDER, or --start and --end of one segment with a --psd.")
        if not self.psd:
            raise UsageError("with --start and --end the noise must be given: --psd FILE, or the name of a curve.")
        checks.require_span(self.start, self.end)
