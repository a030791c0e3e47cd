"""The band: which frequencies count, and which bands there are."""

from __future__ import annotations

import numpy as np
import pytest

from aframe_data.errors import UsageError
from aframe_data.psd.band import Band

FREQUENCIES = np.fft.rfftfreq(64, 1 / 64)  # 0, 1, … 32 Hz


@pytest.mark.parametrize(
    ("band", "first", "last"),
    [(Band(5), 5, 31), (Band(4.5), 5, 31), (Band(5, 20), 5, 20), (Band(5, 20.5), 5, 20), (Band(5, 32), 5, 31)],
)
def test_both_ends_are_inside_and_the_nyquist_frequency_never_is(band: Band, first: int, last: int) -> None:
    inside = FREQUENCIES[band.mask(FREQUENCIES, 64)]
    assert list(inside) == list(range(first, last + 1))


def test_without_a_sample_rate_there_is_no_nyquist_frequency() -> None:
    assert Band(30).mask(FREQUENCIES).sum() == 3


@pytest.mark.parametrize(
    ("band", "message"),
    [
        (Band(0), "highpass = 0 is not allowed, only values between 0 and 32"),
        (Band(-1), "highpass = -1 is not allowed"),
        (Band(float("nan")), "highpass = nan is not allowed"),
        (Band(32), "highpass = 32 is not allowed"),
        (Band(5, 33), "lowpass = 33 is not allowed"),
        (Band(5, float("inf")), "lowpass = inf is not allowed"),
        (Band(5, 5), "lowpass = 5 must be above highpass = 5"),
    ],
)
def test_a_band_that_holds_nothing_is_refused(band: Band, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        band.check(64)


def test_a_lowpass_at_the_nyquist_frequency_is_the_same_as_none() -> None:
    Band(5, 32).check(64)
    assert str(Band(5, 32)) == "5 to 32 Hz"
    assert str(Band(5)) == "5 Hz to the Nyquist frequency"
