"""Noise curves: amplitude spectral densities that somebody published or measured.

Curves come by name from lalsimulation (its functions ``SimNoisePSD…``) and bilby (its files in
``noise_curves``), or from a text file. Nothing here makes noise, and nothing is estimated.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import lal
import lalsimulation
import numpy as np

from aframe_data.checks import require_file
from aframe_data.errors import UsageError, unknown_name
from aframe_data.places import place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aframe_data.types import FloatArray

Kind = Literal["asd", "psd", "auto"]
"""What a second column is; ``"auto"`` tells the two apart by their size."""

_LAL_PREFIX = "SimNoisePSD"
#: The formulae of lalsimulation have no first frequency; below this one they mean nothing.
FORMULA_FIRST_FREQUENCY = 10.0
_FORMULA_LAST_FREQUENCY = 16384.0
#: The shortest of lalsimulation's tables ends at 4995 Hz, and beyond the end of a table LAL extrapolates it,
#: by many orders of magnitude where the table ends on a line.
_TABLE_LAST_FREQUENCY = 4990.0
_TABLE_SPACING = 1 / 16
#: Where the lowest point of a detector's curve lies, as amplitude (1/sqrt(Hz)) and as power (1/Hz): the best
#: detector planned goes down to 1e-25 in amplitude, the first interferometers to 1e-20.
_LOWEST_AMPLITUDE = (1e-30, 1e-15)
_LOWEST_POWER = (1e-60, 1e-36)
#: What each detector was built to reach, by the first letter of its name.
_DESIGNS = {
    **dict.fromkeys("HLI", "aLIGODesignSensitivityT1800044"),
    "V": "AdVDesignSensitivityP1200087",
    "K": "KAGRADesignSensitivityT1600593",
    "G": "GEOHF",
}
#: Of a text file that is read: some million frequencies.
_MOST_BYTES = 256 * 2**20
_SEPARATORS = str.maketrans(",;", "  ")


@dataclass(frozen=True, eq=False)
class Curve:
    """One noise curve.

    Attributes
    ----------
    name
        As the user wrote it.
    frequencies
        (k,) Hz, ascending, above zero.
    asd
        (k,) strain / sqrt(Hz), above zero.
    first_frequency
        Hz: the noise is zero below.
    origin
        ``"curve"`` for one with a name, ``"asd file"`` or ``"psd file"`` for a text file as it was read.
    """

    name: str
    frequencies: FloatArray
    asd: FloatArray
    first_frequency: float
    origin: str = "curve"

    def amplitude(self, frequencies: FloatArray) -> FloatArray:
        """Return the amplitude spectral density at `frequencies` (Hz), in strain / sqrt(Hz).

        A straight line between the points in log f and log ASD, zero below the first frequency, and the
        last value above the last frequency (noise that stops there could not be whitened).
        """
        asd = np.zeros(np.shape(frequencies))
        inside = frequencies >= self.first_frequency
        logarithms = np.interp(np.log(frequencies[inside]), np.log(self.frequencies), np.log(self.asd))
        asd[inside] = np.exp(logarithms)
        return asd


def load_curve(text: str, kind: Kind = "auto", minimum_frequency: float | None = None) -> Curve:
    """Find the curve that a user means.

    Parameters
    ----------
    text
        A name (with or without bilby's ``_asd.txt``), or the path of a text file. A name goes first: write
        ``./NAME`` for a file of that name.
    kind
        What the second column of a text file is. A name says itself what it is.
    minimum_frequency
        Hz; raises the curve's first frequency, and is that of a formula.

    Raises
    ------
    UsageError
        No such name or file, a file that holds no curve, or a curve that ends below the minimum frequency.
    """
    lal_names, bilby_files = _lal_names(), _bilby_files()
    if text in lal_names:
        curve = _from_lalsimulation(text, minimum_frequency)
    elif text in bilby_files:
        path = bilby_files[text]
        curve = _from_file(text, path, "psd" if path.stem.endswith("_psd") else "asd")
    elif (path := place(text)).is_file():
        curve = _from_file(text, path, kind, named=False)
    elif len(path.parts) > 1 or path.suffix:
        raise UsageError(f"noise curve {text!r}: there is no such file, nor a curve of that name.")
    else:
        raise unknown_name("noise curve", text, curve_names())
    if minimum_frequency is None or minimum_frequency <= curve.first_frequency:
        return curve
    if minimum_frequency >= curve.frequencies[-1]:
        raise _ends_below(text, minimum_frequency, float(curve.frequencies[-1]))
    return replace(curve, first_frequency=minimum_frequency)


def is_curve_name(text: str) -> bool:
    """Whether `load_curve` knows a curve of that name; a file of the same name is another thing."""
    return text in _lal_names() or text in _bilby_files()


def curve_names() -> Sequence[str]:
    """Every name that `load_curve` knows; of bilby's, without what may be left out."""
    short = {_short_name(path) for path in _bilby_files().values()}
    return sorted({*_lal_names(), *short}, key=str.lower)


def design_curves(ifos: Sequence[str]) -> list[Curve]:
    """The design sensitivities of some interferometers, each once; of those that have none, nothing."""
    names = dict.fromkeys(_DESIGNS[ifo[0]] for ifo in ifos if ifo[0] in _DESIGNS)
    return [load_curve(name) for name in names]


def _ends_below(name: str, minimum_frequency: float, last: float) -> UsageError:
    return UsageError(
        f"noise curve {name!r} ends at {last:g} Hz, and a minimum frequency of {minimum_frequency:g} Hz was asked for."
    )


# --- lalsimulation --------------------------------------------------------------------------------------


def _lal_names() -> dict[str, bool]:
    """Names of lalsimulation's curves (without prefix); true for a formula, false for a table.

    The docstrings that SWIG writes tell the two apart from the functions that take more arguments.
    """
    names = {}
    for function in dir(lalsimulation):
        name = function.removeprefix(_LAL_PREFIX)
        if name in ("", function):
            continue
        signature = str(getattr(lalsimulation, function).__doc__)
        if signature.endswith("(double f) -> double"):
            names[name] = True
        elif signature.endswith("(REAL8FrequencySeries psd, double flow) -> int"):
            names[name] = False
    return names


def _from_lalsimulation(name: str, minimum_frequency: float | None) -> Curve:
    function = getattr(lalsimulation, _LAL_PREFIX + name)
    if _lal_names()[name]:
        first = FORMULA_FIRST_FREQUENCY if minimum_frequency is None else minimum_frequency
        if first >= _FORMULA_LAST_FREQUENCY:
            raise _ends_below(name, first, _FORMULA_LAST_FREQUENCY)
        frequencies: FloatArray = np.geomspace(first, _FORMULA_LAST_FREQUENCY, 8192)
        # lalsimulation has no batch for its formulae.
        psd = np.array([function(float(frequency)) for frequency in frequencies])
    else:
        size = int(_TABLE_LAST_FREQUENCY / _TABLE_SPACING) + 1
        series = lal.CreateREAL8FrequencySeries(name, 0, 0.0, _TABLE_SPACING, lal.SecondUnit, size)
        function(series, 0.0)
        frequencies, psd = np.arange(size) * _TABLE_SPACING, series.data.data
        frequencies, psd = frequencies[psd > 0], psd[psd > 0]
    return Curve(name, frequencies, np.sqrt(psd), float(frequencies[0]))


# --- files ----------------------------------------------------------------------------------------------


def _bilby_files() -> dict[str, Path]:
    """Bilby's curves by each of their names; an amplitude goes before a power of the same short name."""
    specification = find_spec("bilby")  # finds the folder without the seconds that importing bilby takes
    if specification is None or specification.origin is None:
        return {}
    folder = Path(specification.origin).parent / "gw" / "detector" / "noise_curves"
    files: dict[str, Path] = {}
    for path in sorted(folder.glob("*.txt")):
        files.update({path.name: path, path.stem: path})
    for path in sorted(folder.glob("*.txt")):
        files.setdefault(_short_name(path), path)
    return files


def _short_name(path: Path) -> str:
    return path.stem.removesuffix("_asd").removesuffix("_psd")


def _from_file(name: str, path: Path, kind: Kind, *, named: bool = True) -> Curve:
    table = _read_table(path)
    table = table[table[:, 0] > 0]  # a row at 0 Hz has no logarithm and lies below every band
    if len(table) < 2:
        raise UsageError(f"noise curve {path}: needs at least two rows with a frequency above 0 Hz.")
    frequencies, density = table[:, 0], table[:, 1]
    if kind == "auto":
        kind = density_kind(density, str(path))
    asd: FloatArray = density if kind == "asd" else np.sqrt(density)
    return Curve(name, frequencies, asd, float(frequencies[0]), "curve" if named else f"{kind} file")


def density_kind(density: FloatArray, name: str) -> Literal["asd", "psd"]:
    """Tell amplitude and power spectral densities of a detector apart, by their lowest value.

    Raises
    ------
    UsageError
        It is the one of neither; `name` is what is said to hold it.
    """
    lowest = float(np.min(density))
    if _LOWEST_AMPLITUDE[0] < lowest < _LOWEST_AMPLITUDE[1]:
        return "asd"
    if _LOWEST_POWER[0] < lowest < _LOWEST_POWER[1]:
        return "psd"
    raise UsageError(
        f"noise curve {name}: its lowest value, {lowest:g}, is not plausible for a detector's strain, neither as "
        f"amplitude ({_LOWEST_AMPLITUDE[0]:g} to {_LOWEST_AMPLITUDE[1]:g} per sqrt(Hz)) nor as power "
        f"({_LOWEST_POWER[0]:g} to {_LOWEST_POWER[1]:g} per Hz)."
    )


def _read_table(path: Path) -> FloatArray:
    """Read the two columns of a text file, (k, 2); comments begin with # or %."""
    rows: list[tuple[float, float]] = []
    require_file(path, "the noise curve ", _MOST_BYTES)
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"noise curve {path} cannot be read as text: {error}") from error
    for number, line in enumerate(lines, start=1):
        fields = line.split("#")[0].split("%")[0].translate(_SEPARATORS).split()
        if not fields:
            continue
        try:
            frequency, density = (float(field) for field in fields)
        except ValueError as error:
            message = f"noise curve {path}, line {number}: {line.strip()!r} is not a frequency and a density."
            raise UsageError(message) from error
        if not (math.isfinite(frequency) and math.isfinite(density) and frequency >= 0 and density > 0):
            raise UsageError(f"noise curve {path}, line {number}: {line.strip()!r} must be finite and above zero.")
        if rows and frequency <= rows[-1][0]:
            raise UsageError(f"noise curve {path}, line {number}: frequencies must ascend.")
        rows.append((frequency, density))
    return np.array(rows, dtype=np.float64).reshape(-1, 2)
