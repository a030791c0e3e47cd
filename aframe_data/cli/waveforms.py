"""``aframe-data waveforms``: training waveforms."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import rich_click as click

from aframe_data.cli.parameters import common_options, run_options
from aframe_data.cli.providers import AUTO, ProviderCommand, Selector
from aframe_data.cli.report import format_duration, print_line, progress


@click.command(
    "waveforms",
    cls=ProviderCommand,
    selectors=[
        Selector("prior", "prior", "prior_options", automatic=False),
        Selector("generator", "waveforms", "generator_options"),
    ],
)
@click.option(
    "--prior",
    required=True,
    help="Name of a prior, a bilby .prior file, or the dotted path of a function that returns one; with --help, "
    "shows its options. `plugins list --kind prior` names all.",
)
@click.option("--num-signals", type=int, required=True, help="Number of signals.")
@click.option("--waveform-duration", type=float, required=True, help="Length of each waveform, in seconds.")
@click.option("--sample-rate", type=float, required=True, help="Sample rate, in Hz.")
@click.option("-o", "--output-file", type=click.Path(path_type=Path), required=True, help="File to write.")
@click.option(
    "--minimum-frequency",
    type=float,
    default=20.0,
    show_default=True,
    help="Frequency, in Hz, at which signals start; heavy binaries start lower.",
)
@click.option(
    "--reference-frequency",
    type=float,
    default=50.0,
    show_default=True,
    help="Frequency, in Hz, at which spins are given.",
)
@click.option(
    "--right-pad", type=float, default=2.0, show_default=True, help="Seconds from the merger to the end of the window."
)
@click.option("--generator", default=AUTO, show_default=True, help="Waveform generator.")
@click.option("--seed", type=int, help="Of the draws: a whole number; one is drawn, printed and stored if not given.")
@click.option(
    "--dtype",
    type=click.Choice(["float32", "float64"]),
    default="float32",
    show_default=True,
    help="Type of the samples.",
)
@click.option(
    "--max-failed-fraction",
    type=float,
    default=0.01,
    show_default=True,
    help="Share of the signals that may fail; later draws replace them.",
)
@run_options(workers="Processes. (default: all CPUs)")
@common_options
def command(*, workers: int | None, dry_run: bool, **arguments: Any) -> None:
    """Generate the polarizations of signals drawn from a prior, for training.

    The same --seed gives the same file on any number of workers; an interrupted command goes on where it
    stopped.
    """
    from aframe_data import engine
    from aframe_data.io.atomic import format_bytes
    from aframe_data.waveforms.training import (
        plan_training_waveforms,
        run_training_waveforms,
        try_training_waveforms,
    )

    plan = plan_training_waveforms(**arguments)
    if dry_run:
        if plan.present:
            print_line(f"{plan.output_file} is there already; nothing would be done.")
            return
        tried = try_training_waveforms(plan)
        processes = workers or engine.available_cpus()
        seconds = tried.seconds_per_signal * plan.num_signals / processes
        print_line(
            f"Would generate {plan.num_signals} signals with seed {plan.recipe.seed} into {plan.output_file}: "
            f"{format_bytes(plan.nbytes)}, and as much again beside it until it is whole; about "
            f"{format_duration(seconds)} with {processes} workers ({tried.seconds_per_signal * 1e3:.1f} ms a signal)."
        )
        return
    with progress() as on_phase:
        report = run_training_waveforms(plan, workers=workers, on_phase=on_phase)
    for failure in report.failures[:_SHOWN_FAILURES]:
        print_line(f"failed and replaced: {failure}")
    if len(report.failures) > _SHOWN_FAILURES:
        print_line(f"… and {len(report.failures) - _SHOWN_FAILURES} more, all in the file's provenance")
    if report.present:
        print_line(f"{report.path} is there already, made by the same command and intact: nothing to do")
    else:
        print_line(
            f"{report.num_signals} signals of {report.drawn} drawn, seed {report.seed}, written to {report.path}"
        )


_SHOWN_FAILURES = 10
