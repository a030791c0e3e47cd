"""Noise curves: the amplitude spectral density that simulated noise shall have.

Curves come by name from lalsimulation (its functions ``SimNoisePSD…``) and bilby (its files in
``noise_curves``), or from a text file. Nothing here makes noise.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import lal
import lalsimulation
import numpy as np

from aframe_data.errors import UsageError, unknown_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aframe_data.types import FloatArray

Kind = Literal["asd", "psd"]

_LAL_PREFIX = "SimNoisePSD"
#: The formulae of lalsimulation have no first frequency; below this one they mean nothing.
FORMULA_FIRST_FREQUENCY = 10.0
_FORMULA_LAST_FREQUENCY = 16384.0
#: The shortest of lalsimulation's tables ends at 4995 Hz, and beyond the end of a table LAL extrapolates it,
#: by many orders of magnitude where the table ends on a line.
_TABLE_LAST_FREQUENCY = 4990.0
_TABLE_SPACING = 1 / 16
#: Amplitudes farther apart drown in the side lobes and the rounding of the filter.
_DYNAMIC_RANGE = 1e12
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
    """

    name: str
    frequencies: FloatArray
    asd: FloatArray
    first_frequency: float

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


def load_curve(text: str, kind: Kind, minimum_frequency: float | None = None) -> Curve:
    """Find the curve that a user means.

    Parameters
    ----------
    text
        A name (with or without bilby's ``_asd.txt``), or the path of a text file. A name goes first: write
        ``./NAME`` for a file of that name.
    kind
        What the second column of a text file is. A name says itself what it is.
    minimum_frequency
        Hz; raises the curve's first frequency.

    Raises
    ------
    UsageError
        No such name or file, or a file that holds no curve.
    """
    lal_names, bilby_files = _lal_names(), _bilby_files()
    if text in lal_names:
        curve = _from_lalsimulation(text, minimum_frequency)
    elif text in bilby_files:
        path = bilby_files[text]
        curve = _from_file(text, path, "psd" if path.stem.endswith("_psd") else "asd")
    elif Path(text).is_file():
        curve = _from_file(text, Path(text), kind)
    elif len(Path(text).parts) > 1 or Path(text).suffix:
        raise UsageError(f"noise curve {text!r}: there is no such file, nor a curve of that name.")
    else:
        raise unknown_name("noise curve", text, curve_names())
    if minimum_frequency is not None and minimum_frequency > curve.first_frequency:
        if minimum_frequency >= curve.frequencies[-1]:
            raise UsageError(
                f"--simulated-minimum-frequency: {minimum_frequency:g} Hz is not allowed for {text!r}, "
                f"which ends at {curve.frequencies[-1]:g} Hz."
            )
        curve = replace(curve, first_frequency=minimum_frequency)
    asd = curve.asd[curve.frequencies >= curve.first_frequency]
    if asd.max() > _DYNAMIC_RANGE * asd.min():
        raise UsageError(
            f"noise curve {text!r} spans more than {_DYNAMIC_RANGE:g} in amplitude, more than a filter can: "
            "raise --simulated-minimum-frequency."
        )
    return curve


def curve_names() -> Sequence[str]:
    """Every name that `load_curve` knows; of bilby's, without what may be left out."""
    short = {_short_name(path) for path in _bilby_files().values()}
    return sorted({*_lal_names(), *short}, key=str.lower)


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
            raise UsageError(f"--simulated-minimum-frequency: {first:g} Hz is above every detector's band.")
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


def _from_file(name: str, path: Path, kind: Kind) -> Curve:
    table = _read_table(path)
    table = table[table[:, 0] > 0]  # a row at 0 Hz has no logarithm and lies below every band
    if len(table) < 2:
        raise UsageError(f"noise curve {path}: needs at least two rows with a frequency above 0 Hz.")
    frequencies, density = table[:, 0], table[:, 1]
    asd: FloatArray = density if kind == "asd" else np.sqrt(density)
    return Curve(name, frequencies, asd, float(frequencies[0]))


def _read_table(path: Path) -> FloatArray:
    """Read the two columns of a text file, (k, 2); comments begin with # or %."""
    rows: list[tuple[float, float]] = []
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
        if not (np.isfinite(frequency) and np.isfinite(density) and frequency >= 0 and density > 0):
            raise UsageError(f"noise curve {path}, line {number}: {line.strip()!r} must be finite and above zero.")
        if rows and frequency <= rows[-1][0]:
            raise UsageError(f"noise curve {path}, line {number}: frequencies must ascend.")
        rows.append((frequency, density))
    return np.array(rows, dtype=np.float64).reshape(-1, 2)
