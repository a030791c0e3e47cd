"""What a person sees of ``aframe-data priors reweight``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aframe_data.cli.report import print_done, print_line, print_table
from aframe_data.sizes import counted

if TYPE_CHECKING:
    from aframe_data.reports.priors import ReweightReport
    from aframe_data.work.plan import Told


def print_forecast(forecast: Told) -> None:
    """What would be weighted."""
    values = forecast.describe()
    print_line(
        f"Would weight {counted(values['num_signals'], 'signal')} of {values['prior']} for {values['target']} into "
        f"{values['path']}."
    )


def print_report(report: ReweightReport) -> None:
    """What the weighted signals are worth."""
    rows = [
        ("effective number of signals", f"{report.effective_size:.4g} of {report.num_signals}"),
        ("mean weight", f"{report.mean_weight:.4g}"),
        ("largest weight", f"{report.largest_weight:.4g}"),
        ("signals that the other never draws", f"{report.outside}"),
    ]
    if report.efficiency is not None:
        drawn = counted(report.num_injections or 0, "draw")
        rows.append(("accepted fraction of the other", f"{report.efficiency:.4g} (sum of weights over {drawn})"))
    print_table((f"{report.prior} weighted for {report.target}", ""), rows)
    done = f"{counted(report.num_signals, 'signal')} with weights, written to {report.path}"
    print_done(report.path, done, present=report.present)
