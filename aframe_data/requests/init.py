"""``aframe-data init``: a configuration of a data set, what it is made of."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from aframe_data.errors import UsageError
from aframe_data.places import place
from aframe_data.requests.declaration import option, output
from aframe_data.requests.request import Request, request
from aframe_data.requests.shared import Making

if TYPE_CHECKING:
    from aframe_data.reports.init import Configured


@request
class Init(Making, Request["Configured"]):
    """Write a commented configuration for `aframe-data build`.

    PRESET is one of the configurations that come with aframe-data: quickstart (simulated detectors, minutes on
    two cores), o3-bbh (Aframe's reference), o4a-bbh or bns. Each option has its help above it; change what you
    like.
    """

    command, plan = "init", "aframe_data.build.init:InitPlan"
    makes = False
    configurable = False
    example = "quickstart -o config.toml"

    preset: str | None = option(
        default=None,
        help="Configuration to write.",
        kw_only=False,
        metavar="PRESET",
        names="aframe_data.build.presets:names",
    )
    from_aframe: str | Path | None = option(
        default=None,
        help="Translate this run configuration of Aframe's pipeline (config.yaml) instead.",
        remote=True,
    )
    output_file: str | Path = output(
        default="aframe-data.toml", help="File to write, in TOML. Use - for standard output.", stream=True
    )

    def check(self) -> None:
        """Refuse two configurations, none, and a file that would not be read as TOML."""
        if (self.preset is None) == (self.from_aframe is None):
            raise UsageError("give a preset (aframe-data init quickstart), or --from-aframe FILE.")
        if str(self.output_file) != "-" and place(self.output_file).suffix.lower() != ".toml":
            raise UsageError(f"output = {str(self.output_file)!r} must end in .toml, as its content is TOML.")
