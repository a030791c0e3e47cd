"""Fields that several requests share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from aframe_data.errors import UsageError
from aframe_data.places import local_place, place
from aframe_data.remote import RemotePath
from aframe_data.requests import RUNNING
from aframe_data.requests.declaration import OUTPUT, option
from aframe_data.requests.request import request
from aframe_data.segment import Segment
from aframe_data.work.engine import available_cpus

#: More processes than any machine has CPUs.
_MOST_WORKERS = 1024
#: No strain is sampled faster (Hz), and no window or FFT is longer (seconds).
FASTEST, LONGEST = 1e6, 1e6


def _options_given(value: Any) -> Mapping[str, Any]:
    """Check a mapping of providers' options; which ones there are is the providers' business."""
    if not isinstance(value, Mapping) or not all(isinstance(name, str) for name in value):
        raise UsageError("options of a provider are a mapping of names to values.")
    return value


def provider_options(whose: str) -> Any:
    """The field of the options of chosen providers, in words; a command line has a flag for each of them instead."""
    return option(default=None, help=f"Options of {whose}.", hidden=True, parse=_options_given)


@request
class Making:
    """Of requests that write."""

    overwrite: bool = option(default=False, help="Replace existing output.", group=RUNNING, affects_data=False)

    def replaces(self) -> bool:
        """Whether outputs that are there are replaced."""
        return self.overwrite


def workers_option(otherwise: str) -> Any:
    """The field of worker processes; what happens without a value is said."""
    return option(
        default=None,
        help="Number of worker processes. 0 runs everything in this process.",
        group=RUNNING,
        minimum=0,
        maximum=_MOST_WORKERS,
        otherwise=otherwise,
        affects_data=False,
    )


@request
class Working:
    """Of requests whose work is done by several processes."""

    workers: int | None = workers_option("all CPUs")

    def processes(self) -> int:
        """How many worker processes are asked for."""
        return available_cpus() if self.workers is None else self.workers


@request
class Pictured:
    """Of requests that draw what they made."""

    plot: str | Path | None = option(
        default=None,
        help="Also draw a picture to this file: png, pdf or svg.",
        group=OUTPUT,
        affects_data=False,
    )

    def wanted_picture(self) -> Path | None:
        """Where a picture is to be drawn, if anywhere."""
        return None if self.plot is None else local_place(self.plot)


def paths_given(value: Any) -> tuple[Path, ...]:
    """Paths that were given, or the one."""
    return tuple(map(place, value)) if isinstance(value, (list, tuple)) else (place(value),)


def path_or_segments(value: Any) -> Path | tuple[Segment, ...]:
    """A path of a segments file, or segments."""
    if isinstance(value, (str, Path, RemotePath)):
        return place(value)
    segments = tuple(value) if isinstance(value, Iterable) else (None,)
    if not all(isinstance(segment, Segment) for segment in segments):
        raise UsageError("it is neither the path of a segments file nor a list of segments.")
    return segments
