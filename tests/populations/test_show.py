"""Looking at priors: what `priors show` tells and writes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import pytest
from drawn_populations import COUNT, GAUSSIAN, STRANGER, draws

from aframe_data import show_prior
from aframe_data.errors import OutputExistsError
from aframe_data.formats import ledger
from aframe_data.registry.choice import choose

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


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
