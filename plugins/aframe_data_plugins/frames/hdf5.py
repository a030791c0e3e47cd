"""HDF5 files with strain: GWOSC's layout, and gwpy's, which our own background files have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np

from aframe_data.formats import foreign
from aframe_data.outside import outside_text
from aframe_data.types import Segment
from aframe_data_plugins.gwf.joining import Stretch
from aframe_data_plugins.gwf.model import DamagedFileError, Samples
from aframe_data_plugins.gwosc import files as gwosc

if TYPE_CHECKING:
    from pathlib import Path

_GWOSC = "strain/Strain"


@dataclass(frozen=True)
class Series:
    """A series in a file.

    Attributes
    ----------
    names
        What it is known by, the best name first.
    key
        Of its dataset.
    start, sample_rate, size, unit
        GPS seconds, Hz, number of samples, and as the file has it.
    """

    names: tuple[str, ...]
    key: str
    start: float
    sample_rate: float
    size: int
    unit: str

    @property
    def span(self) -> Segment:
        """GPS seconds."""
        return Segment(self.start, self.start + self.size / self.sample_rate)


def series_of(path: Path) -> tuple[Series, ...]:
    """Find the series in a file.

    Raises
    ------
    DamagedFileError
        It cannot be read as HDF5, or its metadata make no sense.
    OSError
        The system does not give it.
    """
    path.stat()  # what the system refuses is not damaged
    try:
        with foreign.opened(path) as file:
            if _GWOSC in file:
                return (_gwosc(file),)
            found: list[Series] = []
            file.visititems(lambda key, item: _collect(found, key, item))
            return tuple(found)
    # Whatever a file holds that is not ours: no such attribute, words for numbers, a rate of zero.
    except (OSError, LookupError, RuntimeError, TypeError, ValueError, ArithmeticError) as error:
        raise DamagedFileError(outside_text(error)) from error


def read(path: Path, series: Series, span: Segment) -> Stretch:
    """Read a span, in whole GPS seconds, within that of a series; errors as `series_of`."""
    first = (span.start - series.start) * series.sample_rate
    if abs(first - round(first)) > 1e-3:
        raise DamagedFileError(f"the samples of {series.names[0]} do not lie on whole seconds")
    size = round(span.duration * series.sample_rate)
    path.stat()
    try:
        if series.key == _GWOSC:
            return _read_gwosc(path, series, span)
        with foreign.opened(path) as file:
            data = foreign.dataset(file, series.key, "fiu")[round(first) : round(first) + size]
    except gwosc.DamagedFileError as error:
        raise DamagedFileError(str(error)) from error
    except (OSError, LookupError, RuntimeError, TypeError, ValueError) as error:
        raise DamagedFileError(outside_text(error)) from error
    samples = Samples(data, span.start, series.sample_rate, series.unit)
    return Stretch(span, series.names[0], samples, str(path))


def _collect(found: list[Series], key: str, item: Any) -> None:
    if not isinstance(item, h5py.Dataset) or item.ndim != 1 or not {"x0", "dx"} <= set(item.attrs):
        return
    if item.dtype.kind not in "fiu":
        return
    told = (_text(item.attrs.get("channel")), _text(item.attrs.get("name")), key)
    names = tuple(dict.fromkeys(name for name in told if name))
    rate = round(foreign.sample_rate(item, "dx"), 6)
    found.append(Series(names, key, foreign.number(item, "x0"), rate, len(item), _text(item.attrs.get("unit"))))


def _text(value: object) -> str:
    text = outside_text(value) if isinstance(value, (str, bytes)) else ""
    return "" if text == "None" else text


def _gwosc(file: h5py.File) -> Series:
    strain = foreign.dataset(file, _GWOSC, "f")
    rate = round(foreign.sample_rate(strain, "Xspacing"), 6)
    detector = foreign.text(file, "meta/Detector")
    return Series((detector,), _GWOSC, foreign.number(strain, "Xstart"), rate, len(strain), "strain")


def _read_gwosc(path: Path, series: Series, span: Segment) -> Stretch:
    data = np.empty(round(span.duration * series.sample_rate))
    promise = gwosc.Promise(series.names[0], round(series.sample_rate), series.span)
    extras = gwosc.StrainFile(path, promise).read(span, data)
    samples = Samples(data, span.start, series.sample_rate, series.unit)
    return Stretch(span, extras.channel, samples, str(path), extras.quality, extras.injections)
