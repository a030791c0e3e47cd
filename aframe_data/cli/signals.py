"""Options of the commands that make signals: what the signals are, and which of them are accepted."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import rich_click as click

from aframe_data.cli.parameters import list_option
from aframe_data.cli.providers import AUTO, Selector
from aframe_data.cli.report import print_line

if TYPE_CHECKING:
    from pathlib import Path

Function = Callable[..., Any]

#: The providers that these commands choose.
SELECTORS = (
    Selector("prior", "prior", "prior_options", automatic=False),
    Selector("generator", "waveforms", "generator_options"),
)

_SHOWN_FAILURES = 10

_SIGNALS = (
    click.option(
        "--prior",
        required=True,
        help="Name of a prior, a bilby .prior file, or the dotted path of a function that returns one; with --help, "
        "shows its options. `plugins list --kind prior` names all.",
    ),
    click.option("--waveform-duration", type=float, required=True, help="Length of each waveform, in seconds."),
    click.option("--sample-rate", type=float, required=True, help="Sample rate, in Hz."),
    click.option(
        "--minimum-frequency",
        type=float,
        default=20.0,
        show_default=True,
        help="Frequency, in Hz, at which signals start; heavy binaries start lower.",
    ),
    click.option(
        "--reference-frequency",
        type=float,
        default=50.0,
        show_default=True,
        help="Frequency, in Hz, at which spins are given.",
    ),
    click.option(
        "--right-pad",
        type=float,
        default=2.0,
        show_default=True,
        help="Seconds from the merger to the end of the window.",
    ),
    click.option("--generator", default=AUTO, show_default=True, help="Waveform generator."),
    click.option(
        "--seed", type=int, help="Of the draws: a whole number; one is drawn, printed and stored if not given."
    ),
    click.option(
        "--dtype",
        type=click.Choice(["float32", "float64"]),
        default="float32",
        show_default=True,
        help="Type of the samples.",
    ),
    click.option(
        "--max-failed-fraction",
        type=float,
        default=0.01,
        show_default=True,
        help="Share of the signals that may fail; later draws replace them.",
    ),
)

_ACCEPTANCE = (
    list_option("--ifos", required=True, help="Interferometers: H1,L1."),
    click.option(
        "--snr-threshold", type=float, default=4.0, show_default=True, help="Smallest SNR of the network accepted."
    ),
    click.option(
        "--highpass", type=float, default=32.0, show_default=True, help="Lowest frequency, in Hz, that the SNR counts."
    ),
    click.option("--lowpass", type=float, help="Highest frequency, in Hz. (default: the Nyquist frequency)"),
    click.option(
        "--max-num-samples", type=int, help="Most signals to draw. (default: 10000 for each that is to be accepted)"
    ),
    click.option("--full-evaluation", is_flag=True, help="Make every draw in full; accepts the same signals, slowly."),
)

PSD_HELP = (
    "The noise: a background file, a PSD or ASD file (text columns, gwpy HDF5), or a curve of lalsimulation or bilby; "
    "IFO=… for each interferometer its own."
)


def signal_options(function: Function) -> Function:
    """What the signals are."""
    return _with(function, _SIGNALS)


def acceptance_options(function: Function) -> Function:
    """Which of the signals are accepted."""
    return _with(function, _ACCEPTANCE)


def _with(function: Function, options: tuple[Callable[[Function], Function], ...]) -> Function:
    for option in reversed(options):
        function = option(function)
    return function


def print_failures(failures: tuple[str, ...], path: Path) -> None:
    """The first of the signals that failed."""
    for failure in failures[:_SHOWN_FAILURES]:
        print_line(f"failed and replaced: {failure}")
    if len(failures) > _SHOWN_FAILURES:
        print_line(f"… and {len(failures) - _SHOWN_FAILURES} more, all in the provenance of {path}")
