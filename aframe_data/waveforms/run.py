"""Units of training waveforms: run in order until there are enough signals, and joined into one file."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from aframe_data.errors import PluginError, WorkerDiedError
from aframe_data.formats import ledger
from aframe_data.waveforms import recipe as recipes
from aframe_data.waveforms.unit import Failure, UnitReport, UnitTask, generate_unit, read_report
from aframe_data.work.units import advance as report_advance

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from aframe_data.progress import Advance
    from aframe_data.waveforms.recipe import Recipe
    from aframe_data.work.engine import Engine

_logger = logging.getLogger(__name__)

Finished = tuple[UnitTask, UnitReport]


def collect(
    engine: Engine,
    recipe: Recipe,
    tasks: Iterable[UnitTask],
    *,
    wanted: int,
    max_failed_fraction: float,
    advance: Advance,
) -> list[Finished]:
    """Run units in order up to the draw that completes the signals; a unit that is done is not run again.

    Raises
    ------
    WaveformError
        Too many signals fail.
    """
    units: list[Finished] = []
    accepted = drawn = 0
    for task, whole in _reports(engine, recipe, tasks, advance):
        report = whole.until(wanted - accepted, task.first_draw)
        units.append((task, report))
        accepted += len(report.accepted)
        drawn += report.drawn
        if report.failures:
            example = str(report.failures[-1])
            recipes.require_acceptable(drawn - accepted, drawn, recipe.unit_size, max_failed_fraction, example)
        if accepted == wanted:
            break
    return units


def _reports(engine: Engine, recipe: Recipe, tasks: Iterable[UnitTask], advance: Advance) -> Iterator[Finished]:
    for outcome in engine.run(_finish_unit, tasks, advance=advance):
        if outcome.result is not None:
            yield outcome.unit, outcome.result
        elif isinstance(outcome.error, WorkerDiedError):
            _logger.error("%s", outcome.error)
            lost = Failure(outcome.unit.first_draw, f"the worker process died; lost is all of {outcome.unit}")
            yield outcome.unit, UnitReport((), recipe.unit_size, (lost,))
        else:
            raise outcome.error or PluginError(f"{outcome.unit} gave no answer.")


def _finish_unit(task: UnitTask) -> UnitReport:
    """Run a unit unless its file is there and sound."""
    done = read_report(task)
    if done is None:
        return generate_unit(task)
    report_advance(len(done.accepted))
    return done


def join(
    path: Path, layout: ledger.Layout, units: Sequence[Finished], record: Mapping[str, Any], advance: Advance
) -> None:
    """Join the files of units into one."""
    with ledger.create(path, layout) as writer:
        files = [task.path for task, report in units if report.accepted]
        for parameters, waveforms in ledger.read_rows(files, layout.length):
            writer.append(parameters, waveforms)
            advance(len(waveforms["plus"]))
        writer.finish(record)
