"""Doing what a plan says: units of work in order, joined into one file."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from aframe_data import checks
from aframe_data.errors import PluginError, WorkerDiedError
from aframe_data.formats import ledger
from aframe_data.store.atomic import remove_leftovers
from aframe_data.types import Advance, Phase, silent
from aframe_data.waveforms import recipe as recipes
from aframe_data.waveforms.plan import TrainingPlan, request_record
from aframe_data.waveforms.preflight import Preflight, try_recipe
from aframe_data.waveforms.unit import Failure, UnitReport, UnitTask, generate_unit, read_report
from aframe_data.work import engine
from aframe_data.work.unfinished import PartsFolder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class TrainingReport:
    """What was generated.

    Attributes
    ----------
    path
        The file.
    num_signals, drawn
        Signals in it, and signals drawn for it.
    failures
        The draws that failed, with their parameters and reasons.
    seed
        Of the run.
    present
        True if the file was there already and is sound.
    """

    path: Path
    num_signals: int
    drawn: int
    failures: tuple[str, ...]
    seed: int
    present: bool = False


def try_training_waveforms(plan: TrainingPlan) -> Preflight:
    """Try prior and model on a few draws, in a worker: errors as `training_waveforms`, and the time a signal takes."""
    with engine.pool(1) as running:
        return try_recipe(running, plan.recipe)


def run_training_waveforms(
    plan: TrainingPlan, *, workers: int | None = None, on_phase: Phase = silent
) -> TrainingReport:
    """Do what `plan_training_waveforms` planned.

    Parameters
    ----------
    workers
        Number of processes; all CPUs where None.
    on_phase
        Told of the two phases, generating and joining, both counted in signals.
    """
    count = engine.available_cpus() if workers is None else workers
    checks.require_count("workers", count)
    if plan.present:
        return _require_intact(plan)
    folder = PartsFolder(plan.output_file)
    remove_leftovers([plan.output_file])
    with engine.pool(count, on_advance=on_phase("generating signals", plan.num_signals)) as running:
        tried = try_recipe(running, plan.recipe)
        folder.open(request_record(plan), overwrite=plan.overwrite)
        units = _collect(running, plan)
    report = _join(plan, units, tried, on_phase("joining them", plan.num_signals))
    folder.remove()
    return report


def _require_intact(plan: TrainingPlan) -> TrainingReport:
    summary = ledger.summarize(plan.output_file)
    if not summary.intact:
        raise checks.output_changed(plan.output_file)
    PartsFolder(plan.output_file).remove_finished(request_record(plan))
    record = summary.record or {}
    return TrainingReport(
        plan.output_file,
        plan.num_signals,
        int(record.get("drawn", plan.num_signals)),
        tuple(record.get("failures", ())),
        plan.recipe.seed,
        present=True,
    )


def _collect(running: engine.Pool, plan: TrainingPlan) -> list[tuple[UnitTask, UnitReport]]:
    """Run units in order up to the draw that completes the signals; a unit that is done is not run again."""
    units: list[tuple[UnitTask, UnitReport]] = []
    accepted = drawn = 0
    for task, whole in _reports(running, plan):
        report = whole.until(plan.num_signals - accepted, task.first_draw)
        units.append((task, report))
        accepted += len(report.accepted)
        drawn += report.drawn
        if report.failures:
            example = str(report.failures[-1])
            recipes.require_acceptable(
                drawn - accepted, drawn, plan.recipe.unit_size, plan.max_failed_fraction, example
            )
        if accepted == plan.num_signals:
            break
    return units


def _reports(running: engine.Pool, plan: TrainingPlan) -> Iterator[tuple[UnitTask, UnitReport]]:
    for outcome in running.run(_finish_unit, plan.tasks()):
        if outcome.result is not None:
            yield outcome.unit, outcome.result
        elif isinstance(outcome.error, WorkerDiedError):
            _logger.error("%s", outcome.error)
            lost = Failure(outcome.unit.first_draw, f"the worker process died; lost is all of {outcome.unit}")
            yield outcome.unit, UnitReport((), plan.recipe.unit_size, (lost,))
        else:
            raise outcome.error or PluginError(f"{outcome.unit} gave no answer.")


def _finish_unit(task: UnitTask) -> UnitReport:
    """Run a unit unless its file is there and sound."""
    done = read_report(task)
    if done is None:
        return generate_unit(task)
    engine.advance(len(done.accepted))
    return done


def _join(
    plan: TrainingPlan, units: list[tuple[UnitTask, UnitReport]], tried: Preflight, advance: Advance
) -> TrainingReport:
    failures = tuple(str(failure) for _, report in units for failure in report.failures)
    drawn = sum(report.drawn for _, report in units)
    request = request_record(plan)
    layout = replace(plan.layout, parameters=dict.fromkeys(tried.parameters, ()))
    with ledger.create(plan.output_file, layout) as writer:
        for parameters, waveforms in ledger.read_rows(
            [task.path for task, report in units if report.accepted], plan.num_signals
        ):
            writer.append(parameters, waveforms)
            advance(len(waveforms["plus"]))
        writer.finish(
            {
                **request,
                "cosmology": tried.cosmology,
                "prior_frame": tried.frame,
                "drawn": drawn,
                "failures": list(failures),
            }
        )
    return TrainingReport(plan.output_file, plan.num_signals, drawn, failures, plan.recipe.seed)
