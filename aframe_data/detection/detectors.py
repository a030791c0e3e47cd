"""How a detector answers to a source on the sky: antenna pattern and time of arrival.

The formulae are LAL's (`ComputeDetAMResponse`, `TimeDelayFromEarthCenter`), for many sources at once; where
the detectors stand, and how they are turned, is read from LAL's tables.

A source's longitude is ``ra - gmst``. Aframe takes `ra` itself as a longitude fixed to the Earth, which is a
`gmst` of zero, the default here; `sidereal_time` gives the angle for a true right ascension.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import lal
import numpy as np

from aframe_data.checks import require_items
from aframe_data.errors import UsageError, unknown_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aframe_data.types import FloatArray

#: Seconds that light takes from the geocentre to the equator: no detector sees a signal earlier or later.
LARGEST_DELAY = float(lal.REARTH_SI / lal.C_SI)


def known_ifos() -> tuple[str, ...]:
    """The prefixes of the interferometers in LAL's table: no bars, and none whose place is not known."""
    return tuple(
        sorted(
            prefix
            for prefix, detector in lal.cached_detector_by_prefix.items()
            if detector.type != lal.LALDETECTORTYPE_CYLBAR and np.any(detector.response) and np.any(detector.location)
        )
    )


def require_ifos(names: Sequence[str]) -> tuple[str, ...]:
    """The interferometers of a file, in the order of its columns.

    Raises
    ------
    UsageError
        There is none, one is named twice, or one is unknown.
    """
    if not names:
        raise UsageError("no interferometer was given: give at least one, such as --ifos H1,L1.")
    require_items("ifos", names)
    known = known_ifos()
    for name in names:
        if name not in known:
            raise unknown_name("interferometer", name, known)
    return tuple(names)


def antenna_response(
    ifos: Sequence[str], ra: FloatArray, dec: FloatArray, psi: FloatArray, gmst: FloatArray | float = 0.0
) -> FloatArray:
    """The antenna pattern of some interferometers for n sources.

    Parameters
    ----------
    ifos
        Their prefixes.
    ra, dec, psi
        (n,) radians.
    gmst
        Sidereal time, a number or (n,), in radians.

    Returns
    -------
    FloatArray
        (n, n_ifo, 2): F_plus and F_cross, as in Anderson et al., Phys. Rev. D 63, 042003 (2001), eq. B7.
    """
    angle = gmst - np.asarray(ra, dtype=np.float64)
    sin_angle, cos_angle = np.sin(angle), np.cos(angle)
    sin_dec, cos_dec = np.sin(dec), np.cos(dec)
    sin_psi, cos_psi = np.sin(psi), np.cos(psi)
    # (n, 3): the axes of the wave, in the frame that is fixed to the Earth
    x = np.stack(
        [
            -cos_psi * sin_angle - sin_psi * cos_angle * sin_dec,
            -cos_psi * cos_angle + sin_psi * sin_angle * sin_dec,
            sin_psi * cos_dec,
        ],
        axis=-1,
    )
    y = np.stack(
        [
            sin_psi * sin_angle - cos_psi * cos_angle * sin_dec,
            sin_psi * cos_angle + cos_psi * sin_angle * sin_dec,
            cos_psi * cos_dec,
        ],
        axis=-1,
    )
    # (n_ifo, 3, 3); LAL keeps single precision, and computes with its values in double precision
    tensors = np.array([lal.cached_detector_by_prefix[ifo].response for ifo in ifos], dtype=np.float64)
    x, y = x[:, None], y[:, None]
    # (n, n_ifo, 3); as sums and not by BLAS, whose rounding depends on how many sources there are
    dx, dy = ((tensors * v[:, :, None]).sum(axis=-1) for v in (x, y))
    return np.stack([(x * dx - y * dy).sum(axis=-1), (x * dy + y * dx).sum(axis=-1)], axis=-1)


def arrival_delays(ifos: Sequence[str], ra: FloatArray, dec: FloatArray, gmst: FloatArray | float = 0.0) -> FloatArray:
    """Return when a signal arrives, (n, n_ifo), in seconds after the geocentre.

    The arguments are those of `antenna_response`.
    """
    angle = gmst - np.asarray(ra, dtype=np.float64)
    cos_dec = np.cos(dec)
    towards_source = np.stack([cos_dec * np.cos(angle), -cos_dec * np.sin(angle), np.sin(dec)], axis=-1)
    # (n_ifo, 3) metres from the geocentre
    places = np.array([lal.cached_detector_by_prefix[ifo].location for ifo in ifos], dtype=np.float64)
    delays: FloatArray = -(towards_source[:, None] * places).sum(axis=-1) / lal.C_SI
    return delays


def sidereal_time(gps: FloatArray) -> FloatArray:
    """Greenwich mean sidereal time, (n,) radians, at GPS times, (n,) seconds."""
    times = np.asarray(gps, dtype=np.float64).tolist()
    return np.array([lal.GreenwichMeanSiderealTime(lal.LIGOTimeGPS(time)) for time in times], dtype=np.float64)
