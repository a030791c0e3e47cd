"""Folders of background files for the tests of `verify`, and what is told of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from aframe_data.formats import background, background_names
from aframe_data.requests.verify import Verify
from aframe_data.types import Segment
from aframe_data.work.carry_out import do

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from aframe_data.verification.verify import VerifyReport


T0, RATE = 1240579783, 64
#: The files of the folder in most tests: two that touch, and one for itself.
SPANS = (Segment(T0, T0 + 100), Segment(T0 + 100, T0 + 200), Segment(T0 + 300, T0 + 400))
SEGMENTS = (Segment(T0, T0 + 200), Segment(T0 + 300, T0 + 400))
FIRST, SECOND, THIRD = (background_names.file_name("background", span) for span in SPANS)


def write(
    folder: Path,
    span: Segment,
    *,
    ifos: Sequence[str] = ("H1", "L1"),
    rate: int = RATE,
    dtype: str = "float64",
    prefix: str = "background",
    record: Mapping[str, Any] | None = None,
    change: Callable[[np.ndarray], None] | None = None,
) -> Path:
    path = folder / background_names.file_name(prefix, span)
    with background.create(path, ifos=ifos, segment=span, sample_rate=rate, dtype=dtype) as writer:
        for ifo in ifos:
            samples = 1e-21 * np.random.default_rng(ord(ifo[0])).standard_normal(round(span.duration * rate))
            if change is not None and ifo == "H1":
                change(samples)
            writer.append(ifo, samples)
        writer.describe({ifo: ifo for ifo in ifos}, record or {"command": "fetch"})
    return path


def verify(folder: str | Path, **more: Any) -> VerifyReport:
    """Here, without processes, unless a test says otherwise."""
    return do(Verify(folder, **{"workers": 0, **more}))


def problems(report: VerifyReport) -> list[tuple[str, str]]:
    return [(finding.where, finding.kind) for finding in report.problems]


def notes(report: VerifyReport) -> list[tuple[str, str]]:
    return [(finding.where, finding.kind) for finding in report.notes]


def seconds(first: int, last: int) -> str:
    return f"[{T0 + first}, {T0 + last})"
