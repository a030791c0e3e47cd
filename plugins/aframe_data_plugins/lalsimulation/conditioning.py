"""The conditioning that SimInspiralTD gives to models of the frequency domain, at a part of its cost.

For a model that has both domains, SimInspiralTD transforms the spectrum with one round of conditioning
(start earlier than asked, ramp up between the two frequencies, high-pass, fade both ends) and conditions the
series a second time. LAL runs each high-pass sample by sample and shifts in time by multiplying every
frequency with a phase. Here the shifts are slices, and the high-pass is a gain in the frequency domain.

LAL's filter forgets what rings beyond the end of the series. In the second round that shows: it alters the
last few cycles by up to half a hundredth of the peak, so there, and only there, that is made up for. The
result equals SimInspiralTD's to 3e-4 of the peak at worst, and to 1e-5 for most signals.

Here is one signal, in double precision; `windows` does the same to many, in single precision and only as far as their
windows show it.

Sources: generate_conditioned_td_waveform_from_td, generate_conditioned_td_waveform_from_fd and
generate_conditioned_fd_waveform_from_fd in LALSimInspiralGeneratorConditioning.c.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import lal
import lalsimulation
import numpy as np
from scipy import fft

from aframe_data_plugins.lalsimulation import high_pass

if TYPE_CHECKING:
    from aframe_data.types import FloatArray
    from aframe_data_plugins.lalsimulation.approximants import Approximant
    from aframe_data_plugins.lalsimulation.signals import Signal

#: LAL starts this much earlier, as a fraction of the time to merger, and then by this many cycles.
_EXTRA_TIME = 0.1
_EXTRA_CYCLES = 3.0

#: A shorter series is not faded by LAL.
_MIN_FADE = 4


@dataclass(frozen=True)
class Bounds:
    """LAL's estimates for a binary that starts at `frequency`: Hz and seconds, all on the long side."""

    frequency: float
    chirp: float
    merger: float
    extra: float
    isco: float


@dataclass(frozen=True)
class Conditioning:
    """What SimInspiralTD does to one signal of the frequency domain.

    Attributes
    ----------
    signal
        The binary, with the earlier start of the first round.
    first, second
        The bounds of the two rounds.
    start
        Hz; the lowest frequency of the spectrum.
    sample_rate
        Hz.
    period
        Samples of the transform, whose first one is at t = 0.
    length, after
        Samples of the series, and how many of them are at or after t = 0.
    ramp
        Samples over which the second round fades the series in.
    corner
        Hz; that of the second round's high-pass. That of the first is where the signal starts.
    """

    signal: Signal
    first: Bounds
    second: Bounds
    start: float
    sample_rate: float
    period: int
    length: int
    after: int
    ramp: int
    corner: float

    @property
    def step(self) -> float:
        """Hz between two frequencies of the spectrum."""
        return self.sample_rate / self.period

    def spectrum_gain(self) -> FloatArray:
        """The first round's high-pass and ramp, at the lowest frequencies of the spectrum, (k,); one above."""
        low, high = round(self.start / self.step), round(self.first.frequency / self.step)
        gain = high_pass.gain(self.step, self.signal.minimum_frequency, self.sample_rate).copy()
        gain[:low] = 0
        gain[low:high] *= rise(high - low)
        return gain


def condition(signal: Signal, sample_rate: float, corner: float) -> Conditioning:
    """Work out what SimInspiralTD does to a signal.

    Parameters
    ----------
    signal
        The binary, with the frequency where it starts.
    sample_rate
        Hz.
    corner
        The frequency, in Hz, of the last high-pass. SimInspiralTD's is the one where the signal starts; a
        signal that starts higher for its window keeps that of the whole one, and so the same merger.
    """
    second = _bounds(signal, signal.minimum_frequency)
    earlier = _start_frequency((1 + _EXTRA_TIME) * second.chirp + second.merger + second.extra, signal)
    signal = signal._replace(minimum_frequency=earlier)
    first = _bounds(signal, earlier)
    start = _start_frequency((1 + _EXTRA_TIME) * first.chirp, signal)
    chirp = lalsimulation.SimInspiralChirpTimeBound(start, signal.mass_1, signal.mass_2, signal.spin_1z, signal.spin_2z)
    length = round((chirp + first.merger) * sample_rate)
    return Conditioning(
        signal=signal,
        first=first,
        second=second,
        start=start,
        sample_rate=sample_rate,
        # the power of two above the length (LAL's frexp: twice the length where that is one already)
        period=1 << round((chirp + first.merger + 2 * first.extra) * sample_rate).bit_length(),
        length=length,
        after=round(first.merger * sample_rate),
        ramp=min(round((_EXTRA_TIME * second.chirp + second.extra) * sample_rate), length),
        corner=corner,
    )


def conditioned_series(signal: Signal, model: Approximant, sample_rate: float, corner: float) -> tuple[FloatArray, int]:
    """Generate a signal in the frequency domain and return the series that SimInspiralTD would.

    Parameters
    ----------
    signal, sample_rate, corner
        As for `condition`.
    model
        One that is conditioned twice.

    Returns
    -------
    samples, zero
        Plus and cross, (2, n), and the index of the sample at t = 0.
    """
    plan = condition(signal, sample_rate, corner)
    samples = _first_round(plan, model.number)
    zero = loudest(samples) if model.loudest_at_zero else plan.length - plan.after
    fade_ends(samples, plan.first, plan.sample_rate)
    fade_start(samples, plan.ramp)
    samples = _high_pass(samples, plan)
    fade_ends(samples, plan.second, plan.sample_rate)
    return samples, zero


def loudest(samples: FloatArray) -> int:
    """The index of the loudest sample of plus and cross, (2, n); the last one, if there are several."""
    power = np.square(samples).sum(axis=0)
    return len(power) - 1 - int(np.argmax(power[::-1]))


def _first_round(plan: Conditioning, approximant: int) -> FloatArray:
    """Generate the spectrum and condition it once, but for its ends: plus and cross, (2, n)."""
    series = lalsimulation.SimInspiralChooseFDWaveform(
        *plan.signal.binary,
        plan.step,
        plan.start,
        plan.sample_rate / 2,
        plan.signal.reference_frequency,
        plan.signal.extra,
        approximant,
    )
    gain = plan.spectrum_gain()
    # t = 0 is the first sample of the period; what comes after it, and what came before, at its end
    before = plan.length - plan.after
    samples = np.empty((2, plan.length))
    for row, polarization in zip(samples, series, strict=True):
        spectrum = polarization.data.data
        spectrum[: len(gain)] *= gain
        spectrum[-1] = 0
        periodic = fft.irfft(spectrum, n=plan.period)
        row[before:] = periodic[: plan.after]
        row[:before] = periodic[plan.period - before :]
    samples *= plan.sample_rate
    return samples


def _high_pass(samples: FloatArray, plan: Conditioning) -> FloatArray:
    """High-pass (2, n) as LAL does: exactly at the end of the series, to rounding elsewhere."""
    length, corner, rate = samples.shape[1], plan.corner, plan.sample_rate
    period = fft.next_fast_len(length + 2 * high_pass.ringing(corner, rate), real=True)
    spectra = fft.rfft(samples, n=period)
    gain = high_pass.gain(rate / period, corner, rate)
    spectra[:, : len(gain)] *= gain
    filtered: FloatArray = fft.irfft(spectra, n=period, overwrite_x=True)[:, :length]
    high_pass.ends([corner], rate)[corner].correct(filtered, samples)
    return filtered


def fade_ends(samples: FloatArray, bounds: Bounds, sample_rate: float, missing: int = 0) -> None:
    """Fade (2, n) in over a cycle at the lowest frequency, and out over one at the ISCO's, in place.

    `missing` samples of the whole series come before those that are given.
    """
    if missing + samples.shape[1] < 2 * _MIN_FADE:
        return
    out = max(round(sample_rate / bounds.isco), _MIN_FADE)
    fall = rise(out)[:0:-1][-samples.shape[1] :]
    samples[:, -len(fall) :] *= fall
    fade_start(samples, max(round(sample_rate / bounds.frequency), _MIN_FADE), missing)


def fade_start(samples: FloatArray, length: int, missing: int = 0) -> None:
    """Fade (2, n) in over its first `length` samples, in place, of which the first `missing` are not there."""
    if missing < length:
        ramp = rise(length)[missing : missing + samples.shape[1]]
        samples[:, : len(ramp)] *= ramp


@lru_cache(maxsize=1024)
def rise(length: int) -> FloatArray:
    """Return half a period of a raised cosine, (length,): it starts at 0 and would reach 1 a sample after its last."""
    ramp: FloatArray = 0.5 - 0.5 * np.cos(np.pi * np.arange(length) / length)
    ramp.flags.writeable = False
    return ramp


def _bounds(signal: Signal, minimum_frequency: float) -> Bounds:
    mass_1, mass_2 = signal.mass_1, signal.mass_2
    spins = signal.spin_1z, signal.spin_2z
    total = math.pi * (mass_1 + mass_2) * lal.MTSUN_SI / lal.MSUN_SI
    # no later than the innermost stable orbit around an extreme Kerr hole, at nine gravitational radii
    frequency = min(minimum_frequency, 9**-1.5 / total)
    final_spin = lalsimulation.SimInspiralFinalBlackHoleSpinBound(*spins)
    return Bounds(
        frequency=frequency,
        chirp=lalsimulation.SimInspiralChirpTimeBound(frequency, mass_1, mass_2, *spins),
        merger=lalsimulation.SimInspiralMergeTimeBound(mass_1, mass_2)
        + lalsimulation.SimInspiralRingdownTimeBound(mass_1 + mass_2, final_spin),
        extra=_EXTRA_CYCLES / frequency,
        isco=6**-1.5 / total,
    )


def _start_frequency(seconds: float, signal: Signal) -> float:
    frequency: float = lalsimulation.SimInspiralChirpStartFrequencyBound(seconds, signal.mass_1, signal.mass_2)
    return frequency
