"""What plugins ask of all three commands: to keep all that a prior draws, and how many signals to give at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import pytest
from burst_runs import SIGNALS, assert_same_arrays, validate

from aframe_data import timeslide_waveforms, training_waveforms
from aframe_data.cli.app import run
from aframe_data.errors import OutputExistsError, PluginError
from aframe_data.formats import ledger
from ledger_reader import BASE_FIELDS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("bursts")

START = 1240579783
TIMES: dict[str, Any] = {"shifts": [0, 1], "spacing": 4, "buffer": 2, "jitter": 0.1, "psd_length": 16}


def train(path: Path, **changes: Any) -> Any:
    """Write training waveforms: seventy, more than a unit of work."""
    settings = {name: value for name, value in SIGNALS.items() if name not in ("ifos", "snr_threshold")}
    return training_waveforms(**{**settings, "num_signals": 70, "output_file": path, **changes})


def make_all(folder: Path, noise: Path, **changes: Any) -> tuple[Path, ...]:
    """Every file that the three commands write."""
    train(folder / "training.hdf5", **changes)
    validate(folder, noise, **changes)
    campaign = {**SIGNALS, **TIMES, "start": START, "end": START + 200, "num_signals": 20, "psd": noise}
    timeslide_waveforms(**{**campaign, "output_dir": folder / "campaign", **changes})
    names = ("training", "val", "rejected", "campaign/waveforms", "campaign/rejected-parameters")
    return tuple(folder / f"{name}.hdf5" for name in names)


def parameters_of(path: Path) -> Mapping[str, np.ndarray]:
    with h5py.File(path) as file:
        return {name: item[:] for name, item in file["parameters"].items()}


@pytest.fixture(scope="module")
def by_fives(bursts: Path, flat_noise: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    """All files of a prior with parameters of its own and a model that wants five signals; beside them is a ``log``."""
    assert bursts.exists()
    folder = tmp_path_factory.mktemp("fives")
    options = {"log": str(folder / "log")}
    return make_all(folder, flat_noise, prior="source-sky", generator="burst-by-5", generator_options=options)


# --- all that a prior draws ---------------------------------------------------------------------------


@pytest.mark.slow
def test_every_file_keeps_what_the_prior_says_that_it_draws(by_fives: tuple[Path, ...]) -> None:
    for path in by_fives:
        found = parameters_of(path)
        assert {*BASE_FIELDS, "eccentricity", "chirp_mass"} <= set(found), path
        assert {"not_declared", "luminosity_distance"}.isdisjoint(found), path
        np.testing.assert_array_equal(found["eccentricity"], found["redshift"] / 2, err_msg=path.name)
        # in the detector frame, as the masses from which it follows are
        mass_1, mass_2 = found["mass_1"], found["mass_2"]
        chirp_mass = (mass_1 * mass_2) ** 0.6 / (mass_1 + mass_2) ** 0.2
        np.testing.assert_allclose(found["chirp_mass"], chirp_mass, rtol=1e-12, err_msg=path.name)
        assert found["chirp_mass"].dtype == np.float64


def test_a_prior_that_draws_what_files_mean_otherwise_is_refused(tmp_path: Path, flat_noise: Path) -> None:
    with pytest.raises(PluginError, match="prior 'snr-sky' draws 'snr': no parameter in a file can have that name"):
        train(tmp_path / "training.hdf5", prior="snr-sky")
    with pytest.raises(PluginError, match="'snr-sky' draws 'snr'"):
        validate(tmp_path, flat_noise, prior="snr-sky")
    assert list(tmp_path.iterdir()) == []


# --- how many signals at once -------------------------------------------------------------------------


def sizes(log: Path) -> dict[str, set[int]]:
    """How many signals the calls of each method were given."""
    found: dict[str, set[int]] = {"generate": set(), "spectrum": set()}
    for line in log.read_text().splitlines():
        method, size = line.split()
        found[method].add(int(size))
    return found


@pytest.mark.slow
def test_a_model_is_never_given_more_signals_than_it_asks_for(by_fives: tuple[Path, ...]) -> None:
    found = sizes(by_fives[0].parent / "log")
    assert max(found["generate"]) == max(found["spectrum"]) == 5


@pytest.mark.slow
def test_which_signals_there_are_does_not_depend_on_it(
    by_fives: tuple[Path, ...], tmp_path: Path, flat_noise: Path
) -> None:
    for ours, theirs in zip(by_fives, make_all(tmp_path, flat_noise, prior="source-sky"), strict=True):
        assert_same_arrays(ours, theirs)


def test_so_are_dry_runs(tmp_path: Path, flat_noise: Path) -> None:
    log = tmp_path / "log"
    model = ["--prior", "sky", "--generator", "burst-by-5", "--log", str(log)]
    grid = ["--sample-rate", "512", "--waveform-duration", "1", "--right-pad", "0.5", "--num-signals", "5", "--dry-run"]
    assert run(["waveforms", *model, *grid, "-o", str(tmp_path / "training.hdf5")]) == 0
    noise = ["--ifos", "H1,L1", "--psd", str(flat_noise), "-o", str(tmp_path / "val.hdf5")]
    assert run(["validation-waveforms", *model, *grid, *noise]) == 0
    assert max(sizes(log)["generate"]) == max(sizes(log)["spectrum"]) == 5


@pytest.mark.slow
def test_a_model_is_given_as_many_signals_as_it_asks_for(tmp_path: Path, flat_noise: Path) -> None:
    log = tmp_path / "log"
    settings = {"generator": "burst-by-100", "generator_options": {"log": str(log)}}
    train(tmp_path / "training.hdf5", num_signals=120, **settings)
    assert max(sizes(log)["generate"]) == 100
    log.unlink()
    validate(tmp_path, flat_noise, **settings)
    assert max(sizes(log)["spectrum"]) == 100
    log.unlink()
    validate(tmp_path / "full", flat_noise, full_evaluation=True, **settings)
    assert max(sizes(log)["generate"]) == 100
    assert_same_arrays(tmp_path / "val.hdf5", tmp_path / "full" / "val.hdf5")


@pytest.mark.slow
def test_windows_that_fill_a_unit_of_work_bound_the_batch(tmp_path: Path, flat_noise: Path) -> None:
    """64 s at 512 Hz leave room for 32 signals; estimates, of a few frequencies, are not bounded."""
    log = tmp_path / "log"
    settings = {"generator": "burst-by-100", "generator_options": {"log": str(log)}, "waveform_duration": 64}
    train(tmp_path / "training.hdf5", num_signals=40, **settings)
    validate(tmp_path, flat_noise, num_signals=2, **settings)
    assert {name: max(found) for name, found in sizes(log).items()} == {"generate": 32, "spectrum": 100}


def test_failures_are_those_of_their_own_signals(tmp_path: Path) -> None:
    options = {"fail_above": 45}
    ours = train(tmp_path / "ours", generator="burst-by-5", generator_options=options, max_failed_fraction=0.5)
    theirs = train(tmp_path / "theirs", generator_options=options, max_failed_fraction=0.5)
    assert ours.failures == theirs.failures != ()
    assert_same_arrays(tmp_path / "ours", tmp_path / "theirs")


def test_the_batch_is_part_of_what_a_file_is_made_by_where_the_model_says_one(tmp_path: Path) -> None:
    described = {}
    for name in ("burst", "burst-by-5"):
        train(tmp_path / name, generator=name)
        described[name] = (ledger.summarize(tmp_path / name, check=False).record or {})["identity"]
    assert "batch" not in described["burst"]
    assert described["burst-by-5"]["batch"] == 5
    train(tmp_path / "burst-by-5", generator="burst-by-5")
    with pytest.raises(OutputExistsError, match="--overwrite"):
        train(tmp_path / "burst", generator="burst-by-5")


def test_plugins_info_shows_the_batch(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["plugins", "info", "burst-by-5", "--json"]) == 0
    assert '"batch": 5' in capsys.readouterr().out
    assert run(["plugins", "info", "burst", "--json"]) == 0
    assert "batch" not in capsys.readouterr().out


# --- which kind of sources ----------------------------------------------------------------------------


def test_a_model_of_an_unknown_kind_of_sources_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    grid = ["--sample-rate", "512", "--waveform-duration", "1", "--right-pad", "0.5", "--num-signals", "5"]
    line = ["waveforms", "--prior", "sky", "--generator", "foreign-burst", *grid, "-o", str(tmp_path / "t.hdf5")]
    assert run(line) == 1
    told = " ".join(capsys.readouterr().err.split())
    assert "waveform generator 'foreign-burst' cannot be used: unknown source kind 'binaries'." in told
    assert "Did you mean 'binary'? Known: binary, ringdown." in told
    assert list(tmp_path.iterdir()) == []
