"""Writes HDF5 strain files in GWOSC's layout, with strain that is a pure function of detector and GPS time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import h5py
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

QUALITY_BITS = ("DATA", "CBC_CAT1", "CBC_CAT2", "CBC_CAT3", "BURST_CAT1", "BURST_CAT2", "BURST_CAT3")
INJECTION_BITS = ("NO_CBC_HW_INJ", "NO_BURST_HW_INJ", "NO_DETCHAR_HW_INJ", "NO_CW_HW_INJ", "NO_STOCH_HW_INJ")


def synthetic_strain(ifo: str, start: int, stop: int, sample_rate: int = 4096) -> NDArray[np.float64]:
    """White noise, uniform within 0.5e-21 of zero, (n,): a sample depends on detector, rate and GPS time only.

    Any cut of any span gives the same samples: each is the SplitMix64 hash of its index and detector.
    """
    mixed = np.arange(start * sample_rate, stop * sample_rate, dtype=np.uint64)
    mixed = (mixed + np.uint64(ord(ifo[0]) << 48)) * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return (mixed / 2.0**64 - 0.5) * 1e-21


def write_strain_file(
    folder: Path,
    ifo: str,
    start: int,
    duration: int,
    *,
    sample_rate: int = 4096,
    run: str = "O3a",
    strain: NDArray[np.float64] | None = None,
    missing: Sequence[tuple[int, int]] = (),
    quality: NDArray[np.uint32] | None = None,
    injections: NDArray[np.uint32] | None = None,
    quality_bits: Sequence[str] = QUALITY_BITS,
    injection_bits: Sequence[str] = INJECTION_BITS,
    masks: bool = True,
    level: int = 0,
    shuffle: bool = False,
) -> Path:
    """Write a file under its T050017 name and return its path.

    Parameters
    ----------
    folder
        Where to write.
    ifo, start, duration, sample_rate, run
        Prefix, GPS second, seconds, Hz (4096 or 16384), and the run that stands in the name.
    strain
        (duration * sample_rate,); `synthetic_strain` unless given.
    missing
        Spans in GPS seconds, half-open, that hold NaN, and 0 in the default of `quality`.
    quality, injections
        (duration,) masks; all bits are on unless given.
    masks
        False for a file without them.
    level, shuffle
        Of the strain's gzip. In the archive: 1 without the shuffle filter for GW150914, 4 with it in O3a; but noise
        has no fewer bytes for it, and level 0 takes a tenth of the time.
    """
    khz = sample_rate // 1024
    path = folder / f"{ifo[0]}-{ifo}_GWOSC_{run}_{khz}KHZ_R1-{start}-{duration}.hdf5"
    data = synthetic_strain(ifo, start, start + duration, sample_rate) if strain is None else strain.copy()
    if quality is None:
        quality = np.full(duration, 2 ** len(quality_bits) - 1, dtype=np.uint32)
        for a, b in missing:
            quality[max(0, a - start) : max(0, b - start)] = 0
    if injections is None:
        injections = np.full(duration, 2 ** len(injection_bits) - 1, dtype=np.uint32)
    for a, b in missing:
        data[max(0, a - start) * sample_rate : max(0, b - start) * sample_rate] = np.nan
    with h5py.File(path, "w") as file:
        file["meta/Detector"] = ifo
        file["meta/Observatory"] = ifo[0]
        file["meta/GPSstart"] = start
        file["meta/Duration"] = duration
        file["meta/Type"] = "StrainTimeSeries"
        _write_series(file, "strain/Strain", data, start, 1 / sample_rate, level=level, shuffle=shuffle)
        file["strain/Strain"].attrs["Yunits"] = ""
        file["strain/GWOSCmeta"] = f"GWOSC-{khz}KHZ_R1_STRAIN"
        if masks:
            _write_mask(file, "quality/simple", "DQ", start, values=quality, bits=quality_bits)
            _write_mask(file, "quality/injections", "Inj", start, values=injections, bits=injection_bits)
    return path


def _write_mask(
    file: h5py.File, group: str, stem: str, start: int, *, values: NDArray[np.uint32], bits: Sequence[str]
) -> None:
    _write_series(file, f"{group}/{stem}mask", values, start, 1.0)
    file[f"{group}/{stem}mask"].attrs["Bits"] = len(bits)
    file[f"{group}/{stem}Shortnames"] = np.array(bits, dtype="S")
    file[f"{group}/{stem}Descriptions"] = np.array([f"passes {bit}" for bit in bits], dtype="S")


def _write_series(
    file: h5py.File,
    name: str,
    values: NDArray[np.generic],
    start: int,
    spacing: float,
    *,
    level: int = 4,
    shuffle: bool = False,
) -> None:
    dataset = file.create_dataset(name, data=values, compression="gzip", compression_opts=level, shuffle=shuffle)
    dataset.attrs["Npoints"] = len(values)
    dataset.attrs["Xstart"] = start
    dataset.attrs["Xspacing"] = spacing
    dataset.attrs["Xunits"] = "second"
    dataset.attrs["Xlabel"] = "GPS time"
    dataset.attrs["Ylabel"] = name.rsplit("/", maxsplit=1)[-1]
