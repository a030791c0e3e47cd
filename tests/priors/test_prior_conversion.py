"""What becomes of a ``.prior`` file's own parameters: other masses, distances, spins, tides, frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from prior_files import COMPLETE, EXTRINSIC, MASSES, REDSHIFT, SPINS, Prior, sample
from scipy import stats

from aframe_data.plugin.binary import complete

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize(
    ("masses", "total_of"),
    [
        ("chirp_mass = 20\nmass_ratio = 0.5\n", lambda m1, m2: (m1 * m2) ** 0.6 / (m1 + m2) ** 0.2 / 20),
        ("total_mass = 60\nmass_ratio = 0.5\n", lambda m1, m2: (m1 + m2) / 60),
        ("mass_1 = 40\nmass_ratio = 0.5\n", lambda m1, m2: m1 / 40),  # noqa: ARG005
        ("total_mass = 60\nsymmetric_mass_ratio = 0.2222222222222222\n", lambda m1, m2: (m1 + m2) / 60),
    ],
)
def test_masses_may_be_given_in_other_ways(
    prior: Prior, masses: str, total_of: Callable[[np.ndarray, np.ndarray], np.ndarray]
) -> None:
    samples = sample(prior(EXTRINSIC + SPINS + REDSHIFT + masses), 16)
    np.testing.assert_allclose(samples["mass_2"] / samples["mass_1"], 0.5, rtol=1e-12)
    np.testing.assert_allclose(total_of(samples["mass_1"], samples["mass_2"]), 1, rtol=1e-12)


@pytest.mark.parametrize("kind", ["luminosity_distance", "comoving_distance"])
@pytest.mark.parametrize("cosmology", ["Planck15", "WMAP9"])
def test_redshift_follows_from_a_distance_in_the_asked_cosmology(prior: Prior, kind: str, cosmology: str) -> None:
    import astropy.cosmology

    distance = f"{kind} = PowerLaw(alpha=2, minimum=0.1, maximum=6000)\n"
    mine = prior(EXTRINSIC + SPINS + MASSES + distance, cosmology=cosmology)
    samples = sample(mine)
    assert mine.cosmology == cosmology
    model = getattr(astropy.cosmology, cosmology)
    drawn = getattr(model, kind)(samples["redshift"]).value
    # The table by which distances become redshifts promises 1e-8.
    assert stats.kstest(drawn, lambda value: (value**3 - 1e-3) / (6000**3 - 1e-3)).pvalue > 1e-4
    expected = model.luminosity_distance(samples["redshift"]).value
    np.testing.assert_allclose(samples["luminosity_distance"], expected, rtol=2e-8)


def test_masses_of_the_source_frame_are_left_to_the_core(prior: Prior) -> None:
    text = EXTRINSIC + SPINS + "chirp_mass = 20\nmass_ratio = 0.5\nluminosity_distance = 3000\n"
    source, detector = prior(text, frame="source"), prior(text, frame="detector")
    assert (source.frame, detector.frame) == ("source", "detector")
    first, second = sample(source, 4), sample(detector, 4)
    np.testing.assert_array_equal(first["mass_1"], second["mass_1"])
    finished = complete(first, frame="source", cosmology=source.cosmology, minimum_frequency=20, reference_frequency=50)
    np.testing.assert_allclose(finished["mass_1"], second["mass_1"] * (1 + second["redshift"]), rtol=1e-14)
    np.testing.assert_array_equal(finished["luminosity_distance"], 3000)


@pytest.mark.parametrize("frame", ["source", "detector"])
def test_masses_named_source_are_stretched_once(prior: Prior, frame: str) -> None:
    text = EXTRINSIC + SPINS + "mass_1_source = 30\nmass_2_source = 20\nluminosity_distance = 3000\n"
    mine = prior(text, frame=frame)
    finished = complete(
        sample(mine, 4),
        frame=mine.frame,
        cosmology=mine.cosmology,
        minimum_frequency=20,
        reference_frequency=50,
    )
    np.testing.assert_allclose(finished["mass_1"], 30 * (1 + finished["redshift"]), rtol=1e-14)
    assert np.all(finished["redshift"] > 0.4)


def test_aligned_spins_have_tilts_of_zero_and_pi(prior: Prior) -> None:
    spins = "chi_1 = Uniform(minimum=-0.8, maximum=0.8)\nchi_2 = 0.3\n"
    samples = sample(prior(EXTRINSIC + MASSES + REDSHIFT + spins))
    assert set(np.unique(samples["tilt_1"])) == {0, np.pi}
    assert samples["a_1"].min() >= 0
    chi = samples["a_1"] * np.cos(samples["tilt_1"])
    assert stats.kstest(chi, stats.uniform(-0.8, 1.6).cdf).pvalue > 1e-4
    np.testing.assert_array_equal(samples["a_2"], 0.3)
    for name in ("tilt_2", "phi_12", "phi_jl"):
        np.testing.assert_array_equal(samples[name], 0)


def test_cosines_of_angles_become_angles(prior: Prior) -> None:
    text = COMPLETE.replace("theta_jn = Sine(name='theta_jn')", "cos_theta_jn = 0.5")
    np.testing.assert_allclose(sample(prior(text), 4)["theta_jn"], np.pi / 3, rtol=1e-15)


def test_tides_are_kept_or_converted(prior: Prior) -> None:
    assert "lambda_1" not in prior(COMPLETE).parameters
    given = sample(prior(COMPLETE + "lambda_1 = 400\nlambda_2 = Uniform(minimum=0, maximum=900)\n"), 8)
    np.testing.assert_array_equal(given["lambda_1"], 400)
    assert len(np.unique(given["lambda_2"])) == 8
    equal = COMPLETE.replace(MASSES, "mass_1 = 1.4\nmass_2 = 1.4\n") + "lambda_tilde = 500\ndelta_lambda_tilde = 0\n"
    converted = sample(prior(equal), 2)
    # Equal masses and no difference: both are lambda_tilde (arXiv:1402.5156, eqs. 5 and 6).
    for name in ("lambda_1", "lambda_2"):
        np.testing.assert_allclose(converted[name], 500, rtol=1e-12)
