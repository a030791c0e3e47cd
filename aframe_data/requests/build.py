"""``aframe-data build``: a whole data set, what it is asked for by."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from aframe_data.errors import UsageError
from aframe_data.requests.declaration import OUTPUT, option, output
from aframe_data.requests.request import Request, request
from aframe_data.requests.shared import Making, workers_option

if TYPE_CHECKING:
    from aframe_data.reports.build import BuildReport

STAGES, MACHINES = "Stages", "Many machines"


@request
class Build(Making, Request["BuildReport"]):
    """Make a whole data set from one configuration file.

    Makes segments, background and PSDs for the training and the test span, training and validation waveforms, and
    a campaign of injections, in the folders where Aframe looks for them. Each stage runs the command of that step.
    Stages that are complete and match the configuration are kept, and interrupted ones resume. report.html shows
    the whole data set.
    """

    command, plan = "build", "aframe_data.build.plan:plan"
    example = "--preset quickstart -o dataset"
    streams = True
    configurable = False

    configuration: str | Path | None = option(
        default=None,
        help="Configuration file, TOML or YAML. `aframe-data init` writes one.",
        remote=True,
        metavar="CONFIG",
        kw_only=False,
    )
    preset: str | None = option(
        default=None,
        help="Use this configuration of `aframe-data init` instead of a file.",
        group=STAGES,
        names="aframe_data.build.presets:names",
    )
    only: Sequence[str] = option(
        default=(), help="Stages to make, such as test-segments,test-background.", group=STAGES, otherwise="all"
    )
    until: str | None = option(default=None, help="Last stage to make.", group=STAGES)
    output_dir: str | Path = output(help="Folder of the data set.")
    report: bool = option(
        default=True,
        help="Do not write report.html.",
        group=OUTPUT,
        switch_off="no_report",
        affects_data=False,
    )
    list_units: bool = option(
        default=False,
        help="Print every unit of work as a line of JSON, for job arrays, and make nothing.",
        group=MACHINES,
        affects_data=False,
    )
    unit: str | None = option(
        default=None, help="Make one of the units that --list-units prints.", group=MACHINES, affects_data=False
    )
    parts: int = option(
        default=1,
        help="Number of parts into which each stage of signals is divided by --list-units and --unit.",
        group=MACHINES,
        minimum=1,
        maximum=9999,
        affects_data=False,
    )
    workers: int | None = workers_option("what the configuration says, or all CPUs")

    def check(self) -> None:
        """Refuse two configurations, and none; and stages that are chosen in two ways."""
        if (self.configuration is None) == (self.preset is None):
            raise UsageError("give a configuration file, or --preset NAME.")
        if self.unit is not None and (self.only or self.until or self.list_units):
            raise UsageError("--unit names one unit: leave out --only, --until and --list-units.")
        if self.parts > 1 and self.unit is None and not self.list_units:
            raise UsageError("--parts has no effect without --list-units: on one machine, use --workers.")
