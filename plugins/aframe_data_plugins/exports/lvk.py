"""The files of LIGO-Virgo-KAGRA's search sensitivity estimates, as readers of populations and rates take them.

O3 (LIGO-T2100113): a group ``injections`` with one dataset a column; ``total_generated`` and ``analysis_time_s`` among
the attributes of the root and of the group. O4 (as GWTC-4.0's): one table ``events``, with ``total_generated`` and
``total_analysis_time`` at the root. Masses with ``_source`` are those of the source frame, distance in Mpc, angles in
radians, times GPS seconds at the geocentre, spins and inclination LAL's. False-alarm rates, by which readers decide
what was found, are a search's: they are given in a file. Which readers were followed stands in docs/exports.md.
"""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import h5py
import numpy as np

from aframe_data.errors import UsageError
from aframe_data_plugins.exports.binaries import by_ifo, cartesian, right_ascension
from aframe_data_plugins.exports.sampling import ln_factor, ln_polar, ln_sampling, ln_spin

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


#: The density of O4's draws, by the names of what it is over: Cartesian spins, and spherical ones.
_LN_PDRAW = "lnpdraw_mass1_source_mass2_source_redshift_" + "_".join(
    f"spin{body}{axis}" for body in (1, 2) for axis in "xyz"
)
_SPHERICAL = ("magnitude", "polar_angle", "azimuthal_angle")
_LN_PDRAW_SPHERICAL = "lnpdraw_mass1_source_mass2_source_redshift_" + "_".join(
    f"spin{body}_{name}" for body in (1, 2) for name in _SPHERICAL
)


class Lvk:
    """The export."""

    def __init__(self, options: LvkOptions) -> None:
        self._layout = options.layout
        self._analysis_time = options.analysis_time
        self._far, self._search = options.far, options.search

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
        rates = {} if self._far is None else {self._search: _false_alarm_rates(self._far, signals.length)}
        with h5py.File(path, "w") as file:
            write = _write_group if self._layout == "o3" else _write_table
            write(file, _Found(columns, rates, int(generated), float(time)))


def _columns(signals: ExportedSignals, layout: str) -> Mapping[str, FloatArray]:
    found = signals.parameters()
    columns = {name: found[ours] for name, ours in (_SAME | _NAMES[layout]).items() if ours in found}
    stretch = 1 + found["redshift"]
    columns |= {"mass1_source": found["mass_1"] / stretch, "mass2_source": found["mass_2"] / stretch}
    columns |= cartesian(found)
    columns["right_ascension"] = right_ascension(signals, found)
    if layout == "o4":
        columns |= _spherical(columns)
        columns["dluminosity_distance_dredshift"] = _slope(signals, found)
        # That of noise that was drawn: there is none here, and comparisons with NaN find nothing.
        columns["semianalytic_observed_phase_maximized_snr_net"] = np.full(signals.length, np.nan)
    columns |= _sampling(signals, {**found, "inclination": columns["inclination"]}, layout)
    if "ifo_snrs" in found:
        snrs = by_ifo(signals, found["ifo_snrs"], "snr")
        columns |= {_snr_name(name.removeprefix("snr_"), layout): values for name, values in snrs.items()}
    return columns


def _spherical(columns: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """The spins' magnitudes, and their directions about the orbital angular momentum, in radians."""
    found: dict[str, FloatArray] = {}
    for body in (1, 2):
        x, y, z = (columns[f"spin{body}{axis}"] for axis in "xyz")
        values = np.sqrt(x**2 + y**2 + z**2), np.arctan2(np.hypot(x, y), z), np.arctan2(y, x) % (2 * np.pi)
        found |= {f"spin{body}_{name}": each for name, each in zip(_SPHERICAL, values, strict=True)}
    return found


def _slope(signals: ExportedSignals, found: Mapping[str, FloatArray]) -> FloatArray:
    """The derivative of the luminosity distance by redshift, (n,) Mpc, in the file's (flat) cosmology."""
    from astropy import constants, cosmology, units

    redshift = found["redshift"]
    model = getattr(cosmology, signals.cosmology)
    comoving = model.comoving_distance(redshift).to_value(units.Mpc)
    slope: FloatArray = comoving + (1 + redshift) * (constants.c / model.H(redshift)).to_value(units.Mpc)
    return slope


def _sampling(signals: ExportedSignals, found: Mapping[str, FloatArray], layout: str) -> dict[str, FloatArray]:
    """The density that the signals were drawn with, and its factors, as far as they are known."""
    density: FloatArray | None = None
    factors: Mapping[tuple[str, ...], FloatArray] = {}
    try:
        factors = signals.ln_prior_factors(found)
        density = ln_sampling(signals, found)
    except UsageError as error:
        _logger.warning("%s is exported without the density of its draws: %s", signals.path, error)
    if layout == "o3":
        return _sampling_in_factors(signals, found, factors, density) if factors else {}
    if density is None:
        return {}
    spherical = sum((ln_polar(found, body) for body in (1, 2)), density)
    return {_LN_PDRAW: density, _LN_PDRAW_SPHERICAL: spherical}


def _sampling_in_factors(
    signals: ExportedSignals,
    found: Mapping[str, FloatArray],
    factors: Mapping[tuple[str, ...], FloatArray],
    density: FloatArray | None,
) -> dict[str, FloatArray]:
    """The density of O3's draws, and those of masses, redshift, spins and directions by themselves.

    Those of Cartesian spins and of directions are known where that of all is: its angles are isotropic.
    """
    columns: dict[str, FloatArray] = {}
    wanted = {
        "mass1_source_mass2_source_sampling_pdf": partial(ln_factor, factors, "mass_1", "mass_2"),
        "redshift_sampling_pdf": partial(ln_factor, factors, "redshift"),
    }
    if density is not None:
        columns["sampling_pdf"] = np.exp(density)
        columns["right_ascension_sampling_pdf"] = np.full(signals.length, 1 / (2 * np.pi))
        columns["polarization_sampling_pdf"] = np.full(signals.length, 1 / np.pi)
        columns["declination_sampling_pdf"] = np.cos(found["dec"]) / 2
        columns["inclination_sampling_pdf"] = np.sin(found["inclination"]) / 2
        for body in (1, 2):
            axes = "_".join(f"spin{body}{axis}" for axis in "xyz")
            wanted[f"{axes}_sampling_pdf"] = partial(ln_spin, factors, found, body)
    reasons = {}
    for column, factor in wanted.items():
        try:
            columns[column] = np.exp(factor())
        except UsageError as error:
            reasons[column] = str(error)
    if reasons:
        told = next(iter(reasons.values()))
        _logger.warning("%s is exported without %s: %s", signals.path, " and ".join(reasons), told)
    return columns


def _snr_name(ifo: str, layout: str) -> str:
    """``optimal_snr_h`` of O3, ``estimated_optimal_snr_H1`` of O4."""
    return f"optimal_snr_{ifo[0]}" if layout == "o3" else f"estimated_optimal_snr_{ifo.upper()}"


def _false_alarm_rates(path: Path, count: int) -> FloatArray:
    """What a search found, (n,) per year: as many numbers in a text file as there are injections, in their order."""
    try:
        with path.open(encoding="utf-8") as file:
            rates: FloatArray = np.loadtxt(file, dtype=np.float64, ndmin=1)
    except (OSError, ValueError) as error:
        raise UsageError(f"--lvk-far {str(path)!r} cannot be read: {' '.join(str(error).split())}") from error
    if rates.shape != (count,):
        raise UsageError(f"--lvk-far {str(path)!r} has {rates.size} numbers, and there are {count} injections.")
    if not (rates >= 0).all():
        raise UsageError(f"--lvk-far {str(path)!r} has rates that are not 0 or more, or inf for what was not found.")
    return rates


class _Found(NamedTuple):
    """What either layout holds: columns, rates by search, the number of all draws, and seconds of data."""

    columns: Mapping[str, FloatArray]
    rates: Mapping[str, FloatArray]
    generated: int
    time: float


def _write_group(file: h5py.File, found: _Found) -> None:
    length = len(found.columns["redshift"])
    group = file.create_group("injections")
    for search, far in found.rates.items():
        group[f"far_{search}"] = far
        with np.errstate(divide="ignore"):
            group[f"ifar_{search}"] = 1 / far
    for name, values in found.columns.items():
        group[name] = values
    attributes: dict[str, Any] = {
        "total_generated": found.generated,
        "n_accepted": length,
        "n_rejected": found.generated - length,
        "analysis_time_s": found.time,
    }
    file.attrs.update(attributes)
    group.attrs.update(attributes)


def _write_table(file: h5py.File, found: _Found) -> None:
    length = len(found.columns["redshift"])
    rates = {f"{search}_far": far for search, far in found.rates.items()}
    columns = {**found.columns, **rates, "weights": np.ones(length)}
    table = np.empty(length, dtype=[(name, "f8") for name in columns])
    for name, values in columns.items():
        table[name] = values
    file["events"] = table
    file.attrs.update({"total_generated": found.generated, "num_accepted": length})
    file.attrs.update({"total_analysis_time": found.time, "analysis_time": found.time})
    file.attrs["searches"] = np.array([*found.rates], dtype=h5py.string_dtype())
