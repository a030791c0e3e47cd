"""What can be wrong with strain that arrived, found before anything is made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aframe_data.errors import DataQualityError
from aframe_data.types import BitMask, Flaw, Segment, StrainRequest, StrainSeries

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from aframe_data.types import FloatArray


def require_as_asked(series: StrainSeries, request: StrainRequest) -> None:
    """Check span, rate and unit of an answer against the request.

    Raises
    ------
    DataQualityError
        Seconds are missing at the ends, the rate is lower than asked (nothing is ever upsampled), not a
        whole number, the data is no strain or another interferometer's, or a mask is none or of another length.
    """
    name = series.channel
    _require_array(series)
    if series.start != request.start or abs(series.stop - request.stop) > 0.5 / series.sample_rate:
        raise DataQualityError(
            f"{name}: [{request.start}, {request.stop}) was asked for, and "
            f"[{series.start:.10g}, {series.stop:.10g}) came."
        )
    if series.sample_rate < request.sample_rate:
        raise DataQualityError(
            f"{name} has {series.sample_rate:g} Hz, and {request.sample_rate:g} Hz was asked for: "
            f"strain is not upsampled."
        )
    if series.sample_rate != round(series.sample_rate):
        raise DataQualityError(f"{name} has {series.sample_rate:g} Hz, which is no whole number.")
    if series.unit not in ("strain", "", "dimensionless", "unknown"):
        raise DataQualityError(f"{name} is in {series.unit!r}, not in strain.")
    if not any(channel.startswith(series.ifo) for channel in request.channels):
        raise DataQualityError(f"{', '.join(request.channels)} was asked for, and {series.ifo} came.")
    for what, mask in (("quality", series.quality), ("injections", series.injections)):
        if mask is not None:
            _require_mask(mask, f"the {what} mask of {name}", request)


def _require_array(series: StrainSeries) -> None:
    """Check the kind of the samples."""
    name = series.channel
    if type(series.data) not in (np.ndarray, np.memmap):
        # Masked arrays hide what is missing, and arrays with units do not let themselves be joined.
        raise DataQualityError(
            f"{name}: strain is a plain numpy array with NaN where data is missing, not a {type(series.data).__name__}."
        )
    if series.data.ndim != 1 or series.data.dtype.kind not in "fiu" or not series.sample_rate > 0:
        raise DataQualityError(
            f"{name}: real numbers in one dimension at a rate above 0 are strain, not {series.data.dtype} "
            f"of shape {series.data.shape} at {series.sample_rate} Hz."
        )


def _require_mask(mask: BitMask, name: str, request: StrainRequest) -> None:
    """Check length and kind of a mask."""
    if len(mask.values) != request.stop - request.start:
        raise DataQualityError(
            f"{name} has {len(mask.values)} seconds, where [{request.start}, {request.stop}) was asked for."
        )
    values = np.asarray(mask.values)
    if values.ndim != 1 or values.dtype.kind not in "iu" or len(mask.bits) > 8 * values.itemsize:
        raise DataQualityError(
            f"{name} must be whole numbers in one dimension that hold {len(mask.bits)} bits, "
            f"not {values.dtype} of shape {values.shape}."
        )


#: The reasons of flaws.
NOT_FINITE = "of samples that are not finite (missing data)"
STANDS_STILL = "of samples that stand still"


def missing_samples(samples: FloatArray, start: float, sample_rate: float) -> tuple[Flaw, ...]:
    """Where samples are not finite, to the sample; `start` is the GPS time of the first one."""
    return _flaws(_not_finite(samples), start, sample_rate, NOT_FINITE)


def still_samples(samples: FloatArray, start: float, sample_rate: float) -> tuple[Flaw, ...]:
    """Where samples stand still for a second.

    At the ends of what is looked at half a second of equal samples is enough: the rest may lie beyond.
    """
    return _flaws(_constant(samples, int(sample_rate)), start, sample_rate, STANDS_STILL)


def require_fits(samples: NDArray[np.floating], dtype: str, name: str) -> None:
    """Check that samples are finite as the file will hold them: what float64 can say may be infinite in float32."""
    with np.errstate(over="ignore"):
        if not np.isfinite(samples.astype(dtype, copy=False)).all():
            raise DataQualityError(f"{name} has samples that are not finite in {dtype}; --dtype float64 may hold them.")


def within(series: StrainSeries, span: Segment) -> NDArray[np.floating]:
    """The samples of a series that lie in `span`."""
    first = round((span.start - series.start) * series.sample_rate)
    last = round((span.stop - series.start) * series.sample_rate)
    return series.data[first:last]


def _flaws(bad: NDArray[np.bool_], start: float, sample_rate: float, reason: str) -> tuple[Flaw, ...]:
    return tuple(
        Flaw(start + float(first) / sample_rate, start + float(last) / sample_rate, reason)
        for first, last in zip(*true_runs(bad), strict=True)
    )


def true_runs(mask: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Index of the first element of each run of true ones, and of the first one behind it."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).view(np.int8)))
    return edges[::2], edges[1::2]


def _not_finite(samples: NDArray[np.floating]) -> NDArray[np.bool_]:
    with np.errstate(all="ignore"):
        if np.isfinite(np.sum(samples)):  # only finite numbers have a finite sum, which takes no memory
            return np.zeros(0, dtype=bool)
    bad: NDArray[np.bool_] = ~np.isfinite(samples)
    return bad


def _constant(samples: NDArray[np.floating], least: int) -> NDArray[np.bool_]:
    """Where at least `least` samples in a row are equal, or half as many at an end; empty if nowhere."""
    # The shortest of such runs holds two neighbours of a coarse grid: most strain is done with here.
    coarse = samples[:: max(1, (least + 1) // 4)]
    if not np.any(coarse[1:] == coarse[:-1]):
        return np.zeros(0, dtype=bool)
    firsts, lasts = true_runs(samples[1:] == samples[:-1])
    lasts = lasts + 1  # a run of n equal neighbours is n + 1 equal samples
    needed = np.where((firsts == 0) | (lasts == len(samples)), (least + 1) // 2, least)
    mask = np.zeros(len(samples), dtype=bool)
    for first, last in zip(*(edges[lasts - firsts >= needed] for edges in (firsts, lasts)), strict=True):
        mask[first:last] = True
    return mask
