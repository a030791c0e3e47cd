"""Checks of strain that arrived: each flaw is found, and told with its GPS times."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aframe_data.errors import DataQualityError
from aframe_data.strain import quality
from aframe_data.types import BitMask, Flaw, Segment, StrainRequest, StrainSeries
from servers.gwosc_files import synthetic_strain

GPS = 1_240_580_096
RATE = 256
REQUEST = StrainRequest(("H1",), GPS, GPS + 20, 128)


def series(**changes: object) -> StrainSeries:
    data = synthetic_strain("H1", GPS, GPS + 20, RATE)
    return replace(StrainSeries(data, GPS, RATE, "H1", "H1:STRAIN"), **changes)


def spoilt(value: float, first: int, last: int) -> StrainSeries:
    """Samples `first` to `last` hold `value`."""
    whole = series()
    whole.data[first:last] = value
    return whole


class TestAsAsked:
    def test_what_was_asked_for_passes(self) -> None:
        quality.require_as_asked(series(), REQUEST)

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"data": np.ones(19 * RATE)}, rf"\[{GPS}, {GPS + 20}\) was asked for, and \[{GPS}, {GPS + 19}\) came"),
            ({"data": np.ones(20 * RATE) * 1j}, "real numbers in one dimension.*not complex128"),
            ({"data": np.ones((1, 20 * RATE))}, "real numbers in one dimension"),
            ({"sample_rate": 0.0}, "at a rate above 0"),
            ({"start": GPS + 1.0}, rf"\[{GPS + 1}, {GPS + 21}\) came"),
            ({"start": GPS + 1 / RATE}, "was asked for, and"),
            ({"sample_rate": 64, "data": np.ones(20 * 64)}, "has 64 Hz, and 128 Hz was asked for.*not upsampled"),
            ({"sample_rate": 256.05, "data": np.ones(5121)}, "not a whole number"),
            ({"unit": "counts"}, "'counts', not in strain"),
            ({"ifo": "L1"}, "H1 was asked for, and L1 came"),
            ({"quality": BitMask(np.ones(19, "u4"), ("DATA",))}, "quality mask of H1:STRAIN has 19 seconds"),
            ({"data": [1.0] * (20 * RATE)}, "plain numpy array .* not a list"),
            ({"data": np.ma.masked_array(np.ones(20 * RATE), mask=True)}, "with NaN where data is missing, .*Masked"),
            ({"quality": BitMask(np.ones(20), ("DATA",))}, "whole numbers in one dimension .* not float64"),
            ({"quality": BitMask(np.ones((20, 1), "u4"), ("DATA",))}, r"not uint32 of shape \(20, 1\)"),
            ({"quality": BitMask(np.ones(20, "u1"), tuple("ABCDEFGHI"))}, "that hold 9 bits, not uint8"),
            ({"injections": BitMask(np.ones(21, "u4"), ("NO_INJ",))}, "injections mask of H1:STRAIN has 21 seconds"),
        ],
        ids=str,
    )
    def test_what_was_not_asked_for_is_told(self, changes: dict[str, object], message: str) -> None:
        with pytest.raises(DataQualityError, match=message) as caught:
            quality.require_as_asked(series(**changes), REQUEST)
        assert "\n" not in str(caught.value)

    def test_a_series_of_gwpy_is_not_a_plain_array(self) -> None:
        from gwpy.timeseries import TimeSeries

        with pytest.raises(DataQualityError, match=r"plain numpy array .* not a TimeSeries") as caught:
            quality.require_as_asked(series(data=TimeSeries(np.ones(20 * RATE), unit="strain")), REQUEST)
        assert "\n" not in str(caught.value)


class TestMissing:
    def test_noise_passes(self) -> None:
        assert quality.missing_samples(series().data, GPS, RATE) == ()

    @pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
    def test_samples_that_are_not_finite(self, value: float) -> None:
        (flaw,) = quality.missing_samples(spoilt(value, 3 * RATE, 5 * RATE).data, GPS, RATE)
        assert flaw == Flaw(GPS + 3, GPS + 5, "of samples that are not finite (missing data)")

    def test_a_single_sample_is_told_to_the_sample(self) -> None:
        (flaw,) = quality.missing_samples(spoilt(np.nan, 640, 641).data, GPS, RATE)
        assert flaw.span == Segment(GPS + 2.5, GPS + 2.50390625)

    @given(st.lists(st.booleans(), min_size=1))
    def test_they_are_where_samples_are_not_finite(self, bad: list[bool]) -> None:
        flaws = quality.missing_samples(np.where(bad, np.nan, 1.0), 100.0, 1.0)
        inside = [any(flaw.start <= 100 + k < flaw.stop for flaw in flaws) for k in range(len(bad))]
        assert inside == bad
        assert all(left.stop < right.start for left, right in itertools.pairwise(flaws))


class TestStill:
    @pytest.mark.parametrize("value", [0.0, 3e-20])
    def test_a_second_of_equal_samples(self, value: float) -> None:
        (flaw,) = quality.still_samples(spoilt(value, 4 * RATE, 5 * RATE).data, GPS, RATE)
        assert flaw == Flaw(GPS + 4, GPS + 5, "of constant strain")

    def test_less_than_a_second_passes(self) -> None:
        assert quality.still_samples(spoilt(0.0, 4 * RATE, 5 * RATE - 1).data, GPS, RATE) == ()

    @pytest.mark.parametrize(("first", "last"), [(0, RATE // 2), (20 * RATE - RATE // 2, 20 * RATE)])
    def test_a_stretch_that_goes_on_in_what_is_read_next(self, first: int, last: int) -> None:
        """One of two neighbouring reads has half of any second that stands still across their border."""
        assert quality.still_samples(spoilt(0.0, first, last).data, GPS, RATE)
        shorter = spoilt(0.0, first + (first == 0), last - (first != 0))
        assert quality.still_samples(shorter.data, GPS, RATE) == ()


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(1, 20)), min_size=1, max_size=8))
def test_stretches_of_equal_samples_are_found_wherever_they_lie(stretches: list[tuple[int, int]]) -> None:
    """At 12 Hz: twelve in a row, or six at an end; compared with a plain count."""
    data = np.concatenate([np.full(length, float(value)) for value, length in stretches])
    data = np.concatenate([data, -np.arange(1.0, 13 - len(data) % 12)])  # whole seconds
    runs = [len(list(run)) for _, run in itertools.groupby(data)]
    found = any(run >= 12 for run in runs) or max(runs[0], runs[-1]) >= 6
    assert bool(quality.still_samples(data, GPS, 12)) == found


def test_the_samples_within_a_span() -> None:
    part = quality.within(series(), Segment(GPS + 3, GPS + 7))
    np.testing.assert_array_equal(part, synthetic_strain("H1", GPS + 3, GPS + 7, RATE))


def test_what_is_finite_in_float64_only_is_told() -> None:
    samples = np.array([1e-21, 1e300])
    quality.require_fits(samples, "float64", "H1")
    with pytest.raises(DataQualityError, match="H1 has samples that are not finite in float32"):
        quality.require_fits(samples, "float32", "H1")
