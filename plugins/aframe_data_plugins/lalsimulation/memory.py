"""Where LALSimulation uses memory that is not its own, and what is not asked of it for that reason.

What an error does depends on what lies beside the array: another signal, a failure, or the end of the process. The
errors were found with LALSuite 7.26 by ``.ci/memory_errors.py``, which makes signals and spectra of all approximants in
processes of their own; run it again when LALSuite changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import lal
import numpy as np

if TYPE_CHECKING:
    from aframe_data.types import FloatArray
    from aframe_data_plugins.lalsimulation.signals import Signal

#: The models whose waveforms read or write outside their arrays, or read what nobody wrote. What they give is not a
#: function of their arguments; a run warns of it. Where glibc checks its memory, the process ends with PhenSpinTaylor
#: for all 33 binaries of the sweep, PhenSpinTaylorRD for those without tides, both SpinTaylorT*Fourier below 700 solar
#: masses, IMRPhenomA for mass ratios of 20 and from 250 solar masses on, and TaylorT3 for 700 solar masses. TaylorT3
#: reads what nobody wrote for every binary, and SEOBNRv3_opt for spins along the orbital angular momentum.
IN_WAVEFORMS = frozenset(
    {
        "IMRPhenomA",
        "PhenSpinTaylor",
        "PhenSpinTaylorRD",
        "SEOBNRv3_opt",
        "SpinTaylorT4Fourier",
        "SpinTaylorT5Fourier",
        "TaylorT2",
        "TaylorT3",
    }
)

#: The models whose spectra on chosen frequencies write outside their arrays where frequencies lie above the model's
#: end, and that end, G M f / c³. For black holes that is below the frequencies that estimates of SNRs need.
_END_OF_SPECTRUM = {"IMRPhenomPv2_NRTidal": 0.2, "IMRPhenomPv2_NRTidalv2": 0.2}

#: The models whose spectra leave the tidal phase of the first frequency as the memory was, and that end the process
#: where that frequency is near the merger or above it: XLALSimNRTunedTidesFDTidalPhaseFrequencySeries of NRTidalv3
#: begins with the second. They are asked for one frequency more, in the inspiral (G M f / c³).
_FIRST_IS_LOST = frozenset({"IMRPhenomXAS_NRTidalv3", "IMRPhenomXP_NRTidalv3", "SEOBNRv5_ROM_NRTidalv3"})
_IN_THE_INSPIRAL = 0.005

#: A part of the end by which frequencies stay below it: products of the same numbers round differently.
_ROUNDING = 1e-9


def askable(approximant: str, signal: Signal, frequencies: FloatArray) -> tuple[FloatArray, int]:
    """Frequencies that a model may be asked for in place of others.

    Parameters
    ----------
    approximant
        LALSimulation's name of the model.
    signal
        The binary.
    frequencies
        (k,) Hz, positive and increasing.

    Returns
    -------
    asked, before
        Hz, and how many of them stand before the first of `frequencies`. What is missing at the end is where the model
        is zero; one frequency is left in any case, so that LALSimulation refuses a model that is zero everywhere.
    """
    seconds = (signal.mass_1 + signal.mass_2) / lal.MSUN_SI * lal.MTSUN_SI
    if approximant in _END_OF_SPECTRUM:
        within = np.searchsorted(frequencies, (1 - _ROUNDING) * _END_OF_SPECTRUM[approximant] / seconds)
        return frequencies[: max(1, int(within))], 0
    if approximant in _FIRST_IS_LOST:
        return np.insert(frequencies, 0, min(frequencies[0] / 2, _IN_THE_INSPIRAL / seconds)), 1
    return frequencies, 0
