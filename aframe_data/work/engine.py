"""Engines: what runs units of work. Nothing else in the core knows processes."""

from __future__ import annotations

import os
from contextlib import nullcontext
from typing import TYPE_CHECKING, Protocol

from aframe_data.progress import ignore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from contextlib import AbstractContextManager

    from aframe_data.progress import Advance
    from aframe_data.work.units import Outcome, Result, Unit


class Engine(Protocol):
    """Runs units of work."""

    @property
    def workers(self) -> int:
        """How many units it works on at a time."""
        ...

    def prepare(self, modules: Iterable[str]) -> None:
        """Say, before the first unit, which modules units import: where there are workers, these begin with them."""
        ...

    def run(
        self,
        function: Callable[[Unit], Result],
        units: Iterable[Unit],
        *,
        window: int | None = None,
        advance: Advance = ignore,
    ) -> Iterator[Outcome[Unit, Result]]:
        """Run `function` on each unit and yield the outcomes in the order of the units.

        Parameters
        ----------
        function, units
            Units are taken from the iterable only as workers get free, so it may be endless. An exception of a unit
            is in its outcome.
        window
            How many units may be taken whose outcomes were not yielded yet: the more, the less a slow unit
            holds up the others; the fewer, the less is done in vain where the caller stops early.
        advance
            Told, in any thread, what units report by `aframe_data.work.units.advance`.
        """
        ...


def available_cpus() -> int:
    """CPUs that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def engine_for(workers: int) -> AbstractContextManager[Engine]:
    """The engine of so many worker processes, for the length of a ``with`` block; of 0, the calling process."""
    if workers == 0:
        from aframe_data.work.inline import Inline

        return nullcontext(Inline())
    from aframe_data.work.processes import processes

    return processes(workers)
