"""The units of a build as a scheduler wants to know them: files in and out, and what each will take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aframe_data.build.forecast import expectations
from aframe_data.build.standing import PRESENT, WAITING
from aframe_data.build.units import units_of
from aframe_data.errors import NoDataError, UsageError
from aframe_data.work.carry_out import is_whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from aframe_data.build.standing import Standing
    from aframe_data.build.units import Unit
    from aframe_data.formats.dataset import DatasetLayout
    from aframe_data.work.plan import Work


def listed(
    layout: DatasetLayout, before: Sequence[Standing], parts: int, arguments: Sequence[str], work: Work
) -> Iterator[dict[str, Any]]:
    """Each unit of what is still to be made, in an order in which they can be made, as JSON has it.

    Joining is not tried: how long it takes is left open.

    Parameters
    ----------
    parts
        Into which stages of signals are divided: fewer where there is not work for so many.
    arguments
        The command line of the build.

    Raises
    ------
    NoDataError
        What a stage comes to cannot be found out.
    """
    for found, cost in expectations(layout, before, work):
        if found.state == PRESENT:
            continue
        if cost is None:
            raise NoDataError(f"the units of {found.stage.name} cannot be listed: see the warning above.")
        units = list(units_of(found.stage, min(parts, cost.most_parts), cost.spans))
        whole = sum(unit.amount for unit in units)
        for unit in _missing(found, units, work):
            share = unit.amount / whole
            yield {
                "unit": unit.name,
                "stage": found.stage.name,
                "after": list(found.stage.needs),
                "command": ["aframe-data", *arguments, "--unit", unit.name],
                "inputs": [str(path) for path in unit.inputs],
                "outputs": [str(path) for path in unit.outputs],
                "bytes": round(cost.nbytes * share) if share else cost.nbytes,
                "seconds": cost.start + cost.growing * share if share else None,
                "memory": cost.memory if share else None,
            }


def _missing(found: Standing, units: Sequence[Unit], work: Work) -> list[Unit]:
    """Those that are still to be made; of a stage whose inputs are not there yet, nobody knows what will be the same.

    Of background, only files that are missing have a unit.
    """
    joining = {unit.name for unit in units if unit.joins}
    if found.state == WAITING or not joining:
        return list(units)
    whole = {unit.name for unit in units if _is_whole(unit, work)}
    if whole & joining:  # the parts were whole, and are gone
        whole |= {unit.name for unit in units if not unit.joins}
    return [unit for unit in units if unit.name not in whole]


def _is_whole(unit: Unit, work: Work) -> bool:
    """Whether what a unit makes is there, and the same."""
    try:
        return is_whole(unit.stage.request, work)
    except UsageError:  # something else is there, or not all that is to be joined
        return False
