"""What a user gives as the noise of a detector, and the power spectral densities that it means.

Given are texts: the path of a background file, of a folder of them, of a file of spectra or of text columns, or the
name of a curve. Finding what was given reads metadata and small files; strain is read only where its density is loaded.
"""

from __future__ import annotations

import hashlib
import math
import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from aframe_data.errors import DataQualityError, UsageError
from aframe_data.formats import psd as psd_files
from aframe_data.formats.kinds import kind_of
from aframe_data.places import place
from aframe_data.psd import curves
from aframe_data.psd.background import estimate, find_last, open_strain
from aframe_data.remote import RemotePath
from aframe_data.types import PowerSpectra

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from aframe_data.psd.background import StrainFile
    from aframe_data.psd.curves import Curve
    from aframe_data.psd.grid import Grid
    from aframe_data.types import FloatArray

_FOR_ONE_IFO = re.compile(r"([A-Z][0-9])=(.+)")


@dataclass(frozen=True, eq=False)
class Known:
    """A curve, or what a small file holds: read already.

    Attributes
    ----------
    given
        The user's text.
    identity
        What the density is a function of, beside the window: the content of a file, or the name of a curve.
    density
        (k,) 1/Hz on the grid, finite and above zero inside the band. Outside, where what was given has none, it is
        that at the first or last frequency, or infinite.
    other_df
        Hz between the frequencies of a file of spectra, where that is not the window's own: it is interpolated.
    """

    given: str
    identity: Mapping[str, Any]
    density: FloatArray
    other_df: float | None = None

    @property
    def record(self) -> Mapping[str, Any]:
        """What was given, and what it is."""
        return {"given": self.given, **self.identity}

    def load(self) -> FloatArray:
        """The density."""
        return self.density


@dataclass(frozen=True, eq=False)
class Strain:
    """Background strain, whose density is estimated from segments as long as the window.

    Attributes
    ----------
    given
        The user's text.
    file, ifo
        Whose noise.
    grid
        The window, at a sample rate that is not above the file's.
    other_df
        Nothing: segments are as long as the window.
    """

    given: str
    file: StrainFile
    ifo: str
    grid: Grid
    other_df: None = None

    @property
    def _size(self) -> int:
        return self.file.segment_size(self.grid.duration)

    @property
    def identity(self) -> Mapping[str, Any]:
        """Span and content; a file without a hash is read for it."""
        return {"kind": "background", **self.file.identity(self._size)}

    @property
    def record(self) -> Mapping[str, Any]:
        """What was given, the file, and its span and content."""
        return {"given": self.given, "kind": "background", **self.file.describe(self._size)}

    def load(self) -> FloatArray:
        """Estimate the density, as `Known.density` has it.

        Raises
        ------
        UsageError
            The strain is silent at some frequency of the band.
        DataQualityError
            It is not finite, or stands still.
        """
        values = estimate([self.file], self.ifo, self.grid.duration)
        # A higher rate has the same frequencies, and more of them.
        return self.grid.filled(str(self.file.path), self.ifo, values[: len(self.grid.frequencies)])


#: The noise of one interferometer, found, and checked as far as that goes without reading strain.
Source: TypeAlias = Known | Strain


def find_sources(given: Sequence[str], ifos: Sequence[str], grid: Grid) -> dict[str, Source]:
    """Find the noise of some interferometers, for the FFT grid of a window; reads no strain.

    Parameters
    ----------
    given
        Each for all interferometers that have none of their own, or as ``H1=…`` for one. Background files are
        estimated from with segments as long as the window; spectra of other files are interpolated. A folder of
        background files means its last one, by start, of at least 2048 s.
    ifos
        The interferometers.
    grid
        The frequencies, and those at which the densities are used.

    Returns
    -------
    dict
        Of each interferometer, in alphabetical order.

    Raises
    ------
    UsageError
        A file or curve is not there, holds no density of an interferometer, does not cover the band or is
        not finite and above zero in it; or an interferometer has none, or two.
    DataQualityError
        A file is damaged.
    """
    texts = assign(given, ifos)
    opened = {text: _open(text, grid) for text in dict.fromkeys(texts.values())}
    return {ifo: opened[text](ifo) for ifo, text in sorted(texts.items())}


def load_spectra(given: Sequence[str], ifos: Sequence[str], grid: Grid) -> PowerSpectra:
    """Find the noise of some interferometers, and load it: parameters and errors as `find_sources`.

    Returns
    -------
    PowerSpectra
        As the sources' `load` has them. The record tells for each interferometer what it came from.

    Raises
    ------
    DataQualityError
        The strain of a background file is not finite, or stands still.
    """
    sources = find_sources(given, ifos, grid)
    values = np.stack([source.load() for source in sources.values()])
    records = {ifo: dict(source.record) for ifo, source in sources.items()}
    return PowerSpectra(tuple(sources), grid.frequencies, values, records)


def assign(given: Sequence[str], ifos: Sequence[str]) -> dict[str, str]:
    """What was given for each interferometer.

    Raises
    ------
    UsageError
        One has none or two, or one is named that is not asked for.
    """
    found: dict[str, str] = {}
    for_all: list[str] = []
    for item in given:
        match = _FOR_ONE_IFO.fullmatch(item)
        ifo, text = (match[1], match[2]) if match else ("", item)
        if not ifo:
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
        raise UsageError(f"PSD {for_all[0]!r} is not used: each interferometer has one of its own.")
    if missing and not for_all:
        raise UsageError(f"no PSD was given for {', '.join(missing)}: add {missing[0]}=FILE or {missing[0]}=CURVE.")
    return {**dict.fromkeys(missing, *for_all), **found}


def _open(text: str, grid: Grid) -> Callable[[str], Source]:
    """Open what was given; the answer tells the source of each interferometer."""
    path = place(text)
    # A name goes first, as `load_curve` has it.
    named = curves.is_curve_name(text) or (not isinstance(path, RemotePath) and not path.exists())
    if not named and path.is_dir():
        return partial(_from_background, text, find_last(path), grid)
    if not named and not path.is_file():
        raise UsageError(f"PSD {text!r} is neither a file nor a folder.")
    kind = "text" if named else kind_of(path)
    if kind == "text":
        # The formulae of lalsimulation have no first frequency of their own, and are asked for what is needed.
        curve = curves.load_curve(text, "auto", min(grid.band.highpass, curves.FORMULA_FIRST_FREQUENCY))
        grid.require_covered(text, curve.first_frequency, float(curve.frequencies[-1]))
        content = {"given": text} if named else {"sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
        return partial(_from_curve, text, curve, {"kind": curve.origin, **content}, grid)
    if kind == "psd":
        found = psd_files.summarize(path)
        if found.intact is False:
            raise DataQualityError(f"{path} changed since it was written: make it again.")
        return partial(_from_spectra, text, found, grid)
    return partial(_from_background, text, open_strain(path), grid)


def _from_curve(text: str, curve: Curve, identity: Mapping[str, Any], grid: Grid, ifo: str) -> Source:
    within = np.clip(grid.frequencies, curve.first_frequency, curve.frequencies[-1])
    return Known(text, identity, grid.filled(text, ifo, curve.amplitude(within) ** 2))


def _from_spectra(text: str, found: psd_files.PsdSummary, grid: Grid, ifo: str) -> Source:
    # PyCBC and gwpy allow any name where a file holds one spectrum only.
    only = next(iter(found.series)) if len(found.series) == 1 else ""
    series = found.series.get(ifo) or (found.series[only] if only and not re.fullmatch("[A-Z][0-9]", only) else None)
    if series is None:
        raise UsageError(f"{text!r} holds spectra of {', '.join(found.series)}, and none of {ifo}.")
    grid.require_covered(text, float(series.frequencies[0]), float(series.frequencies[-1]))
    low, high = grid.edges
    inside = series.values[(series.frequencies >= low) & (series.frequencies <= high)]
    grid.require_positive(text, ifo, inside)
    kind = curves.density_kind(inside, f"{text}, {ifo}") if len(inside) else "psd"
    density: FloatArray = np.interp(grid.frequencies, series.frequencies, series.values)
    identity: dict[str, Any] = {"kind": f"{kind} file", "sha256": found.sha256}
    other_df = None if math.isclose(series.spacing, grid.df, rel_tol=1e-9) else series.spacing
    if other_df is not None:
        identity["df"] = other_df
    return Known(text, identity, grid.filled(text, ifo, density if kind == "psd" else density**2), other_df)


def _from_background(text: str, file: StrainFile, grid: Grid, ifo: str) -> Source:
    name = str(file.path)
    if ifo not in file.ifos:
        raise UsageError(f"{name!r} holds strain of {', '.join(file.ifos)}, and none of {ifo}.")
    if file.sample_rate < grid.sample_rate:
        raise UsageError(
            f"{name!r} has a sample rate of {file.sample_rate:g} Hz, and {grid.sample_rate:g} Hz was asked for: "
            "its PSD ends too low. Fetch it at that rate, or ask for the lower one."
        )
    file.segment_size(grid.duration)  # refuses a window that the file has no segment of
    return Strain(text, file, ifo, grid)
