"""Units of training waveforms, and what all runs of units have in common: units whose worker dies, and failures."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from aframe_data.errors import WaveformError, WorkerDiedError
from aframe_data.progress import ignore
from aframe_data.waveforms.unit import UnitReport, WaveformUnit, finish_unit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from aframe_data.progress import Advance
    from aframe_data.work.engine import Engine
    from aframe_data.work.units import Result

_logger = logging.getLogger(__name__)

#: How often a unit whose worker died is tried, with other draws each time.
_ATTEMPTS = 3

#: A unit with the field `attempt`.
Tried = TypeVar("Tried", bound=Any)


def run_attempts(
    engine: Engine,
    function: Callable[[Tried], Result],
    units: Iterable[Tried],
    *,
    window: int | None = None,
    advance: Advance = ignore,
) -> Iterator[tuple[Tried, Result]]:
    """Run units in order, as an engine does; one whose worker died is tried again, with other draws.

    Raises
    ------
    WorkerDiedError
        That did not help.
    """
    for outcome in engine.run(function, units, window=window, advance=advance):
        last = outcome
        while isinstance(last.error, WorkerDiedError) and last.unit.attempt + 1 < _ATTEMPTS:
            _logger.error("%s Trying other draws.", last.error)
            (last,) = engine.run(function, [replace(last.unit, attempt=last.unit.attempt + 1)], advance=advance)
        yield last.unit, last.value


def finished(
    engine: Engine, units: Iterable[WaveformUnit], *, advance: Advance
) -> Iterator[tuple[WaveformUnit, UnitReport]]:
    """Run units, and give each in order with what it gave; a unit that is done is not run again.

    Raises
    ------
    WaveformError
        Too many signals fail.
    """
    accepted = drawn = 0
    for unit, report in run_attempts(engine, finish_unit, units, advance=advance):
        accepted += report.accepted
        drawn += report.drawn
        if report.failures:
            size, allowed, example = unit.recipe.unit_size, unit.max_failed_fraction, report.failures[-1]
            require_acceptable(drawn - accepted, drawn, size, allowed, example)
            # A unit that was given up for its failures stands for what comes, whatever those before it gave.
            if report.accepted < unit.wanted:
                require_acceptable(report.drawn - report.accepted, report.drawn, size, allowed, example)
        yield unit, report


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
