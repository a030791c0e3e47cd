"""What the commands do when all is well: help pages, dry runs, what is there already, logs, inspect."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import h5py
import pytest

from aframe_data.cli.commands import command_of
from aframe_data.errors import AframeDataError
from aframe_data.requests import COMMANDS
from aframe_data.requests.inspect import Inspect

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SPAN = ("--start", "1240579783", "--end", "1240583783")
SIMULATED = ("--source", "simulated", "--simulated-duty-cycle", "1")
FETCH = ("fetch", "--source", "simulated", "--sample-rate", "256", "--channels", "H1,L1")
HERE = ("--workers", "0")


@pytest.mark.parametrize("command", ["query", "fetch", "waveforms", "inspect", "verify", "plugins"])
def test_every_command_is_in_the_root_help_and_has_its_own(cli: Callable[..., object], command: str) -> None:
    assert command in cli("--help").out
    own = cli(command, "--help")
    assert own.code == 0
    assert "Usage: aframe-data " + command in own.out


def test_the_help_of_a_command_shows_the_options_of_the_chosen_provider(cli: Callable[..., object]) -> None:
    chosen = cli("fetch", "--source", "simulated", "--help").out
    assert "Options of simulated" in chosen
    assert "--simulated-psd" in chosen
    assert "Options of gwosc" not in chosen
    assert "Options of gwosc" in cli("fetch", "--help").out
    assert "--gaussian-masses-m1" in cli("waveforms", "--prior", "gaussian_masses", "--help").out


def test_the_version_is_told(cli: Callable[..., object]) -> None:
    assert "0.1.0" in cli("--version").out


def test_the_root_help_has_the_first_line_of_each_commands_own() -> None:
    for name, (_, summary) in COMMANDS.items():
        assert (command_of(name).help or "").split("\n\n")[0].replace("\n", " ") == summary


@pytest.mark.parametrize("line", ["inspect none.hdf5", "plugins info none", "plugins list --kind none"])
def test_debug_is_an_option_of_every_command(cli: Callable[..., object], line: str) -> None:
    assert "No such option" not in cli(*line.split(), "--debug").err


@pytest.mark.parametrize(
    ("line", "owner"),
    [
        ("fetch --channels H1", "gwosc"),
        ("fetch --channels=H1,L1", "gwosc"),
        ("query --flags H1_DATA", "gwosc"),
        ("query --flags H1:DMT-ANALYSIS_READY:1", "dqsegdb"),
    ],
)
def test_what_is_wanted_says_whose_a_bare_option_is(cli: Callable[..., object], line: str, owner: str) -> None:
    """Several sources have a host; only one of them has such channels or flags."""
    shown = cli(*line.split(), "--help").out
    assert f"--{owner}-host, --host" in shown
    assert shown.count("Options of") == 1


def test_a_dry_run_says_what_and_how_much_and_does_nothing(cli: Callable[..., object], tmp_path: Path) -> None:
    done = cli(*FETCH, *SPAN, "-o", tmp_path, "--max-duration", "1500", "--dry-run")
    assert "Would fetch 3 files, 4000 s of strain, 16.4 MB, from simulated" in done.out
    arguments = "waveforms --prior flat --generator chirp --num-signals 30 --waveform-duration 4 --sample-rate 256"
    done = cli(*arguments.split(), "-o", tmp_path / "w.hdf5", "--dry-run")
    assert "Would generate 30 signals" in done.out
    assert "ms a signal" in done.out
    done = cli("query", *SIMULATED, *SPAN, "--flags", "H1_DATA", "-o", tmp_path / "s.txt", "--dry-run")
    assert "nothing written" in done.out
    assert list(tmp_path.iterdir()) == []


def test_a_second_fetch_skips_what_is_there(cli: Callable[..., object], tmp_path: Path) -> None:
    (tmp_path / "s.txt").write_text("# seg\tstart\tstop\tduration\n0\t1240579783\t1240579803\t20.0\n")
    line = (*FETCH, *HERE, "--segments", tmp_path / "s.txt", "-o", tmp_path / "out")
    assert "Would fetch 1 file, 20 s" in cli(*line, "--dry-run").out
    assert "1 fetched, 0 skipped, 0 failed" in cli(*line).out
    assert "0 fetched, 1 skipped, 0 failed" in cli(*line).out


def test_a_fetch_that_goes_on_says_at_once_how_many_files_are_there(cli: Callable[..., object], tmp_path: Path) -> None:
    segments = tmp_path / "s.txt"
    line = (*FETCH, *HERE, "--segments", segments, "-o", tmp_path / "out", "--min-duration", "10", "--json")
    segments.write_text("1240579783 1240579803\n")
    assert cli(*line).err == ""
    segments.write_text("1240579783 1240579803\n1240579900 1240579920\n")
    assert cli(*line).err == "aframe-data: 1 of 2 files are already there\n"


def test_signals_that_go_on_say_at_once_what_is_taken_up(
    cli: Callable[..., object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = "waveforms --prior flat --generator chirp --num-signals 130 --waveform-duration 4 --sample-rate 256"
    line = (*arguments.split(), "--workers", "0", "-o", tmp_path / "w.hdf5")
    with monkeypatch.context() as failing:
        failing.setattr("aframe_data.waveforms.plan.TrainingPlan._record", refuse)
        assert cli(*line).code == 1
    done = cli(*line)
    assert done.code == 0
    assert f"resuming: 3 finished blocks of signals are taken from {tmp_path}" in done.err


def refuse(*_: object) -> None:
    raise AframeDataError("the disk is full")


@pytest.mark.slow
def test_the_log_file_gets_what_workers_say(cli: Callable[..., object], tmp_path: Path) -> None:
    done = cli(*FETCH, *SPAN, "--workers", "1", "-o", tmp_path, "--log-file", tmp_path / "logs" / "run.log")
    assert done.code == 0, done.err
    assert "fetched" in (tmp_path / "logs" / "run.log").read_text()


def test_the_log_file_gets_the_error_that_ends_a_command(cli: Callable[..., object], tmp_path: Path) -> None:
    log = tmp_path / "run.log"
    done = cli(*FETCH, *SPAN, "-o", tmp_path, "--psd", "nonsense", "--log-file", log)
    assert done.code == 2
    assert done.err.count("\n") == 1
    assert done.err.removeprefix("aframe-data: error: ").strip() in log.read_text()
    done = cli("inspect", tmp_path / "none.hdf5", "--log-file", log)
    assert "cannot read" in log.read_text()


def test_inspect_tells_kind_span_and_provenance(cli: Callable[..., object], tmp_path: Path) -> None:
    cli(*FETCH, *HERE, "--start", "1240579783", "--end", "1240579803", "-o", tmp_path)
    path = tmp_path / "background-1240579783-20.hdf5"
    shown = cli("inspect", path)
    assert shown.code == 0
    for words in ("background strain", "H1, L1", "1240579783 to 1240579803", "256", "command fetch"):
        assert words in shown.out
    machine = json.loads(cli("inspect", path, "--json").out)
    assert machine["sound"] is True
    assert machine["provenance"]["sources"][0]["name"] == "simulated"
    with h5py.File(path, "r+") as file:
        file["H1"][3] = 1.0
    damaged = cli("inspect", path)
    assert damaged.code == 1
    assert "changed since they were written" in damaged.out


def test_a_command_without_a_printer_prints_json(
    cli: Callable[..., object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Inspect, "printer", "that-nobody-wrote")
    path = tmp_path / "segments.txt"
    path.write_text("# seg\tstart\tstop\tduration\n0\t1000000000\t1000000064\t64\n")
    done = cli("inspect", path)
    assert (done.code, json.loads(done.out)["kind"], done.err) == (0, "segments", "")
    assert cli("inspect", path, "--json").out == done.out
    assert cli("inspect", path, "--quiet").out == ""
