"""``aframe-data fetch``: what strain is asked for by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aframe_data import checks
from aframe_data.errors import UsageError
from aframe_data.places import local_place, place
from aframe_data.plugin.records import AUTO
from aframe_data.requests.declaration import OUTPUT, Chooses, option, output
from aframe_data.requests.request import Request, request
from aframe_data.requests.shared import FASTEST, Making, Working, path_or_segments, provider_options, workers_option
from aframe_data.segment import Segment
from aframe_data.sizes import parse_size
from aframe_data.times import gps_seconds
from aframe_data.work.engine import available_cpus

if TYPE_CHECKING:
    from aframe_data.reports.fetch import FetchReport

STRAIN, GAPS, SOURCES = "Strain", "Gaps", "Sources"

#: A background file must be longer than the kernel of the training's loader, or the loader stops in the middle of a
#: training; shorter pieces are dropped unless the user names another bound.
SHORTEST = 10.0
#: How a segment that is longer than a file may be is split: into files that are about as long as each other, or, as
#: Aframe does, into longest files with a remainder behind them.
EVEN, FIXED = SPLITS = ("even", "fixed")
#: What may become of strain that should not be used: no file, a file of each good stretch, or zeros.
FAIL, SPLIT, FILL = POLICIES = ("fail", "split", "fill")
#: Bytes: a smaller cache does not hold one file, and is a unit forgotten: 50 for 50GB.
_SMALLEST_CACHE = 100_000_000


@request
class Fetch(Working, Making, Request["FetchReport"]):
    """Fetch strain and write background files.

    Files are named PREFIX-START-DURATION.hdf5. Files that are complete are kept, so an interrupted command can
    simply be run again.
    """

    command, plan = "fetch", "aframe_data.strain.fetch:plan"
    streams = True
    example = "--channels H1,L1 --segments segments.txt --sample-rate 2048 -o background"

    channels: Sequence[str] = option(help="Channels, one for each interferometer: H1,L1.", group=STRAIN)
    sample_rate: float = option(
        help="Sample rate of the output files, in Hz. Strain is never upsampled.", group=STRAIN, maximum=FASTEST
    )
    start: int | str | date | None = option(
        default=None, help="Start of the strain to fetch: GPS seconds or a UTC date.", group=STRAIN
    )
    end: int | str | date | None = option(
        default=None, help="End of the strain to fetch: GPS seconds or a UTC date.", group=STRAIN
    )
    segments: str | Path | Sequence[Segment] | None = option(
        default=None,
        help="Segments file that says what to fetch, instead of --start and --end.",
        group=STRAIN,
        parse=path_or_segments,
        metavar="PATH",
        files=True,
        affects_data=False,
    )
    min_duration: float = option(default=SHORTEST, help="Shortest file to write, in seconds.", group=STRAIN)
    max_duration: float | None = option(
        default=None, help="Longest file to write, in seconds. Longer segments are split.", group=STRAIN
    )
    split: str = option(
        default=EVEN,
        help="How to split long segments: 'even' makes files of equal length, 'fixed' files of --max-duration and a "
        "shorter last one, as Aframe does, which is left out if shorter than --min-duration.",
        group=STRAIN,
        choices=SPLITS,
    )
    dtype: str = option(
        default="float64", help="Floating-point type of the samples.", group=STRAIN, choices=("float64", "float32")
    )
    gaps: str = option(
        default=FAIL,
        help="How to handle missing, constant or vetoed strain: 'fail' writes no file for the segment, 'split' one "
        "file for each good stretch, 'fill' writes zeros.",
        group=GAPS,
        choices=POLICIES,
    )
    require_bits: Sequence[str] = option(
        default=(), help="Data-quality bits of the archive that must be set: CBC_CAT1,CBC_CAT2.", group=GAPS
    )
    exclude_hardware_injections: bool = option(
        default=False,
        help="Exclude seconds that the archive marks as holding a hardware injection of a transient.",
        group=GAPS,
    )
    source: str | Sequence[str] = option(
        default=(AUTO,),
        help="Where to fetch strain from; several are tried in the order given. Add --help to see a source's options; "
        "`aframe-data plugins list --kind strain` lists all sources.",
        group=SOURCES,
        chooses=Chooses("strain", "source_options", wanted=("channels",)),
    )
    source_options: Mapping[str, Any] | None = provider_options("the strain fetchers")
    cache: str | Path | None = option(
        default=None,
        help="Folder in which downloaded files are kept for later runs. Several runs may share it.",
        group=SOURCES,
        affects_data=False,
    )
    cache_size: int | str = option(
        default=50_000_000_000,
        help="Largest size of the cache, such as 50GB. The least recently used files are deleted first.",
        group=SOURCES,
        otherwise="50GB",
        parse=parse_size,
        metavar="SIZE",
        affects_data=False,
    )
    workers: int | None = workers_option("one more than there are CPUs, at most 4")
    output_directory: str | Path = output(help="Folder to write the files to.")
    prefix: str = option(default="background", help="First part of the names of the files.", group=OUTPUT, short="p")

    def processes(self) -> int:
        """By default one more than there are CPUs, so that one downloads while the others work, at most four."""
        return min(available_cpus() + 1, 4) if self.workers is None else self.workers

    @property
    def span(self) -> Segment | None:
        """The one span, if that is what is asked for."""
        if self.start is None or self.end is None:
            return None
        return Segment(int(gps_seconds(self.start)), int(gps_seconds(self.end)))

    def check(self) -> None:
        """Refuse values that do not go together."""
        checks.require_items("channels", self.channels)
        checks.require_items("source", self.source)
        checks.require_one_channel_each(self.channels)
        checks.require_sample_rate(self.sample_rate)
        checks.require_durations(self.min_duration, self.max_duration)
        checks.require_prefix(self.prefix)
        self._check_cache()
        for name in self.require_bits:
            if not name.strip() or list(self.require_bits).count(name) > 1:
                raise UsageError(f"require_bits = {', '.join(self.require_bits)!r}: {name!r} is empty or given twice.")
        if (self.segments is None) == (self.start is None and self.end is None):
            raise UsageError("give either start and end, or segments.")
        if self.segments is not None:
            return
        if self.start is None or self.end is None:
            raise UsageError("start and end belong together: one of them is missing.")
        checks.require_span(gps_seconds(self.start), gps_seconds(self.end))

    def _check_cache(self) -> None:
        if self.cache is None:
            return
        if local_place(self.cache).resolve() == place(self.output_directory).resolve():
            raise UsageError(
                f"cache = {str(self.cache)!r} is the output's own folder: training would read the archive's raw files."
            )
        checks.require_at_least("cache_size", int(self.cache_size), _SMALLEST_CACHE)
