"""From what other tools call the parameters of a binary to ours: names, spins, inclination, sky.

LAL's Cartesian spins and inclination (LIGO-Virgo-KAGRA's files, pycbc's) become bilby's spins and theta_jn at the
frequency at which they are given; bilby's conversion does the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import lal
import lalsimulation
import numpy as np

from aframe_data.errors import AframeDataError, UsageError
from aframe_data.plugin.binary import BASE_PARAMETERS, missing_parameters
from aframe_data_priors.bilby_library import process_state
from aframe_data_priors.conversion import convert
from aframe_data_priors.targets import in_one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aframe_data.plugin.records import Frame
    from aframe_data.types import FloatArray
    from aframe_data_priors.parameter_tables import Table

#: bilby's names of what others call by theirs; of several, the first that a file has counts.
_NAMES = {
    "mass_1": ("mass1_detector", "mass1"),
    "mass_2": ("mass2_detector", "mass2"),
    "mass_1_source": ("mass1_source", "srcmass1"),
    "mass_2_source": ("mass2_source", "srcmass2"),
    "chirp_mass": ("mchirp",),
    "luminosity_distance": ("distance",),
    "redshift": ("z",),
    "phase": ("coa_phase",),
    "psi": ("polarization",),
    "ra": ("right_ascension",),
    "dec": ("declination",),
    "lambda_1": ("lambda1",),
    "lambda_2": ("lambda2",),
}
#: Ways to give the spin of a body in polar coordinates: magnitude, polar angle, azimuth.
_POLAR = (("a", "polar", "azimuthal"), ("magnitude", "polar_angle", "azimuthal_angle"))
_SPINS = ("a_1", "a_2", "tilt_1", "tilt_2", "phi_12", "phi_jl")
#: What a signal keeps besides the base parameters.
_FURTHER = ("luminosity_distance", "lambda_1", "lambda_2")
#: Of what bilby's conversion knows, all that may be given.
_KNOWN = frozenset(
    {
        *BASE_PARAMETERS,
        *_FURTHER,
        *(f"{name}{end}" for name in ("mass_1", "mass_2", "chirp_mass", "total_mass") for end in ("", "_source")),
        *("mass_ratio", "symmetric_mass_ratio", "comoving_distance", "lambda_tilde", "delta_lambda_tilde"),
        *("chi_1", "chi_2", "cos_tilt_1", "cos_tilt_2", "cos_theta_jn"),
    }
)
_FREQUENCY_NAMES = ("reference_frequency", "f_ref")


def with_earth_longitude(table: Table) -> Table:
    """The table with ``ra`` as a longitude fixed to the Earth, at each signal's time; as it is where it has none."""
    name = next((name for name in ("ra", "right_ascension") if name in table.columns), None)
    if name is None or table.times is None or not table.celestial:
        return table
    turned = np.array([lal.GreenwichMeanSiderealTime(lal.LIGOTimeGPS(time)) for time in table.times.tolist()])
    return table.with_columns({name: np.mod(table.columns[name] - turned, 2 * np.pi)})


def to_binaries(
    table: Table, *, frame: str, cosmology: str, reference_frequency: float | None
) -> dict[str, FloatArray]:
    """The base parameters of binaries in the detector frame, and distance and tides where they are given, (n,) each.

    Parameters
    ----------
    frame
        Of masses without ``_source``.
    cosmology
        By which a distance becomes a redshift.
    reference_frequency
        Hz, at which Cartesian spins are given where the file does not say it.

    Raises
    ------
    UsageError
        A base parameter is missing and does not follow from what there is.
    """
    columns = _renamed(table.columns)
    columns = _with_spins(table, columns, reference_frequency)
    columns = {name: values for name, values in columns.items() if name in _KNOWN}
    known: Frame = "source" if frame == "source" else "detector"
    if known == "detector" and {"mass_1", "mass_2"} <= columns.keys():
        # Given in both frames, which agree to rounding only.
        columns = {name: values for name, values in columns.items() if not name.endswith("_source")}
    try:
        with process_state(cosmology=cosmology):
            found = convert(columns, frame=known, cosmology=cosmology)
    except AframeDataError:
        raise
    # bilby's conversions may raise anything for names that do not go together.
    except Exception as error:
        raise UsageError(f"{str(table.path)!r} cannot be converted: {in_one_line(error)}.") from error
    missing = missing_parameters(found)
    if missing:
        given = ", ".join(list(table.columns)[:40])
        raise UsageError(
            f"{str(table.path)!r} does not give {', '.join(missing)}, nor does it follow from what it has: {given}. "
            "Missing angles can be drawn: --parameter-file-fill phase,psi."
        )
    if known == "source":
        stretch = 1 + found["redshift"]
        found = {**found, **{name: found[name] * stretch for name in ("mass_1", "mass_2")}}
    kept = (*BASE_PARAMETERS, *(name for name in _FURTHER if name in columns))
    return {name: np.asarray(found[name], dtype=np.float64) for name in kept}


def describe_binaries(table: Table) -> bool:
    """Whether signals have a mass, by any of its names; other sources are taken as they are."""
    return any("mass" in name or name == "mchirp" for name in table.columns)


def _renamed(columns: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    known = dict(columns)
    for ours, theirs in _NAMES.items():
        name = next((name for name in theirs if name in known), None)
        if ours not in known and name is not None:
            known[ours] = known.pop(name)
    if "q" in known and "mass_ratio" not in known:
        ratio = known.pop("q")
        known["mass_ratio"] = np.minimum(ratio, 1 / ratio)
    return known


def _with_spins(
    table: Table, columns: Mapping[str, FloatArray], reference_frequency: float | None
) -> dict[str, FloatArray]:
    """The columns with bilby's spins and theta_jn; those of LAL are taken out."""
    left = dict(columns)
    inclination = left.pop("inclination", left.pop("iota", None))
    spins = [_cartesian(left, body) for body in (1, 2)]
    frequency = next((left.pop(name) for name in _FREQUENCY_NAMES if name in left), None)
    if any(name in left for name in (*_SPINS, "chi_1", "chi_2", "cos_tilt_1", "cos_tilt_2")):
        return left if inclination is None or "theta_jn" in left else left | {"theta_jn": inclination}
    if inclination is None and not np.any(spins):
        return left | dict.fromkeys((name for name in _SPINS if name not in left), np.zeros(table.length))
    if inclination is None:
        raise UsageError(f"{str(table.path)!r} does not give inclination, which its spins need.")
    precessing = np.any([spin[axis] != 0 for spin in spins for axis in (0, 1)], axis=0)
    if not np.any(precessing):
        return left | _bilby_spins(inclination, spins, [], precessing)
    if frequency is None and reference_frequency is None:
        raise UsageError(
            f"{str(table.path)!r} has spins in the orbital plane and does not say at which frequency: give "
            "--parameter-file-reference-frequency."
        )
    missing = [name for name in ("mass_1", "mass_2", "phase") if name not in left]
    if missing:
        raise UsageError(f"{str(table.path)!r} does not give {', '.join(missing)}, which its spins need.")
    at = np.full(table.length, reference_frequency) if frequency is None else frequency
    rest = [left["mass_1"], left["mass_2"], at, left["phase"]]
    return left | _bilby_spins(inclination, spins, rest, precessing)


def _cartesian(columns: dict[str, FloatArray], body: int) -> tuple[FloatArray, ...]:
    """The components of the spin of a body, (n,) each, taken out of the columns; zero where there is none."""
    nothing = np.zeros(len(next(iter(columns.values()))))
    for magnitude, polar, azimuth in _POLAR:
        if f"spin{body}_{magnitude}" in columns:
            a = columns.pop(f"spin{body}_{magnitude}")
            tilt, turn = (columns.pop(f"spin{body}_{name}", nothing) for name in (polar, azimuth))
            x, y, z = a * np.sin(tilt) * np.cos(turn), a * np.sin(tilt) * np.sin(turn), a * np.cos(tilt)
            for axis in "xyz":
                columns.pop(f"spin{body}{axis}", None)
            return x, y, z
    names = [(f"spin{body}{axis}", f"spin_{body}{axis}") for axis in "xyz"]
    return tuple(columns.pop(ours, columns.pop(bilbys, nothing)) for ours, bilbys in names)


def _bilby_spins(
    inclination: FloatArray, spins: list[tuple[FloatArray, ...]], rest: list[FloatArray], precessing: FloatArray
) -> dict[str, FloatArray]:
    """Spins and theta_jn as bilby has them, (n,) each: of spins along the orbital momentum directly, of others by LAL.

    `rest` are the masses, the frequency and the phase, which only the latter need.
    """
    found: dict[str, FloatArray] = {name: np.zeros(len(inclination)) for name in _SPINS}
    found["theta_jn"] = inclination.astype(np.float64)
    for body, (_, _, along) in enumerate(spins, 1):
        found[f"a_{body}"] = np.abs(along)
        found[f"tilt_{body}"] = np.where(along < 0, np.pi, 0.0)
    order = ("theta_jn", "phi_jl", "tilt_1", "tilt_2", "phi_12", "a_1", "a_2")
    for row in np.flatnonzero(precessing).tolist():
        arguments = [float(values[row]) for values in (inclination, *spins[0], *spins[1], *rest)]
        for name, value in zip(order, lalsimulation.SimInspiralTransformPrecessingWvf2PE(*arguments), strict=True):
            found[name][row] = value
    return found
