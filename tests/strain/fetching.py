"""A fetch in this process, so that a test may change what units of work see, and gets their errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aframe_data.requests.fetch import Fetch
from aframe_data.work.carry_out import do, forecast
from aframe_data.work.inline import Inline
from aframe_data.work.plan import Work

if TYPE_CHECKING:
    from pathlib import Path

    from aframe_data.reports.fetch import FetchForecast, FetchReport
    from aframe_data.types import Segment


def asked(folder: Path, **arguments: Any) -> Fetch:
    """A request of H1 at 128 Hz from 'awkward', without processes."""
    usual = {"channels": ["H1"], "sample_rate": 128, "source": "awkward", "workers": 0, "output_directory": folder}
    return Fetch(**{**usual, **arguments})


def fetch(request: Fetch) -> FetchReport:
    """Meet a request; raises the error of the first file that fails."""
    report = do(request)
    report.raise_for_failures()
    return report


def foresee(request: Fetch) -> FetchForecast:
    """What would be done."""
    expected = forecast(request, Work(Inline()))
    assert not hasattr(expected, "paths")
    return expected  # type: ignore[return-value]


def spans(report: FetchReport) -> list[Segment]:
    """Those of the files that are there now."""
    return [file.span for file in report.files if file.status in {"fetched", "present"}]
