"""The windows of many signals at once, from interpolated spectra: `conditioning` in single precision.

Transforms take several signals of equal length together, and the second high-pass sees no more than the window and what
it needs to settle. Each signal's samples are a function of the signal alone, whichever others are made with it.
"""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import fft

from aframe_data.plugin.placement import place
from aframe_data_plugins.lalsimulation import high_pass
from aframe_data_plugins.lalsimulation.conditioning import fade_ends, fade_start, loudest
from aframe_data_plugins.lalsimulation.interpolated import UNIT
from aframe_data_plugins.lalsimulation.nodes import Grid

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from aframe_data.types import FloatArray, WaveformRequest
    from aframe_data_plugins.lalsimulation.conditioning import Conditioning
    from aframe_data_plugins.lalsimulation.interpolated import InterpolatedModel
    from aframe_data_plugins.lalsimulation.nodes import SingleArray

#: A signal is made at every frequency whose error is estimated to exceed these: of the root of its whitened power,
#: and of its peak in time.
_WHITENED = 1e-3
_OF_PEAK = 5e-3

#: Seconds by which the loudest sample may be off the model's t = 0, where that is moved to it.
_MOVED = 0.1

#: Samples of spectra that are transformed at once.
_TOGETHER = 2**19
#: Transforms of the second round are of lengths that are multiples of this, in seconds, so that many are equal.
_LENGTHS = 1.0


class _Series(NamedTuple):
    """Plus and cross after the first round, (2, n), and the index of the sample at t = 0."""

    samples: SingleArray
    zero: int


def windows(model: InterpolatedModel, plans: Sequence[Conditioning], request: WaveformRequest) -> dict[int, FloatArray]:
    """Make the windows of some signals.

    Parameters
    ----------
    model
        What makes the spectra.
    plans
        One for each signal.
    request
        The grid of the windows.

    Returns
    -------
    dict
        Plus and cross, (2, request.size), strain, by the index of the signal; those are absent that are not certain
        to be accurate, or that the model refuses.
    """
    series: dict[int, _Series] = {}
    for period, members in _alike({index: plan.period for index, plan in enumerate(plans)}):
        together = max(1, _TOGETHER // period)
        for first in range(0, len(members), together):
            some = {index: plans[index] for index in members[first : first + together]}
            series |= _first_round(model, some, period, request.reference_index)
    made: dict[int, FloatArray] = {}
    ends = high_pass.ends((plans[index].corner for index in series), request.sample_rate)
    for period, members in _alike({index: _room(samples, plans[index]) for index, (samples, _) in series.items()}):
        some = {index: plans[index] for index in members}
        made |= _second_round({index: series[index] for index in members}, some, ends, period, request)
    return made


def _first_round(
    model: InterpolatedModel, plans: Mapping[int, Conditioning], period: int, shown: int
) -> dict[int, _Series]:
    """The series after the first round and the second one's ramp, as far as the second one needs them for the window.

    That is `shown` samples before t = 0, and before those what the second high-pass takes to settle.
    """
    rate = next(iter(plans.values())).sample_rate
    room = round(_MOVED * rate) if model.loudest_at_zero else 0
    grid = Grid(rate / 2, period / rate)
    spectra = np.empty((len(plans), 2, grid.size), np.complex64)
    errors = model.spectra(
        [plan.signal for plan in plans.values()], [plan.start for plan in plans.values()], grid, spectra
    )
    for plan, spectrum in zip(plans.values(), spectra, strict=True):
        gain = plan.spectrum_gain()
        spectrum[:, : len(gain)] *= gain.astype(np.float32)
        spectrum[:, -1] = 0
    found = {}
    series = fft.irfft(spectra, n=period, overwrite_x=True)
    for (index, plan), periodic, whitened, area in zip(plans.items(), series, *errors, strict=True):
        if not whitened < _WHITENED:
            continue
        kept = min(shown + room + 2 * high_pass.ringing(plan.corner, rate), plan.length - plan.after)
        samples = np.concatenate([periodic[:, period - kept :], periodic[:, : plan.after]], axis=1)
        missing = plan.length - samples.shape[1]
        error = 2 / period * area  # of a spectrum of one side, as the transform takes it
        zero = _certain_zero(samples, kept, room, error) if model.loudest_at_zero else kept
        fade_ends(samples, plan.first, rate, missing)
        fade_start(samples, plan.ramp, missing)
        if zero is not None and error < _OF_PEAK * np.abs(samples).max():
            found[index] = _Series(samples, zero)
    return found


def _certain_zero(samples: SingleArray, expected: int, room: int, error: float) -> int | None:
    """The index of the loudest sample, within `room` of the `expected` one; None where another may be the loudest."""
    power = np.square(samples).sum(axis=0)
    zero = loudest(samples)
    close = np.count_nonzero(np.sqrt(power) > math.sqrt(power[zero]) - 2 * error)
    return zero if close == 1 and abs(zero - expected) <= room else None


def _second_round(
    series: Mapping[int, _Series],
    plans: Mapping[int, Conditioning],
    ends: Mapping[float, high_pass.End],
    period: int,
    request: WaveformRequest,
) -> dict[int, FloatArray]:
    """High-pass, fade and place some series by transforms of one length."""
    rate = request.sample_rate
    padded = np.zeros((len(series), 2, period), np.float32)
    for row, (samples, _) in zip(padded, series.values(), strict=True):
        row[:, : samples.shape[1]] = samples
    spectra = fft.rfft(padded, overwrite_x=True)
    for plan, spectrum in zip(plans.values(), spectra, strict=True):
        gain = high_pass.gain(rate / period, plan.corner, rate)
        spectrum[:, : len(gain)] *= gain.astype(np.float32)
    made = {}
    rows = fft.irfft(spectra, n=period, overwrite_x=True)
    for (index, (samples, zero)), row in zip(series.items(), rows, strict=True):
        plan, filtered = plans[index], row[:, : samples.shape[1]]
        ends[plan.corner].correct(filtered, samples)
        fade_ends(filtered, plan.second, rate, missing=plan.length - samples.shape[1])
        made[index] = place(filtered, zero, request) * (rate * UNIT)
    return made


def _room(samples: SingleArray, plan: Conditioning) -> int:
    """Samples of a transform that has room for a series and for what rings at its ends."""
    lengths = max(1, round(_LENGTHS * plan.sample_rate))
    needed = samples.shape[1] + 2 * high_pass.ringing(plan.corner, plan.sample_rate)
    return int(fft.next_fast_len(math.ceil(needed / lengths) * lengths, real=True))


def _alike(lengths: Mapping[int, int]) -> Iterator[tuple[int, list[int]]]:
    """Each length, and the indices of those that have it."""
    groups: dict[int, list[int]] = defaultdict(list)
    for index, length in lengths.items():
        groups[length].append(index)
    return iter(groups.items())
