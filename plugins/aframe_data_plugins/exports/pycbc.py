"""pycbc's injection file: one dataset a parameter at the root, constants as attributes that ``static_args`` names.

As `pycbc.inject.CBCHDFInjectionSet` reads it: masses of the detector frame in solar masses, distance in Mpc, spins and
inclination of LAL at ``f_ref``, ``tc`` GPS seconds at the geocentre, ``ra`` a right ascension.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import h5py

from aframe_data.errors import UsageError
from aframe_data_plugins.exports.binaries import by_ifo, cartesian, right_ascension

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from aframe_data.plugin.exported import ExportedSignals, ExportSource
    from aframe_data.types import FloatArray
    from aframe_data_plugins.exports.options import PycbcOptions

#: pycbc's names of what we have under another one.
_NAMES = {
    "tc": "injection_time",
    "mass1": "mass_1",
    "mass2": "mass_2",
    "distance": "luminosity_distance",
    "coa_phase": "phase",
    "polarization": "psi",
    "dec": "dec",
    "redshift": "redshift",
    "f_lower": "minimum_frequency",
    "f_ref": "reference_frequency",
}
_TIDES = {"lambda1": "lambda_1", "lambda2": "lambda_2"}


class Pycbc:
    """The export."""

    def __init__(self, options: PycbcOptions) -> None:
        self._approximant = options.approximant

    def export(self, source: ExportSource, path: Path) -> None:
        """Write the injection file of a campaign."""
        (signals,) = source.signals
        approximant = self._approximant or _approximant(signals)
        with h5py.File(path, "w") as file:
            for name, values in _columns(signals).items():
                file[name] = values
            file.attrs["approximant"] = approximant
            file.attrs["static_args"] = ["approximant"]
            file.attrs["injtype"] = "cbc"


def _columns(signals: ExportedSignals) -> Mapping[str, FloatArray]:
    found = signals.parameters()
    columns = {name: found[ours] for name, ours in (_NAMES | _TIDES).items() if ours in found}
    columns |= cartesian(found)
    columns["ra"] = right_ascension(signals, found)
    if "shift" in found:
        columns |= by_ifo(signals, found["shift"], "shift")
    return columns


def _approximant(signals: ExportedSignals) -> str:
    generator = signals.record.get("generator", {})
    name = generator.get("options", {}).get("approximant") if generator.get("name") == "lalsimulation" else None
    if not isinstance(name, str):
        raise UsageError(
            f"{str(signals.path)!r} does not say which of pycbc's waveform models made its signals: give "
            "--pycbc-approximant."
        )
    return name
