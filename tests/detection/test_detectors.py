"""Antenna patterns and arrival times are LAL's, and bilby's at the true sidereal time."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import lal
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aframe_data.detection.detectors import (
    LARGEST_DELAY,
    antenna_response,
    arrival_delays,
    known_ifos,
    require_ifos,
    sidereal_time,
)
from aframe_data.errors import UsageError

if TYPE_CHECKING:
    from aframe_data.types import FloatArray

GPS = 1_240_579_783.4
longitudes = st.floats(0, 2 * math.pi)
latitudes = st.floats(-math.pi / 2, math.pi / 2)
gps_times = st.floats(1e9, 1.5e9)


def sky(n: int, seed: int = 1) -> tuple[FloatArray, FloatArray, FloatArray]:
    rng = np.random.default_rng(seed)
    return rng.uniform(0, 2 * np.pi, n), np.arcsin(rng.uniform(-1, 1, n)), rng.uniform(0, np.pi, n)


# --- antenna patterns and delays ------------------------------------------------------------------------


@given(ra=longitudes, dec=latitudes, psi=st.floats(0, math.pi), gmst=st.floats(0, 1e5))
def test_the_antenna_pattern_is_lal_s(ra: float, dec: float, psi: float, gmst: float) -> None:
    ifos = known_ifos()
    response = antenna_response(ifos, np.array([ra]), np.array([dec]), np.array([psi]), gmst)
    expected = [
        lal.ComputeDetAMResponse(lal.cached_detector_by_prefix[ifo].response, ra, dec, psi, gmst) for ifo in ifos
    ]
    # the same formula in double precision: rounding
    np.testing.assert_allclose(response, [expected], rtol=0, atol=1e-12)


@given(ra=longitudes, dec=latitudes, gps=gps_times)
def test_the_arrival_time_is_lal_s(ra: float, dec: float, gps: float) -> None:
    ifos = known_ifos()
    delays = arrival_delays(ifos, np.array([ra]), np.array([dec]), sidereal_time(np.array([gps])))
    expected = [
        lal.TimeDelayFromEarthCenter(lal.cached_detector_by_prefix[ifo].location, ra, dec, lal.LIGOTimeGPS(gps))
        for ifo in ifos
    ]
    # a sidereal angle of 1e5 radians is known to 1e-11, of 21 ms
    np.testing.assert_allclose(delays, [expected], rtol=0, atol=1e-12)


def test_without_a_sidereal_time_ra_is_a_longitude_fixed_to_the_earth() -> None:
    """A source above a detector is heard there first, by the detector's distance from the geocentre."""
    for ifo in ("H1", "K1", "L1", "V1"):
        place = lal.cached_detector_by_prefix[ifo].location
        distance = np.linalg.norm(place)
        ra, dec = np.arctan2(place[1], place[0]), np.arcsin(place[2] / distance)
        delay = arrival_delays((ifo,), np.array([ra]), np.array([dec]))[0, 0]
        assert delay == pytest.approx(-distance / lal.C_SI, rel=1e-12)


def test_each_source_may_have_its_own_sidereal_time() -> None:
    ra, dec, psi = sky(20)
    gmst = np.linspace(0, 6, 20)
    ifos = ("H1", "V1")
    # the same angles, subtracted in another order: rounding
    np.testing.assert_allclose(
        antenna_response(ifos, ra, dec, psi, gmst), antenna_response(ifos, ra - gmst, dec, psi), rtol=0, atol=1e-14
    )
    np.testing.assert_allclose(
        arrival_delays(ifos, ra, dec, gmst), arrival_delays(ifos, ra - gmst, dec), rtol=0, atol=1e-16
    )


@pytest.mark.parametrize("ifo", ["H1", "L1", "V1", "K1"])
def test_at_the_true_sidereal_time_they_are_bilby_s(ifo: str) -> None:
    from bilby.gw.detector import get_empty_interferometer

    detector = get_empty_interferometer(ifo)
    ra, dec, psi = sky(50)
    gmst = sidereal_time(np.array([GPS]))[0]
    response, delays = antenna_response((ifo,), ra, dec, psi, gmst), arrival_delays((ifo,), ra, dec, gmst)
    for index in range(50):
        place = ra[index], dec[index], GPS
        expected = [detector.antenna_response(*place, psi[index], mode) for mode in ("plus", "cross")]
        # LAL's table has single precision
        np.testing.assert_allclose(response[index, 0], expected, rtol=0, atol=1e-6)
        assert delays[index, 0] == pytest.approx(detector.time_delay_from_geocenter(*place), abs=1e-10)


def test_the_sidereal_time_is_lal_s() -> None:
    times = np.array([GPS, 1e9, 1.4e9 + 0.25])
    expected = [lal.GreenwichMeanSiderealTime(lal.LIGOTimeGPS(time)) for time in times.tolist()]
    np.testing.assert_array_equal(sidereal_time(times), expected)


def test_no_interferometer_is_further_from_the_geocentre_than_the_largest_delay() -> None:
    places = [lal.cached_detector_by_prefix[ifo].location for ifo in known_ifos()]
    assert np.linalg.norm(places, axis=1).max() <= LARGEST_DELAY * lal.C_SI


# --- names ----------------------------------------------------------------------------------------------


def test_interferometers_keep_their_order() -> None:
    assert require_ifos(["V1", "H1", "L1"]) == ("V1", "H1", "L1")


def test_the_interferometers_of_the_network_are_known() -> None:
    assert {"G1", "H1", "K1", "L1", "V1"} <= set(known_ifos())


@pytest.mark.parametrize(("name", "told"), [("h1", "Did you mean 'H1'"), ("Z9", "Known: C1")])
def test_an_unknown_interferometer_is_refused(name: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        require_ifos(["L1", name])


@pytest.mark.parametrize("bar", ["A1", "O1", "X1", "B1", "N1"])
def test_a_bar_is_no_interferometer(bar: str) -> None:
    with pytest.raises(UsageError, match=f"unknown interferometer '{bar}'"):
        require_ifos([bar])


def test_an_interferometer_that_lal_does_not_place_is_refused() -> None:
    with pytest.raises(UsageError, match="unknown interferometer 'U1'"):
        require_ifos(["U1"])


def test_an_interferometer_given_twice_is_refused() -> None:
    with pytest.raises(UsageError, match="'H1' is given twice"):
        require_ifos(["H1", "L1", "H1"])


def test_at_least_one_interferometer_is_needed() -> None:
    with pytest.raises(UsageError, match="give at least one"):
        require_ifos([])
