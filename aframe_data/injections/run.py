"""The steps of a run of rejection: noise, calibration, and units on all workers; how many draws that may take."""

from __future__ import annotations

import logging
import math
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np

from aframe_data.checks import require_count
from aframe_data.detection.calibration import UNITS, CalibrationUnit, calibrate, fit
from aframe_data.detection.prospects import ProspectsUnit, find_prospects
from aframe_data.errors import WaveformError, WorkerDiedError
from aframe_data.injections.noise import estimate_noise
from aframe_data.injections.unit import PLACES, finish_unit
from aframe_data.reports.tally import Tally
from aframe_data.store.atomic import make_folder
from aframe_data.waveforms.run import require_acceptable, run_attempts
from aframe_data.work.plan import Work
from aframe_data.work.unfinished import Unfinished

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from aframe_data.detection.acceptance import Acceptance
    from aframe_data.detection.margins import Margins
    from aframe_data.detection.prospects import Prospects
    from aframe_data.injections.noise import Noise, NoiseUnit
    from aframe_data.injections.unit import InjectionUnit
    from aframe_data.progress import Advance
    from aframe_data.types import FloatArray
    from aframe_data.waveforms.recipe import Recipe
    from aframe_data.work.engine import Engine

_logger = logging.getLogger(__name__)

#: Draws that tell whether a calibration is worth its cost, and those of a forecast.
_TRIED, _FORECAST = 128, 1024
#: Share of the draws that reach the threshold, below which a warning says so.
_HOPELESS = 1e-4
#: What may be drawn for each signal that is wanted, where nothing is said; and so many times its share of what the run
#: may draw, a unit may take.
_DRAWS_PER_SIGNAL, _SHARES = 10_000, 6


def most_draws(asked: int | None, num_signals: int) -> int:
    """The most draws of a run before it is given up as hopeless: what the user says, or plenty for each signal."""
    if asked is None:
        return _DRAWS_PER_SIGNAL * num_signals
    require_count("max_draws", asked, num_signals)
    return asked


def most_of_unit(most: int, num_signals: int) -> int:
    """The most draws of one unit of a run that may take so many for its signals."""
    return min(most, math.ceil(_SHARES * most * PLACES / num_signals))


def prepare_noise(work: Work, units: Sequence[NoiseUnit]) -> Path:
    """Write the spectra that the units need, where they are not there yet; give the first of them."""
    advance = work.phase("estimating PSDs", len(units))
    filtered: list[float] = []
    for outcome in work.engine.run(estimate_noise, units):
        filtered += [] if outcome.value is None else [outcome.value]
        advance(1)
    if filtered:
        _logger.warning(
            "the strain was filtered above %d Hz and has less noise there than any detector, so SNRs come out too "
            "high: --lowpass %d leaves that out.",
            min(filtered),
            min(filtered),
        )
    return units[0].path


def measure(engine: Engine, recipe: Recipe, acceptance: Acceptance, noise: Noise, segment: int) -> Prospects | None:
    """What a run will come to, by draws of its own in the noise of a segment; leaves nothing behind.

    None where every draw is computed in full. Errors are the run's own.
    """
    if acceptance.full_evaluation:
        return None
    with TemporaryDirectory() as folder:
        unit = noise.unit(Unfinished(Path(folder) / "trial"), segment)
        make_folder(unit.path.parent)
        prepare_noise(Work(engine), [unit])
        (outcome,) = engine.run(find_prospects, [ProspectsUnit(recipe, acceptance, unit.path, _FORECAST)])
        return outcome.value


def calibrated(work: Work, recipe: Recipe, acceptance: Acceptance, noise: Path, num_signals: int) -> Margins | None:
    """The margins of the estimates, or None where every draw is computed in full.

    Parameters
    ----------
    num_signals
        How many are wanted of all parts together: so few that a calibration would make more waveforms in full than
        it saves go without.
    """
    if acceptance.full_evaluation or not _worth_calibrating(work, recipe, acceptance, noise, num_signals):
        return None
    units = [CalibrationUnit(recipe, acceptance, noise, number) for number in range(UNITS)]
    advance = work.phase("calibrating", len(units))
    shares = []
    for outcome in work.engine.run(calibrate, units):
        advance(1)
        if isinstance(outcome.error, WorkerDiedError):
            _logger.warning("%s Its draws do not count.", outcome.error)
        elif outcome.value is not None:
            shares.append(outcome.value)
    if not shares:
        _logger.warning("without a calibration no estimate is trusted: every draw is computed in full.")
        return None
    margins = fit(shares, recipe.kind.regions)
    _warn_of_hopeless_threshold(acceptance.snr_threshold, np.concatenate([shown.full for shown in shares]))
    _logger.info("calibration of SNR estimates: %s", margins.describe())
    return margins


def _worth_calibrating(work: Work, recipe: Recipe, acceptance: Acceptance, noise: Path, num_signals: int) -> bool:
    (outcome,) = work.engine.run(find_prospects, [ProspectsUnit(recipe, acceptance, noise, _TRIED)])
    if isinstance(outcome.error, WorkerDiedError):
        return True
    prospects = outcome.value
    if prospects is None:
        _logger.info("%s has no spectra to estimate SNRs from: every draw is computed in full", recipe)
        return False
    if prospects.worth_calibrating(num_signals):
        return True
    _logger.info(
        "about %.2g of the draws reach the threshold: calibrating estimates would take longer than they save for %d "
        "signals, so every draw is computed in full",
        prospects.acceptance,
        num_signals,
    )
    return False


def _warn_of_hopeless_threshold(threshold: float, snrs: FloatArray) -> None:
    """Say so at once where not one draw in ten thousand may reach the threshold, by the law of 1 / SNR³."""
    snrs = snrs[np.isfinite(snrs)]
    if threshold > 0 and len(snrs) and (snrs.max() / threshold) ** 3 < _HOPELESS * len(snrs):
        _logger.warning(
            "the loudest of %d trial draws has an SNR of %.2g: few if any reach %g.",
            len(snrs),
            snrs.max(),
            threshold,
        )


def fill(
    engine: Engine,
    units: Iterable[InjectionUnit],
    *,
    num_signals: int,
    most_draws: int,
    window: int | None,
    advance: Advance,
) -> list[Tally]:
    """Fill all units; what each of them gave.

    Parameters
    ----------
    num_signals, most_draws
        Of all units: signals that are wanted, and draws that are allowed.
    window
        How many units may be in work at a time, or None for what suits the engine.

    Raises
    ------
    WaveformError
        The threshold is reached too seldom, too many signals fail, or the audit finds a signal that its
        estimate had rejected.
    """
    total = Tally()
    reports = []
    for unit, report in run_attempts(engine, finish_unit, units, window=window, advance=advance):
        reports.append(report)
        total += report
        if report.missed:
            raise WaveformError(
                f"the audit found a signal that its estimate had rejected: {report.missed[0]}. The estimates cannot "
                f"be trusted for {unit.recipe}: --full-evaluation computes every draw in full."
            )
        # A unit that was given up for its failures stands for what comes, whatever those before it gave.
        judged = total if report.accepted == unit.places else report
        if judged.failures:
            failed = len(judged.failures)
            drawn, example = failed + judged.made, judged.failures[-1]
            require_acceptable(failed, drawn, PLACES, unit.max_failed_fraction, example)
        if report.accepted < unit.places or total.drawn > most_draws:
            raise _too_seldom(unit.acceptance.snr_threshold, num_signals, most_draws, total)
    return reports


def _too_seldom(snr_threshold: float, num_signals: int, most_draws: int, total: Tally) -> WaveformError:
    threshold = f"the SNR threshold of {snr_threshold:g}"
    if not total.accepted:
        seen = f"none of {total.drawn} draws reaches {threshold}"
    else:
        share = total.accepted / max(total.drawn, 1)
        seen = (
            f"{total.accepted} of {total.drawn} draws ({share:.2g}) reach {threshold}, and {num_signals} signals "
            f"need about {num_signals / share:.2g} draws"
        )
    return WaveformError(
        f"{seen}; at most {most_draws} are allowed. Raise --max-draws (finished work is kept), or start "
        "again with a lower --snr-threshold."
    )
