"""Whether estimates are worth their calibration."""

from __future__ import annotations

import pytest

from aframe_data.detection.prospects import Prospects


@pytest.mark.parametrize(
    ("acceptance", "num_signals", "worth"),
    [
        (0.03, 1000, True),
        (0.03, 5, False),  # 167 draws, and a calibration makes 288
        (0.03, 12, True),
        (0.8, 500, False),  # of 625 draws, estimates spare 125
        (0.8, 2000, True),
        (1.0, 10**6, False),
        (0.0, 1, True),
    ],
)
def test_a_calibration_pays_where_it_spares_more_waveforms_than_it_makes(
    acceptance: float, num_signals: int, worth: bool
) -> None:
    assert Prospects(acceptance, seconds=1e-3).worth_calibrating(num_signals) is worth
