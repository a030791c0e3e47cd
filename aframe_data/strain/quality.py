"""What can be wrong with strain that arrived, found before anything is made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aframe_data.errors import DataQualityError
from aframe_data.strain.runs import true_runs
from aframe_data.strain.still import still_runs
from aframe_data.types import BitMask, Flaw, Segment, StrainRequest, StrainSeries

if TYPE_CHECKING:
    from typing import Any

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
        raise DataQualityError(f"{name} has {series.sample_rate:g} Hz, which is not a whole number.")
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
STANDS_STILL = "of constant strain"


def missing_samples(samples: FloatArray, start: float, sample_rate: float) -> tuple[Flaw, ...]:
    """Where samples are not finite, to the sample; `start` is the GPS time of the first one."""
    if all_finite(samples):
        return ()
    return _flaws(true_runs(~np.isfinite(samples)), start, sample_rate, NOT_FINITE)


def still_samples(samples: FloatArray, start: float, sample_rate: float) -> tuple[Flaw, ...]:
    """Where samples that were cut out of more stand still, as `aframe_data.strain.still` has it."""
    return _flaws(still_runs(samples, sample_rate, open_ends=True), start, sample_rate, STANDS_STILL)


def is_sound(samples: NDArray[Any], sample_rate: float) -> bool:
    """Whether samples that were cut out of more are all finite, and stand still nowhere."""
    return all_finite(samples) and not len(still_runs(samples, sample_rate, open_ends=True))


def all_finite(samples: NDArray[Any]) -> bool:
    """Whether all samples are finite."""
    with np.errstate(all="ignore"):
        # Only finite numbers have a finite sum, which takes no memory.
        return bool(np.isfinite(np.sum(samples)) or np.isfinite(samples).all())


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


def _flaws(runs: NDArray[np.intp], start: float, sample_rate: float, reason: str) -> tuple[Flaw, ...]:
    return tuple(Flaw(start + first / sample_rate, start + last / sample_rate, reason) for first, last in runs.tolist())
