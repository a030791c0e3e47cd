"""The conditioning that SimInspiralTD gives to models of the frequency domain, at a part of its cost.

For a model that has both domains, SimInspiralTD transforms the spectrum with one round of conditioning
(start earlier than asked, ramp up between the two frequencies, high-pass, fade both ends) and conditions the
series a second time. LAL runs each high-pass sample by sample and shifts in time by multiplying every
frequency with a phase. Here the shifts are slices, and the high-pass is a gain in the frequency domain.

LAL's filter forgets what rings beyond the end of the series. In the second round that shows: it alters the
last few cycles by up to half a hundredth of the peak. So the end of that round, and nothing else, goes
through LAL's own filter. The result equals SimInspiralTD's to 3e-4 of the peak at worst, and to 1e-5 for
most signals.

Sources: generate_conditioned_td_waveform_from_td, generate_conditioned_td_waveform_from_fd and
generate_conditioned_fd_waveform_from_fd in LALSimInspiralGeneratorConditioning.c, XLALHighPassREAL8TimeSeries.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import lal
import lalsimulation
import numpy as np
from scipy import fft

if TYPE_CHECKING:
    from aframe_data.types import FloatArray
    from aframe_data_plugins.lalsimulation.signals import Signal

#: LAL starts this much earlier, as a fraction of the time to merger, and then by this many cycles.
_EXTRA_TIME = 0.1
_EXTRA_CYCLES = 3.0

#: LAL's high-pass: the gain at its frequency after both passes is the square root of this, to this order.
_ATTENUATION = 0.99
_ORDER = 8

#: The gain differs from one by less than a double can tell above this many times the frequency.
_STOP_GAIN = 8

#: Cycles at the high-pass frequency in which its ringing dies out, for the purpose at hand: this much of the
#: end is taken from LAL's filter, which gets twice as much to settle. (More cycles change nothing.)
_RINGING_CYCLES = 6

#: A shorter series is not faded by LAL.
_MIN_FADE = 4


def conditioned_series(
    signal: Signal, approximant: int, sample_rate: float, high_pass: float
) -> tuple[FloatArray, int]:
    """Generate a signal in the frequency domain and return the series that SimInspiralTD would.

    Parameters
    ----------
    signal
        The binary, with the frequency where it starts.
    approximant
        LALSimulation's number of a model of the frequency domain.
    sample_rate
        Hz.
    high_pass
        The frequency, in Hz, of the last high-pass. SimInspiralTD's is the one where the signal starts; a
        signal that starts higher for its window keeps that of the whole one, and so the same merger.

    Returns
    -------
    samples, zero
        Plus and cross, (2, n), and the index of the sample at t = 0 of the model.
    """
    bounds = _bounds(signal, signal.minimum_frequency)
    start = lalsimulation.SimInspiralChirpStartFrequencyBound(
        (1 + _EXTRA_TIME) * bounds.chirp + bounds.merger + bounds.extra, signal.mass_1, signal.mass_2
    )
    samples, zero = _first_round(signal._replace(minimum_frequency=start), approximant, sample_rate)
    ramp = min(round((_EXTRA_TIME * bounds.chirp + bounds.extra) * sample_rate), samples.shape[1])
    samples[:, :ramp] *= _rise(ramp)
    samples = _high_pass(samples, high_pass, sample_rate)
    _fade_ends(samples, bounds, sample_rate)
    return samples, zero


@dataclass(frozen=True)
class _Bounds:
    """LAL's estimates for a binary that starts at `frequency`: Hz and seconds, all on the long side."""

    frequency: float
    chirp: float
    merger: float
    extra: float
    isco: float


def _bounds(signal: Signal, minimum_frequency: float) -> _Bounds:
    mass_1, mass_2 = signal.mass_1, signal.mass_2
    spins = signal.spin_1z, signal.spin_2z
    total = math.pi * (mass_1 + mass_2) * lal.MTSUN_SI / lal.MSUN_SI
    # no later than the innermost stable orbit around an extreme Kerr hole, at nine gravitational radii
    frequency = min(minimum_frequency, 9**-1.5 / total)
    final_spin = lalsimulation.SimInspiralFinalBlackHoleSpinBound(*spins)
    return _Bounds(
        frequency=frequency,
        chirp=lalsimulation.SimInspiralChirpTimeBound(frequency, mass_1, mass_2, *spins),
        merger=lalsimulation.SimInspiralMergeTimeBound(mass_1, mass_2)
        + lalsimulation.SimInspiralRingdownTimeBound(mass_1 + mass_2, final_spin),
        extra=_EXTRA_CYCLES / frequency,
        isco=6**-1.5 / total,
    )


def _first_round(signal: Signal, approximant: int, sample_rate: float) -> tuple[FloatArray, int]:
    """Generate the spectrum and condition it once: plus and cross, (2, n), and the index of t = 0."""
    bounds = _bounds(signal, signal.minimum_frequency)
    start = lalsimulation.SimInspiralChirpStartFrequencyBound(
        (1 + _EXTRA_TIME) * bounds.chirp, signal.mass_1, signal.mass_2
    )
    chirp = lalsimulation.SimInspiralChirpTimeBound(start, signal.mass_1, signal.mass_2, signal.spin_1z, signal.spin_2z)
    # the power of two above the length (LAL's frexp: twice the length where that is one already)
    period = 1 << round((chirp + bounds.merger + 2 * bounds.extra) * sample_rate).bit_length()
    series = lalsimulation.SimInspiralChooseFDWaveform(
        *signal.binary,
        sample_rate / period,
        start,
        sample_rate / 2,
        signal.reference_frequency,
        signal.extra,
        approximant,
    )
    step = series[0].deltaF
    low, high = round(start / step), round(bounds.frequency / step)
    gain = _gain(step, signal.minimum_frequency, sample_rate)
    gain[:low] = 0
    gain[low:high] *= _rise(high - low)
    # t = 0 is the first sample of the period; what comes after it, and what came before, at its end
    after = round(bounds.merger * sample_rate)
    length = round((chirp + bounds.merger) * sample_rate)
    samples = np.empty((2, length))
    for row, polarization in zip(samples, series, strict=True):
        spectrum = polarization.data.data
        spectrum[: len(gain)] *= gain
        spectrum[-1] = 0
        periodic = fft.irfft(spectrum, n=period)
        row[length - after :] = periodic[:after]
        row[: length - after] = periodic[period - length + after :]
    samples *= sample_rate
    _fade_ends(samples, bounds, sample_rate)
    return samples, length - after


def _gain(step: float, corner: float, sample_rate: float) -> FloatArray:
    """LAL's high-pass, forth and back, at the multiples of `step` (Hz) where it is not one; (k,).

    It is a Butterworth filter's gain squared, mapped by the bilinear transform.
    """
    stop = min(_STOP_GAIN * corner, sample_rate / 2)
    frequencies = np.arange(math.ceil(stop / step)) * step
    loss = 1 / math.sqrt(_ATTENUATION) - 1
    with np.errstate(divide="ignore"):  # at zero frequency: infinite loss, no gain
        ratio = math.tan(math.pi * corner / sample_rate) / np.tan(np.pi * frequencies / sample_rate)
    gain: FloatArray = 1 / (1 + loss * ratio ** (2 * _ORDER))
    return gain


def _high_pass(samples: FloatArray, corner: float, sample_rate: float) -> FloatArray:
    """High-pass (2, n) as LAL does: exactly at the end of the series, to rounding elsewhere."""
    length = samples.shape[1]
    ringing = math.ceil(_RINGING_CYCLES / corner * sample_rate)
    period = fft.next_fast_len(length + 2 * ringing, real=True)
    spectra = fft.rfft(samples, n=period)
    gain = _gain(sample_rate / period, corner, sample_rate)
    spectra[:, : len(gain)] *= gain
    filtered: FloatArray = fft.irfft(spectra, n=period, overwrite_x=True)[:, :length]
    for row, source in zip(filtered, samples, strict=True):
        tail = _lal_high_pass(source[-3 * ringing :], corner, sample_rate)
        replaced = len(tail) if len(tail) == length else ringing
        row[length - replaced :] = tail[len(tail) - replaced :]
    return filtered


def _lal_high_pass(samples: FloatArray, corner: float, sample_rate: float) -> FloatArray:
    series = lal.CreateREAL8TimeSeries("", lal.LIGOTimeGPS(0), 0, 1 / sample_rate, lal.StrainUnit, len(samples))
    series.data.data = samples
    lal.HighPassREAL8TimeSeries(series, corner, _ATTENUATION, _ORDER)
    filtered: FloatArray = series.data.data
    return filtered


def _fade_ends(samples: FloatArray, bounds: _Bounds, sample_rate: float) -> None:
    """Fade (2, n) in over a cycle at the lowest frequency, and out over one at the ISCO's, in place."""
    if samples.shape[1] < 2 * _MIN_FADE:
        return
    out = max(round(sample_rate / bounds.isco), _MIN_FADE)
    samples[:, 1 - out :] *= _rise(out)[:0:-1]
    rise = max(round(sample_rate / bounds.frequency), _MIN_FADE)
    samples[:, :rise] *= _rise(rise)


def _rise(length: int) -> FloatArray:
    ramp: FloatArray = 0.5 - 0.5 * np.cos(np.pi * np.arange(length) / length)
    return ramp
