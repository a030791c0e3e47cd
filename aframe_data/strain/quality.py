"""What can be wrong with strain that arrived, found before anything is made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aframe_data.errors import DataQualityError
from aframe_data.types import Segment, StrainRequest, StrainSeries

if TYPE_CHECKING:
    from numpy.typing import NDArray


def require_as_asked(series: StrainSeries, request: StrainRequest) -> None:
    """Check span, rate and unit of an answer against the request.

    Raises
    ------
    DataQualityError
        Seconds are missing at the ends, the rate is lower than asked (nothing is ever upsampled), not a
        whole number, or the data is no strain.
    """
    name = series.channel
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


def require_sound(series: StrainSeries, span: Segment) -> None:
    """Check the samples of a span: all finite, and no second in which they stand still.

    Raises
    ------
    DataQualityError
        Naming how many seconds are bad, and where the first ones are.
    """
    samples = within(series, span)
    for what, bad in (
        ("samples that are not finite (missing data)", ~np.isfinite(samples)),
        ("samples that stand still for a second or more", _constant(samples, int(series.sample_rate))),
    ):
        if bad.any():
            spans = bad_segments(bad, span.start, series.sample_rate)
            seconds = sum(segment.duration for segment in spans)
            first = ", ".join(str(segment) for segment in spans[:3])
            more = f" and {len(spans) - 3} more" if len(spans) > 3 else ""
            raise DataQualityError(
                f"{series.channel} has {seconds:.4g} s of {what} in {span}: {first}{more}. Leave them out with a "
                f"segments file, or query again with the right flags."
            )


def within(series: StrainSeries, span: Segment) -> NDArray[np.floating]:
    """The samples of a series that lie in `span`."""
    first = round((span.start - series.start) * series.sample_rate)
    last = round((span.stop - series.start) * series.sample_rate)
    return series.data[first:last]


def bad_segments(bad: NDArray[np.bool_], start: float, sample_rate: float) -> list[Segment]:
    """The spans in which a mask is true."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], bad, [False]]).astype(np.int8)))
    return [
        Segment(start + float(first) / sample_rate, start + float(last) / sample_rate)
        for first, last in zip(edges[::2], edges[1::2], strict=True)
    ]


def _constant(samples: NDArray[np.floating], least: int) -> NDArray[np.bool_]:
    """Where at least `least` samples in a row are equal."""
    same = np.concatenate([[False], np.diff(samples) == 0])
    mask = np.zeros(len(samples), dtype=bool)
    for run in bad_segments(same, 0, 1):
        first, last = int(run.start) - 1, int(run.stop)
        if last - first >= least:
            mask[first:last] = True
    return mask
