"""Readers of search sensitivity files, written anew by what those of other projects do. No test.

That is: the names they ask for, how they decide what was found, and by which Jacobians they make a density in their own
variables.

Followed: ``load_injection_data`` of gwpopulation_pipe, ``gwinferno.preprocess.selection`` (FarrOutLab/GWInferno),
``load_o1o2o3o4a_injection_data`` of gwkokab/gwkokab, and vascogennari/icaroverse, which runs icarogw (O3's factors, and
O4's spherical density, in the detector frame). They differ in details that each function keeps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import h5py
import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

YEAR = 365.25 * 24 * 3600


class Injections(NamedTuple):
    """What was found, by the names of the variables, and the density of the draws over just these."""

    values: dict[str, np.ndarray]
    density: np.ndarray
    total_generated: int
    years: float


def gwpopulation_pipe(path: Path, ifar_threshold: float = 1.0) -> Injections:
    """O3: found by any column with ``ifar`` in its name; attributes of the group; spins spherical without azimuths."""
    with h5py.File(path) as file:
        group = file["injections"]
        data = {name: item[()] for name, item in group.items()}
        total, seconds = int(group.attrs["total_generated"]), group.attrs["analysis_time_s"]
    keys = [name for name in data if "ifar" in name.lower()]
    found = np.any([data[name] > ifar_threshold for name in keys], axis=0)
    data = {name: values[found] for name, values in data.items()}
    values = {"mass_1": data["mass1_source"], "redshift": data["redshift"]}
    values["mass_ratio"] = data["mass2_source"] / data["mass1_source"]
    density = data["sampling_pdf"] * values["mass_1"]
    return Injections(*_with_spins(values, density, data), total, seconds / YEAR)


def gwinferno(path: Path, far_threshold: float = 1.0, snr_threshold: float = 10.0) -> Injections:
    """O4: by any column with ``far`` in its name or by a semianalytic SNR; weights divide the density."""
    with h5py.File(path) as file:
        total, seconds = file.attrs["total_generated"], file.attrs["analysis_time"]
        events = file["events"][()]
    found = events["semianalytic_observed_phase_maximized_snr_net"] >= snr_threshold
    for name in events.dtype.names:
        if "far" in name:
            found |= events[name] <= far_threshold
    data = {name: events[name][found] for name in events.dtype.names}
    values = {"mass_1": data["mass1_source"], "redshift": data["redshift"]}
    values["mass_ratio"] = data["mass2_source"] / data["mass1_source"]
    density = np.exp(data[_joint("x", "y", "z")]) / data["weights"] * values["mass_1"]
    return Injections(*_with_spins(values, density, data), int(total), seconds / YEAR)


def gwkokab(path: Path, far_threshold: float = 1.0, snr_threshold: float = 10.0) -> Injections:
    """O4: rates by the ends of their names, inverted; component masses and not their ratio."""
    with h5py.File(path) as file:
        total, seconds = int(file.attrs["total_generated"]), float(file.attrs["total_analysis_time"])
        assert int(file.attrs["num_accepted"]) == len(file["events"])
        events = file["events"][()]
    rates = [name for name in events.dtype.names if name.startswith("far_") or name.endswith("_far")]
    inverse = np.max([1 / events[name] for name in rates], axis=0)
    found = (events["semianalytic_observed_phase_maximized_snr_net"] > snr_threshold) | (inverse > 1 / far_threshold)
    data = {name: events[name][found] for name in events.dtype.names}
    values = {"mass_1": data["mass1_source"], "mass_2": data["mass2_source"], "redshift": data["redshift"]}
    density = np.exp(data[_joint("x", "y", "z")] - np.log(data["weights"]))
    return Injections(*_with_spins(values, density, data), total, seconds / YEAR)


def icarogw_o3(path: Path, search: str, slope: np.ndarray) -> Injections:
    """O3's factors without spins, over detector-frame masses and distance; `slope` is that of the distance."""
    with h5py.File(path) as file:
        data = {name: item[()] for name, item in file["injections"].items()}
        total, seconds = file.attrs["total_generated"], file.attrs["analysis_time_s"]
    density = data["mass1_source_mass2_source_sampling_pdf"] * data["redshift_sampling_pdf"]
    density = density / ((1 + data["redshift"]) ** 2 * slope)
    found = data[f"ifar_{search}"] >= 1
    values = {"mass_1": data["mass1"], "mass_2": data["mass2"], "luminosity_distance": data["distance"]}
    return Injections({name: of[found] for name, of in values.items()}, density[found], int(total), seconds / YEAR)


def icarogw_o4(path: Path) -> Injections:
    """O4's spherical density over detector-frame masses, distance, magnitudes and cosines; azimuths are taken out."""
    with h5py.File(path) as file:
        events = file["events"][()]
        rates = [events[f"{search}_far"] for search in file.attrs["searches"]]
        total, seconds = file.attrs["total_generated"], file.attrs["total_analysis_time"]
    found = 1 / np.min(rates, axis=0) >= 1
    data = {name: events[name][found] for name in events.dtype.names}
    density = data[_joint("_magnitude", "_polar_angle", "_azimuthal_angle")] - np.log(data["weights"])
    density = density - np.log(np.sin(data["spin1_polar_angle"]) * np.sin(data["spin2_polar_angle"]))
    density = density + 2 * np.log(2 * np.pi)
    density = density - np.log(data["dluminosity_distance_dredshift"] * (1 + data["redshift"]) ** 2)
    values = {"mass_1": data["mass1_source"] * (1 + data["redshift"]), "a_1": data["spin1_magnitude"]}
    values |= {"mass_2": data["mass2_source"] * (1 + data["redshift"]), "a_2": data["spin2_magnitude"]}
    values |= {f"cos_tilt_{body}": np.cos(data[f"spin{body}_polar_angle"]) for body in (1, 2)}
    values["luminosity_distance"] = data["luminosity_distance"]
    return Injections(values, np.exp(density), int(total), seconds / YEAR)


def _joint(*of_a_spin: str) -> str:
    spins = "_".join(f"spin{body}{name}" for body in (1, 2) for name in of_a_spin)
    return f"lnpdraw_mass1_source_mass2_source_redshift_{spins}"


def _with_spins(
    values: dict[str, np.ndarray], density: np.ndarray, data: dict[str, np.ndarray]
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Spins by magnitude and cosine of the tilt, of Cartesian ones with any azimuth."""
    values = dict(values)
    for body in (1, 2):
        magnitude = np.sqrt(sum(data[f"spin{body}{axis}"] ** 2 for axis in "xyz"))
        values |= {f"a_{body}": magnitude, f"cos_tilt_{body}": data[f"spin{body}z"] / magnitude}
        density = density * 2 * np.pi * magnitude**2
    return values, density
