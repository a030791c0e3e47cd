"""Looking at priors: what `priors show` tells and writes, and the weights of `priors reweight`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import pytest

from aframe_data import reweight, show_prior
from aframe_data.errors import DataQualityError, OutputExistsError, UsageError
from aframe_data.formats import ledger
from aframe_data.registry.choice import choose
from ledger_pieces import campaign, write_foreign, write_ours
from plugin_factory import hook

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

GAUSSIAN = {"m1": 35, "m2": 20}
COUNT = 4000

STRANGER = {
    "mute": hook("priors", 'yield PriorProvider(name="mute", summary="Only draws", load="mute_code:Mute")'),
    "mute_code": """
        import numpy as np
        from aframe_data.plugin.binary import BASE_PARAMETERS

        class Mute:
            parameters = BASE_PARAMETERS
            frame = "detector"
            def sample(self, n, rng):
                return {name: rng.uniform(0.1, 0.5, n) for name in BASE_PARAMETERS} | {"mass_1": np.full(n, 9.0)}
        """,
}


def draws(folder: Path, prior: str = "gaussian_masses", count: int = COUNT, **options: Any) -> Path:
    path = folder / f"{prior}.hdf5"
    options = options or (GAUSSIAN if prior == "gaussian_masses" else {})
    show_prior(prior, prior_options=options, samples=count, output_file=path)
    return path


# --- show -----------------------------------------------------------------------------------------------


def test_a_prior_is_described(cli: Callable[..., Any]) -> None:
    done = cli("priors", "show", "gaussian_masses", "--m1", "35", "--gaussian-masses-m2", "20")
    assert (done.code, done.err) == (0, "")
    head, settings, columns, first, *_ = done.out.splitlines()
    assert head.startswith("gaussian_masses (aframe-data ")
    assert settings == "masses in the source frame; cosmology Planck15; m1 = 35.0; m2 = 20.0; sigma = 2.0"
    assert columns == "parameter\tunit\tdistribution\tmin\t5 %\tmedian\t95 %\tmax"
    name, unit, distribution, *numbers = first.split("\t")
    assert (name, unit) == ("mass_1", "solar masses")
    assert distribution == "TruncatedGaussian(mu=35, sigma=2, minimum=0, maximum=inf)"
    # The percentiles of a Gaussian of the draws; its extremes lie beyond.
    np.testing.assert_allclose([float(number) for number in numbers[1:4]], [31.71, 35, 38.29], atol=0.15)


def test_the_name_may_stand_behind_the_options(cli: Callable[..., Any]) -> None:
    first = cli("priors", "show", "gaussian_masses", "--m1", "35", "--m2", "20", "--json")
    second = cli("priors", "show", "--json", "--m1=35", "--m2", "20", "gaussian_masses")
    assert first.code == second.code == 0
    assert first.out == second.out
    told = json.loads(first.out)
    assert (told["frame"], told["cosmology"]) == ("source", "Planck15")
    assert [one["name"] for one in told["parameters"]][:3] == ["mass_1", "mass_2", "redshift"]


def test_the_help_of_a_prior_has_its_options(cli: Callable[..., Any]) -> None:
    assert "--gaussian-masses-m1" in cli("priors", "show", "gaussian_masses", "--help").out
    assert "--gaussian-masses-m1" in cli("priors", "reweight", "x.hdf5", "--to", "gaussian_masses", "--help").out


def test_what_is_no_binary_has_no_frame(cli: Callable[..., Any]) -> None:
    out = cli("priors", "show", "ringdown").out
    assert out.splitlines()[1] == "cosmology Planck15"
    assert "frequency\tHz\tLogUniform(minimum=100, maximum=1000)" in out


def test_signals_of_a_file_are_looked_at_in_their_order_and_counted(tmp_path: Path, cli: Callable[..., Any]) -> None:
    table = tmp_path / "draws.csv"
    show_prior("gaussian_masses", prior_options=GAUSSIAN, samples=3, output_file=table)
    rows = np.genfromtxt(table, delimiter=",", names=True)
    report = show_prior(str(table))
    assert (report.looked_at, report.in_order) == (3, 3)
    masses = next(one for one in report.parameters if one.name == "mass_1")
    assert (masses.minimum, masses.maximum) == (rows["mass_1"].min(), rows["mass_1"].max())
    assert cli("priors", "show", table).out.splitlines()[-1] == "ranges of all 3 signals"
    resampled = cli("priors", "show", table, "--parameter-file-order", "resampled").out
    assert resampled.splitlines()[-1] == "ranges of 20000 draws"


def test_of_many_signals_the_first_are_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aframe_data.populations.show.LOOKED_AT", 2)
    table = tmp_path / "draws.csv"
    show_prior("gaussian_masses", prior_options=GAUSSIAN, samples=3, output_file=table)
    report = show_prior(str(table))
    first = np.genfromtxt(table, delimiter=",", names=True)["mass_1"][:2]
    assert report.looked_at_in_words == "the first 2 of 3 signals"
    assert next(one for one in report.parameters if one.name == "mass_1").maximum == first.max()


def test_draws_are_written_in_the_detector_frame_and_used_again(tmp_path: Path, cli: Callable[..., Any]) -> None:
    path = draws(tmp_path)
    found = ledger.read_parameters(path)
    np.testing.assert_allclose(np.median(found["mass_1"] / (1 + found["redshift"])), 35, atol=0.3)
    with h5py.File(path) as file:
        record = json.loads(file.attrs["provenance"])
        assert file.attrs["num_injections"] == file.attrs["length"] == COUNT
    assert (record["prior"]["name"], record["prior_frame"]) == ("gaussian_masses", "source")
    assert show_prior("gaussian_masses", prior_options=GAUSSIAN, samples=COUNT, output_file=path).present
    with pytest.raises(OutputExistsError, match="seed"):
        show_prior("gaussian_masses", prior_options=GAUSSIAN, samples=COUNT, output_file=path, seed=3)
    again = choose("prior", str(path)).create().take(0, COUNT)
    for name, values in found.items():
        np.testing.assert_array_equal(again[name], values)
    done = cli("inspect", path)
    assert done.code == 0


def test_draws_are_written_as_csv(tmp_path: Path) -> None:
    path = tmp_path / "draws.csv"
    show_prior("ringdown", samples=50, output_file=path, seed=4)
    table = np.genfromtxt(path, delimiter=",", names=True)
    assert len(table) == 50
    assert {"quality", "frequency", "distance"} <= set(table.dtype.names)
    with pytest.raises(OutputExistsError):
        show_prior("ringdown", samples=50, output_file=path, seed=4)
    show_prior("ringdown", samples=60, output_file=path, seed=4, overwrite=True)
    more = np.genfromtxt(path, delimiter=",", names=True)
    assert len(more) == 60


@pytest.mark.slow
@pytest.mark.parametrize("prior", ["nonspin_bbh", "ringdown"])
def test_a_picture_is_drawn(tmp_path: Path, prior: str) -> None:
    show_prior(prior, plot=tmp_path / "corner.png")
    assert (tmp_path / "corner.png").read_bytes()[:4] == b"\x89PNG"
    assert (tmp_path / "corner.png").stat().st_size > 50_000


def test_a_stranger_s_prior_that_only_draws_is_shown(strangers: Callable[..., Path], cli: Callable[..., Any]) -> None:
    strangers(distribution="mute", source=STRANGER)
    assert "mute\t-\tOnly draws" in cli("priors", "list").out
    out = cli("priors", "show", "mute").out
    assert "mass_1\tsolar masses\t-\t9\t9\t9\t9\t9" in out


def test_an_error_of_a_stranger_s_prior_names_it(strangers: Callable[..., Path], cli: Callable[..., Any]) -> None:
    code = STRANGER["mute_code"].replace("return {name", "return {}['key'] or {name")
    strangers(distribution="mute", version="2.5", source={**STRANGER, "mute_code": code})
    done = cli("priors", "show", "mute")
    assert done.code == 1
    assert "prior 'mute' of mute 2.5 failed: KeyError: 'key'. This is a bug of the plugin." in done.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nothing_such"], "unknown prior 'nothing_such'"),
        (["gaussian_masses"], "'gaussian_masses' needs --gaussian-masses-m1, --gaussian-masses-m2"),
        (["ringdown", "--samples", "5"], "--samples and --output go together"),
        (["ringdown", "-o", "x.csv"], "--samples and --output go together"),
        (["ringdown", "--samples", "5", "-o", "x.txt"], "must end in .hdf5 or .csv"),
        (["ringdown", "--samples", "0", "-o", "x.csv"], "not allowed, only values of at least 1"),
        (["ringdown", "--m1", "5"], "--m1 is not an option of the prior 'ringdown'"),
        ([], "Missing argument"),
    ],
)
def test_what_cannot_be_shown_is_told_in_a_line(cli: Callable[..., Any], arguments: list[str], told: str) -> None:
    done = cli("priors", "show", *arguments)
    assert done.code == 2
    assert told in done.err
    assert len(done.err.splitlines()) == 1


def test_a_dry_run_draws_nothing(tmp_path: Path, cli: Callable[..., Any]) -> None:
    path = tmp_path / "x.hdf5"
    done = cli("priors", "show", "ringdown", "--samples", "5", "-o", path, "--dry-run")
    assert done.out == f"Would write 5 draws of the prior ringdown to {path}, seed 0.\n"
    assert not path.exists()


# --- reweight -------------------------------------------------------------------------------------------


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
