"""``aframe-data verify``: whether a folder of background files is sound and whole."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from aframe_data import checks
from aframe_data.errors import UsageError
from aframe_data.requests.declaration import option
from aframe_data.requests.request import Request, request
from aframe_data.requests.shared import Working, path_or_segments
from aframe_data.types import Segment

if TYPE_CHECKING:
    from aframe_data.reports.verify import Verified


@request
class Verify(Working, Request["Verified"]):
    """Check a folder of background files: names, samples, gaps, overlaps.

    Told are files that are damaged, changed, not finite, at odds with their names or unlike the others, and what
    the segments have and no file covers. Nothing is written. The exit code is 1 where something is wrong.
    """

    command, plan = "verify", "aframe_data.verification.verify:VerifyPlan"
    makes = False
    example = "background --segments segments.txt"

    folder: str | Path = option(help="Folder of background files.", kw_only=False)
    segments: str | Path | Sequence[Segment] | None = option(
        default=None,
        help="Segments file that the files should cover.",
        parse=path_or_segments,
        metavar="PATH",
        files=True,
        otherwise="segments.txt in FOLDER or beside it, if there",
    )
    look_for_segments: bool = option(default=True, help="Compare with no segments.", switch_off="no_segments")
    sample_rate: float | None = option(
        default=None,
        help="Rate that the files should have, in Hz.",
        minimum=0,
        exclusive=True,
        otherwise="that of most",
    )
    ifos: Sequence[str] | None = option(
        default=None, help="Interferometers that the files should have: H1,L1.", otherwise="those of most"
    )
    min_duration: float | None = option(
        default=None,
        help="Shortest file, in seconds: what is shorter and has none is not missing.",
        minimum=0,
        otherwise="that of the fetch that made the files, or 10",
    )
    prefix: str = option(default="background", help="First part of the files' names.", short="p")
    quick: bool = option(default=False, help="Read names and metadata only, no samples.")

    def check(self) -> None:
        """Refuse values that do not go together."""
        checks.require_prefix(self.prefix)
        if self.segments is not None and not self.look_for_segments:
            raise UsageError("--segments and --no-segments exclude each other.")
        if self.ifos is not None:
            checks.require_one_channel_each(self.ifos)
