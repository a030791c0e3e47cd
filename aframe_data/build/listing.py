"""The units of a build as a scheduler wants to know them: files in and out, and what each will take."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from aframe_data.build.forecast import expectations
from aframe_data.build.standing import DIFFERS, MISSING, PRESENT, WAITING, is_output_of, require_same, standing
from aframe_data.build.units import units_of
from aframe_data.errors import NoDataError, OutputExistsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from aframe_data.build.standing import Standing
    from aframe_data.build.units import Unit
    from aframe_data.formats.dataset import DatasetLayout
    from aframe_data.requests.build import Build
    from aframe_data.work.plan import Work


def listed(
    layout: DatasetLayout, before: Sequence[Standing], request: Build, arguments: Sequence[str], work: Work
) -> Iterator[dict[str, Any]]:
    """Each unit of what is still to be made, in an order in which they can be made, as JSON has it.

    Joining is not tried: how long it takes is left open.

    Parameters
    ----------
    request
        The build. Stages of signals are divided into fewer parts than it says where there is not work for so many.
    arguments
        Its command line.

    Raises
    ------
    NoDataError
        What a stage comes to cannot be found out.
    OutputExistsError
        Something else is there than a unit would make, and nothing may be replaced.
    """
    more = [] if request.workers is None else ["--workers", str(request.workers)]
    more += ["--overwrite"] if request.overwrite else []
    for found, cost in expectations(layout, before, work):
        if found.state == PRESENT:
            continue
        if cost is None:
            raise NoDataError(f"the units of {found.stage.name} cannot be listed: see the warning above.")
        units = list(units_of(found.stage, min(request.parts, cost.most_parts), cost.spans))
        whole = sum(unit.amount for unit in units)
        for unit in _missing(found, units, request.overwrite, work):
            share = unit.amount / whole
            yield {
                "unit": unit.name,
                "stage": found.stage.name,
                "after": list(found.stage.needs),
                "command": ["aframe-data", *arguments, *more, "--unit", unit.name],
                "inputs": [str(path) for path in unit.inputs],
                "outputs": [str(path) for path in unit.outputs],
                "bytes": round(cost.nbytes * share) if share else cost.nbytes,
                "seconds": cost.start + cost.growing * share if share else None,
                "memory": cost.memory if share else None,
            }


def _missing(found: Standing, units: Sequence[Unit], overwrite: bool, work: Work) -> list[Unit]:
    """Those that are still to be made; of a stage whose inputs are not there yet, nobody knows what will be the same.

    Of background, only files that are missing have a unit.
    """
    joining = {unit.name for unit in units if unit.stage.joins}
    if found.state == WAITING or not joining:
        if not overwrite:
            require_same([found])
        return list(units)
    standings = {unit.name: _standing(unit, found, work) for unit in units}
    whole = {name for name, one in standings.items() if one.state == PRESENT}
    if whole & joining:  # the parts were whole, and are gone
        whole |= standings.keys() - joining
    if not overwrite:
        differing = (one for name, one in standings.items() if one.state == DIFFERS and name not in whole)
        require_same([*islice(differing, 1)])
    return [unit for unit in units if unit.name not in whole]


def _standing(unit: Unit, found: Standing, work: Work) -> Standing:
    """How a part stands, or the file that parts are joined to: by the stage, whatever there is of the parts."""
    if not unit.stage.joins:
        if not any(path.exists() for path in unit.outputs):
            return replace(found, state=MISSING)  # without a plan of its own, which takes a while of a campaign
        return standing(unit.stage, work)
    try:
        return replace(found, state=PRESENT if is_output_of(unit.stage.joins, unit.stage.output) else MISSING)
    except OutputExistsError:
        return replace(found, state=DIFFERS)
