"""What a stranger's bursts look like in detectors: written anew, with lal's own patterns and travel times."""

from __future__ import annotations

import lal
import numpy as np


def expected_responses(
    parameters: dict[str, np.ndarray], ifos: list[str], rate: float, size: int, index: int, *, gmst: np.ndarray
) -> np.ndarray:
    """The responses, (n, n_ifo, size), of sine-Gaussians whose t = 0 is at sample `index` at the geocentre."""
    signals = [
        {name: float(values[row]) for name, values in parameters.items()} for row in range(len(parameters["ra"]))
    ]
    return np.array(
        [
            [_response(signal, ifo, (np.arange(size) - index) / rate, angle) for ifo in ifos]
            for signal, angle in zip(signals, gmst.tolist(), strict=True)
        ]
    )


def _response(signal: dict[str, float], ifo: str, times: np.ndarray, gmst: float) -> np.ndarray:
    detector = lal.cached_detector_by_prefix[ifo]
    ra, dec, psi = (signal[name] for name in ("ra", "dec", "psi"))
    f_plus, f_cross = lal.ComputeDetAMResponse(detector.response, ra, dec, psi, gmst)
    # the light travel time along the source's direction, at that sidereal time
    towards = np.array([np.cos(dec) * np.cos(ra - gmst), np.cos(dec) * np.sin(ra - gmst), np.sin(dec)])
    arrived = times + float(detector.location @ towards) / lal.C_SI
    plus, cross = polarizations(signal, arrived)
    return f_plus * plus + f_cross * cross


def polarizations(signal: dict[str, float], times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Plus and cross of a signal at some times from its t = 0, in seconds."""
    from astropy.cosmology import Planck15

    strain = 6e-19 / Planck15.luminosity_distance(signal["redshift"]).to_value("Mpc")
    inclination = np.cos(signal["theta_jn"])
    argument = 2 * np.pi * (140 - 2 * signal["mass_1"]) * times + signal["phase"]
    envelope = strain * np.exp(-0.5 * (times / 0.01) ** 2)
    return envelope * (1 + inclination**2) / 2 * np.cos(argument), envelope * inclination * np.sin(argument)
