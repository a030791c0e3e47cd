"""``aframe-data psd``: power spectral densities of background files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from aframe_data.cli.parameters import COMMON_PANEL, common_options, list_option
from aframe_data.cli.pictures import Picture
from aframe_data.cli.providers import ProviderCommand
from aframe_data.cli.report import counted, print_line, print_table, progress

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aframe_data.psd.estimate import PsdPlan, PsdReport
    from aframe_data.types import PowerSpectra


@click.command("psd", cls=ProviderCommand, selectors=[])
@click.argument("files", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option("-o", "--output-file", type=click.Path(path_type=Path), required=True, help="File to write.")
@click.option("--fft-length", type=float, default=8.0, show_default=True, help="Seconds of one FFT.")
@list_option("--ifos", help="Interferometers: H1,L1. (default: those of the files)")
@click.option("--plot", type=click.Path(path_type=Path), help="Picture of the ASDs to draw as well: png, pdf or svg.")
@click.option("--dry-run", is_flag=True, panel=COMMON_PANEL, help="Say what would be done, and do nothing.")
@click.option("--overwrite", is_flag=True, panel=COMMON_PANEL, help="Replace what is there.")
@common_options
def command(*, ifos: Sequence[str], plot: Path | None, dry_run: bool, overwrite: bool, **arguments: Any) -> None:
    """Estimate power spectral densities from background files.

    Welch's method: Hann windows that overlap by half, and the median over all FILES together.
    """
    from aframe_data.psd.estimate import plan_psd, run_psd

    plan = plan_psd(**arguments, ifos=ifos or None, overwrite=overwrite)
    picture = None if plot is None else Picture(plot, overwrite)
    if picture is not None:
        picture.require(others=[plan.output_file, *(file.path for file in plan.files)], present=plan.present)
    if dry_run:
        _print_plan(plan, plot)
        return
    with progress() as on_phase:
        report = run_psd(plan, on_phase=on_phase)
    _print_report(report)
    if picture is not None:
        picture.draw(lambda path: _draw(path, report.spectra))


def _draw(path: Path, spectra: PowerSpectra) -> None:
    from aframe_data.figures.psd import draw_asds
    from aframe_data.psd.curves import design_curves

    draw_asds(path, spectra, references=design_curves(spectra.ifos))


def _print_plan(plan: PsdPlan, plot: Path | None) -> None:
    from aframe_data.store.atomic import format_bytes

    if plan.present:
        print_line(f"{plan.output_file} is there already; nothing would be estimated.")
    else:
        print_line(
            f"Would estimate the PSD of {', '.join(plan.ifos)} from {counted(len(plan.files), 'file')} with "
            f"{plan.livetime:.0f} s, the median of {counted(plan.segments, 'segment')} of {plan.fft_length:g} s each, "
            f"into {plan.output_file}: {format_bytes(plan.nbytes)}."
        )
    if plot is not None:
        print_line(f"Would draw {plot}.")


def _print_report(report: PsdReport) -> None:
    from aframe_data.psd.spectra import quietest

    spectra = report.spectra
    found = [(ifo, quietest(spectra.frequencies, spectra.of(ifo))) for ifo in spectra.ifos]
    rows = [(ifo, f"{best[1]:.3g} /sqrt(Hz) at {best[0]:g} Hz") for ifo, best in found if best]
    print_table("", ("", "smallest ASD"), rows)
    if report.present:
        print_line(f"{report.path} is there already, made by the same command and intact: nothing to do")
    else:
        print_line(f"median of {counted(report.segments, 'segment')}, written to {report.path}")
