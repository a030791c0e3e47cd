"""``aframe-data priors show`` and ``priors reweight``: what they are asked for by."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aframe_data.errors import UsageError
from aframe_data.requests.declaration import OUTPUT, Chooses, option, output
from aframe_data.requests.request import Request, request
from aframe_data.requests.shared import Making, Pictured, provider_options
from aframe_data.requests.signals import AnyPrior, prior_given

if TYPE_CHECKING:
    from aframe_data.reports.priors import PriorReport, ReweightReport


@request
class ShowPrior(Pictured, Making, Request["PriorReport"]):
    """Show what a prior draws.

    Prints its parameters with their distributions and ranges, the frame of its masses and its cosmology. --plot makes a
    corner plot of draws; --samples writes draws to a file, HDF5 (which other commands read) or CSV.
    """

    command, plan = "priors show", "aframe_data.populations.show:plan"
    picture, printer = "aframe_data.populations.show:draw", "priors_show"
    example = "end_o3_ratesandpops --plot population.png"
    configurable = False

    prior: AnyPrior = option(
        help="Prior to show: anything that `--prior` of other commands takes. Add --help to see its options.",
        kw_only=False,
        chooses=Chooses("prior", "prior_options", automatic=False),
        parse=prior_given,
        files=True,
        metavar="NAME",
    )
    prior_options: Mapping[str, Any] | None = provider_options("the prior")
    samples: int | None = option(default=None, help="Number of draws to write.", group=OUTPUT, minimum=1)
    output_file: str | Path | None = output(
        default=None, help="File to write the draws to: .hdf5 or .csv.", remote=False
    )
    seed: int = option(default=0, help="Random seed of the draws.", group=OUTPUT, minimum=0)

    def check(self) -> None:
        """Refuse draws without a file, and a file without draws."""
        if (self.samples is None) != (self.output_file is None):
            raise UsageError("--samples and --output go together: give the number of draws and the file.")


@request
class Reweight(Making, Request["ReweightReport"]):
    """Weight the signals of a file for another population.

    Writes the parameters of the file and three more: ln_prob, the logarithm of the density of the prior that the
    signals were drawn from; ln_prob_to, that of the other prior; and weight, the other density divided by the first.
    Densities are over masses in the source frame. The sum of the weights of accepted signals, divided by
    num_injections, estimates what fraction of the other population would be accepted.
    """

    command, plan = "priors reweight", "aframe_data.populations.reweight:plan"
    printer = "priors_reweight"
    example = "waveforms.hdf5 --to gaussian_masses --m1 35 --m2 30 -o weights.hdf5"
    configurable = False

    file: str | Path = option(
        help="File of signals that says which prior they were drawn from.",
        kw_only=False,
        affects_data=False,
        metavar="FILE",
    )
    to: AnyPrior = option(
        help="Prior to weight the signals for: anything that `--prior` of other commands takes. Add --help to see its "
        "options.",
        chooses=Chooses("prior", "to_options", automatic=False),
        parse=prior_given,
        files=True,
    )
    to_options: Mapping[str, Any] | None = provider_options("the prior to weight for")
    output_file: str | Path = output(help="File to write: .hdf5 or .csv.", remote=False)
