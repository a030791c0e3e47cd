"""What a person sees of ``aframe-data psd``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aframe_data.cli.report import print_done, print_line, print_table
from aframe_data.sizes import counted, format_bytes

if TYPE_CHECKING:
    from aframe_data.reports.psd import PsdForecast, PsdReport


def print_forecast(forecast: PsdForecast) -> None:
    """What would be estimated."""
    print_line(
        f"Would estimate the PSD of {', '.join(forecast.ifos)} from {counted(forecast.num_files, 'file')} with "
        f"{forecast.livetime:.0f} s, the median of {counted(forecast.segments, 'segment')} of "
        f"{forecast.fft_length:g} s each, into {forecast.path}: {format_bytes(forecast.nbytes)}."
    )


def print_report(report: PsdReport) -> None:
    """Where each interferometer hears best, and the file."""
    from aframe_data.psd.spectra import quietest  # it needs numpy, which the help page does not wait for

    spectra = report.spectra
    found = [(ifo, quietest(spectra.frequencies, spectra.of(ifo))) for ifo in spectra.ifos]
    rows = [(ifo, f"{best[1]:.3g} /sqrt(Hz) at {best[0]:g} Hz") for ifo, best in found if best]
    print_table(("", "smallest ASD"), rows)
    done = f"median of {counted(report.segments, 'segment')}, written to {report.path}"
    print_done(report.path, done, present=report.present)
