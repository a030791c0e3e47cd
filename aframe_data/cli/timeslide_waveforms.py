"""``aframe-data timeslide-waveforms``: an injection campaign over time-shifted background."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from aframe_data.cli.injections import print_forecast, print_report
from aframe_data.cli.parameters import Items, common_options, joined, run_options
from aframe_data.cli.providers import ProviderCommand
from aframe_data.cli.report import counted, format_duration, print_line, progress
from aframe_data.cli.signals import PSD_HELP, SELECTORS, acceptance_options, signal_options

if TYPE_CHECKING:
    from aframe_data.injections.plan import InjectionPlan


def _numbers(context: click.Context, parameter: click.Parameter, values: tuple[Any, ...]) -> tuple[float, ...]:
    numbers = []
    for item in joined(context, parameter, values):
        try:
            numbers.append(float(item))
        except ValueError as error:
            raise click.BadParameter(f"{item!r} is no number of seconds.", context, parameter) from error
    return tuple(numbers)


@click.command("timeslide-waveforms", cls=ProviderCommand, selectors=SELECTORS)
@click.option(
    "--output-dir",
    type=click.Path(path_type=Path),
    required=True,
    help="Folder for waveforms.hdf5 and rejected-parameters.hdf5.",
)
@click.option("--background", type=click.Path(path_type=Path), help="Folder of background files: the segments.")
@click.option("--start", type=float, help="Instead: start of the one segment, GPS seconds.")
@click.option("--end", type=float, help="End of the one segment, GPS seconds.")
@click.option(
    "--shifts",
    type=Items(),
    multiple=True,
    callback=_numbers,
    required=True,
    help="Seconds by which each interferometer is shifted in slide 1: 0,1.",
)
@click.option("--num-signals", type=int, help="Stop at so many injections.")
@click.option("--livetime", type=float, help="Stop when so many seconds of shifted background are used.")
@click.option(
    "--spacing", type=float, default=16.0, show_default=True, help="Seconds from a window's end to the next start."
)
@click.option(
    "--buffer", type=float, default=16.0, show_default=True, help="Seconds from the edges to the nearest window."
)
@click.option(
    "--jitter", type=float, default=0.1, show_default=True, help="Seconds by which injections are moved at most."
)
@click.option(
    "--psd-length", type=float, default=64.0, show_default=True, help="Seconds left free at each segment's start."
)
@click.option(
    "--psd",
    "--psd-file",
    "psd",
    multiple=True,
    metavar="[IFO=]FILE|CURVE",
    help=f"{PSD_HELP} (default: each background file's own)",
)
@click.option(
    "--true-right-ascension",
    is_flag=True,
    help="Take ra as right ascension, and not as a longitude fixed to the Earth.",
)
@acceptance_options
@signal_options
@run_options(workers="Processes. (default: all CPUs)")
@common_options
def command(*, workers: int | None, dry_run: bool, **arguments: Any) -> None:
    """Generate a campaign of injections over time-shifted background.

    Slide k = 1, 2, … shifts the interferometers by k times --shifts in every segment, until there are
    --num-signals or --livetime; without either, slide 1 is made. The same --seed gives the same files on any
    number of workers; an interrupted command goes on where it stopped.
    """
    from aframe_data.injections.campaign import plan_timeslide_waveforms, run_injections

    plan = plan_timeslide_waveforms(**arguments)
    _print_times(plan)
    if dry_run:
        print_forecast(plan, workers)
        return
    with progress() as on_phase:
        report = run_injections(plan, workers=workers, on_phase=on_phase)
    print_report(report)


def _print_times(plan: InjectionPlan) -> None:
    slots = plan.slots
    if slots is None:
        return
    print_line(
        f"{counted(len(slots), 'injection')} in {counted(slots.num_slides, 'slide')} of "
        f"{counted(len(slots.segments), 'segment')}, livetime {slots.livetime:.0f} s "
        f"({format_duration(slots.livetime)})"
    )
