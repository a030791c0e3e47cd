"""The steps of a run of rejection: noise, calibration, blocks on all workers, and the files that they join to."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from aframe_data.detection.calibration import TASKS, CalibrationTask, calibrate, fit
from aframe_data.errors import PluginError, WaveformError, WorkerDiedError
from aframe_data.formats import ledger
from aframe_data.injections.block import PLACES, Tally, finish_block
from aframe_data.injections.noise import estimate_noise
from aframe_data.progress import ignore
from aframe_data.waveforms import recipe as recipes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from aframe_data.detection.acceptance import Acceptance
    from aframe_data.detection.margins import Margins
    from aframe_data.injections.block import Block
    from aframe_data.injections.noise import NoiseTask
    from aframe_data.progress import Advance
    from aframe_data.types import FloatArray
    from aframe_data.waveforms.recipe import Recipe
    from aframe_data.work.engine import Engine
    from aframe_data.work.plan import Work

_logger = logging.getLogger(__name__)

#: How often a block whose worker died is tried, with other draws each time.
_ATTEMPTS = 3
#: Share of the draws that reach the threshold, below which a warning says so.
_HOPELESS = 1e-4


def prepare_noise(work: Work, tasks: Sequence[NoiseTask]) -> Path:
    """Write the spectra that the blocks need, where they are not there yet; give the first of them."""
    advance = work.phase("estimating PSDs", len(tasks))
    for outcome in work.engine.run(estimate_noise, tasks):
        if outcome.error is not None:
            raise outcome.error
        advance(1)
    return tasks[0].path


def calibrated(engine: Engine, recipe: Recipe, acceptance: Acceptance, noise: Path) -> Margins | None:
    """The margins of the estimates, or None where every draw is made in full."""
    if acceptance.full_evaluation:
        return None
    tasks = [CalibrationTask(recipe, acceptance, noise, number) for number in range(TASKS)]
    shares = []
    for outcome in engine.run(calibrate, tasks):
        if isinstance(outcome.error, WorkerDiedError):
            _logger.warning("%s Its draws do not count.", outcome.error)
        elif outcome.error is not None:
            raise outcome.error
        elif outcome.result is None:
            _logger.info("%s has no spectra to estimate SNRs from: every draw is made in full", recipe)
            return None
        else:
            shares.append(outcome.result)
    if not shares:
        _logger.warning("without a calibration no estimate is trusted: every draw is made in full.")
        return None
    margins = fit(shares, recipe.kind)
    _warn_of_hopeless_threshold(acceptance.snr_threshold, np.concatenate([shown.full for shown in shares]))
    _logger.info("calibration of SNR estimates: %s", margins.describe())
    return margins


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
    blocks: Iterable[Block],
    *,
    recipe: Recipe,
    acceptance: Acceptance,
    num_signals: int,
    most_draws: int,
    max_failed_fraction: float,
    advance: Advance,
) -> Tally:
    """Fill all blocks.

    Raises
    ------
    WaveformError
        The threshold is reached too seldom, too many signals fail, or the audit finds a signal that its
        estimate had rejected.
    """
    total = Tally()
    for block, report in _reports(engine, blocks, advance):
        total += report
        if report.missed:
            raise WaveformError(
                f"the audit found a signal that its estimate had rejected: {report.missed[0]}. The estimates cannot "
                f"be trusted for {recipe}: --full-evaluation --overwrite makes every draw in full."
            )
        # A block that was given up for its failures stands for what comes, whatever those before it gave.
        judged = total if report.accepted == block.places else report
        if judged.failures:
            failed = len(judged.failures)
            recipes.require_acceptable(failed, failed + judged.made, PLACES, max_failed_fraction, judged.failures[-1])
        if report.accepted < block.places or total.drawn > most_draws:
            raise _too_seldom(acceptance.snr_threshold, num_signals, most_draws, total)
    return total


def _reports(engine: Engine, blocks: Iterable[Block], advance: Advance) -> Iterator[tuple[Block, Tally]]:
    for outcome in engine.run(finish_block, blocks, advance=advance):
        block, error, result = outcome.unit, outcome.error, outcome.result
        while isinstance(error, WorkerDiedError) and block.attempt + 1 < _ATTEMPTS:
            _logger.error("%s Trying other draws.", error)
            block = replace(block, attempt=block.attempt + 1)
            (again,) = engine.run(finish_block, [block], advance=advance)
            error, result = again.error, again.result
        if result is None:
            raise error or PluginError(f"{block} gave no answer.")
        yield block, result


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
        f"{seen}; allowed are {most_draws}. Raise --max-num-samples: what is finished is kept; or start "
        "anew with a lower --snr-threshold and --overwrite."
    )


def join(
    path: Path,
    layout: ledger.Layout,
    parts: Sequence[Path],
    record: Mapping[str, Any],
    advance: Advance = ignore,
) -> None:
    """Join the files of blocks into one."""
    with ledger.create(path, layout) as writer:
        for parameters, waveforms in ledger.read_rows(parts, layout.length):
            writer.append(parameters, waveforms)
            advance(len(parameters["snr"]))
        writer.finish(record)
