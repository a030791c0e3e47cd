"""Bilby ``.prior`` files: how they are found, read, drawn from and refused."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from prior_files import COMPLETE, EXTRINSIC, MASSES, REDSHIFT, SPINS, Prior, sample
from scipy import stats

from aframe_data.errors import UsageError
from aframe_data.plugin.binary import BASE_PARAMETERS
from aframe_data_priors.options import BilbyFileOptions
from aframe_data_priors.prior_paths import shipped_folder

if TYPE_CHECKING:
    from types import ModuleType

#: The folder of the files that bilby ships, found without importing it.
SHIPPED = Path(find_spec("bilby").origin).parent / "gw" / "prior_files"


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


def test_drawing_leaves_bilbys_generator_and_cosmology_alone(prior: Prior, bilby: ModuleType) -> None:
    random, cosmologies = bilby.core.utils.random, bilby.gw.cosmology
    generator, state, cosmology = random.rng, random.rng.bit_generator.state, cosmologies.get_cosmology()
    sample(prior(COMPLETE, cosmology="WMAP7"))
    assert random.rng is generator
    assert generator.bit_generator.state == state
    assert cosmologies.get_cosmology() is cosmology


@pytest.mark.parametrize("name", sorted(path.name for path in SHIPPED.glob("*_spins_*.prior")))
def test_the_files_that_bilby_ships_are_found_by_name(name: str) -> None:
    from aframe_data_priors.user_priors import BilbyFile

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
    constraints = "chirp_mass = Constraint(minimum=15, maximum=20)\nmass_1_source = Constraint(minimum=5, maximum=30)\n"
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
    import astropy.cosmology

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
            r"my\.prior', line \d+: 'Uniforn' is not a distribution of bilby\. Did you mean 'Uniform'",
        ),
        (
            COMPLETE + "mass_1 = Uniform(minimum=5)\n",
            r"line \d+: bilby makes no distribution of 'Uniform\(minimum=5\)': TypeError: .*'maximum'",
        ),
        (COMPLETE + "tilt_2 = Sine(\nphi_12 = 0\n", r"line \d+: 'Sine\(' cannot be parsed: SyntaxError"),
        (COMPLETE + "mass_1 = no.such.module.Uniform()\n", r"'no\.such\.module\.Uniform' is not a distribution of"),
        (
            COMPLETE + "mass_1 = heavy\n",
            r"mass_1 = 'heavy' is neither a distribution that bilby knows nor a number",
        ),
        (COMPLETE + "mass_1\n", r"mass_1 has no value"),
        ("", r"cannot be drawn from"),
        (
            COMPLETE + "lambda_hat = Constraint(minimum=0, maximum=1)\n",
            r"constraint on lambda_hat, which does not",
        ),
        (
            COMPLETE + "mass_ratio = Constraint(minimum=2, maximum=3)\n",
            r"0 of \d+ draws had .* met its constraints",
        ),
        pytest.param(
            COMPLETE.replace(MASSES, "mass_1 = 10\nmass_2 = 20\n"),
            r"0 of \d+ draws had 0 < mass_2 <= mass_1",
            marks=pytest.mark.slow,
        ),
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
    from aframe_data_priors.user_priors import BilbyFile

    for path in (tmp_path / "bbh.prior", Path("no_such_thing.prior")):
        with pytest.raises(UsageError, match=r"there is no prior file .*precessing_spins_bbh\.prior") as error:
            BilbyFile(BilbyFileOptions(path=path))
        assert str(path) in str(error.value)
    with pytest.raises(UsageError, match=r"cannot read the prior file .*: Is a directory\."):
        BilbyFile(BilbyFileOptions(path=tmp_path))


def test_the_folder_of_the_files_that_bilby_ships_is_found_without_bilby() -> None:
    from bilby.gw.prior import DEFAULT_PRIOR_DIR

    assert shipped_folder() == Path(DEFAULT_PRIOR_DIR)
    code = (
        "import sys; from pathlib import Path; from aframe_data_priors.prior_paths import find_prior_file;"
        "assert find_prior_file(Path('GW150914.prior')).is_file(); assert not {'bilby', 'numpy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
