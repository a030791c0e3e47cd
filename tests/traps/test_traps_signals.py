"""What goes wrong in the reference implementation's seeds, rejection and priors, and must not here: one test a trap."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from trap_runs import DURATION, RATE, RIGHT_PAD, make, read

from aframe_data.cli.app import run
from aframe_data.errors import UsageError
from aframe_data.plugin.binary import BASE_PARAMETERS
from aframe_data.seeds import Stream, generator
from ledger_reader import read_training_waveforms

if TYPE_CHECKING:
    from pathlib import Path


# --- seeds --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("prior", "workers"),
    [
        ("end_o3_ratesandpops", 0),
        *(pytest.param(prior, 2, marks=pytest.mark.slow) for prior in ("spin_bbh", "gaussian_masses")),
    ],
)
def test_trap_01_the_seed_seeds_bilby_and_not_numpys_global_state_alone(
    tmp_path: Path, prior: str, workers: int
) -> None:
    options = {"m1": 40, "m2": 30} if prior == "gaussian_masses" else {}
    settings = {"prior": prior, "prior_options": options, "num_signals": 3, "seed": 5}
    first, again = make(tmp_path / "a", **settings), make(tmp_path / "b", **settings, workers=workers)
    other = make(tmp_path / "c", **{**settings, "seed": 6})
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    for name in ("mass_1", "ra", "redshift"):
        np.testing.assert_array_equal(first[name], again[name])
        assert not np.intersect1d(first[name], other[name]).size


def test_trap_02_thousands_of_units_have_as_many_seeds() -> None:
    first = [generator(7, Stream.TRAINING, unit).integers(2**63) for unit in range(7500)]
    assert len(set(first)) == 7500
    assert generator(7, Stream.TRAINING, 1).integers(2**63) == first[1]


# --- rejection ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 2])
def test_trap_06_a_file_of_one_signal_has_the_same_fields(tmp_path: Path, count: int) -> None:
    found = make(tmp_path / "few.hdf5", num_signals=count)
    more = {"reference_frequency", "minimum_frequency", "plus", "cross", "provenance"}
    assert set(found) == {*BASE_PARAMETERS, *more}
    assert all(found[name].shape == (count,) for name in BASE_PARAMETERS)
    assert read_training_waveforms(tmp_path / "few.hdf5").waveforms.shape == (count, 2, DURATION * RATE)


def test_trap_08_a_failing_waveform_is_replaced_and_named(tmp_path: Path) -> None:
    """IMRPhenomNSBH has no neutron stars above 3 solar masses: one draw of this prior in five."""
    prior = tmp_path / "nsbh.prior"
    still = ("a_1", "a_2", "tilt_1", "tilt_2", "phi_12", "phi_jl", "psi", "phase", "ra", "dec", "theta_jn")
    lines = [f"{name} = 0" for name in still] + ["mass_1 = 12", "redshift = 0.05"]
    prior.write_text("\n".join([*lines, "mass_2 = Uniform(2, 3.25)", "lambda_1 = 0", "lambda_2 = 0"]))
    settings = {"prior": str(prior), "generator_options": {"approximant": "IMRPhenomNSBH"}, "max_failed_fraction": 0.5}
    found = make(tmp_path / "nsbh.hdf5", num_signals=20, **settings)
    failures = found["provenance"]["failures"]
    assert failures
    assert all("NS mass must be less than or equal to 3 solar masses" in failure for failure in failures)
    assert found["provenance"]["drawn"] == 20 + len(failures)
    assert (found["mass_2"] <= 3).all()
    assert np.isfinite(found["plus"]).all()
    assert found["plus"].any(axis=1).all()


# --- waveforms ----------------------------------------------------------------------------------------


def test_trap_14_two_workers_share_the_units(tmp_path: Path) -> None:
    one = make(
        tmp_path / "one.hdf5", num_signals=130, prior="nonspin_bbh", generator_options={"approximant": "IMRPhenomD"}
    )
    arguments = ["--prior", "nonspin_bbh", "--approximant", "IMRPhenomD", "--num-signals", "130", "--seed", "3"]
    grid = ["--sample-rate", str(RATE), "--waveform-duration", str(DURATION), "--right-pad", str(RIGHT_PAD)]
    output = ["--workers", "2", "-o", str(tmp_path / "two.hdf5")]
    assert run(["waveforms", *arguments, *grid, *output]) == 0
    two = read(tmp_path / "two.hdf5")
    for name in {*one} - {"provenance"}:
        np.testing.assert_array_equal(one[name], two[name])


# --- priors -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("prior", ["nonspin_bbh", "spin_bbh"])
def test_trap_15_masses_are_ordered(tmp_path: Path, prior: str) -> None:
    """Each pair uniform in 5 to 100 and ordered; 49 % were not."""
    settings = {"generator_options": {"approximant": "IMRPhenomXP"}, "waveform_duration": 1, "right_pad": 0.5}
    found = make(tmp_path / "t.hdf5", prior=prior, num_signals=64, **settings)
    assert (found["mass_2"] <= found["mass_1"]).all()
    assert 5 <= found["mass_2"].min() < 20
    assert 80 < found["mass_1"].max() <= 100


def test_trap_16_a_prior_gives_what_is_needed_or_is_refused_before_the_work(tmp_path: Path) -> None:
    for prior in ("gaussian_masses", "log_normal_masses"):
        found = make(tmp_path / prior, prior=prior, prior_options={"m1": 40, "m2": 30, "sigma": 0.1}, num_signals=2)
        assert set(BASE_PARAMETERS) <= set(found)
    with pytest.raises(UsageError, match="'ringdown' cannot be used for binary waveforms: it does not give mass_1"):
        make(tmp_path / "ringdown.hdf5", prior="ringdown")
    assert not (tmp_path / "ringdown.hdf5").exists()
