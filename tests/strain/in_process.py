"""A fetch in this process, so that a test may change what units of work see, and gets their errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aframe_data.strain.block import fetch_block
from aframe_data.strain.fetch import plan_fetch
from aframe_data.strain.join import Joined, join_file
from aframe_data.strain.tasks import FetchPlan, block_tasks

if TYPE_CHECKING:
    from pathlib import Path


def fetch_here(plan: FetchPlan) -> list[Joined]:
    """Make all parts and join all files; raises the first error."""
    for block in block_tasks(plan.missing, plan.parts, plan.store):
        for error in fetch_block(block).failed.values():
            raise error
    return [join_file(task, task.parts(plan.parts)) for task in plan.missing]


def fetch_one(folder: Path, span: tuple[int, int], **arguments: Any) -> Path:
    """Fetch one span at 128 Hz from 'awkward'; what is no argument of `plan_fetch` is an option of the source."""
    own = {"channels", "sample_rate", "dtype", "source", "gaps", "require_bits", "exclude_hardware_injections"}
    given = {name: arguments.pop(name) for name in own & arguments.keys()}
    plan = plan_fetch(
        **{"channels": ["H1"], "sample_rate": 128, "source": "awkward", **given},
        output_directory=folder,
        start=span[0],
        end=span[1],
        source_options=arguments,
    )
    (joined,) = fetch_here(plan)
    ((path, _),) = joined.files
    return path
