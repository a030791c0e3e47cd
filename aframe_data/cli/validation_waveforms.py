"""``aframe-data validation-waveforms``: signals above an SNR, in their detectors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import rich_click as click

from aframe_data.cli.injections import print_forecast, print_report
from aframe_data.cli.parameters import common_options, run_options
from aframe_data.cli.pictures import Picture
from aframe_data.cli.providers import ProviderCommand
from aframe_data.cli.report import progress
from aframe_data.cli.signals import PSD_HELP, SELECTORS, acceptance_options, signal_options


@click.command("validation-waveforms", cls=ProviderCommand, selectors=SELECTORS)
@click.option("--num-signals", type=int, required=True, help="Number of accepted signals.")
@click.option("-o", "--output-file", type=click.Path(path_type=Path), required=True, help="File to write.")
@click.option(
    "--rejected-file", type=click.Path(path_type=Path), help="File to write the rejected draws' parameters to."
)
@click.option("--psd", "--psd-file", "psd", multiple=True, required=True, metavar="[IFO=]FILE|CURVE", help=PSD_HELP)
@acceptance_options
@signal_options
@click.option("--plot", type=click.Path(path_type=Path), help="Picture to draw (png, pdf, svg): parameters and SNRs.")
@run_options(workers="Processes. (default: all CPUs)")
@common_options
def command(*, workers: int | None, dry_run: bool, plot: Path | None, **arguments: Any) -> None:
    """Generate signals that reach an SNR in a network of detectors, for validation.

    Draws whose estimated SNR is too low are never made in full. The same --seed gives the same file on any
    number of workers; an interrupted command goes on where it stopped.
    """
    from aframe_data.injections.validation import plan_validation_waveforms, run_injections

    plan = plan_validation_waveforms(**arguments)
    picture = None if plot is None else Picture(plot, plan.overwrite)
    if picture is not None:
        picture.require(others=plan.outputs, present=plan.present)
    if dry_run:
        print_forecast(plan, workers)
        return
    with progress() as on_phase:
        report = run_injections(plan, workers=workers, on_phase=on_phase)
    print_report(report)
    if picture is not None:
        from aframe_data.injections.picture import draw_accepted

        picture.draw(lambda path: draw_accepted(plan, path))
