"""``aframe-data query``: science segments, what they are asked for by."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aframe_data import checks
from aframe_data.errors import UsageError
from aframe_data.plugin.records import AUTO
from aframe_data.plugin.values import items_of
from aframe_data.requests.declaration import OUTPUT, Chooses, option, output
from aframe_data.requests.request import Request, request
from aframe_data.requests.shared import Making, provider_options
from aframe_data.segment import Segment
from aframe_data.times import Time, gps_seconds

if TYPE_CHECKING:
    from aframe_data.reports.query import QueryResult

FLAGS, VETOES, SEGMENTS, SOURCES = "Flags", "Vetoes", "Segments", "Sources"

#: Seconds around an edge or an event that anyone can mean: more asks for times before there were detectors.
_WIDEST = 1e6


def _categories(value: Any) -> tuple[int, ...]:
    """Categories in the order of their numbers."""
    given = items_of(value)
    if not given:
        raise UsageError("give at least one, such as 1,2.")
    for category in given:
        if not re.fullmatch(r"\s*[0-9]{1,9}\s*", str(category)):
            raise UsageError(f"{category!r} is not a category, only whole numbers, such as 1,2.")
    categories = sorted(int(category) for category in given)
    for category, following in pairwise(categories):
        if category == following:
            raise UsageError(f"{category} is given twice.")
    return tuple(categories)


@request
class Query(Making, Request["QueryResult"]):
    """Find the times when detectors took science data.

    The active times of all flags are intersected and excluded times are removed. The result is a segments file
    that gwpy and Aframe can read.
    """

    command, plan = "query", "aframe_data.segments.query:plan"
    example = "--flags H1_DATA,L1_DATA --start 1240579783 --end 1241443783 -o segments.txt"

    flags: str | Sequence[str] = option(
        help="Data-quality flags that must all be active, such as H1_DATA,L1_DATA.", group=FLAGS
    )
    start: Time = option(help="Start of the search: GPS seconds or a UTC date.", group=FLAGS)
    end: Time = option(help="End of the search: GPS seconds or a UTC date.", group=FLAGS)
    exclude_flags: str | Sequence[str] = option(default=(), help="Flags whose active times are excluded.", group=VETOES)
    veto_definer: str | Path | None = option(
        default=None,
        help="Veto definer file (LIGO_LW XML). Its flags for the detectors in --flags are excluded, with padding.",
        group=VETOES,
    )
    veto_categories: Sequence[int | str] | None = option(
        default=None,
        help="Veto categories to exclude, as numbered in the veto definer file.",
        group=VETOES,
        otherwise="1",
        parse=_categories,
        metavar="LIST",
        repeated=True,
    )
    exclude_events: float | None = option(
        default=None,
        help="Exclude this many seconds on either side of each catalogued event.",
        group=VETOES,
        metavar="SECONDS",
        minimum=0,
        maximum=_WIDEST,
        exclusive=True,
    )
    pad: float = option(
        default=0.0,
        help="Seconds to remove from both ends of every segment.",
        group=SEGMENTS,
        minimum=0,
        maximum=_WIDEST,
    )
    min_duration: float = option(default=0.0, help="Shortest segment to keep, in seconds.", group=SEGMENTS)
    max_duration: float | None = option(
        default=None, help="Longest segment, in seconds. Longer ones are split evenly.", group=SEGMENTS
    )
    allow_empty: bool = option(
        default=False,
        help="Write the file even if no segments are left.",
        group=OUTPUT,
        affects_data=False,
    )
    source: str | Sequence[str] = option(
        default=(AUTO,),
        help="Where to ask for segments; several are tried in the order given. Add --help to see a source's options; "
        "`aframe-data plugins list --kind segments` lists all sources.",
        group=SOURCES,
        chooses=Chooses("segments", "source_options", wanted=("flags", "exclude_flags"), more_wanted=("veto_definer",)),
    )
    source_options: Mapping[str, Any] | None = provider_options("the segment sources")
    output_file: str | Path | None = output(default=None, help="Segments file to write.", required_on_line=True)

    @property
    def span(self) -> Segment:
        """What is asked for."""
        return Segment(gps_seconds(self.start), gps_seconds(self.end))

    def check(self) -> None:
        """Refuse values that do not go together."""
        checks.require_span(gps_seconds(self.start), gps_seconds(self.end))
        checks.require_durations(self.min_duration, self.max_duration)
        checks.require_items("flags", self.flags)
        checks.require_items("exclude_flags", self.exclude_flags)
        checks.require_items("source", self.source)
        if not self.flags:
            raise UsageError("no flag was given: give at least one, such as --flags H1_DATA.")
        if self.veto_definer is None and self.veto_categories is not None:
            raise UsageError("--veto-categories needs --veto-definer.")
