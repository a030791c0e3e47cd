"""Doing what a plan of rejection says: noise, calibration, blocks on all workers, and the files that they join to."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from aframe_data import checks
from aframe_data.detection.calibration import TASKS, CalibrationTask, calibrate, fit
from aframe_data.errors import PluginError, WaveformError, WorkerDiedError
from aframe_data.formats import ledger
from aframe_data.formats.psd import write_spectra
from aframe_data.injections.block import PLACES, BlockReport, finish_block
from aframe_data.injections.noise import NoiseTask, estimate_noise
from aframe_data.injections.plan import InjectionPlan, request_record
from aframe_data.store.atomic import make_folder, remove_leftovers
from aframe_data.types import Advance, Phase, silent
from aframe_data.waveforms import recipe as recipes
from aframe_data.waveforms.preflight import try_recipe
from aframe_data.work import engine
from aframe_data.work.unfinished import PartsFolder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from aframe_data.detection.margins import Margins
    from aframe_data.injections.block import Block
    from aframe_data.types import FloatArray
    from aframe_data.waveforms.preflight import Preflight

_logger = logging.getLogger(__name__)

#: How often a block whose worker died is tried, with other draws each time.
_ATTEMPTS = 3
#: Share of the draws that reach the threshold, below which a warning says so.
_HOPELESS = 1e-4


@dataclass(frozen=True)
class InjectionReport:
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
    present: bool = False


def run_injections(plan: InjectionPlan, *, workers: int | None = None, on_phase: Phase = silent) -> InjectionReport:
    """Do what a plan says.

    Parameters
    ----------
    workers
        Number of processes; all CPUs where None.
    on_phase
        Told of the phases: noise (in files), signals, and joining them.

    Raises
    ------
    WaveformError
        The threshold is reached too seldom, too many signals fail, or the audit finds a signal that its
        estimate had rejected.
    """
    count = engine.available_cpus() if workers is None else workers
    checks.require_count("workers", count)
    if plan.present:
        return _require_intact(plan)
    folder = PartsFolder(plan.output_file)
    with engine.pool(count, on_advance=on_phase("generating signals", plan.num_signals)) as running:
        tried = try_recipe(running, plan.recipe)
        # Only now, so that a model that cannot be used leaves no empty folder.
        for output in plan.outputs:
            make_folder(output.parent)
        remove_leftovers(plan.outputs)
        folder.open(request_record(plan), overwrite=plan.overwrite)
        noise = prepare_noise(running, plan, on_phase)
        margins = calibrated(running, plan, noise)
        total = _fill(running, plan, margins)
    report = _join(plan, total, tried, margins, on_phase("joining them", plan.num_signals))
    folder.remove()
    return report


def _require_intact(plan: InjectionPlan) -> InjectionReport:
    found = [ledger.summarize(path) for path in plan.outputs]
    for path, summary in zip(plan.outputs, found, strict=True):
        if not summary.intact:
            raise checks.output_changed(path)
    PartsFolder(plan.output_file).remove_finished(request_record(plan))
    record = found[0].record or {}
    kept = record["report"]
    return _report(plan, BlockReport(**{**kept, "failures": tuple(kept["failures"]), "missed": ()}), present=True)


def prepare_noise(running: engine.Pool, plan: InjectionPlan, on_phase: Phase) -> Path:
    """Write the spectra that the blocks need, where they are not there yet; give the first of them."""
    if plan.noise.spectra is not None:
        write_spectra(plan.noise_path(), plan.noise.spectra, {})
        return plan.noise_path()
    numbers = [] if plan.slots is None else [segment.number for segment in plan.slots.segments]
    request = plan.recipe.request
    tasks = [
        NoiseTask(plan.noise.files[number], plan.acceptance, request, plan.noise_path(number)) for number in numbers
    ]
    advance = on_phase("estimating PSDs", len(tasks))
    for outcome in running.run(estimate_noise, tasks):
        if outcome.error is not None:
            raise outcome.error
        advance(1)
    return tasks[0].path


def calibrated(running: engine.Pool, plan: InjectionPlan, noise: Path) -> Margins | None:
    """The margins of the estimates, or None where every draw is made in full."""
    if plan.acceptance.full_evaluation:
        return None
    tasks = [CalibrationTask(plan.recipe, plan.acceptance, noise, number) for number in range(TASKS)]
    shares = []
    for outcome in running.run(calibrate, tasks):
        if isinstance(outcome.error, WorkerDiedError):
            _logger.warning("%s Its draws do not count.", outcome.error)
        elif outcome.error is not None:
            raise outcome.error
        elif outcome.result is None:
            _logger.info("%s has no spectra to estimate SNRs from: every draw is made in full", plan.recipe)
            return None
        else:
            shares.append(outcome.result)
    if not shares:
        _logger.warning("without a calibration no estimate is trusted: every draw is made in full.")
        return None
    margins = fit(shares, plan.recipe.kind)
    _warn_of_hopeless_threshold(plan, np.concatenate([shown.full for shown in shares]))
    _logger.info("calibration of SNR estimates: %s", margins.describe())
    return margins


def _warn_of_hopeless_threshold(plan: InjectionPlan, snrs: FloatArray) -> None:
    """Say so at once where not one draw in ten thousand may reach the threshold, by the law of 1 / SNR³."""
    snrs = snrs[np.isfinite(snrs)]
    threshold = plan.acceptance.snr_threshold
    if threshold > 0 and len(snrs) and (snrs.max() / threshold) ** 3 < _HOPELESS * len(snrs):
        _logger.warning(
            "the loudest of %d trial draws has an SNR of %.2g: few if any reach %g.",
            len(snrs),
            snrs.max(),
            threshold,
        )


def _fill(running: engine.Pool, plan: InjectionPlan, margins: Margins | None) -> BlockReport:
    total = BlockReport()
    for block, report in _reports(running, plan.blocks(margins)):
        total += report
        if report.missed:
            raise WaveformError(
                f"the audit found a signal that its estimate had rejected: {report.missed[0]}. The estimates cannot "
                f"be trusted for {plan.recipe}: --full-evaluation --overwrite makes every draw in full."
            )
        # A block that was given up for its failures stands for what comes, whatever those before it gave.
        judged = total if report.accepted == block.places else report
        if judged.failures:
            failed = len(judged.failures)
            recipes.require_acceptable(
                failed, failed + judged.made, PLACES, plan.max_failed_fraction, judged.failures[-1]
            )
        if report.accepted < block.places or total.drawn > plan.max_num_samples:
            raise _too_seldom(plan, total)
    return total


def _reports(running: engine.Pool, blocks: Iterator[Block]) -> Iterator[tuple[Block, BlockReport]]:
    for outcome in running.run(finish_block, blocks):
        block, error, result = outcome.unit, outcome.error, outcome.result
        while isinstance(error, WorkerDiedError) and block.attempt + 1 < _ATTEMPTS:
            _logger.error("%s Trying other draws.", error)
            block = replace(block, attempt=block.attempt + 1)
            (again,) = running.run(finish_block, [block])
            error, result = again.error, again.result
        if result is None:
            raise error or PluginError(f"{block} gave no answer.")
        yield block, result


def _too_seldom(plan: InjectionPlan, total: BlockReport) -> WaveformError:
    threshold = f"the SNR threshold of {plan.acceptance.snr_threshold:g}"
    if not total.accepted:
        seen = f"none of {total.drawn} draws reaches {threshold}"
    else:
        share = total.accepted / max(total.drawn, 1)
        seen = (
            f"{total.accepted} of {total.drawn} draws ({share:.2g}) reach {threshold}, and {plan.num_signals} signals "
            f"need about {plan.num_signals / share:.2g} draws"
        )
    return WaveformError(
        f"{seen}; allowed are {plan.max_num_samples}. Raise --max-num-samples: what is finished is kept; or start "
        "anew with a lower --snr-threshold and --overwrite."
    )


def _join(
    plan: InjectionPlan, total: BlockReport, tried: Preflight, margins: Margins | None, advance: Advance
) -> InjectionReport:
    record: dict[str, Any] = {
        **request_record(plan),
        "cosmology": tried.cosmology,
        "prior_frame": tried.frame,
        "estimates": None if margins is None else margins.describe(),
        "report": {name: value for name, value in vars(total).items() if name != "missed"},
    }
    blocks = list(plan.blocks(margins))
    if plan.rejected_file is not None:
        layout = plan.rejected_layout(tried.parameters, total.rejected, estimated=margins is not None)
        with ledger.create(plan.rejected_file, layout) as writer:
            for parameters, _ in ledger.read_rows([block.rejected_path for block in blocks], total.rejected):
                writer.append(parameters, {})
            writer.finish(record)
    with ledger.create(plan.output_file, plan.accepted_layout(tried.parameters, total.drawn)) as writer:
        for parameters, waveforms in ledger.read_rows([block.accepted_path for block in blocks], plan.num_signals):
            writer.append(parameters, waveforms)
            advance(len(parameters["snr"]))
        writer.finish(record)
    return _report(plan, total)


def _report(plan: InjectionPlan, total: BlockReport, *, present: bool = False) -> InjectionReport:
    return InjectionReport(
        path=plan.output_file,
        rejected_path=plan.rejected_file,
        num_signals=plan.num_signals,
        num_injections=total.drawn,
        failures=total.failures,
        audited=total.audited,
        largest_ratio=total.largest_ratio,
        seed=plan.recipe.seed,
        present=present,
    )
