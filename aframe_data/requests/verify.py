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
from aframe_data.segment import Segment

if TYPE_CHECKING:
    from aframe_data.reports.verify import Verified


@request
class Verify(Working, Request["Verified"]):
    """Check a folder of background files.

    Reports files that are damaged, changed, not finite, wrongly named or unlike the others, and times in the
    segments that no file covers. Nothing is written. The exit code is 1 if there is a problem.
    """

    command, plan = "verify", "aframe_data.verification.verify:VerifyPlan"
    makes = False
    example = "background --segments segments.txt"

    folder: str | Path = option(help="Folder of background files.", remote=True, kw_only=False)
    segments: str | Path | Sequence[Segment] | None = option(
        default=None,
        help="Segments file that the background files should cover.",
        parse=path_or_segments,
        metavar="PATH",
        files=True,
        otherwise="segments.txt in FOLDER or beside it, if there",
    )
    look_for_segments: bool = option(default=True, help="Do not compare with any segments.", switch_off="no_segments")
    sample_rate: float | None = option(
        default=None,
        help="Sample rate that the files should have, in Hz.",
        minimum=0,
        exclusive=True,
        otherwise="that of most files",
    )
    ifos: Sequence[str] | None = option(
        default=None, help="Interferometers that the files should have, such as H1,L1.", otherwise="those of most files"
    )
    min_duration: float | None = option(
        default=None,
        help="Shortest file that is expected, in seconds. A shorter stretch without a file is not reported as missing.",
        minimum=0,
        otherwise="that of the fetch that made the files, or 10",
    )
    prefix: str = option(default="background", help="First part of the names of the files.", short="p")
    quick: bool = option(default=False, help="Read only names and metadata, no samples.")

    def check(self) -> None:
        """Refuse values that do not go together."""
        checks.require_prefix(self.prefix)
        if self.segments is not None and not self.look_for_segments:
            raise UsageError("--segments and --no-segments exclude each other.")
        if self.ifos is not None:
            checks.require_items("ifos", self.ifos)
            checks.require_one_channel_each(self.ifos)
