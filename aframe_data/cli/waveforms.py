"""``aframe-data waveforms``: training waveforms."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import rich_click as click

from aframe_data.cli.parameters import common_options, run_options
from aframe_data.cli.providers import ProviderCommand
from aframe_data.cli.report import format_duration, print_line, progress
from aframe_data.cli.signals import SELECTORS, print_failures, signal_options


@click.command("waveforms", cls=ProviderCommand, selectors=SELECTORS)
@click.option("--num-signals", type=int, required=True, help="Number of signals.")
@click.option("-o", "--output-file", type=click.Path(path_type=Path), required=True, help="File to write.")
@signal_options
@run_options(workers="Processes. (default: all CPUs)")
@common_options
def command(*, workers: int | None, dry_run: bool, **arguments: Any) -> None:
    """Generate the polarizations of signals drawn from a prior, for training.

    The same --seed gives the same file on any number of workers; an interrupted command goes on where it
    stopped.
    """
    from aframe_data.store.atomic import format_bytes
    from aframe_data.waveforms.training import plan_training_waveforms, run_training_waveforms, try_training_waveforms
    from aframe_data.work import engine

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
    print_failures(report.failures, report.path)
    if report.present:
        print_line(f"{report.path} is there already, made by the same command and intact: nothing to do")
    else:
        print_line(
            f"{report.num_signals} signals of {report.drawn} drawn, seed {report.seed}, written to {report.path}"
        )
