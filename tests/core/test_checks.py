"""Arguments are refused before any work, with one line that names the value and what is allowed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aframe_data import checks
from aframe_data.errors import OutputExistsError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

NAN, INF = float("nan"), float("inf")
T0 = 1240579783

REFUSED: list[tuple[Callable[..., Any], tuple[Any, ...], str]] = [
    (checks.require_span, (T0, T0), f"start = {T0} must come before end = {T0}."),
    (checks.require_span, (T0 + 0.5, T0), "must come before"),
    (checks.require_span, (-5, T0), "start = -5 is not a plausible GPS time: allowed are 700000000 to 9999999999."),
    (checks.require_span, (T0, 1e10), "end = 10000000000 is not a plausible GPS time"),
    (checks.require_span, (NAN, T0), "start = nan is not a plausible GPS time"),
    (checks.require_durations, (-1, None), "min_duration = -1 is not allowed, only values of at least 0."),
    (checks.require_durations, (0, 0.5), "max_duration = 0.5 is not allowed, only values of at least 1."),
    (checks.require_durations, (20, 10), "min_duration = 20 must not be above max_duration = 10."),
    (checks.require_durations, (NAN, None), "min_duration = nan is not allowed"),
    (checks.require_durations, (0, INF), "max_duration = inf is not allowed"),
    (checks.require_positive, ("x", 0), "x = 0 is not allowed, only values above 0."),
    (checks.require_positive, ("x", NAN), "x = nan is not allowed"),
    (checks.require_sample_rate, (63,), "sample_rate = 63 is not allowed, only values of at least 64."),
    (checks.require_sample_rate, (2048.5,), "sample_rate = 2048.5 is not allowed, only a whole number of hertz."),
    (checks.require_sample_rate, (INF,), "sample_rate = inf is not allowed"),
    (checks.require_sample_rate, (98,), "Powers of two always work."),
    (checks.require_grid, (2048, 8, 8), "right_pad = 8 must be below waveform_duration = 8."),
    (checks.require_grid, (2048, 8, -1), "right_pad = -1 is not allowed"),
    (checks.require_grid, (2048, 8, 0), "right_pad = 0 is not allowed, only values above 0."),
    (checks.require_grid, (2048, 0, 0), "waveform_duration = 0 is not allowed, only values above 0."),
    (checks.require_grid, (2048, 0.3, 0.25), "waveform_duration = 0.3 times sample_rate = 2048 is 614.4, not a whole"),
    (checks.require_grid, (2048, 8, 0.1), "right_pad = 0.1 times sample_rate = 2048 is 204.8, not a whole number"),
    (checks.require_grid, (2048, 8.00001, 2), "waveform_duration = 8.00001 times sample_rate = 2048 is 16384.02048"),
    (checks.require_frequencies, (0, 50, 2048), "minimum_frequency = 0 is not allowed, only values between 0 and 1024"),
    (checks.require_frequencies, (20, 1024, 2048), "reference_frequency = 1024 is not allowed"),
    (checks.require_frequencies, (NAN, 50, 2048), "minimum_frequency = nan is not allowed"),
    (checks.require_count, ("num_signals", 0), "num_signals = 0 is not allowed, only whole numbers of at least 1."),
    (checks.require_count, ("num_signals", 2.5), "num_signals = 2.5 is not allowed"),
    (checks.require_prefix, ("a b",), "prefix = 'a b' is not allowed"),
    (checks.interferometer, ("h1",), "channel 'h1' must begin with an interferometer: 'H1', or 'H1:NAME'."),
    (checks.interferometer, ("GDS-CALIB_STRAIN",), "must begin with an interferometer"),
    (checks.interferometer, ("H1:",), "must begin with an interferometer"),
    (checks.require_one_channel_each, ([],), "no channel was given"),
    (checks.require_one_channel_each, (["H1", "H1:X"],), "channels 'H1' and 'H1:X' are both of H1"),
]


@pytest.mark.parametrize(
    ("check", "arguments", "message"), REFUSED, ids=[f"{check.__name__}{arguments}" for check, arguments, _ in REFUSED]
)
def test_a_wrong_value_is_refused_in_one_line(
    check: Callable[..., Any], arguments: tuple[Any, ...], message: str
) -> None:
    with pytest.raises(UsageError) as caught:
        check(*arguments)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


ALLOWED: list[tuple[Callable[..., Any], tuple[Any, ...]]] = [
    (checks.require_span, (T0, T0 + 0.5)),
    (checks.require_span, (700_000_000, 9_999_999_999)),
    (checks.require_durations, (0, None)),
    (checks.require_durations, (10, 10)),
    (checks.require_grid, (2048, 8, 2)),
    (checks.require_grid, (2048, 0.5, 1 / 2048)),
    (checks.require_grid, (2000, 0.1, 0.05)),  # 0.1 is no binary fraction, and 200 samples are
    (checks.require_frequencies, (20, 50, 2048)),
    (checks.require_count, ("x", 1)),
    (checks.require_one_channel_each, (["H1", "L1:GDS-CALIB_STRAIN", "V1"],)),
]


@pytest.mark.parametrize(
    ("check", "arguments"), ALLOWED, ids=[f"{check.__name__}{arguments}" for check, arguments in ALLOWED]
)
def test_a_right_value_is_let_through(check: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    assert check(*arguments) is None


@given(st.integers(64, 65536))
def test_exactly_the_rates_that_come_back_from_dx_are_let_through(rate: int) -> None:
    if 1 / (1 / rate) == rate:
        checks.require_sample_rate(rate)
    else:
        with pytest.raises(UsageError):
            checks.require_sample_rate(rate)


@pytest.mark.parametrize("exponent", range(6, 17))
def test_powers_of_two_are_rates(exponent: int) -> None:
    checks.require_sample_rate(2**exponent)
    assert 1 / (1 / 2**exponent) == 2**exponent


@given(st.integers(1, 4096), st.integers(2, 2**15), st.integers(1, 2**15))
def test_every_grid_of_whole_samples_is_let_through(rate: int, size: int, pad: int) -> None:
    if pad < size:
        checks.require_grid(rate, size / rate, pad / rate)


@pytest.mark.parametrize(("channel", "ifo"), [("H1", "H1"), ("L1:GDS-CALIB_STRAIN", "L1"), ("K1:A:B", "K1")])
def test_a_channel_names_its_interferometer(channel: str, ifo: str) -> None:
    assert checks.interferometer(channel) == ifo


def test_an_output_that_is_there_says_how_to_replace_it() -> None:
    error = checks.output_exists(Path("a/b.txt"))
    assert isinstance(error, OutputExistsError)
    assert str(error) == "'a/b.txt' exists already. --overwrite replaces it."
