"""What becomes of validation signals and of a campaign."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aframe_data.work.plan import Forecast, Report

if TYPE_CHECKING:
    from pathlib import Path


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
        Of one worker, for a signal computed in full.
    seconds_estimated
        For the estimates of a draw; None where every draw is computed in full.
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
        if not self.acceptance:
            return None
        draws = self.num_signals / self.acceptance
        if self.seconds_estimated is None:
            return draws * self.seconds_in_full / self.workers
        full = (self.num_signals + _CALIBRATED) * self.seconds_in_full
        return (full + draws * self.seconds_estimated) / self.workers

    @property
    def rejected(self) -> int | None:
        """How many draws will be rejected, about."""
        return round(self.num_signals / self.acceptance) - self.num_signals if self.acceptance else None

    def describe(self) -> dict[str, Any]:
        """The forecast as JSON has it."""
        told = super().describe()
        files = told.pop("paths")
        more = {"files": files, "temporary_nbytes": self.nbytes, "seconds": self.seconds, "rejected": self.rejected}
        return {**told, **more}
