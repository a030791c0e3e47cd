"""Units of training waveforms: run in order until there are enough signals."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from aframe_data.errors import WaveformError, WorkerDiedError
from aframe_data.waveforms.unit import Failure, UnitReport, WaveformUnit, generate_unit, read_report
from aframe_data.work.units import advance as report_advance

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from aframe_data.progress import Advance
    from aframe_data.work.engine import Engine

_logger = logging.getLogger(__name__)

Finished = tuple[WaveformUnit, UnitReport]


def collect(
    engine: Engine, units: Iterable[WaveformUnit], *, wanted: int, max_failed_fraction: float, advance: Advance
) -> list[Finished]:
    """Run units in order up to the draw that completes the signals; a unit that is done is not run again.

    Raises
    ------
    WaveformError
        Too many signals fail.
    """
    finished: list[Finished] = []
    accepted = drawn = 0
    for unit, whole in _reports(engine, units, advance):
        report = whole.until(wanted - accepted, unit.first_draw)
        finished.append((unit, report))
        accepted += len(report.accepted)
        drawn += report.drawn
        if report.failures:
            example = str(report.failures[-1])
            require_acceptable(drawn - accepted, drawn, unit.recipe.unit_size, max_failed_fraction, example)
        if accepted == wanted:
            break
    return finished


def _reports(engine: Engine, units: Iterable[WaveformUnit], advance: Advance) -> Iterator[Finished]:
    for outcome in engine.run(_finish_unit, units, advance=advance):
        if isinstance(outcome.error, WorkerDiedError):
            _logger.error("%s", outcome.error)
            lost = Failure(outcome.unit.first_draw, f"the worker process died; lost is all of {outcome.unit}")
            yield outcome.unit, UnitReport((), outcome.unit.recipe.unit_size, (lost,))
        else:
            yield outcome.unit, outcome.value


def _finish_unit(unit: WaveformUnit) -> UnitReport:
    """Run a unit unless its file is there and sound."""
    done = read_report(unit)
    if done is None:
        return generate_unit(unit)
    report_advance(len(done.accepted), found=True)
    return done


def require_acceptable(failed: int, drawn: int, unit_size: int, max_failed_fraction: float, example: str) -> None:
    """Stop a run in which too many signals fail.

    One unit's worth of signals may always fail, because a model that aborts takes its unit with it.

    Raises
    ------
    WaveformError
        With the number, the bound and one of the reasons.
    """
    allowed = max(unit_size, max_failed_fraction * drawn)
    if failed > allowed:
        raise WaveformError(
            f"{failed} of {drawn} signals failed, more than the allowed {max_failed_fraction:g} of them (and one unit "
            f"of {unit_size}). One of the reasons: {example} --max-failed-fraction allows more."
        )
