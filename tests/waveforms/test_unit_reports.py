"""The stopping rule: a run ends with the draw that completes it, and later draws were never made."""

from __future__ import annotations

import pytest

from aframe_data.waveforms.unit import Failure, UnitReport

FIRST = 640
WHOLE = UnitReport(accepted=(0, 2, 3, 5), drawn=8, failures=tuple(Failure(FIRST + n, "no") for n in (1, 4, 6, 7)))


@pytest.mark.parametrize(
    ("count", "accepted", "drawn", "failed"),
    [
        (1, (0,), 1, []),
        (2, (0, 2), 3, [1]),
        (4, (0, 2, 3, 5), 6, [1, 4]),
        (5, (0, 2, 3, 5), 8, [1, 4, 6, 7]),
    ],
)
def test_a_report_ends_with_the_draw_that_completes_the_run(
    count: int, accepted: tuple[int, ...], drawn: int, failed: list[int]
) -> None:
    report = WHOLE.until(count, FIRST)
    assert (report.accepted, report.drawn) == (accepted, drawn)
    assert [failure.draw - FIRST for failure in report.failures] == failed
    assert report.drawn == len(report.accepted) + len(report.failures)
