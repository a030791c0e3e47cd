"""Where a signal has to start for its window: a part of a long inspiral that the window cuts off is not made.

A binary neutron star from 20 Hz lasts minutes, and its window may be eight seconds. A model of the frequency
domain that is evaluated frequency by frequency gives the same strain at any frequency wherever it starts, so
it may start where the window does.

The start is LAL's SimInspiralChirpStartFrequencyBound of the time from the window's left edge to t = 0, with
a tenth and three cycles more. That bound is the frequency of the Newtonian chirp, which post-Newtonian terms
move by some per cent either way. The room for that, and for the ramps of the conditioning, is what LAL adds
to any start: a tenth of the chirp's time by SimInspiralChirpTimeBound (an upper bound, spins included), the
merger's and the ringdown's, and three cycles, all of it before the start is reached, and in two rounds where
the conditioning has two. So the ramps are over before the window begins.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import lal
import lalsimulation

if TYPE_CHECKING:
    from aframe_data.types import WaveformRequest
    from aframe_data_plugins.lalsimulation.signals import Signal

#: Two neutron stars are no heavier than this, in solar masses.
_NEUTRON_STARS = 6.0

#: The models that may start at the window, and up to which total mass. Each keeps an overlap above 0.9999 with
#: the signal from its minimum frequency, on the window as written: the tests show it, benchmarks/window.py
#: measures it. The limits: heavier than neutron stars, the tidal models and TaylorF2 have a phase that is no
#: chirp where tides or spins are large (all of the overlap is lost), and IMRPhenomXP of nearly equal masses
#: shows the same part of the spectrum near its start as the models with higher modes (1.4e-4, one in 1500).
#:
#: Not here, with the largest losses measured (1 - overlap; BBH, NSBH and BNS, windows of 2 to 8 s):
#:
#: - models with higher modes (IMRPhenomXPHM, XO4a, XPNR, Pv3HM; 0.01, and 0.003 from half the frequency): m = 1
#:   is in the window at half the frequency of m = 2, and where spins precess, a part of the spectrum next to
#:   the start shows in the window wherever the start is; 2e-4 from half the frequency for neutron stars. For
#:   light black holes at 8 s there is little to gain: their time goes elsewhere than into length;
#: - IMRPhenomXP_NRTidalv2 and v3: their coarse grid follows the length, also for neutron stars (1.4e-4);
#: - IMRPhenomD, XAS, HM, XHM, NSBH: SimInspiralTD moves t = 0 to the loudest sample. Of two that are equal to
#:   rounding, another start can choose the other, and the signal moves by a sample (0.05, one in 500);
#: - IMRPhenomP (0.008), TaylorF2RedSpin (0.03), TaylorF2Ecc, EccentricFD, SpinTaylorF2 (0.002);
#: - models with data files: not measured;
#: - every model of the time domain: phase, and spins where they precess, come from the start.
_HEAVIEST = {
    "IMRPhenomD_NRTidal": _NEUTRON_STARS,
    "IMRPhenomD_NRTidalv2": _NEUTRON_STARS,
    "IMRPhenomPv2": math.inf,
    "IMRPhenomPv2_NRTidal": _NEUTRON_STARS,
    "IMRPhenomPv2_NRTidalv2": _NEUTRON_STARS,
    "IMRPhenomPv3": math.inf,
    "IMRPhenomXAS_NRTidalv2": _NEUTRON_STARS,
    "IMRPhenomXAS_NRTidalv3": _NEUTRON_STARS,
    "IMRPhenomXP": _NEUTRON_STARS,
    "TaylorF2": _NEUTRON_STARS,
}

#: With strong spins and mass ratios far above this, IMRPhenomPv2 precesses so fast that a late part of the
#: signal is at low frequencies, and no start is safe (5e-4 in a survey of ratios up to 18, all of the overlap at 40).
_LARGEST_MASS_RATIO = 12.0

#: Seconds and cycles on top of the window's own length.
_EXTRA_TIME = 0.1
_EXTRA_CYCLES = 3.0

#: No start above this over the total mass (solar masses), in Hz: a quarter of the speed of light. Above,
#: post-Newtonian terms of anti-aligned spins shorten the chirp by more than the room that there is.
_HIGHEST_TIMES_MASS = 1000.0

#: No start above this part of the sample rate: LAL wants it well below the Nyquist frequency.
_HIGHEST = 1 / 8


def start_frequency(signal: Signal, approximant: str, request: WaveformRequest) -> float:
    """The frequency from which a signal has to be made for its window.

    Parameters
    ----------
    signal
        The binary, from its minimum frequency.
    approximant
        LALSimulation's name of the model.
    request
        The grid.

    Returns
    -------
    float
        Hz, a function of the arguments alone: the signal's minimum frequency, or a higher one where the model
        allows that and the signal starts left of its window. Never so high that there is no inspiral.
    """
    total_mass = (signal.mass_1 + signal.mass_2) / lal.MSUN_SI
    mass_ratio = signal.mass_1 / signal.mass_2
    if total_mass > _HEAVIEST.get(approximant, 0.0) or not 1 <= mass_ratio <= _LARGEST_MASS_RATIO:
        return signal.minimum_frequency
    shown = request.reference_index / request.sample_rate
    edge = _newtonian(shown, signal)
    needed = _newtonian((1 + _EXTRA_TIME) * (shown + _EXTRA_CYCLES / edge), signal)
    highest = min(_HIGHEST_TIMES_MASS / total_mass, _HIGHEST * request.sample_rate)
    return float(max(signal.minimum_frequency, min(needed, highest)))


def _newtonian(seconds: float, signal: Signal) -> float:
    frequency: float = lalsimulation.SimInspiralChirpStartFrequencyBound(seconds, signal.mass_1, signal.mass_2)
    return frequency
