"""Training waveforms: polarizations of a population, streamed to one file. Here is the interface."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from aframe_data import checks
from aframe_data.registry.choice import AUTO
from aframe_data.seeds import Stream
from aframe_data.store.atomic import require_replaceable, require_space, require_writable_folder
from aframe_data.waveforms.plan import TrainingPlan, request_record
from aframe_data.waveforms.request import make_recipe
from aframe_data.waveforms.resume import resume
from aframe_data.waveforms.run import TrainingReport, run_training_waveforms, try_training_waveforms

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "TrainingPlan",
    "TrainingReport",
    "plan_training_waveforms",
    "run_training_waveforms",
    "training_waveforms",
    "try_training_waveforms",
]


def training_waveforms(
    *,
    prior: str,
    num_signals: int,
    sample_rate: float,
    waveform_duration: float,
    output_file: str | Path,
    minimum_frequency: float = 20,
    reference_frequency: float = 50,
    right_pad: float = 2,
    prior_options: Mapping[str, Any] | None = None,
    generator: str = AUTO,
    generator_options: Mapping[str, Any] | None = None,
    seed: int | None = None,
    dtype: str = "float32",
    max_failed_fraction: float = 0.01,
    workers: int | None = None,
    overwrite: bool = False,
) -> TrainingReport:
    """Generate the polarizations of signals drawn from a prior and write them to one file.

    The same seed gives the same file, whatever the number of workers. Killed at any moment, the same call
    goes on where it stopped. Worker processes import the calling script: outside of functions it must be
    guarded by ``if __name__ == "__main__":``.

    Parameters
    ----------
    prior
        Name of a prior, a bilby ``.prior`` file, or the dotted path of a function that returns one.
    num_signals
        Number of signals in the file.
    sample_rate, waveform_duration
        Of the waveforms, in Hz and seconds; their product is whole.
    output_file
        The file.
    minimum_frequency, reference_frequency
        In Hz. A binary of total mass M (detector frame) starts at 1899 Hz / (M / solar mass) where that is
        lower, and its spins are then given there.
    right_pad
        Seconds between the sample nearest the model's t = 0 and the end of the waveform.
    prior_options, generator_options
        Options of the providers.
    generator
        Name of a waveform generator.
    seed
        A whole number; drawn, and recorded in the file, where None.
    dtype
        ``"float32"`` or ``"float64"``, of the waveforms.
    max_failed_fraction
        Share of the signals that may fail; each is replaced by a later draw. One unit of work more may fail.
    workers
        Number of processes; all CPUs where None.
    overwrite
        Replace the file, or unfinished work, if it is there.

    Raises
    ------
    UsageError
        An argument is wrong, or the file is there and holds something else.
    WaveformError
        Too many signals failed.
    """
    plan = plan_training_waveforms(
        prior=prior,
        num_signals=num_signals,
        sample_rate=sample_rate,
        waveform_duration=waveform_duration,
        output_file=output_file,
        minimum_frequency=minimum_frequency,
        reference_frequency=reference_frequency,
        right_pad=right_pad,
        prior_options=prior_options,
        generator=generator,
        generator_options=generator_options,
        seed=seed,
        dtype=dtype,
        max_failed_fraction=max_failed_fraction,
        overwrite=overwrite,
    )
    return run_training_waveforms(plan, workers=workers)


def plan_training_waveforms(
    *,
    prior: str,
    num_signals: int,
    sample_rate: float,
    waveform_duration: float,
    output_file: str | Path,
    minimum_frequency: float = 20,
    reference_frequency: float = 50,
    right_pad: float = 2,
    prior_options: Mapping[str, Any] | None = None,
    generator: str = AUTO,
    generator_options: Mapping[str, Any] | None = None,
    seed: int | None = None,
    dtype: str = "float32",
    max_failed_fraction: float = 0.01,
    overwrite: bool = False,
) -> TrainingPlan:
    """Check the arguments of `training_waveforms` and say what it will do; writes nothing."""
    checks.require_count("num_signals", num_signals)
    checks.require_fraction("max_failed_fraction", max_failed_fraction)
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
        stream=Stream.TRAINING,
        dtype=dtype,
    )
    output = Path(output_file)
    plan = TrainingPlan(recipe, num_signals, output, max_failed_fraction, overwrite, present=False)
    require_replaceable(output)
    require_writable_folder(output.parent)
    if not overwrite:
        plan = resume(plan, request_record, keep_seed=seed is not None)
    if not plan.present:
        require_space(output.parent, plan.nbytes + plan.temporary_nbytes)
    return plan
