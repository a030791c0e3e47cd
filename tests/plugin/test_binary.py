"""From a prior's draw to what a generator gets: frames, frequencies, distances."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.cosmology import WMAP9, Planck15

from aframe_data.errors import UsageError, WaveformError
from aframe_data.plugin.binary import (
    BASE_PARAMETERS,
    complete,
    luminosity_distance,
    require_base_parameters,
    signal_frequencies,
)


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


@pytest.mark.parametrize(("name", "cosmology"), [("Planck15", Planck15), ("WMAP9", WMAP9)])
def test_the_cosmology_decides_the_distance(name: str, cosmology: object) -> None:
    redshift = np.array([0.1, 1.0])
    expected = cosmology.luminosity_distance(redshift).value  # type: ignore[attr-defined]
    np.testing.assert_allclose(luminosity_distance(redshift, name), expected)


def test_a_distance_that_the_prior_drew_is_kept() -> None:
    assert completed(luminosity_distance=123.0)["luminosity_distance"][0] == 123.0


def test_an_unknown_cosmology_is_refused() -> None:
    with pytest.raises(UsageError, match="Planck99"):
        luminosity_distance(np.array([0.1]), "Planck99")


def test_missing_parameters_are_named() -> None:
    with pytest.raises(UsageError, match=r"'ringing'.*redshift, psi"):
        require_base_parameters([name for name in BASE_PARAMETERS if name not in ("redshift", "psi")], "ringing")


@pytest.mark.parametrize("bad", [{"mass_1": 20.0}, {"phase": np.nan}, {"redshift": np.inf}])
def test_a_draw_that_cannot_be_is_refused(bad: dict[str, float]) -> None:
    with pytest.raises(WaveformError):
        completed(**bad)
