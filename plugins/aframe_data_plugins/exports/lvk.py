"""The files of LIGO-Virgo-KAGRA's search sensitivity estimates, as readers of populations and rates take them.

O3 (LIGO-T2100113): a group ``injections`` with one dataset a column; ``total_generated`` and ``analysis_time_s`` among
the attributes of the root and of the group. O4 (as GWTC-4.0's): one table ``events``, with ``total_generated`` and
``total_analysis_time`` at the root. Masses with ``_source`` are those of the source frame, distance in Mpc, angles in
radians, times GPS seconds at the geocentre, spins and inclination LAL's. Columns of false-alarm rates are a search's:
they are added where one was run.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np

from aframe_data.errors import UsageError
from aframe_data_plugins.exports.binaries import by_ifo, cartesian, right_ascension
from aframe_data_plugins.exports.sampling import ln_sampling

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from aframe_data.plugin.exported import ExportedSignals, ExportSource
    from aframe_data.types import FloatArray
    from aframe_data_plugins.exports.options import LvkOptions

_logger = logging.getLogger(__name__)

#: Columns that both layouts have, with our names of them.
_SAME = {
    "redshift": "redshift",
    "polarization": "psi",
    "coa_phase": "phase",
    "declination": "dec",
    "f_ref": "reference_frequency",
    "f_lower": "minimum_frequency",
}
#: The names of the others, by the layout.
_NAMES = {
    "o3": {
        "distance": "luminosity_distance",
        "gps_time": "injection_time",
        "mass1": "mass_1",
        "mass2": "mass_2",
        "optimal_snr_net": "snr",
    },
    "o4": {
        "luminosity_distance": "luminosity_distance",
        "time_geocenter": "injection_time",
        "mass1_detector": "mass_1",
        "mass2_detector": "mass_2",
        "estimated_optimal_snr_net": "snr",
    },
}


#: The density of O4's draws, by the names of what it is over.
_LN_PDRAW = "lnpdraw_mass1_source_mass2_source_redshift_spin1x_spin1y_spin1z_spin2x_spin2y_spin2z"


class Lvk:
    """The export."""

    def __init__(self, options: LvkOptions) -> None:
        self._layout = options.layout
        self._analysis_time = options.analysis_time

    def export(self, source: ExportSource, path: Path) -> None:
        """Write the injections of a campaign."""
        (signals,) = source.signals
        generated = signals.attributes.get("num_injections")
        if generated is None:
            raise UsageError(f"{str(signals.path)!r} does not say how many signals were drawn for it.")
        time = self._analysis_time or signals.livetime
        if time is None:
            raise UsageError(
                f"{str(signals.path)!r} does not say how many seconds of data it is for: give --lvk-analysis-time."
            )
        columns = _columns(signals, self._layout)
        with h5py.File(path, "w") as file:
            write = _write_group if self._layout == "o3" else _write_table
            write(file, columns, int(generated), float(time))


def _columns(signals: ExportedSignals, layout: str) -> Mapping[str, FloatArray]:
    found = signals.parameters()
    columns = {name: found[ours] for name, ours in (_SAME | _NAMES[layout]).items() if ours in found}
    stretch = 1 + found["redshift"]
    columns |= {"mass1_source": found["mass_1"] / stretch, "mass2_source": found["mass_2"] / stretch}
    columns |= cartesian(found)
    columns["right_ascension"] = right_ascension(signals, found)
    columns |= _sampling(signals, found, layout)
    if "ifo_snrs" in found:
        snrs = by_ifo(signals, found["ifo_snrs"], "snr")
        columns |= {_snr_name(name.removeprefix("snr_"), layout): values for name, values in snrs.items()}
    return columns


def _sampling(signals: ExportedSignals, found: Mapping[str, FloatArray], layout: str) -> dict[str, FloatArray]:
    """The density that the signals were drawn with, where it is known."""
    try:
        density = ln_sampling(signals, found)
    except UsageError as error:
        _logger.warning("%s is exported without the density of its draws: %s", signals.path, error)
        return {}
    return {"sampling_pdf": np.exp(density)} if layout == "o3" else {_LN_PDRAW: density}


def _snr_name(ifo: str, layout: str) -> str:
    """``optimal_snr_h`` of O3, ``estimated_optimal_snr_H1`` of O4."""
    return f"optimal_snr_{ifo[0]}" if layout == "o3" else f"estimated_optimal_snr_{ifo.upper()}"


def _write_group(file: h5py.File, columns: Mapping[str, FloatArray], generated: int, time: float) -> None:
    length = len(columns["redshift"])
    group = file.create_group("injections")
    for name, values in columns.items():
        group[name] = values
    attributes: dict[str, Any] = {
        "total_generated": generated,
        "n_accepted": length,
        "n_rejected": generated - length,
        "analysis_time_s": time,
    }
    file.attrs.update(attributes)
    group.attrs.update(attributes)


def _write_table(file: h5py.File, columns: Mapping[str, FloatArray], generated: int, time: float) -> None:
    length = len(columns["redshift"])
    columns = {**columns, "weights": np.ones(length)}
    table = np.empty(length, dtype=[(name, "f8") for name in columns])
    for name, values in columns.items():
        table[name] = values
    file["events"] = table
    file.attrs.update({"total_generated": generated, "num_accepted": length, "total_analysis_time": time})
    file.attrs["searches"] = np.array([], dtype=h5py.string_dtype())
