"""The engine without processes: units run here, one after the other, for tests and debuggers (``--workers 0``).

A model that ends the process ends the run. The files are those of the other engine, byte for byte.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aframe_data.errors import PluginError
from aframe_data.progress import ignore
from aframe_data.work.units import Outcome, Result, Unit, report_to, told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from aframe_data.progress import Advance


class Inline:
    """Runs units in the calling process."""

    workers = 1

    def prepare(self, modules: Iterable[str]) -> None:
        """Nothing: units import what they need."""

    def run(
        self,
        function: Callable[[Unit], Result],
        units: Iterable[Unit],
        *,
        window: int | None = None,  # noqa: ARG002 - nothing is done before it is asked for
        advance: Advance = ignore,
    ) -> Iterator[Outcome[Unit, Result]]:
        """As `aframe_data.work.engine.Engine.run`; a unit begins when the outcome before it was taken."""
        for unit in units:
            report_to(advance)
            yield _outcome(function, unit)


def _outcome(function: Callable[[Unit], Result], unit: Unit) -> Outcome[Unit, Result]:
    try:
        return Outcome(unit, function(unit), None)
    except KeyboardInterrupt:
        raise
    except Exception as error:  # noqa: BLE001 - whoever asked for the unit decides what becomes of its error
        return Outcome(unit, None, error)
    except BaseException as error:  # noqa: BLE001 - a plugin's sys.exit is no end that the user asked for
        return Outcome(unit, None, PluginError(told(error)))
