"""The one place where bilby is imported and where its process-wide state is set and put back.

bilby parses ``sys.argv`` when it is imported (``-v``, ``-q``, ``-c``, ``-u``, …), draws from one generator
and has one default cosmology for the whole process. Nothing about signals is known here.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    import numpy as np


def _import_bilby() -> ModuleType:
    """Import bilby with the command line's arguments out of its sight."""
    arguments = sys.argv
    sys.argv = arguments[:1]
    try:
        import bilby.gw.conversion
        import bilby.gw.cosmology
        import bilby.gw.prior
    finally:
        sys.argv = arguments
    module: ModuleType = bilby
    return module


bilby = _import_bilby()


@contextmanager
def process_state(*, rng: np.random.Generator | None = None, cosmology: str | None = None) -> Iterator[None]:
    """Have bilby draw from `rng` and use `cosmology` where none is named; leave both as they were found.

    bilby 2.x takes every random number from ``bilby.core.utils.random.rng`` (one uniform a parameter, through
    the inverse of the cumulative distribution), so that a draw is a pure function of the state of `rng`.
    For one thread at a time.
    """
    random, cosmologies = bilby.core.utils.random.Generator, bilby.gw.cosmology
    notes = bilby.core.utils.meta_data.global_meta_data
    found_rng, found_cosmology, found_notes = random.rng, cosmologies.get_cosmology(), dict(notes)
    if rng is not None:
        # Not by bilby's seed(), which looks for the old generator in every module of the process: as long as 300 draws.
        random.rng = rng
    if cosmology is not None:
        # In bilby 2.5 set_cosmology() does not reach get_cosmology(), which reads this name in every version.
        cosmologies.DEFAULT_COSMOLOGY = cosmologies.get_cosmology(cosmology)
    try:
        yield
    finally:
        cosmologies.DEFAULT_COSMOLOGY = found_cosmology
        random.rng = found_rng
        if notes != found_notes:
            notes.clear()
            notes.update(found_notes)
