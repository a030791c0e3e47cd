"""Validation signals: those of a population that a network would see, in its detectors. Here is the interface."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from aframe_data import checks
from aframe_data.injections.plan import InjectionPlan
from aframe_data.injections.request import checked, draws_allowed, given_noise, make_acceptance
from aframe_data.injections.run import InjectionReport, run_injections
from aframe_data.registry.choice import AUTO
from aframe_data.seeds import Stream
from aframe_data.waveforms.request import make_recipe

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["InjectionPlan", "InjectionReport", "plan_validation_waveforms", "run_injections", "validation_waveforms"]


def validation_waveforms(
    *,
    prior: str,
    num_signals: int,
    ifos: Sequence[str],
    psd: str | Path | Sequence[str | Path] | Mapping[str, str | Path],
    sample_rate: float,
    waveform_duration: float,
    output_file: str | Path,
    rejected_file: str | Path | None = None,
    snr_threshold: float = 4,
    highpass: float = 32,
    lowpass: float | None = None,
    minimum_frequency: float = 20,
    reference_frequency: float = 50,
    right_pad: float = 2,
    prior_options: Mapping[str, Any] | None = None,
    generator: str = AUTO,
    generator_options: Mapping[str, Any] | None = None,
    max_num_samples: int | None = None,
    full_evaluation: bool = False,
    seed: int | None = None,
    dtype: str = "float32",
    max_failed_fraction: float = 0.01,
    workers: int | None = None,
    overwrite: bool = False,
) -> InjectionReport:
    """Generate the responses of detectors to signals of a prior that reach an SNR, and write them to one file.

    Signals are drawn until `num_signals` are accepted. Draws that an estimate of their SNR rules out are never
    made in full; what is accepted is decided on the full waveform, and is what `full_evaluation` accepts. The
    same seed gives the same file, whatever the number of workers. Killed at any moment, the same call goes on
    where it stopped. Worker processes import the calling script: outside of functions it must be guarded by
    ``if __name__ == "__main__":``.

    Parameters
    ----------
    prior
        Name of a prior, a bilby ``.prior`` file, or the dotted path of a function that returns one.
    num_signals
        Number of accepted signals.
    ifos
        Interferometers, by their prefixes.
    psd
        The noise: a background file, a file of PSDs or ASDs, or the name of a curve; for all interferometers,
        or a mapping (or ``H1=…``) for each.
    sample_rate, waveform_duration
        Of the waveforms, in Hz and seconds; their product is whole.
    output_file, rejected_file
        The file of the accepted signals, and, if wanted, that of the parameters of the rejected ones.
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
        An argument is wrong, or a file is there and holds something else.
    WaveformError
        The threshold is reached too seldom, too many signals failed, or the audit of the estimates found a
        signal that should have been accepted.
    """
    plan = plan_validation_waveforms(
        prior=prior,
        num_signals=num_signals,
        ifos=ifos,
        psd=psd,
        sample_rate=sample_rate,
        waveform_duration=waveform_duration,
        output_file=output_file,
        rejected_file=rejected_file,
        snr_threshold=snr_threshold,
        highpass=highpass,
        lowpass=lowpass,
        minimum_frequency=minimum_frequency,
        reference_frequency=reference_frequency,
        right_pad=right_pad,
        prior_options=prior_options,
        generator=generator,
        generator_options=generator_options,
        max_num_samples=max_num_samples,
        full_evaluation=full_evaluation,
        seed=seed,
        dtype=dtype,
        max_failed_fraction=max_failed_fraction,
        overwrite=overwrite,
    )
    return run_injections(plan, workers=workers)


def plan_validation_waveforms(
    *,
    prior: str,
    num_signals: int,
    ifos: Sequence[str],
    psd: str | Path | Sequence[str | Path] | Mapping[str, str | Path],
    sample_rate: float,
    waveform_duration: float,
    output_file: str | Path,
    rejected_file: str | Path | None = None,
    snr_threshold: float = 4,
    highpass: float = 32,
    lowpass: float | None = None,
    minimum_frequency: float = 20,
    reference_frequency: float = 50,
    right_pad: float = 2,
    prior_options: Mapping[str, Any] | None = None,
    generator: str = AUTO,
    generator_options: Mapping[str, Any] | None = None,
    max_num_samples: int | None = None,
    full_evaluation: bool = False,
    seed: int | None = None,
    dtype: str = "float32",
    max_failed_fraction: float = 0.01,
    overwrite: bool = False,
) -> InjectionPlan:
    """Check the arguments of `validation_waveforms` and say what it will do; writes nothing."""
    checks.require_count("num_signals", num_signals)
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
        stream=Stream.VALIDATION,
        dtype=dtype,
    )
    acceptance = make_acceptance(
        ifos=ifos,
        highpass=highpass,
        lowpass=lowpass,
        snr_threshold=snr_threshold,
        sample_rate=sample_rate,
        full_evaluation=full_evaluation,
    )
    plan = InjectionPlan(
        command="validation-waveforms",
        recipe=recipe,
        acceptance=acceptance,
        noise=given_noise(psd, acceptance, recipe.request),
        num_signals=num_signals,
        timing=None,
        output_file=Path(output_file),
        rejected_file=None if rejected_file is None else Path(rejected_file),
        max_num_samples=draws_allowed(max_num_samples, num_signals),
        max_failed_fraction=max_failed_fraction,
        overwrite=overwrite,
    )
    return checked(plan, keep_seed=seed is not None, inputs=(psd, prior))
