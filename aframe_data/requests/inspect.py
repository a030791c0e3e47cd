"""``aframe-data inspect``: what a file holds, and where it came from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from aframe_data.errors import UsageError
from aframe_data.requests.declaration import option
from aframe_data.requests.request import Request, request
from aframe_data.requests.shared import Making, Pictured

if TYPE_CHECKING:
    from aframe_data.reports.inspect import Inspection


@request
class Inspect(Pictured, Making, Request["Inspection"]):
    """Show what a file holds, whether it is intact, and how it was made.

    --plot draws a picture: the ASDs and spectrograms of strain, a timeline of segments, example waveforms with
    their Q-transforms, or a corner plot of parameters.
    """

    command, plan = "inspect", "aframe_data.inspection.plan:InspectPlan"
    picture = "aframe_data.inspection.picture:draw"
    makes = False
    example = "background/background-1240579783-7829.hdf5 --plot background.png"

    path: str | Path = option(help="File to look at.", remote=True, kw_only=False, metavar="FILE")
    parameters: bool = option(
        default=False, help="With --plot: draw the parameters of the signals instead of their waveforms."
    )

    def check(self) -> None:
        """Refuse values that do not go together."""
        if self.parameters and self.plot is None:
            raise UsageError("--parameters needs --plot.")
