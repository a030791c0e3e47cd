"""Bilby ``.prior`` files: what they may draw, what becomes of it, and how they are refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import astropy.cosmology
import numpy as np
import pytest
from aframe_data_priors.bilby_library import bilby
from aframe_data_priors.options import BilbyFileOptions
from aframe_data_priors.user_priors import BilbyFile
from scipy import stats

from aframe_data.errors import UsageError
from aframe_data.waveforms.parameters import BASE_PARAMETERS, complete

EXTRINSIC = """
# everything but masses, distance and spins
dec = Cosine(name='dec')
ra = Uniform(minimum=0, maximum=2 * np.pi, boundary='periodic')
theta_jn = Sine(name='theta_jn')
psi = Uniform(minimum=0, maximum=np.pi)
phase = Uniform(minimum=0, maximum=2 * np.pi)
"""
SPINS = """
a_1 = Uniform(minimum=0, maximum=0.99)
a_2 = 0.5
tilt_1 = Sine(name='tilt_1')
cos_tilt_2 = Uniform(minimum=-1, maximum=1)
phi_12 = 0
phi_jl = Uniform(minimum=0, maximum=2 * np.pi)
"""
MASSES = """
mass_1 = Uniform(minimum=20, maximum=60)
mass_2 = Uniform(minimum=5, maximum=20)
"""
REDSHIFT = "redshift = bilby.gw.prior.UniformComovingVolume(minimum=0, maximum=1, name='redshift')\n"
COMPLETE = EXTRINSIC + SPINS + MASSES + REDSHIFT

Prior = Callable[..., BilbyFile]


@pytest.fixture
def prior(tmp_path: Path) -> Prior:
    """Make a prior of the text of a file."""

    def make(text: str, **options: str) -> BilbyFile:
        path = tmp_path / "my.prior"
        path.write_text(text)
        return BilbyFile(BilbyFileOptions(path=path, **options))

    return make


def sample(prior: BilbyFile, n: int = 500) -> dict[str, np.ndarray]:
    samples = dict(prior.sample(n, np.random.default_rng(11)))
    assert tuple(samples) == prior.parameters
    for name, values in samples.items():
        assert (values.shape, values.dtype) == ((n,), np.float64), name
        assert np.all(np.isfinite(values)), name
    return samples


def test_a_file_gives_the_base_parameters_and_the_distance(prior: Prior) -> None:
    mine = prior(COMPLETE)
    assert mine.parameters == (*BASE_PARAMETERS, "luminosity_distance")
    assert (mine.frame, mine.cosmology) == ("detector", "Planck15")
    for n in (1, 128):
        sample(mine, n)


def test_the_same_generator_gives_the_same_bytes(prior: Prior) -> None:
    first, second = sample(prior(COMPLETE)), sample(prior(COMPLETE))
    assert all(first[name].tobytes() == second[name].tobytes() for name in first)
    other = prior(COMPLETE).sample(500, np.random.default_rng(12))
    assert not np.any(first["mass_1"] == other["mass_1"])


def test_drawing_leaves_bilbys_generator_and_cosmology_alone(prior: Prior) -> None:
    random, cosmologies = bilby.core.utils.random, bilby.gw.cosmology
    generator, state, cosmology = random.rng, random.rng.bit_generator.state, cosmologies.get_cosmology()
    sample(prior(COMPLETE, cosmology="WMAP7"))
    assert random.rng is generator
    assert generator.bit_generator.state == state
    assert cosmologies.get_cosmology() is cosmology


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
def test_redshift_follows_from_a_distance_in_the_asked_cosmology(
    prior: Prior, kind: str, cosmology: str
) -> None:
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
    finished = complete(
        first, frame="source", cosmology=source.cosmology, minimum_frequency=20, reference_frequency=50
    )
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
    equal = (
        COMPLETE.replace(MASSES, "mass_1 = 1.4\nmass_2 = 1.4\n")
        + "lambda_tilde = 500\ndelta_lambda_tilde = 0\n"
    )
    converted = sample(prior(equal), 2)
    # Equal masses and no difference: both are lambda_tilde (arXiv:1402.5156, eqs. 5 and 6).
    for name in ("lambda_1", "lambda_2"):
        np.testing.assert_allclose(converted[name], 500, rtol=1e-12)


@pytest.mark.parametrize(
    "name", sorted(path.name for path in Path(bilby.gw.prior.DEFAULT_PRIOR_DIR).glob("*_spins_*.prior"))
)
def test_the_files_that_bilby_ships_are_found_by_name(name: str) -> None:
    samples = sample(BilbyFile(BilbyFileOptions(path=Path(name))), 64)
    assert np.all(samples["mass_1"] >= samples["mass_2"])
    # Their constraints on the component masses hold, although chirp mass and mass ratio are drawn.
    low, high = (5, 100) if "bbh" in name else (0.5, 5)
    assert samples["mass_2"].min() >= low
    assert samples["mass_1"].max() <= high
    assert ("lambda_2" in samples) == ("tides_on" in name)


def test_unordered_masses_are_rejected_and_not_swapped(prior: Prior) -> None:
    masses = "mass_1 = Uniform(minimum=10, maximum=30)\nmass_2 = Uniform(minimum=20, maximum=40)\n"
    samples = sample(prior(EXTRINSIC + SPINS + REDSHIFT + masses))
    assert np.all(samples["mass_1"] >= samples["mass_2"])
    # mass_1 beyond 30 could only come from a swap; given the order it has the density of a ramp from 20.
    assert samples["mass_1"].max() <= 30
    assert stats.kstest(samples["mass_1"], lambda mass: ((mass - 20) / 10) ** 2).pvalue > 1e-4


def test_constraints_on_derived_parameters_hold(prior: Prior) -> None:
    constraints = (
        "chirp_mass = Constraint(minimum=15, maximum=20)\nmass_1_source = Constraint(minimum=5, maximum=30)\n"
    )
    samples = sample(prior(COMPLETE + constraints))
    chirp_mass = (samples["mass_1"] * samples["mass_2"]) ** 0.6 / (samples["mass_1"] + samples["mass_2"]) ** 0.2
    assert chirp_mass.min() >= 15
    assert chirp_mass.max() <= 20
    assert np.max(samples["mass_1"] / (1 + samples["redshift"])) <= 30


def test_joint_distributions_can_be_drawn(prior: Prior) -> None:
    joint = (
        "pair = MultivariateGaussianDist(names=['mass_1', 'mass_2'], mus=[40, 20], sigmas=[2, 2],"
        " corrcoefs=[[1, 0.9], [0.9, 1]])\n"
        "mass_1 = MultivariateGaussian(dist=pair, name='mass_1')\n"
        "mass_2 = MultivariateGaussian(dist=pair, name='mass_2')\n"
    )
    samples = sample(prior(EXTRINSIC + SPINS + REDSHIFT + joint), 1000)
    # The standard error of a correlation of 0.9 from 1000 draws is 0.006.
    assert abs(np.corrcoef(samples["mass_1"], samples["mass_2"])[0, 1] - 0.9) < 0.03


def test_parameters_that_no_file_of_ours_has_are_dropped(prior: Prior) -> None:
    mine = prior(COMPLETE + "geocent_time = Uniform(minimum=0, maximum=1)\n   \n")
    assert mine.parameters == (*BASE_PARAMETERS, "luminosity_distance")


def test_a_file_may_name_its_own_cosmology(prior: Prior) -> None:
    text = COMPLETE.replace("name='redshift'", "name='redshift', cosmology='Planck18'")
    assert prior(text).cosmology == "Planck18"
    assert prior(text, cosmology="Planck18").cosmology == "Planck18"
    with pytest.raises(UsageError, match="draws its distance in Planck18, not in the cosmology 'Planck13'"):
        prior(text, cosmology="Planck13")


def test_distance_distributions_that_name_no_cosmology_have_the_asked_one(prior: Prior) -> None:
    mine = prior(COMPLETE, cosmology="WMAP1")
    assert mine.cosmology == "WMAP1"
    model = astropy.cosmology.WMAP1
    redshift = sample(mine, 2000)["redshift"]
    volume = (model.comoving_volume(redshift) / model.comoving_volume(1)).value
    assert stats.kstest(volume, stats.uniform.cdf).pvalue > 1e-4


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (EXTRINSIC + MASSES + REDSHIFT, r"does not give a_1, a_2, tilt_1, tilt_2, nor does it follow"),
        (EXTRINSIC + SPINS + MASSES, r"does not give redshift \(or luminosity_distance\)"),
        (EXTRINSIC + SPINS + REDSHIFT + "chirp_mass = 20\n", r"does not give mass_1, mass_2, nor .*chirp_mass"),
        (
            COMPLETE + "mass_1 = Uniforn(minimum=5, maximum=9)\n",
            r"cannot be read by bilby at the line 'mass_1 = Uniforn.*TypeError",
        ),
        (
            COMPLETE + "mass_1 = Uniform(5, 9)\n",
            r"cannot be read by bilby at the line 'mass_1 = Uniform\(5, 9\)'",
        ),
        (COMPLETE + "tilt_2 = Sine()\nphi_12 = 0\n", r"bilby at the line 'tilt_2 = Sine\(\)': SyntaxError"),
        (COMPLETE + "mass_1 = no.such.module.Uniform()\n", r"cannot be read by bilby at .*ModuleNotFoundError"),
        (
            COMPLETE + "mass_1 = heavy\n",
            r"mass_1 = 'heavy' is neither a distribution that bilby knows nor a number",
        ),
        (COMPLETE + "mass_1\n", r"mass_1 = '' is neither"),
        ("", r"cannot be drawn from"),
        (
            COMPLETE + "lambda_hat = Constraint(minimum=0, maximum=1)\n",
            r"constraint on lambda_hat, which does not",
        ),
        (
            COMPLETE + "mass_ratio = Constraint(minimum=2, maximum=3)\n",
            r"0 of \d+ draws had .* met its constraints",
        ),
        (COMPLETE.replace(MASSES, "mass_1 = 10\nmass_2 = 20\n"), r"0 of \d+ draws had 0 < mass_2 <= mass_1"),
        (
            COMPLETE.replace(REDSHIFT, "luminosity_distance = Uniform(minimum=-9, maximum=-1)\n"),
            r"drew luminosity_distance = -\S+ Mpc; only 4e-05 to .* Mpc have a redshift in Planck15",
        ),
        (
            COMPLETE + "comoving_distance = bilby.gw.prior.UniformComovingVolume(minimum=1, maximum=9,"
            " name='comoving_distance', cosmology='WMAP3')\n",
            r"several cosmologies: Planck15, WMAP3",
        ),
        (
            COMPLETE.replace("'redshift'", "'redshift', cosmology='Planck15_LAL'"),
            r"'Planck15_LAL'; allowed are WMAP1",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_one_line(prior: Prior, text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message) as error:
        prior(text)
    assert "\n" not in str(error.value)
    assert "my.prior" in str(error.value) or "the prior drew" in str(error.value)


def test_a_mass_named_twice_is_refused(prior: Prior) -> None:
    with pytest.raises(UsageError, match="draws both mass_1 and mass_1_source"):
        prior(COMPLETE + "mass_1_source = 30\n", frame="source")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "bbh.prior", Path("no_such_thing.prior"), tmp_path):
        with pytest.raises(UsageError, match=r"there is no prior file .*precessing_spins_bbh\.prior") as error:
            BilbyFile(BilbyFileOptions(path=path))
        assert str(path) in str(error.value)
