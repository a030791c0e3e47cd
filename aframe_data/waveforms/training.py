"""Training waveforms: polarizations of a population, streamed to one file."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aframe_data import checks, engine
from aframe_data.errors import DataQualityError, OutputExistsError, PluginError, WorkerDiedError
from aframe_data.io import ledger, provenance
from aframe_data.io.atomic import remove_leftovers, require_space, require_writable_folder
from aframe_data.providers import PriorProvider
from aframe_data.seeds import Stream, new_seed
from aframe_data.selection import AUTO, Choice, candidates, choose
from aframe_data.types import WaveformRequest
from aframe_data.waveforms import parts
from aframe_data.waveforms import recipe as recipes
from aframe_data.waveforms.parameters import require_base_parameters
from aframe_data.waveforms.parts import PartsFolder
from aframe_data.waveforms.recipe import Recipe
from aframe_data.waveforms.unit import (
    POLARIZATIONS,
    STORED_PARAMETERS,
    Failure,
    Preflight,
    UnitReport,
    UnitTask,
    generate_unit,
    preflight,
    read_report,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class TrainingPlan:
    """What will be generated; all that can be checked without drawing a signal has been checked.

    Attributes
    ----------
    recipe
        What defines the signals.
    num_signals, output_file
        How many, and where to.
    max_failed_fraction
        Share of the signals that may fail and be replaced.
    overwrite
        Whether an output that is there, or unfinished work, is replaced.
    present
        Whether the output is there already, made by the same request.
    """

    recipe: Recipe
    num_signals: int
    output_file: Path
    max_failed_fraction: float
    overwrite: bool
    present: bool

    @property
    def layout(self) -> ledger.Layout:
        """The output's shape."""
        request = self.recipe.request
        return ledger.Layout(
            length=self.num_signals,
            attributes={
                "sample_rate": request.sample_rate,
                "duration": request.duration,
                "right_pad": request.right_pad,
                "num_injections": self.num_signals,
            },
            parameters=dict.fromkeys(STORED_PARAMETERS, ()),
            waveforms=dict.fromkeys(POLARIZATIONS, request.size),
            dtype=self.recipe.dtype,
        )

    @property
    def nbytes(self) -> int:
        """Bytes of the output."""
        return self.layout.nbytes

    @property
    def temporary_nbytes(self) -> int:
        """Bytes of the finished units, which lie beside the output until it is whole."""
        return self.nbytes

    def tasks(self) -> Iterator[UnitTask]:
        """The units, without end: the planned ones, and then those that replace failed signals."""
        folder, size = PartsFolder(self.output_file), self.recipe.unit_size
        number = 0
        while True:
            left = self.num_signals - number * size
            yield UnitTask(self.recipe, number, min(size, left) if left > 0 else size, folder.unit(number))
            number += 1


@dataclass(frozen=True)
class TrainingReport:
    """What was generated.

    Attributes
    ----------
    path
        The file.
    num_signals, drawn
        Signals in it, and signals drawn for it.
    failures
        The draws that failed, with their parameters and reasons.
    seed
        Of the run.
    present
        True if the file was there already and is sound.
    """

    path: Path
    num_signals: int
    drawn: int
    failures: tuple[str, ...]
    seed: int
    present: bool = False


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
    """Check the arguments of `training_waveforms` and say what it will do; writes nothing but an empty folder."""
    checks.require_count("num_signals", num_signals)
    checks.require_grid(sample_rate, waveform_duration, right_pad)
    checks.require_frequencies(minimum_frequency, reference_frequency, sample_rate)
    checks.require_choice("dtype", dtype, ("float32", "float64"))
    checks.require_seed(seed)
    checks.require_fraction("max_failed_fraction", max_failed_fraction)
    prior_choice = choose_binary_prior(prior, prior_options)
    generator_choice = choose_generator(generator, generator_options)
    output = Path(output_file)
    recipe = Recipe(
        prior=prior_choice,
        generator=generator_choice,
        request=WaveformRequest(sample_rate, waveform_duration, right_pad),
        minimum_frequency=minimum_frequency,
        reference_frequency=reference_frequency,
        seed=new_seed() if seed is None else seed,
        stream=Stream.TRAINING,
        dtype=dtype,
    )
    plan = TrainingPlan(recipe, num_signals, output, max_failed_fraction, overwrite, present=False)
    require_writable_folder(output.parent)
    if not overwrite:
        plan = _resume(plan, keep_seed=seed is not None)
    if not plan.present:
        require_space(output.parent, plan.nbytes + plan.temporary_nbytes)
    return plan


def choose_binary_prior(name: str, options: Mapping[str, Any] | None) -> Choice:
    """Choose a prior for binary waveforms; what its record declares is checked without loading it."""
    choice = choose("prior", name, options)
    choice.registered.require_installed()
    provider = choice.provider
    if isinstance(provider, PriorProvider) and provider.parameters is not None:
        require_base_parameters(provider.parameters, choice.key)
    return choice


def choose_generator(name: str, options: Mapping[str, Any] | None) -> Choice:
    """Choose a waveform generator; ``auto`` is the first that may be chosen automatically."""
    entry = candidates("waveforms", (name,))[0]
    entry.require_installed()
    return choose("waveforms", entry.key, options)


def _request_record(plan: TrainingPlan) -> dict[str, Any]:
    """What the output is a function of; by it a later run knows a finished or unfinished output as its own."""
    return provenance.provenance("waveforms", {"num_signals": plan.num_signals, **plan.recipe.describe()})


def _resume(plan: TrainingPlan, *, keep_seed: bool) -> TrainingPlan:
    """Recognize an output, or unfinished work, of the same request; without a seed of the user's, take its."""
    output = plan.output_file
    if output.exists():
        try:
            found = ledger.summarize(output, check=False).record or {}
        except DataQualityError as error:
            raise checks.output_exists(output) from error
        same = _with_seed_of(plan, found, keep_seed=keep_seed)
        if found.get("request") != provenance.fingerprint(_request_record(same)):
            raise OutputExistsError(
                f"{str(output)!r} exists already and holds something else. --overwrite replaces it."
            )
        return replace(same, present=True)
    unfinished = PartsFolder(output).read()
    return plan if unfinished is None else _with_seed_of(plan, unfinished, keep_seed=keep_seed)


def _with_seed_of(plan: TrainingPlan, record: Mapping[str, Any], *, keep_seed: bool) -> TrainingPlan:
    seed = record.get("arguments", {}).get("seed")
    if keep_seed or not isinstance(seed, int):
        return plan
    return replace(plan, recipe=replace(plan.recipe, seed=seed))


def try_training_waveforms(plan: TrainingPlan) -> Preflight:
    """Try prior and model on a few draws, in a worker: errors as `training_waveforms`, and the time a signal takes."""
    with engine.pool(1) as running:
        return _preflight(running, plan.recipe)


def _preflight(running: engine.Pool, recipe: Recipe) -> Preflight:
    (outcome,) = running.run(preflight, [recipe])
    if outcome.error is not None:
        raise outcome.error
    if outcome.result is None:
        raise PluginError("the preflight gave no answer.")
    return outcome.result


def run_training_waveforms(
    plan: TrainingPlan, *, workers: int | None = None, on_advance: engine.Advance | None = None
) -> TrainingReport:
    """Do what `plan_training_waveforms` planned.

    Parameters
    ----------
    workers
        Number of processes; all CPUs where None.
    on_advance
        Told the number of signals generated, from another thread.
    """
    count = engine.available_cpus() if workers is None else workers
    checks.require_count("workers", count)
    if plan.present:
        return _require_intact(plan)
    folder = PartsFolder(plan.output_file)
    remove_leftovers(plan.output_file)
    with engine.pool(count, on_advance=on_advance) as running:
        tried = _preflight(running, plan.recipe)
        folder.open(_request_record(plan), overwrite=plan.overwrite)
        units = _collect(running, plan)
    report = _join(plan, units, tried)
    folder.remove()
    return report


def _require_intact(plan: TrainingPlan) -> TrainingReport:
    summary = ledger.summarize(plan.output_file)
    if not summary.intact:
        raise OutputExistsError(
            f"{str(plan.output_file)!r} is there, and its content changed since it was written. "
            "--overwrite replaces it."
        )
    record = summary.record or {}
    return TrainingReport(
        plan.output_file,
        plan.num_signals,
        int(record.get("drawn", plan.num_signals)),
        tuple(record.get("failures", ())),
        plan.recipe.seed,
        present=True,
    )


def _collect(running: engine.Pool, plan: TrainingPlan) -> list[tuple[UnitTask, UnitReport]]:
    """Run units in order up to the draw that completes the signals; a unit that is done is not run again."""
    units: list[tuple[UnitTask, UnitReport]] = []
    accepted = drawn = 0
    for task, whole in _reports(running, plan):
        report = whole.until(plan.num_signals - accepted, task.first_draw)
        units.append((task, report))
        accepted += len(report.accepted)
        drawn += report.drawn
        if report.failures:
            example = str(report.failures[-1])
            recipes.require_acceptable(
                drawn - accepted, drawn, plan.recipe.unit_size, plan.max_failed_fraction, example
            )
        if accepted == plan.num_signals:
            break
    return units


def _reports(running: engine.Pool, plan: TrainingPlan) -> Iterator[tuple[UnitTask, UnitReport]]:
    for outcome in running.run(_finish_unit, plan.tasks()):
        if outcome.result is not None:
            yield outcome.unit, outcome.result
        elif isinstance(outcome.error, WorkerDiedError):
            _logger.error("%s", outcome.error)
            lost = Failure(outcome.unit.first_draw, f"the worker process died; lost is all of {outcome.unit}")
            yield outcome.unit, UnitReport((), plan.recipe.unit_size, (lost,))
        else:
            raise outcome.error or PluginError(f"{outcome.unit} gave no answer.")


def _finish_unit(task: UnitTask) -> UnitReport:
    """Run a unit unless its file is there and sound."""
    done = read_report(task)
    if done is None:
        return generate_unit(task)
    engine.advance(len(done.accepted))
    return done


def _join(plan: TrainingPlan, units: list[tuple[UnitTask, UnitReport]], tried: Preflight) -> TrainingReport:
    failures = tuple(str(failure) for _, report in units for failure in report.failures)
    drawn = sum(report.drawn for _, report in units)
    request = _request_record(plan)
    with ledger.create(plan.output_file, plan.layout) as writer:
        for parameters, waveforms in parts.rows(
            [task.path for task, report in units if report.accepted], plan.num_signals
        ):
            writer.append(parameters, waveforms)
        writer.finish(
            {
                **request,
                "request": provenance.fingerprint(request),
                "cosmology": tried.cosmology,
                "prior_frame": tried.frame,
                "drawn": drawn,
                "failures": list(failures),
            }
        )
    return TrainingReport(plan.output_file, plan.num_signals, drawn, failures, plan.recipe.seed)
