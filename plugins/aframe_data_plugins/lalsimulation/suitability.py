"""What an approximant cannot make: spins that it does not model, files that are not there; and what it made in vain."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import lal
import lalsimulation
import numpy as np

from aframe_data.errors import UsageError
from aframe_data_plugins.lalsimulation import approximants, messages
from aframe_data_plugins.lalsimulation.signals import precesses

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from aframe_data.types import FloatArray
    from aframe_data_plugins.lalsimulation.approximants import Approximant
    from aframe_data_plugins.lalsimulation.messages import Failure
    from aframe_data_plugins.lalsimulation.signals import Draw

#: No binary's strain exceeds this in units of G M / (c² D). The strongest merger, of equal masses seen face
#: on, reaches a quarter: |h_22| peaks at 0.39 (the numerical-relativity fits of every IMR model), times
#: |Y_22| = 0.63; spins and higher modes add less than half of that. More is a model outside its domain.
ABSURD_STRAIN = 1.0


def require_spins(model: Approximant, parameters: Mapping[str, FloatArray]) -> None:
    """Refuse spins that the model does not have; `parameters` are those of n signals, (n,) each.

    Raises
    ------
    UsageError
        Prior and approximant do not go together.
    """
    name, support = model.name, model.spins
    spinning_1, spinning_2 = (np.any(parameters[a] != 0) for a in ("a_1", "a_2"))
    if support == lalsimulation.SIM_INSPIRAL_SPINLESS and (spinning_1 or spinning_2):
        raise UsageError(
            f"approximant {name!r} is for black holes without spin, and the prior gives spins: use another "
            "approximant (IMRPhenomD, IMRPhenomXPHM) or a prior without spins (nonspin_bbh)."
        )
    if support == lalsimulation.SIM_INSPIRAL_SINGLESPIN and spinning_2:
        raise UsageError(
            f"approximant {name!r} has one spin, and the prior gives the lighter body one too (a_2): use "
            "another approximant (IMRPhenomD, IMRPhenomXPHM) or a prior with a_2 = 0."
        )
    if support == lalsimulation.SIM_INSPIRAL_ALIGNEDSPIN and np.any(_in_plane(parameters)):
        raise UsageError(
            f"approximant {name!r} is for spins along the orbital angular momentum, and the prior gives spins "
            "in the orbital plane: use a precessing approximant (IMRPhenomXPHM, IMRPhenomPv2) or a prior whose "
            "tilts are 0 or pi, or whose spins are 0."
        )


def require_reference_frequency(model: Approximant, parameters: Mapping[str, FloatArray]) -> None:
    """Refuse a reference frequency that the model cannot have; otherwise as `require_spins`."""
    apart = parameters["reference_frequency"] != parameters["minimum_frequency"]
    if model.spins_at_start and np.any(_in_plane(parameters) & apart):
        raise UsageError(
            f"approximant {model.name!r} takes its spins at the starting frequency: give a "
            "--reference-frequency equal to --minimum-frequency."
        )


@cache
def missing_data(approximant: str | None) -> Failure | None:
    """Try a model that has data files on a plain binary; a failure that names the file, or None.

    LAL looks for the files of a model once in the life of a process, so only the first call says which one
    is missing, and a tidal model whose base model has no data ends the process: hence this, before the rest.
    """
    if approximant is None:
        return None
    number = approximants.find(approximant).number
    failure = messages.listen(lambda: lalsimulation.SimInspiralTD(*_PLAIN_BINARY, 1 / 4096, 30.0, 30.0, None, number))
    return failure if failure is not None and failure.data_file is not None else None


#: 30 and 25 solar masses without spin at 1 Gpc: the arguments that SimInspiralTD begins with.
_PLAIN_BINARY = (30 * lal.MSUN_SI, 25 * lal.MSUN_SI, *(0.0,) * 6, 1e9 * lal.PC_SI, 0.5, *(0.0,) * 4)


def _in_plane(parameters: Mapping[str, FloatArray]) -> NDArray[np.bool_]:
    return np.logical_or(*(precesses(parameters[f"a_{body}"], parameters[f"tilt_{body}"]) for body in (1, 2)))


def flaw(samples: FloatArray, draw: Draw) -> str | None:
    """What is wrong with a series that LAL was content with, or None."""
    peak = max(samples.max(), -samples.min())
    if not np.isfinite(peak):
        return "the waveform is not finite"
    if peak == 0:
        return "the waveform is zero everywhere"
    scale = (draw.mass_1 + draw.mass_2) * lal.MRSUN_SI / (draw.luminosity_distance * 1e6 * lal.PC_SI)
    if peak > ABSURD_STRAIN * scale:
        return (
            f"the waveform is absurd: its peak of {peak:.3g} is {peak / scale:.3g} G M / (c² D), and no binary "
            f"exceeds {ABSURD_STRAIN:g}"
        )
    return None
