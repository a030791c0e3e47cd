"""What a user gives as the noise of a detector, and the power spectral densities that it means.

Given are texts: the path of a background file, of a file of spectra or of text columns, or the name of a
curve; each for all interferometers, or as ``H1=…`` for one.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from aframe_data.errors import DataQualityError, UsageError
from aframe_data.formats import psd as psd_files
from aframe_data.formats.kinds import kind_of
from aframe_data.psd import curves
from aframe_data.psd.background import estimate, open_strain
from aframe_data.types import PowerSpectra

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aframe_data.psd.band import Band
    from aframe_data.types import FloatArray

_FOR_ONE_IFO = re.compile(r"([A-Z][0-9])=(.+)")


@dataclass(frozen=True)
class Grid:
    """The FFT grid of a window, and the part of it that counts.

    Attributes
    ----------
    size
        Samples of the window.
    sample_rate
        Hz.
    band
        The frequencies that count.
    """

    size: int
    sample_rate: float
    band: Band

    @property
    def frequencies(self) -> FloatArray:
        """(size // 2 + 1,) Hz."""
        frequencies: FloatArray = np.fft.rfftfreq(self.size, 1 / self.sample_rate)
        return frequencies

    @property
    def edges(self) -> tuple[float, float]:
        """First and last frequency of the grid in the band, in Hz."""
        inside = self.frequencies[self.band.mask(self.frequencies, self.sample_rate)]
        return float(inside[0]), float(inside[-1])


def load_spectra(
    given: Sequence[str] | Mapping[str, str],
    *,
    ifos: Sequence[str],
    size: int,
    sample_rate: float,
    band: Band,
) -> PowerSpectra:
    """Load the noise of some interferometers on the FFT grid of a window.

    Parameters
    ----------
    given
        Each for all interferometers that have none of their own, or as ``H1=…`` for one; a mapping names the
        interferometers by its keys. Background files are estimated from with segments as long as the window;
        spectra of other files are interpolated.
    ifos
        The interferometers.
    size, sample_rate
        Samples of the window, and their rate in Hz.
    band
        The frequencies at which the densities are used.

    Returns
    -------
    PowerSpectra
        At ``rfftfreq(size, 1 / sample_rate)``. Inside the band all values are finite and above zero. Outside,
        where what was given has none, they are those at its first or last frequency, or infinite. The record
        tells for each interferometer what it came from.

    Raises
    ------
    UsageError
        A file or curve is not there, holds no density of an interferometer, does not cover the band or is
        not finite and above zero in it; or an interferometer has none, or two.
    DataQualityError
        A file is damaged, or the strain of a background file is not finite.
    """
    band.check(sample_rate)
    grid = Grid(size, sample_rate, band)
    if not band.mask(grid.frequencies, sample_rate).any():
        raise UsageError(f"no frequency of a window of {size / sample_rate:g} s lies in the band {band}.")
    values, records = [], {}
    for ifo, text in sorted(assign(given, ifos).items()):
        density, record = _load(text, ifo, grid)
        _require_positive(density, text, ifo, grid)
        usable = np.isfinite(density) & (density > 0)
        values.append(np.where(usable, density, np.inf))
        records[ifo] = {"given": text, **record}
    return PowerSpectra(tuple(sorted(ifos)), grid.frequencies, np.stack(values), records)


def assign(given: Sequence[str] | Mapping[str, str], ifos: Sequence[str]) -> dict[str, str]:
    """What was given for each interferometer.

    Raises
    ------
    UsageError
        One has none or two, or one is named that is not asked for.
    """
    found: dict[str, str] = {}
    for_all: list[str] = []
    if isinstance(given, str):
        given = [given]
    for ifo, text in given.items() if isinstance(given, Mapping) else map(_split, given):
        if ifo is None:
            for_all.append(text)
        elif ifo in found:
            raise UsageError(f"two PSDs for {ifo}: {found[ifo]!r} and {text!r}.")
        else:
            found[ifo] = text
    if len(for_all) > 1:
        raise UsageError(
            f"two PSDs for every interferometer: {for_all[0]!r} and {for_all[1]!r}; write {min(ifos)}={for_all[0]} "
            "for that of one interferometer."
        )
    strangers = sorted(found.keys() - set(ifos))
    if strangers:
        raise UsageError(f"a PSD was given for {', '.join(strangers)}; the interferometers are {', '.join(ifos)}.")
    missing = [ifo for ifo in ifos if ifo not in found]
    if for_all and not missing:
        raise UsageError(f"PSD {for_all[0]!r} is for no interferometer: each has one of its own.")
    if missing and not for_all:
        raise UsageError(f"no PSD was given for {', '.join(missing)}: add {missing[0]}=FILE or {missing[0]}=CURVE.")
    return {**dict.fromkeys(missing, *for_all), **found}


def _split(item: str) -> tuple[str | None, str]:
    match = _FOR_ONE_IFO.fullmatch(item)
    return (match[1], match[2]) if match else (None, item)


def _load(text: str, ifo: str, grid: Grid) -> tuple[FloatArray, dict[str, Any]]:
    """The density of one interferometer on the grid, and what it came from."""
    path = Path(text)
    # A name goes first, as `load_curve` has it.
    if curves.is_curve_name(text) or not path.exists():
        return _from_curve(text, grid)
    if not path.is_file():
        raise UsageError(f"PSD {text!r} is no file: give one of a folder's files.")
    kind = kind_of(path)
    if kind == "text":
        density, record = _from_curve(text, grid)
        return density, {**record, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    return _from_spectra(path, ifo, grid) if kind == "psd" else _from_background(path, ifo, grid)


def _from_curve(text: str, grid: Grid) -> tuple[FloatArray, dict[str, Any]]:
    # The formulae of lalsimulation have no first frequency of their own, and are asked for what is needed.
    low = min(grid.band.highpass, curves.FORMULA_FIRST_FREQUENCY)
    curve = curves.load_curve(text, "auto", low)
    _require_covered(text, curve.first_frequency, float(curve.frequencies[-1]), grid)
    within = np.clip(grid.frequencies, curve.first_frequency, curve.frequencies[-1])
    density: FloatArray = curve.amplitude(within) ** 2
    return density, {"kind": curve.origin}


def _from_spectra(path: Path, ifo: str, grid: Grid) -> tuple[FloatArray, dict[str, Any]]:
    found = psd_files.summarize(path)
    if found.intact is False:
        raise DataQualityError(f"{path} changed since it was written: make it again.")
    # PyCBC and gwpy allow any name where a file holds one spectrum only.
    only = next(iter(found.series)) if len(found.series) == 1 else ""
    series = found.series.get(ifo) or (found.series[only] if only and not _is_ifo(only) else None)
    if series is None:
        raise UsageError(f"{str(path)!r} holds spectra of {', '.join(found.series)}, and none of {ifo}.")
    _require_covered(str(path), float(series.frequencies[0]), float(series.frequencies[-1]), grid)
    low, high = grid.edges
    inside = series.values[(series.frequencies >= low) & (series.frequencies <= high)]
    _require_all_positive(inside, str(path), ifo, grid.band)
    kind = curves.density_kind(inside, f"{path}, {ifo}") if len(inside) else "psd"
    density: FloatArray = np.interp(grid.frequencies, series.frequencies, series.values)
    record = {"kind": f"{kind} file", "sha256": found.sha256}
    return (density if kind == "psd" else density**2), record


def _is_ifo(name: str) -> bool:
    return re.fullmatch("[A-Z][0-9]", name) is not None


def _from_background(path: Path, ifo: str, grid: Grid) -> tuple[FloatArray, dict[str, Any]]:
    """Estimate from segments as long as the window; a higher rate has the same frequencies, and more of them."""
    file = open_strain(path)
    if ifo not in file.ifos:
        raise UsageError(f"{str(path)!r} holds strain of {', '.join(file.ifos)}, and none of {ifo}.")
    if file.sample_rate < grid.sample_rate:
        raise UsageError(
            f"{str(path)!r} has a sample rate of {file.sample_rate:g} Hz, and {grid.sample_rate:g} Hz was asked for: "
            "its PSD ends too low. Fetch it at that rate, or ask for the lower one."
        )
    duration = grid.size / grid.sample_rate
    record = {"kind": "background", **file.describe(file.segment_size(duration))}
    _, values = estimate([file], ifo, duration)
    return values[: len(grid.frequencies)], record


def _require_covered(text: str, first: float, last: float, grid: Grid) -> None:
    low, high = grid.edges
    # Spacing times index is not exact.
    tolerance = 1e-9 * high
    if first > low + tolerance or last < high - tolerance:
        raise UsageError(
            f"PSD {text!r} covers {first:g} to {last:g} Hz, and {low:g} to {high:g} Hz are needed: --highpass and "
            "--lowpass narrow the band."
        )


def _require_positive(density: FloatArray, text: str, ifo: str, grid: Grid) -> None:
    _require_all_positive(density[grid.band.mask(grid.frequencies, grid.sample_rate)], text, ifo, grid.band)


def _require_all_positive(values: FloatArray, text: str, ifo: str, band: Band) -> None:
    bad = int(np.count_nonzero(~(np.isfinite(values) & (values > 0))))
    if bad:
        raise UsageError(
            f"PSD {text!r} of {ifo} is not finite and above zero at {bad} of {len(values)} frequencies in the band, "
            f"{band}: give another, or narrow the band with --highpass and --lowpass."
        )
