"""Injection campaigns: signals that a network would see, at times in its own shifted background. The interface."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aframe_data import checks
from aframe_data.errors import UsageError
from aframe_data.injections.plan import InjectionPlan, Noise, Timing
from aframe_data.injections.request import checked, draws_allowed, given_noise, make_acceptance
from aframe_data.injections.run import InjectionReport, run_injections
from aframe_data.registry.choice import AUTO
from aframe_data.seeds import Stream
from aframe_data.timeslides.backgrounds import find_backgrounds, require_elsewhere
from aframe_data.timeslides.slots import SlideRule
from aframe_data.types import Segment
from aframe_data.waveforms.request import make_recipe

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aframe_data.detection.acceptance import Acceptance
    from aframe_data.types import WaveformRequest

__all__ = ["InjectionPlan", "InjectionReport", "plan_timeslide_waveforms", "run_injections", "timeslide_waveforms"]

_logger = logging.getLogger(__name__)

#: The files of a campaign, as Aframe's inference and plots look for them.
WAVEFORMS_FILE, REJECTED_FILE = "waveforms.hdf5", "rejected-parameters.hdf5"


def timeslide_waveforms(
    *,
    prior: str,
    ifos: Sequence[str],
    shifts: Sequence[float],
    sample_rate: float,
    waveform_duration: float,
    output_dir: str | Path,
    background: str | Path | Sequence[str | Path] | None = None,
    start: float | None = None,
    end: float | None = None,
    psd: str | Path | Sequence[str | Path] | Mapping[str, str | Path] | None = None,
    num_signals: int | None = None,
    livetime: float | None = None,
    spacing: float = 16,
    buffer: float = 16,
    jitter: float = 0.1,
    psd_length: float = 64,
    snr_threshold: float = 4,
    highpass: float = 32,
    lowpass: float | None = None,
    minimum_frequency: float = 20,
    reference_frequency: float = 50,
    right_pad: float = 2,
    prior_options: Mapping[str, Any] | None = None,
    generator: str = AUTO,
    generator_options: Mapping[str, Any] | None = None,
    true_right_ascension: bool = False,
    max_num_samples: int | None = None,
    full_evaluation: bool = False,
    seed: int | None = None,
    dtype: str = "float32",
    max_failed_fraction: float = 0.01,
    workers: int | None = None,
    overwrite: bool = False,
) -> InjectionReport:
    """Generate a campaign: signals above an SNR, at times over background whose detectors are shifted in time.

    Slide k = 1, 2, … shifts by k times `shifts`, in every segment, until there are enough injections. Rows are
    ordered by segment, slide and time. Two files are written to `output_dir`: ``waveforms.hdf5`` and
    ``rejected-parameters.hdf5``. All else is as in `validation_waveforms`.

    Parameters
    ----------
    prior
        Name of a prior, a bilby ``.prior`` file, or the dotted path of a function that returns one.
    ifos, shifts
        Interferometers, and the seconds by which each is shifted in slide 1: with a shift s, a detector is
        read at t + s.
    sample_rate, waveform_duration
        Of the waveforms, in Hz and seconds; their product is whole.
    output_dir
        The folder of the two files.
    background
        A folder of background files, or the files: each is a segment, and its own noise counts in it.
    start, end
        Instead: GPS seconds of the one segment.
    psd
        The noise of all segments, as in `validation_waveforms`; needed with `start` and `end`.
    num_signals, livetime
        Where to stop: at so many injections, or with the segment and slide that completes so many seconds;
        whichever comes first. Where neither is given, slide 1 is made.
    spacing
        Seconds from the end of one window to the start of the next.
    buffer
        Seconds from the edges of what can be analysed to the nearest window, jitter included.
    jitter
        Seconds by which each injection is moved at most, either way.
    psd_length
        Seconds at the start of each segment in which nothing is injected: the analysis takes its PSD there.
    snr_threshold
        The smallest optimal SNR of the network that is accepted.
    highpass, lowpass
        Hz: the frequencies that count for the SNR; up to the Nyquist frequency where `lowpass` is None.
    minimum_frequency, reference_frequency
        In Hz. A binary of total mass M (detector frame) starts at 1899 Hz / (M / solar mass) where that is
        lower, and its spins are then given there.
    right_pad
        Seconds between the sample nearest the model's t = 0, at the geocentre, and the end of the waveform.
    prior_options, generator_options
        Options of the providers.
    generator
        Name of a waveform generator.
    true_right_ascension
        Take `ra` as the right ascension at the injection time, and not as a longitude fixed to the Earth.
    max_num_samples
        The most signals that may be drawn; 10 000 for each accepted one where None.
    full_evaluation
        Make every draw in full.
    seed
        A whole number; drawn, and recorded in the file, where None.
    dtype
        ``"float32"`` or ``"float64"``, of the waveforms.
    max_failed_fraction
        Share of the signals made in full that may fail; each is replaced by a later draw.
    workers
        Number of processes; all CPUs where None.
    overwrite
        Replace the files, or unfinished work, if they are there.

    Raises
    ------
    UsageError
        An argument is wrong, there cannot be so many injections, or a file is there and holds something else.
    WaveformError
        The threshold is reached too seldom, too many signals failed, or the audit of the estimates found a
        signal that should have been accepted.
    """
    plan = plan_timeslide_waveforms(
        prior=prior,
        ifos=ifos,
        shifts=shifts,
        sample_rate=sample_rate,
        waveform_duration=waveform_duration,
        output_dir=output_dir,
        background=background,
        start=start,
        end=end,
        psd=psd,
        num_signals=num_signals,
        livetime=livetime,
        spacing=spacing,
        buffer=buffer,
        jitter=jitter,
        psd_length=psd_length,
        snr_threshold=snr_threshold,
        highpass=highpass,
        lowpass=lowpass,
        minimum_frequency=minimum_frequency,
        reference_frequency=reference_frequency,
        right_pad=right_pad,
        prior_options=prior_options,
        generator=generator,
        generator_options=generator_options,
        true_right_ascension=true_right_ascension,
        max_num_samples=max_num_samples,
        full_evaluation=full_evaluation,
        seed=seed,
        dtype=dtype,
        max_failed_fraction=max_failed_fraction,
        overwrite=overwrite,
    )
    return run_injections(plan, workers=workers)


def plan_timeslide_waveforms(
    *,
    prior: str,
    ifos: Sequence[str],
    shifts: Sequence[float],
    sample_rate: float,
    waveform_duration: float,
    output_dir: str | Path,
    background: str | Path | Sequence[str | Path] | None = None,
    start: float | None = None,
    end: float | None = None,
    psd: str | Path | Sequence[str | Path] | Mapping[str, str | Path] | None = None,
    num_signals: int | None = None,
    livetime: float | None = None,
    spacing: float = 16,
    buffer: float = 16,
    jitter: float = 0.1,
    psd_length: float = 64,
    snr_threshold: float = 4,
    highpass: float = 32,
    lowpass: float | None = None,
    minimum_frequency: float = 20,
    reference_frequency: float = 50,
    right_pad: float = 2,
    prior_options: Mapping[str, Any] | None = None,
    generator: str = AUTO,
    generator_options: Mapping[str, Any] | None = None,
    true_right_ascension: bool = False,
    max_num_samples: int | None = None,
    full_evaluation: bool = False,
    seed: int | None = None,
    dtype: str = "float32",
    max_failed_fraction: float = 0.01,
    overwrite: bool = False,
) -> InjectionPlan:
    """Check the arguments of `timeslide_waveforms` and say what it will do; writes nothing."""
    recipe = make_recipe(
        prior=prior,
        prior_options=prior_options,
        generator=generator,
        generator_options=generator_options,
        sample_rate=sample_rate,
        waveform_duration=waveform_duration,
        right_pad=right_pad,
        minimum_frequency=minimum_frequency,
        reference_frequency=reference_frequency,
        seed=seed,
        stream=Stream.CAMPAIGN,
        dtype=dtype,
    )
    acceptance = make_acceptance(
        ifos=ifos,
        highpass=highpass,
        lowpass=lowpass,
        snr_threshold=snr_threshold,
        sample_rate=sample_rate,
        true_right_ascension=true_right_ascension,
        full_evaluation=full_evaluation,
    )
    rule = SlideRule(
        ifos=tuple(ifos),
        shifts=tuple(float(shift) for shift in shifts),
        spacing=spacing,
        buffer=buffer,
        jitter=jitter,
        psd_length=psd_length,
        duration=waveform_duration,
        right_pad=right_pad,
    )
    rule.check(sample_rate)
    for warning in rule.warnings(sample_rate):
        _logger.warning("%s", warning)
    segments, noise = _segments_and_noise(background, (start, end), psd, acceptance, recipe.request)
    timing = Timing(segments, rule.sorted_by_ifo(), num_signals, livetime)
    found = len(timing.slots(recipe.seed))
    folder = Path(output_dir)
    plan = InjectionPlan(
        command="timeslide-waveforms",
        recipe=recipe,
        acceptance=acceptance,
        noise=noise,
        num_signals=found,
        timing=timing,
        output_file=folder / WAVEFORMS_FILE,
        rejected_file=folder / REJECTED_FILE,
        max_num_samples=draws_allowed(max_num_samples, found),
        max_failed_fraction=max_failed_fraction,
        overwrite=overwrite,
    )
    require_elsewhere(folder, background)
    return checked(plan, keep_seed=seed is not None, inputs=(psd, prior, background))


def _segments_and_noise(
    background: str | Path | Sequence[str | Path] | None,
    span: tuple[float | None, float | None],
    psd: str | Path | Sequence[str | Path] | Mapping[str, str | Path] | None,
    acceptance: Acceptance,
    request: WaveformRequest,
) -> tuple[tuple[Segment, ...], Noise]:
    """The segments of background or of start and end, and the noise that counts in them."""
    if psd is not None and not psd:
        psd = None
    start, end = span
    if background is None:
        if start is None or end is None:
            raise UsageError("give --background FOLDER, or --start and --end of one segment with a --psd.")
        if psd is None:
            raise UsageError("with --start and --end the noise must be given: --psd FILE, or the name of a curve.")
        checks.require_span(start, end)
        return (Segment(start, end),), given_noise(psd, acceptance, request)
    if start is not None or end is not None:
        raise UsageError("--background says its own segments: leave out --start and --end.")
    found = find_backgrounds(background, acceptance.ifos, request.sample_rate)
    segments = tuple(entry.segment for entry in found)
    if psd is not None:
        return segments, given_noise(psd, acceptance, request)
    record = {"background": [entry.describe() for entry in found]}
    return segments, Noise(None, tuple(entry.path for entry in found), record)
