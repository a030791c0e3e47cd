"""Right ascension in campaigns: fixed to the earth, or seen at the sidereal time of each injection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import lal
import numpy as np
import pytest
from burst_runs import RATE, SIZE, assert_same_arrays, contents
from burst_waves import expected_responses, polarizations
from campaign_runs import FILES, START, campaign

from ledger_reader import read_campaign

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("bursts")


def test_right_ascension_is_fixed_to_the_earth_by_default(undisturbed: Path) -> None:
    read = read_campaign(undisturbed / FILES[0])
    expected = expected_responses(read.parameters, read.ifos, RATE, SIZE, 256, gmst=np.zeros(40))
    # rounding of float32
    np.testing.assert_allclose(read.waveforms, expected, rtol=0, atol=2e-7 * np.abs(expected).max())


@pytest.fixture(scope="module")
def turning(bursts: Path, flat_noise: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A campaign of a day, so that the detectors turn once round."""
    assert bursts.exists()
    folder = tmp_path_factory.mktemp("turning")
    campaign(folder, flat_noise, **TURNING)
    return folder


TURNING: dict[str, Any] = {"end": START + 86400, "spacing": 2000, "num_signals": 40, "true_right_ascension": True}


def test_true_right_ascension_is_seen_at_the_sidereal_time_of_the_injection(turning: Path) -> None:
    read = read_campaign(turning / FILES[0])
    gmst = np.array([lal.GreenwichMeanSiderealTime(lal.LIGOTimeGPS(time)) for time in read.injection_time.tolist()])
    assert np.ptp(np.sin(gmst)) > 1.9
    expected = expected_responses(read.parameters, read.ifos, RATE, SIZE, 256, gmst=gmst)
    np.testing.assert_allclose(read.waveforms, expected, rtol=0, atol=2e-7 * np.abs(expected).max())
    fixed = expected_responses(read.parameters, read.ifos, RATE, SIZE, 256, gmst=np.zeros(40))
    assert np.abs(read.waveforms - fixed).max() > 0.1 * np.abs(expected).max()


def test_true_right_ascension_has_bilbys_patterns_and_delays(turning: Path) -> None:
    from bilby.gw.detector import get_empty_interferometer

    read = read_campaign(turning / FILES[0])
    for column, ifo in enumerate(read.ifos):
        detector = get_empty_interferometer(ifo)
        for row, time in enumerate(read.injection_time.tolist()):
            signal = {name: float(values[row]) for name, values in read.parameters.items()}
            place = (signal["ra"], signal["dec"])
            delay = detector.time_delay_from_geocenter(*place, time)
            patterns = [detector.antenna_response(*place, time, signal["psi"], mode) for mode in ("plus", "cross")]
            plus, cross = polarizations(signal, (np.arange(SIZE) - 256) / RATE - delay)
            expected = patterns[0] * plus + patterns[1] * cross
            # bilby's sidereal time differs from lal's by less than 1e-6, besides rounding of float32
            error = np.abs(read.waveforms[row, column] - expected).max()
            assert error < 1e-5 * max(np.abs(plus).max(), np.abs(cross).max())


@pytest.mark.slow
@pytest.mark.parametrize(
    "change", [{"workers": 2}, pytest.param({"full_evaluation": True}, marks=pytest.mark.slow)], ids=str
)
def test_turning_detectors_give_the_same_bits(
    turning: Path, flat_noise: Path, tmp_path: Path, change: dict[str, Any]
) -> None:
    campaign(tmp_path, flat_noise, **TURNING, **change)
    assert_same_arrays(tmp_path / FILES[0], turning / FILES[0])
    if "workers" in change:
        assert (tmp_path / FILES[1]).read_bytes() == (turning / FILES[1]).read_bytes()
    else:
        ours, theirs = (contents(folder / FILES[1])["parameters/ra"] for folder in (tmp_path, turning))
        np.testing.assert_array_equal(ours, theirs)
