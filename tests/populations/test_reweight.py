"""The weights of `priors reweight`, which turn one population into another."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import pytest
from drawn_populations import STRANGER, draws

from aframe_data import reweight, show_prior
from aframe_data.errors import DataQualityError, UsageError
from aframe_data.formats import ledger
from aframe_data.registry.choice import choose
from ledger_pieces import campaign, write_foreign, write_ours

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_weights_turn_one_population_into_another(tmp_path: Path) -> None:
    """The weighted mean of what is drawn is the mean of the other population."""
    path = draws(tmp_path, count=20_000)
    target = {"m1": 36, "m2": 21, "sigma": 1.8}
    report = reweight(path, to="gaussian_masses", to_options=target, output_file=tmp_path / "weights.hdf5")
    found = ledger.read_parameters(tmp_path / "weights.hdf5")
    weight = found["weight"]
    np.testing.assert_allclose(weight, np.exp(found["ln_prob_to"] - found["ln_prob"]))
    error = weight.std() / np.sqrt(len(weight))
    assert report.mean_weight == pytest.approx(1, abs=5 * error)
    assert report.efficiency == report.mean_weight
    assert 0 < report.effective_size < 20_000
    source = found["mass_1"] / (1 + found["redshift"])
    assert np.average(source, weights=weight) == pytest.approx(36, abs=0.1)
    before = ledger.read_parameters(path)
    for name, values in before.items():
        np.testing.assert_array_equal(found[name], values)


def test_the_frame_of_the_masses_does_not_matter(tmp_path: Path) -> None:
    """Uniform in the detector frame against the same population in itself: all weights are 1."""
    path = draws(tmp_path, "nonspin_bbh", count=500)
    report = reweight(path, to="nonspin_bbh", output_file=tmp_path / "weights.hdf5")
    assert (report.mean_weight, report.largest_weight, report.outside) == (1, 1, 0)
    found = ledger.read_parameters(tmp_path / "weights.hdf5")
    # Both masses of the source frame: (1 + z)² for the density in the detector frame.
    own = choose("prior", "nonspin_bbh").create().ln_prob(found)
    np.testing.assert_allclose(found["ln_prob"], own + 2 * np.log1p(found["redshift"]), rtol=1e-12)


def test_a_campaign_keeps_what_it_says_of_its_draws(tmp_path: Path, cli: Callable[..., Any]) -> None:
    path = draws(tmp_path, count=8)
    parameters = ledger.read_parameters(path)
    with h5py.File(path) as file:
        record = json.loads(file.attrs["provenance"])
    arrays = {f"parameters/{name}": values for name, values in parameters.items()}
    arrays |= {"parameters/snr": np.arange(8.0), "parameters/ifo_snrs": np.ones((8, 2))}
    content = {"attributes": {"length": 8, "num_injections": 80, "ifos": ["H1", "L1"]}, "arrays": arrays}
    accepted = write_ours(tmp_path / "accepted.hdf5", content, prior=record["prior"], identity=record["identity"])
    done = cli("priors", "reweight", accepted, "--to", "end_o3_ratesandpops", "-o", tmp_path / "w.hdf5", "--json")
    told = json.loads(done.out)
    found = ledger.read_parameters(tmp_path / "w.hdf5")
    assert told["efficiency"] == pytest.approx(found["weight"].sum() / 80)
    np.testing.assert_array_equal(found["snr"], np.arange(8.0))
    assert found["ifo_snrs"].shape == (8, 2)
    with h5py.File(tmp_path / "w.hdf5") as file:
        assert file.attrs["num_injections"] == 80
        assert list(file.attrs["ifos"]) == ["H1", "L1"]
    again = cli("priors", "reweight", accepted, "--to", "end_o3_ratesandpops", "-o", tmp_path / "w.hdf5")
    assert "already exists, made by the same command and intact" in again.out
    csv = cli("priors", "reweight", accepted, "--to", "end_o3_ratesandpops", "-o", tmp_path / "w.csv")
    assert csv.code == 0
    assert "effective number of signals" in csv.out
    table = np.genfromtxt(tmp_path / "w.csv", delimiter=",", names=True)
    np.testing.assert_array_equal(table["weight"], found["weight"])


def test_populations_of_which_one_fixes_what_the_other_draws_are_refused(tmp_path: Path) -> None:
    path = draws(tmp_path, count=20)
    with pytest.raises(UsageError, match=r"'gaussian_masses' draws a_1, a_2, .*, and prior 'nonspin_bbh' does not"):
        reweight(path, to="nonspin_bbh", output_file=tmp_path / "weights.hdf5")


def test_a_prior_that_only_draws_is_refused(tmp_path: Path, strangers: Callable[..., Path]) -> None:
    strangers(distribution="mute", source=STRANGER)
    path = draws(tmp_path, count=20)
    with pytest.raises(UsageError, match="prior 'mute' does not give its density"):
        reweight(path, to="mute", output_file=tmp_path / "weights.hdf5")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "cannot read 'signals.hdf5': No such file or directory."),
        ("mass_1,mass_2", "'signals.hdf5' is not an HDF5 file; priors reweight takes a file of signals."),
    ],
)
def test_files_without_signals_are_not_weighted(
    tmp_path: Path, cli: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, content: str | None, told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    if content is not None:
        (tmp_path / "signals.hdf5").write_text(content)
    done = cli("priors", "reweight", "signals.hdf5", "--to", "ringdown", "-o", "weights.hdf5")
    assert (done.code, done.err) == (2, f"aframe-data: error: {told}\n")


def test_signals_of_unknown_origin_are_refused(tmp_path: Path) -> None:
    foreign = write_foreign(tmp_path / "foreign.hdf5", campaign(4, seed=1))
    with pytest.raises(UsageError, match="does not say which prior its signals were drawn from"):
        reweight(foreign, to="ringdown", output_file=tmp_path / "weights.hdf5")


def test_signals_that_their_prior_never_draws_are_told(tmp_path: Path) -> None:
    path = draws(tmp_path, count=20)
    parameters = ledger.read_parameters(path)
    parameters["redshift"][7] = 3
    with h5py.File(path) as file:
        record = json.loads(file.attrs["provenance"])
    arrays = {f"parameters/{name}": values for name, values in parameters.items()}
    content = {"attributes": {"length": 20}, "arrays": arrays}
    strange = write_ours(tmp_path / "strange.hdf5", content, prior=record["prior"], identity=record["identity"])
    with pytest.raises(DataQualityError, match=r"signal 7 \(counted from 0\) of .* cannot have been drawn from prior"):
        reweight(strange, to="end_o3_ratesandpops", output_file=tmp_path / "weights.hdf5")


def test_a_prior_file_that_changed_since_is_told(tmp_path: Path) -> None:
    prior = tmp_path / "mine.prior"
    text = (
        "mass_1 = Uniform(40, 80)\nmass_2 = Uniform(10, 40)\nredshift = Uniform(0.1, 0.5)\na_1 = 0\na_2 = 0\n"
        "tilt_1 = 0\ntilt_2 = 0\nphi_12 = 0\nphi_jl = 0\ndec = Cosine()\nra = Uniform(0, 6.283185)\n"
        "theta_jn = Sine()\npsi = Uniform(0, 3.141592)\nphase = Uniform(0, 6.283185)\n"
    )
    prior.write_text(text)
    path = tmp_path / "draws.hdf5"
    show_prior(str(prior), samples=30, output_file=path)
    other = tmp_path / "other.prior"
    other.write_text(text.replace("Uniform(40, 80)", "Uniform(40, 60)"))
    report = reweight(path, to=str(other), output_file=tmp_path / "weights.hdf5")
    assert report.largest_weight == pytest.approx(2)
    assert report.outside > 0
    prior.write_text(text.replace("Uniform(40, 80)", "Uniform(40, 90)"))
    with pytest.raises(UsageError, match=r"is not what the signals of .* were drawn from"):
        reweight(path, to=str(other), output_file=tmp_path / "more.hdf5")
