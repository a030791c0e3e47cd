"""What LALSimulation says of its approximants: which exist, and what each of them can do.

No waveform is made here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import lalsimulation

from aframe_data.errors import UsageError, unknown_name
from aframe_data_plugins.lalsimulation import memory

#: Implemented in either domain, and still of no use for a population: they need more than a name.
_UNUSABLE = {
    "NR_hdf5": "reads one numerical simulation from a file, so it cannot follow a prior",
    "ExternalPython": "is a placeholder for models that are not in LALSimulation",
}

#: What pyseobnr gives to gwsignal, the Python half of LALSimulation; the C library does not have them.
_PYSEOBNR = ("SEOBNRv5EHM", "SEOBNRv5HM", "SEOBNRv5PHM")

#: The models of the frequency domain that SimInspiralTD conditions twice, as `conditioning` does: their
#: series agree with SimInspiralTD's in length, in epoch, and in every sample to 3e-4 of the peak (shown by
#: the tests). Its other models either are series in time, or are conditioned once.
_CONDITIONED_TWICE = frozenset(
    {
        "IMRPhenomD",
        "IMRPhenomD_NRTidalv2",
        "IMRPhenomHM",
        "IMRPhenomPv2",
        "IMRPhenomPv2_NRTidal",
        "IMRPhenomPv2_NRTidalv2",
        "IMRPhenomPv3",
        "IMRPhenomPv3HM",
        "IMRPhenomXAS",
        "IMRPhenomXAS_NRTidalv2",
        "IMRPhenomXAS_NRTidalv3",
        "IMRPhenomXHM",
        "IMRPhenomXO4a",
        "IMRPhenomXP",
        "IMRPhenomXPHM",
        "IMRPhenomXPNR",
        "IMRPhenomXP_NRTidalv2",
        "IMRPhenomXP_NRTidalv3",
    }
)

#: Those of them whose t = 0 SimInspiralTD moves to the loudest sample.
_LOUDEST_AT_ZERO = frozenset({"IMRPhenomD", "IMRPhenomHM", "IMRPhenomXAS", "IMRPhenomXHM"})

#: Those of them that SimInspiralTD makes as they are seen from above, and then turns.
_SEEN_FROM_ABOVE = frozenset({"IMRPhenomD"})

#: The models of the frequency domain that SimInspiralChooseFDWaveformSequence does not know.
_NO_SEQUENCE = frozenset(
    {
        "EOBNRv2HM_ROM",
        "EOBNRv2_ROM",
        "EccentricFD",
        "IMRPhenomA",
        "IMRPhenomB",
        "IMRPhenomC",
        "IMRPhenomPv3",
        "IMRPhenomPv3HM",
        "NRSur4d2s",
        "SpinTaylorF2",
        "SpinTaylorT4Fourier",
        "SpinTaylorT5Fourier",
        "TaylorF2Ecc",
        "TaylorF2NLTides",
        "TaylorF2RedSpin",
        "TaylorF2RedSpinTidal",
    }
)

#: What the names of models with data files have in them.
_WITH_DATA = ("ROM", "NRHyb", "NRSur", "surrogate")


@dataclass(frozen=True)
class Approximant:
    """A waveform model of LALSimulation.

    Attributes
    ----------
    name, number
        LALSimulation's name, and its number there.
    spins
        ``SIM_INSPIRAL_SPINLESS``, ``_SINGLESPIN``, ``_ALIGNEDSPIN``, ``_PRECESSINGSPIN`` or
        ``_CASEBYCASE_SPINSUPPORT``, from SimInspiralGetSpinSupportFromApproximant.
    spins_at_start
        Whether the model takes its spins at the starting frequency, whatever the reference frequency.
    has_spectrum
        Whether it can be evaluated at any frequencies.
    conditioned_twice
        Whether `conditioning` does for it what SimInspiralTD does.
    loudest_at_zero
        Whether its t = 0 is the loudest sample, and not the model's own.
    seen_from_above
        Whether it is made at an inclination of zero, and then turned.
    data_model
        The model whose data files it needs: itself, or the one that it corrects for tides; or None.
    memory_errors
        Whether LALSimulation's code for its waveforms uses memory that is not its own: see `memory`.
    """

    name: str
    number: int
    spins: int
    spins_at_start: bool
    has_spectrum: bool
    conditioned_twice: bool
    loudest_at_zero: bool
    seen_from_above: bool
    data_model: str | None
    memory_errors: bool


@cache
def names() -> tuple[str, ...]:
    """The approximants that LALSimulation implements in the time or in the frequency domain, sorted."""
    found = {
        lalsimulation.GetStringFromApproximant(number)
        for number in range(lalsimulation.NumApproximants)
        if lalsimulation.SimInspiralImplementedTDApproximants(number)
        or lalsimulation.SimInspiralImplementedFDApproximants(number)
    }
    return tuple(sorted(found - set(_UNUSABLE)))


def find(name: str) -> Approximant:
    """Look an approximant up.

    Raises
    ------
    UsageError
        There is none of that name that can be used here; the message has the nearest ones.
    """
    if name in _UNUSABLE:
        raise UsageError(f"approximant {name!r} {_UNUSABLE[name]}.")
    if name in _PYSEOBNR:
        raise UsageError(
            f"approximant {name!r} is not available in LALSimulation itself: pyseobnr makes it, through gwsignal, "
            "and a plugin is needed for it. LALSimulation has SEOBNRv4PHM, SEOBNRv5_ROM and SEOBNRv5HM_ROM."
        )
    if name not in names():
        raise unknown_name("approximant", name, names())
    number = lalsimulation.SimInspiralGetApproximantFromString(name)
    in_frequency = bool(lalsimulation.SimInspiralImplementedFDApproximants(number))
    taken_at = lalsimulation.SimInspiralGetSpinFreqFromApproximant(number)
    return Approximant(
        name=name,
        number=number,
        spins=lalsimulation.SimInspiralGetSpinSupportFromApproximant(number),
        spins_at_start=taken_at == lalsimulation.SIM_INSPIRAL_SPINS_FLOW,
        has_spectrum=in_frequency and name not in _NO_SEQUENCE,
        conditioned_twice=name in _CONDITIONED_TWICE,
        loudest_at_zero=name in _LOUDEST_AT_ZERO,
        seen_from_above=name in _SEEN_FROM_ABOVE,
        data_model=name.partition("_NRTidal")[0] if any(part in name for part in _WITH_DATA) else None,
        memory_errors=name in memory.IN_WAVEFORMS,
    )
