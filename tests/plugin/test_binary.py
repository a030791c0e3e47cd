"""From a prior's draw to what a generator gets: frames, frequencies, distances; and the regions of a population."""

from __future__ import annotations

from operator import attrgetter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import aframe_data
from aframe_data.errors import UsageError, WaveformError
from aframe_data.plugin.binary import (
    BASE_PARAMETERS,
    EQUAL_MASSES,
    REGIONS,
    complete,
    luminosity_distance,
    missing_parameters,
    regions_of,
    signal_frequencies,
)

#: Rooms of the core that work with signals of any kind.
ROOMS = ("detection", "formats", "injections", "registry", "timeslides", "waveforms", "work")
#: What the projection onto detectors needs of any signal.
PLACE = {"ra", "dec", "psi"}


@pytest.mark.parametrize("room", ROOMS)
def test_no_other_room_of_the_core_names_what_binaries_have(room: str) -> None:
    folder = Path(aframe_data.__file__).parent / room
    named = {name for path in folder.glob("*.py") for name in BASE_PARAMETERS if f'"{name}"' in path.read_text()}
    assert named <= PLACE


def draw(**changes: float) -> dict[str, np.ndarray]:
    values = dict.fromkeys(BASE_PARAMETERS, 0.5) | {"mass_1": 40.0, "mass_2": 30.0, "redshift": 0.5} | changes
    return {name: np.array([value]) for name, value in values.items()}


def completed(frame: str = "source", **changes: float) -> dict[str, np.ndarray]:
    return complete(
        draw(**changes), frame=frame, cosmology="Planck15", minimum_frequency=20.0, reference_frequency=50.0
    )


def test_source_frame_masses_are_redshifted() -> None:
    assert completed("source")["mass_1"][0] == pytest.approx(60.0)
    assert completed("detector")["mass_1"][0] == 40.0


def test_a_signal_has_one_reference_frequency() -> None:
    total = np.array([50.0, 94.95, 94.96, 400.0])
    f_low, f_ref = signal_frequencies(total, 20.0, 50.0)
    np.testing.assert_allclose(f_low, [20, 20, 1899 / 94.96, 1899 / 400])
    np.testing.assert_allclose(f_ref, [50, 50, 1899 / 94.96, 1899 / 400])


@pytest.mark.parametrize(("name", "cosmology"), [(name, attrgetter(name)) for name in ("Planck15", "WMAP9")])
def test_the_cosmology_decides_the_distance(name: str, cosmology: attrgetter) -> None:
    """As astropy integrates it, from next door to where its table ends, and beyond."""
    import astropy.cosmology

    redshift = np.array([0.0, 1e-6, 1e-3, 0.1, 1.0, 3.3, 19.99, 20.0, 20.01, 1000.0])
    expected = cosmology(astropy.cosmology).luminosity_distance(redshift).value
    np.testing.assert_allclose(luminosity_distance(redshift, name), expected, rtol=1e-10)


def test_a_distance_does_not_depend_on_the_other_signals() -> None:
    redshift = np.linspace(0.01, 25, 301)
    alone = [luminosity_distance(redshift[index : index + 1], "Planck15")[0] for index in range(301)]
    np.testing.assert_array_equal(luminosity_distance(redshift, "Planck15"), alone)


def test_a_distance_that_the_prior_drew_is_kept() -> None:
    assert completed(luminosity_distance=123.0)["luminosity_distance"][0] == 123.0


def test_an_unknown_cosmology_is_refused() -> None:
    with pytest.raises(UsageError, match="Planck99"):
        luminosity_distance(np.array([0.1]), "Planck99")


def test_missing_parameters_are_named() -> None:
    assert missing_parameters(name for name in BASE_PARAMETERS if name not in ("redshift", "psi")) == (
        "redshift",
        "psi",
    )
    assert missing_parameters((*BASE_PARAMETERS, "lambda_1")) == ()


@pytest.mark.parametrize("bad", [{"mass_1": 20.0}, {"phase": np.nan}, {"redshift": np.inf}])
def test_a_draw_that_cannot_be_is_refused(bad: dict[str, float]) -> None:
    with pytest.raises(WaveformError):
        completed(**bad)


# --- regions --------------------------------------------------------------------------------------------


def region_of(mass_1: float, mass_2: float, a_1: float = 0.5, tilt_1: float = 0.0) -> int:
    columns = {"mass_1": mass_1, "mass_2": mass_2, "a_1": a_1, "tilt_1": tilt_1}
    (region,) = regions_of({name: np.array([value]) for name, value in columns.items()})
    return int(region)


@given(
    mass_2=st.floats(1, 100),
    ratio=st.floats(1, 1000),
    a_1=st.floats(0, 1),
    tilt_1=st.floats(0, np.pi),
)
def test_every_binary_has_one_region(mass_2: float, ratio: float, a_1: float, tilt_1: float) -> None:
    region = region_of(max(mass_2 * ratio, mass_2), mass_2, a_1, tilt_1)
    assert 0 <= region < REGIONS.count
    assert (region == EQUAL_MASSES) == (max(mass_2 * ratio, mass_2) == mass_2)


def test_masses_are_equal_to_the_last_digit_or_not_at_all() -> None:
    assert region_of(30, 30) == EQUAL_MASSES
    assert region_of(np.nextafter(30, 31), 30) != EQUAL_MASSES


@pytest.mark.parametrize(
    ("binary", "words"),
    [
        ((30, 30), "equal masses"),
        ((30, 29), "mass ratio 1 to 1.5, primary spin along the orbit"),
        ((45, 30), "mass ratio 1.5 to 2, primary spin along the orbit"),
        ((45, 30, 0.5, np.pi), "mass ratio 1.5 to 2, primary spin against the orbit"),
        ((45, 30, 0.0, np.pi), "mass ratio 1.5 to 2, primary spin along the orbit"),
        ((99, 1, 0.5, 3.0), "mass ratio 18 and more, primary spin against the orbit"),
    ],
)
def test_a_region_says_which_binaries_it_holds(binary: tuple[float, ...], words: str) -> None:
    assert REGIONS.describe(region_of(*binary)) == words


def test_no_two_regions_have_the_same_name() -> None:
    assert len({REGIONS.describe(number) for number in range(REGIONS.count)}) == REGIONS.count
