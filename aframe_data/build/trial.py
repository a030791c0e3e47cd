"""Trials: a stage's request on a small scale, carried out for real in a scratch folder, to see what all will take.

Work tells of its phases. Those that count as many things as were asked for grow with that number; all others (trying
the model, calibrating) take as long for the whole as for the trial.
"""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from aframe_data.progress import Bytes, ignore
from aframe_data.work.carry_out import carry_out
from aframe_data.work.engine import engine_for
from aframe_data.work.plan import Work
from aframe_data.work.usage import Watch

if TYPE_CHECKING:
    from aframe_data.progress import Advance
    from aframe_data.requests.request import Request
    from aframe_data.work.engine import Engine

#: Seconds of a trial beside which the start of the workers does not count.
_SLOW = 20.0


@dataclass(frozen=True)
class Trial:
    """What a trial told.

    Attributes
    ----------
    report
        The command's.
    start, growing
        Seconds that do not depend on how much is asked for, and those that do, for as much as the trial asked for.
    memory
        Bytes of all processes at the most; None where that is not known.
    """

    report: Any
    start: float
    growing: float
    memory: int | None


@dataclass
class _Clock:
    """Hears of phases, and when they begin."""

    amount: float
    begun: list[tuple[float, bool]] = field(default_factory=list)

    def phase(self, _title: str, total: float) -> Advance:
        """Take note of a phase."""
        self.begun.append((time.perf_counter(), total == self.amount or isinstance(total, Bytes)))
        return ignore


def tried(request: Request[Any], amount: float = 0) -> Trial:
    """Carry out a request whose outputs lie in a scratch folder; errors are the command's own.

    Parameters
    ----------
    amount
        How much is asked for, as the totals of phases say it. Phases that are counted in bytes always grow.
    """
    with Watch() as watch, engine_for(request.processes()) as engine:
        trial = _timed(request, amount, engine)
    return replace(trial, memory=watch.usage.peak_memory)


def tried_twice(first: Request[Any], second: Request[Any], amount: float = 0) -> Trial:
    """As `tried`, where the start of the workers would count as growing: it is the difference between two equal runs.

    The report is the first one's.
    """
    with Watch() as watch, engine_for(first.processes()) as engine:
        cold = _timed(first, amount, engine)
        slow = cold.start + cold.growing > _SLOW
        warm = cold if slow else _timed(second, amount, engine)
    start = max(0.0, cold.start + cold.growing - warm.growing)
    return Trial(cold.report, start, warm.growing, watch.usage.peak_memory)


def _timed(request: Request[Any], amount: float, engine: Engine) -> Trial:
    clock = _Clock(amount)
    began = time.perf_counter()
    report = carry_out(request, Work(engine, clock.phase))
    ended = time.perf_counter()
    times = [*clock.begun, (ended, False)]
    growing = sum(after - start for (start, grows), (after, _) in itertools.pairwise(times) if grows)
    return Trial(report, ended - began - growing, growing, None)
