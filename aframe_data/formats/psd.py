"""Files of power spectral densities: psd.hdf5, one gwpy FrequencySeries for each interferometer.

`gwpy.frequencyseries.FrequencySeries.read(path, path="H1")` reads them. One attribute too many on a dataset
makes gwpy refuse it, so what we add lies at the root: ``df``, the spacing in Hz, as Aframe's own files have it, whose
datasets have no attributes. Those are read too, and files that gwpy or PyCBC wrote.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np

from aframe_data.errors import DataQualityError
from aframe_data.formats import foreign, hdf5
from aframe_data.formats import record as records
from aframe_data.store.atomic import replacing
from aframe_data.types import PowerSpectra

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from aframe_data.types import FloatArray

#: The spacing of frequencies in Hz: of all spectra of a file of Aframe, and of one that an old gwpy wrote.
_SPACING = "df"
#: Of one spectrum: 1024 s at 16384 Hz have half as many.
_MOST_FREQUENCIES = 2**24
#: Spectra of one file; there are fewer detectors.
_MOST_SPECTRA = 16


@dataclass(frozen=True, eq=False)
class Series:
    """One dataset of a file: a density, of power or of amplitude, on its own grid.

    Attributes
    ----------
    frequencies
        (k,) Hz, evenly spaced.
    values
        (k,) as the file holds them.
    """

    frequencies: FloatArray
    values: FloatArray

    @property
    def spacing(self) -> float:
        """Of the frequencies, in Hz."""
        return float(self.frequencies[1] - self.frequencies[0])


@dataclass(frozen=True)
class PsdSummary:
    """What a file of spectra holds.

    Attributes
    ----------
    series
        Each dataset by its name, which is the interferometer's; ``data`` in a file of PyCBC.
    sha256
        Hash of the densities.
    intact
        Whether they hash to what was written; None for a file without a hash.
    record
        The provenance, or None.
    """

    series: Mapping[str, Series]
    sha256: str
    intact: bool | None
    record: dict[str, Any] | None


def write_spectra(path: Path, spectra: PowerSpectra, record: Mapping[str, Any]) -> None:
    """Write spectra and where they came from; the file appears whole or not at all."""
    frequencies = spectra.frequencies
    spacing = float(frequencies[-1] - frequencies[0]) / (len(frequencies) - 1)
    content = records.ContentHash(spectra.ifos)
    with replacing(path) as temporary, h5py.File(temporary, "w") as file:
        hdf5.reserve(file, spectra.values.size * 8)
        for ifo in spectra.ifos:
            values = np.ascontiguousarray(spectra.of(ifo), dtype=np.float64)
            dataset = file.create_dataset(ifo, shape=values.shape, dtype="f8", dcpl=hdf5.allocated())
            dataset.attrs.update(
                {"x0": float(frequencies[0]), "dx": spacing, "xunit": "Hz", "unit": "1 / Hz", "name": ifo}
            )
            dataset[:] = values
            content.update(ifo, values)
        # Aframe compares it with 1 / waveform_duration by !=, which the quotient above misses now and then.
        file.attrs[_SPACING] = float(frequencies[1] - frequencies[0])
        hdf5.fix(file)
        records.write(file, record, content)


def is_psd(file: h5py.File) -> bool:
    """Whether an open HDF5 file holds spectra."""
    return any(map(_is_spectrum, file.values()))


def summarize(path: Path) -> PsdSummary:
    """Read a file of spectra that we, Aframe, gwpy or PyCBC wrote.

    Raises
    ------
    DataQualityError
        It cannot be read, or holds no spectra.
    """
    with hdf5.reading(path, "a file of spectra") as file:
        spectra = [name for name in sorted(file) if _is_spectrum(file.get(name))]
        if len(spectra) > _MOST_SPECTRA:
            raise foreign.ForeignFileError(f"it holds {len(spectra)} spectra, and at most {_MOST_SPECTRA} are read")
        series = {name: _read(file[name]) for name in spectra}
        record, written = records.read(file), file.attrs.get(records.CONTENT_HASH)
    if not series:
        raise DataQualityError(f"{path} holds no spectra.")
    for name, found in series.items():
        if len(found.values) < 2 or not found.spacing > 0:
            raise DataQualityError(f"{path} holds no spectrum in {name}: its frequencies do not ascend.")
    content = records.ContentHash(list(series))
    for name, found in series.items():
        content.update(name, found.values)
    digest = content.hexdigest()
    return PsdSummary(series, digest, None if written is None else bool(written == digest), record)


def read_record(path: Path) -> dict[str, Any] | None:
    """The record of a file, or None for one that this package did not write.

    Raises
    ------
    DataQualityError
        It cannot be read.
    """
    return records.read_from(path, "a file of spectra")


def read_spectra(path: Path) -> PowerSpectra:
    """Read all spectra of a file that has them on one grid, as `write_spectra` leaves them.

    Raises
    ------
    DataQualityError
        It cannot be read, holds no spectra, or has them on different grids.
    """
    found = summarize(path)
    first, *others = found.series.values()
    if not all(np.array_equal(first.frequencies, series.frequencies) for series in others):
        raise DataQualityError(f"{path} holds spectra on different grids of frequencies.")
    values: FloatArray = np.stack([series.values for series in found.series.values()])
    return PowerSpectra(tuple(found.series), first.frequencies, values, found.record or {})


def _read(dataset: h5py.Dataset) -> Series:
    first, spacing = _grid(dataset)
    if dataset.size > _MOST_FREQUENCIES:
        raise foreign.ForeignFileError(f"{dataset.name} has more than {_MOST_FREQUENCIES} frequencies")
    values: FloatArray = np.asarray(dataset[()], dtype=np.float64)
    frequencies: FloatArray = first + spacing * np.arange(len(values))
    return Series(frequencies, values)


def _is_spectrum(item: h5py.Dataset | h5py.Group) -> bool:
    """Whether a dataset has the attributes of a spectrum of gwpy or PyCBC, or is one of Aframe."""
    if not isinstance(item, h5py.Dataset) or item.ndim != 1 or item.dtype.kind not in "fiu":
        return False
    unit = item.attrs.get("xunit", "")
    return "delta_f" in item.attrs or _SPACING in item.attrs or unit in ("Hz", b"Hz") or _is_bare(item)


def _is_bare(dataset: h5py.Dataset) -> bool:
    """Whether the file says what the dataset does not."""
    return not dataset.attrs and _SPACING in dataset.file.attrs


def _grid(dataset: h5py.Dataset) -> tuple[float, float]:
    """First frequency and spacing of a spectrum, by the names of PyCBC, of old gwpy, of Aframe and of gwpy."""
    attributes = dataset.attrs
    if "delta_f" in attributes:
        return 0.0, foreign.number(dataset, "delta_f")
    if _SPACING in attributes:
        return foreign.number(dataset, "f0") if "f0" in attributes else 0.0, foreign.number(dataset, _SPACING)
    if _is_bare(dataset):
        return 0.0, foreign.number(dataset.file, _SPACING)
    return foreign.number(dataset, "x0") if "x0" in attributes else 0.0, foreign.number(dataset, "dx")
