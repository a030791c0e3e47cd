"""What a person sees of ``aframe-data priors show``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aframe_data.cli.report import print_done, print_line, print_table
from aframe_data.sizes import counted

if TYPE_CHECKING:
    from aframe_data.reports.priors import PriorReport
    from aframe_data.work.plan import Told


def print_forecast(forecast: Told) -> None:
    """What would be drawn."""
    values = forecast.describe()
    if values["path"] is None:
        print_line(f"Would show the prior {values['prior']}.")
        return
    draws = counted(values["samples"], "draw")
    print_line(f"Would write {draws} of the prior {values['prior']} to {values['path']}, seed {values['seed']}.")


def print_report(report: PriorReport) -> None:
    """What the prior draws, and the file of draws."""
    print_line(f"{report.prior} ({report.distribution} {report.version}): {report.summary}")
    settings = [f"masses in the {report.frame} frame"] if report.has_masses else []
    settings.append(f"cosmology {report.cosmology}")
    options = {name: value for name, value in report.options.items() if value not in (None, "", [])}
    settings += [f"{name} = {value}" for name, value in options.items() if name != "cosmology"]
    print_line("; ".join(settings))
    rows = [
        (
            one.name,
            one.unit,
            one.distribution or "-",
            *(f"{value:.4g}" for value in (one.minimum, one.low, one.median, one.high, one.maximum)),
        )
        for one in report.parameters
    ]
    print_table(("parameter", "unit", "distribution", "min", "5 %", "median", "95 %", "max"), rows)
    for name, text in report.drawn_instead.items():
        print_line(f"drawn instead: {name} from {text}")
    print_line(f"ranges of {report.looked_at_in_words}")
    if report.path is not None and report.num_samples is not None:
        done = f"{counted(report.num_samples, 'draw')}, seed {report.seed}, written to {report.path}"
        print_done(report.path, done, present=report.present)
