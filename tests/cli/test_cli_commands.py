"""What the commands do when all is well: help pages, spellings, configuration, dry runs, tables."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import TYPE_CHECKING

import h5py
import numpy as np
import pytest

from aframe_data.cli.commands import command_of
from aframe_data.errors import AframeDataError
from aframe_data.formats.segwizard import read_segments
from aframe_data.requests import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Callable

SPAN = ("--start", "1240579783", "--end", "1240583783")
SIMULATED = ("--source", "simulated", "--simulated-duty-cycle", "1")
FETCH = ("fetch", "--source", "simulated", "--sample-rate", "256", "--channels", "H1,L1")
HERE = ("--workers", "0")


def written(path: Path) -> dict[str, np.ndarray]:
    with h5py.File(path) as file:
        return {name: file[name][:] for name in file if isinstance(file[name], h5py.Dataset)}


# --- help ---------------------------------------------------------------------------------------------


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


# --- spellings ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "flags",
    [
        ("--flags", '["H1_DATA", "L1_DATA"]'),
        ("--flags", "H1_DATA,L1_DATA"),
        ("--flags", "H1_DATA", "--flags", "L1_DATA"),
        ('--flags=["H1_DATA", "L1_DATA"]',),
        ("--flags", "[H1_DATA,L1_DATA]"),
        ("--flags", "['H1_DATA','L1_DATA']"),
    ],
)
def test_lists_are_taken_as_people_and_pipelines_write_them(
    cli: Callable[..., object], tmp_path: Path, flags: tuple[str, ...]
) -> None:
    done = cli("query", *SIMULATED, *SPAN, *flags, "--output_file", tmp_path / "segments.txt")
    assert done.code == 0, done.err
    assert "H1_DATA" in done.out
    assert "L1_DATA" in done.out
    assert "1 segment, 4000 s" in done.out
    assert len(read_segments(tmp_path / "segments.txt")) == 1


def test_underscores_are_dashes(cli: Callable[..., object], tmp_path: Path) -> None:
    arguments = "training_waveforms --prior flat --generator chirp --num_signals 3 --waveform_duration 4"
    arguments += " --sample_rate 256 --right_pad 1 --minimum_frequency 20 --seed 1 --workers 0"
    done = cli(*arguments.split(), "--output_file", tmp_path / "w.hdf5")
    assert done.code == 0, done.err
    assert "3 signals of 3 drawn, seed 1" in done.out


@pytest.mark.parametrize(
    ("flag", "code"),
    [
        (["--overwrite"], 0),
        (["--overwrite", "--min-duration", "2"], 0),
        (["--overwrite", "true"], 0),
        (["--overwrite=True"], 0),
        (["--overwrite=false"], 2),
        (["--overwrite", "false"], 2),
        ([], 2),
    ],
)
def test_a_flag_stands_alone_or_has_a_value(
    cli: Callable[..., object], tmp_path: Path, flag: list[str], code: int
) -> None:
    line = ("query", *SIMULATED, *SPAN, "-o", tmp_path / "s.txt")
    assert cli(*line, "--flags", "H1_DATA", "--pad", "1").code == 0
    assert cli(*line, *flag, "--flags", "H1_DATA").code == code


def test_a_flag_takes_no_argument_that_is_not_true_or_false(cli: Callable[..., object], tmp_path: Path) -> None:
    line = ("query", *SIMULATED, *SPAN, "-o", tmp_path / "s.txt", "--flags", "H1_DATA")
    assert cli(*line, "--overwrite=maybe").err == "aframe-data: error: overwrite = 'maybe' is not true or false.\n"
    (tmp_path / "background").mkdir()
    assert "has no file background-" in cli("verify", "--quick", tmp_path / "background").err
    assert "has no file background-" in cli("verify", "--no-segments", tmp_path / "background").err
    assert "has no file background-" in cli("verify", "--no_segments", "true", tmp_path / "background").err


def test_flags_of_providers_say_no_in_two_ways() -> None:
    from aframe_data.cli.parameters import provider_parameter, with_values
    from aframe_data.plugin.options import option_specs
    from aframe_data_plugins.nds2.options import Nds2Options

    spec = next(spec for spec in option_specs(Nds2Options) if spec.name == "allow_tape")
    flag = provider_parameter("tape", ["nds2-allow-tape", "allow-tape"], "nds2", spec)
    spelled = {
        ("--nds2-allow-tape",): "true",
        ("--allow_tape", "true"): "true",
        ("--allow-tape", "--verbose"): "true",
        ("--allow_tape=false",): "false",
        ("--no-allow-tape",): "false",
        ("--no-nds2-allow-tape=false",): "true",
    }
    for words, value in spelled.items():
        assert with_values(words, [flag])[0] == f"--nds2-allow-tape={value}"
    untouched = ["--source", "nds2", "--", "--allow-tape"]
    assert with_values(untouched, [flag]) == untouched


# --- configuration ------------------------------------------------------------------------------------

TOML = """
sample_rate = 256
[fetch]
channels = ["H1", "L1"]
source = "simulated"
start = 1240579783
end = 1240579803
workers = 0
[fetch.simulated]
seed = 5
[query]
flags = "H1_DATA"
"""

YAML = """
sample-rate: 256
fetch:
  channels: [H1, L1]
  source: [simulated]
  start: 1240579783.0
  workers: 0.0
  max-duration:
  end: 1240579803
  simulated-seed: 5
"""


@pytest.mark.slow
@pytest.mark.parametrize(("name", "text"), [("c.toml", TOML), ("c.yaml", YAML)])
def test_a_configuration_is_a_command_line_in_a_file(
    cli: Callable[..., object], tmp_path: Path, name: str, text: str
) -> None:
    (tmp_path / name).write_text(text)
    done = cli("fetch", "--config", tmp_path / name, "-o", tmp_path / "a")
    assert done.code == 0, done.err
    spelled = (*FETCH, *HERE, "--start", "1240579783", "--end", "1240579803", "--seed", "5", "-o", tmp_path / "b")
    assert cli(*spelled).code == 0
    for ifo in ("H1", "L1"):
        ours, theirs = (written(tmp_path / folder / "background-1240579783-20.hdf5")[ifo] for folder in "ab")
        np.testing.assert_array_equal(ours, theirs)


def test_the_command_line_wins_over_the_configuration(cli: Callable[..., object], tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_text(TOML)
    done = cli("fetch", "--config", tmp_path / "c.toml", "--end", "1240579813", "--channels", "V1", "-o", tmp_path)
    assert done.code == 0, done.err
    assert list(written(tmp_path / "background-1240579783-30.hdf5")) == ["V1"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[fetch]\nchanels = 'H1'", "Did you mean 'channels'"),
        ("[fetch", "not valid TOML"),
        ("fetch = 3", "'fetch' is not an option of"),
        ("[fetch]\nstart = 12:00:00", "'start' is a time of day without a date; allowed are"),
        ("[fetch]\nx.y.z = 1", "'x-y' is a table; allowed are"),
        ("[fetchh]\nchannels = 'H1'", "[fetchh] is the table of no command or provider. Did you mean 'fetch'?"),
        ("[simulatd]\nseed = 1", "[simulatd] is the table of no command or provider. Did you mean 'simulated'"),
        ("[fetch.simulatd]\nseed = 1", "[fetch.simulatd] is the table of no provider. Did you mean 'simulated'"),
        ("[fetch]\nworkers = 1.5", "workers = 1.5 is not a whole number"),
        ("[fetch]\nworkers = true", "workers = True is not a whole number"),
        ("[fetch]\nprefix = 'null'", "c.toml: prefix = 'null' is not allowed: leave the option out for its default"),
        ("[fetch]\noverwrite = 'maybe'", "c.toml: overwrite = 'maybe' is not true or false"),
        ("[fetch]\nprefix = ['a', 'b']", "'prefix' is a list; it takes one value"),
        ("[fetch]\nchannels = [['H1'], 'L1']", "'channels' is a list of lists"),
        ('[fetch]\nprefix = "a\\u0000b"', "'prefix' is"),
        ("[fetch.gwosc]\nhost = 'x'", "it belongs to: gwosc"),
    ],
)
def test_a_wrong_configuration_is_told(cli: Callable[..., object], tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "c.toml").write_text(text)
    done = cli(*FETCH, *SPAN, "-o", tmp_path / "out", "--config", tmp_path / "c.toml")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert words in done.err


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("lowpass: null\nseed:\nworkers: 0\n", ""),
        ("lowpass: 'null'\nifos: '[H1,L1]'\nfull_evaluation: 'false'\n", ""),
        ("prior: null\noutput_file:\n", ""),
        ("snr_threshold: null\n", "snr-threshold = None is not allowed: leave the option out for its default, 4.0."),
        ("overwrite:\n", "overwrite = None is not allowed: leave the option out for its default, False."),
    ],
)
def test_null_is_what_is_not_given(cli: Callable[..., object], tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "c.yaml").write_text(text)
    line = "--prior nonspin_bbh --num_signals 2 --ifos [H1,L1] --waveform_duration 4.0 --sample_rate 512.0"
    line += " --psd aLIGOZeroDetHighPower --lowpass null --seed 1 --workers 0 --dry-run --output_file v.hdf5"
    done = cli("validation_waveforms", *line.split(), "--config", tmp_path / "c.yaml")
    assert done.code == (2 if words else 0), done.err
    assert words in done.err


def test_a_flag_of_the_line_wins_over_that_of_the_configuration(cli: Callable[..., object], tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_text("overwrite = true\n")
    line = ("query", *SIMULATED, *SPAN, "-o", tmp_path / "s.txt", "--config", tmp_path / "c.toml")
    assert cli(*line, "--flags", "H1_DATA", "--pad", "1").code == 0
    assert cli(*line, "--flags", "H1_DATA", "--overwrite=false").code == 2
    assert cli(*line, "--flags", "H1_DATA").code == 0


def test_what_stands_at_the_top_is_for_each_command_that_has_it(cli: Callable[..., object], tmp_path: Path) -> None:
    shared = "start = 1240579783\nend = 1240579803\nnum_signals = 3\nsource = 'simulated'\n"
    (tmp_path / "c.toml").write_text(shared + "sample_rate = 256\nchannels = 'H1'\nflags = 'H1_DATA'\n")
    assert cli("query", "--config", tmp_path / "c.toml", "-o", tmp_path / "s.txt").code == 0
    assert cli("fetch", *HERE, "--config", tmp_path / "c.toml", "-o", tmp_path).code == 0
    (tmp_path / "d.toml").write_text(f"{shared}[query]\nsample_rate = 256\nflags = 'H1_DATA'\n")
    done = cli("query", "--config", tmp_path / "d.toml", "-o", tmp_path / "t.txt")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "'sample-rate' is not an option of query" in done.err


TOP = "source = 'simulated'\nchannels = 'H1'\nflags = 'H1_DATA'\nstart = 1240579783\nend = 1240579803\n"


@pytest.mark.parametrize(
    ("text", "seed"),
    [
        ("seed = 5\n", 0),
        ("simulated_seed = 5\n", 5),
        ("[simulated]\nseed = 5\n", 5),
        ("[fetch]\nseed = 5\n", 5),
        ("[fetch.simulated]\nseed = 5\n", 5),
        ("seed = 4\n[simulated]\nseed = 5\n", 5),
    ],
)
def test_what_stands_at_the_top_is_a_providers_only_under_its_name(
    cli: Callable[..., object], tmp_path: Path, text: str, seed: int
) -> None:
    (tmp_path / "c.toml").write_text(f"{TOP}sample_rate = 256\n{text}")
    done = cli("fetch", *HERE, "--config", tmp_path / "c.toml", "-o", tmp_path / "out")
    assert done.code == 0, done.err
    written = json.loads(cli("inspect", tmp_path / "out" / "background-1240579783-20.hdf5", "--json").out)
    assert written["provenance"]["sources"][0]["options"]["seed"] == seed


def test_a_table_of_a_provider_at_the_top_is_for_whoever_uses_it(cli: Callable[..., object], tmp_path: Path) -> None:
    """Segments of simulated detectors have a duty cycle, their strain has none, and a prior is another thing."""
    (tmp_path / "c.toml").write_text(f"{TOP}sample_rate = 256\n[simulated]\nduty_cycle = 1\n")
    for line in ("query -o s.txt", "fetch -o out"):
        done = cli(*line.split(), "--config", tmp_path / "c.toml", "--dry-run")
        assert done.code == 0, done.err
    signals = "waveforms --prior flat --generator chirp --num-signals 3 --waveform-duration 4 -o w.hdf5 --dry-run"
    assert cli(*signals.split(), "--config", tmp_path / "c.toml").code == 0


def test_an_option_of_a_provider_at_the_top_without_its_name_is_refused(
    cli: Callable[..., object], tmp_path: Path
) -> None:
    (tmp_path / "c.toml").write_text(f"{TOP}duty_cycle = 1\n")
    done = cli("query", "--config", tmp_path / "c.toml", "-o", tmp_path / "s.txt", "--dry-run")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "'duty-cycle' at the top is not an option of a provider: write 'simulated-duty-cycle'" in done.err
    (tmp_path / "c.toml").write_text(f"{TOP}[simulatd]\nduty_cycle = 1\n")
    done = cli("query", "--config", tmp_path / "c.toml", "-o", tmp_path / "s.txt", "--dry-run")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "[simulatd] is the table of no command or provider. Did you mean 'simulated'" in done.err


# --- quiet, and for machines --------------------------------------------------------------------------


def test_quiet_prints_nothing_but_errors(cli: Callable[..., object], tmp_path: Path) -> None:
    done = cli(*FETCH, *HERE, "--start", "1240579783", "--end", "1240579803", "-o", tmp_path, "--quiet")
    assert (done.code, done.out, done.err) == (0, "", "")
    path = tmp_path / "background-1240579783-20.hdf5"
    for line in (["inspect", path], ["verify", tmp_path], ["plugins", "check", "simulated"]):
        done = cli(*line, "--quiet")
        assert (done.code, done.out, done.err) == (0, "", "")
    with h5py.File(path, "r+") as file:
        file["H1"][3] = 1.0
    for line in (["inspect", path], ["verify", tmp_path]):
        done = cli(*line, "--quiet")
        assert (done.code, done.out) == (1, "")
    done = cli(*FETCH, *HERE, "--start", "1240579783", "--end", "1240579803", "-o", tmp_path, "--quiet")
    assert (done.code, done.out) == (1, "")
    assert "background-1240579783-20.hdf5" in done.err


def test_quiet_leaves_json(cli: Callable[..., object], tmp_path: Path) -> None:
    done = cli("query", *SIMULATED, *SPAN, "--flags", "H1_DATA", "-o", tmp_path / "s.txt", "--quiet", "--json")
    assert json.loads(done.out)["path"] == str(tmp_path / "s.txt")


def test_a_quiet_fetch_tells_what_failed(cli: Callable[..., object], tmp_path: Path) -> None:
    nowhere = ("--start", "1240579783", "--end", "1240579803", "-o", tmp_path, "--frames-path", tmp_path / "none")
    loud = cli("fetch", "--source", "frames", "--sample-rate", "256", "--channels", "H1", *HERE, *nowhere)
    quiet = cli("fetch", "--source", "frames", "--sample-rate", "256", "--channels", "H1", *HERE, *nowhere, "--quiet")
    assert quiet.out == ""
    assert (quiet.code, quiet.err) == (loud.code, loud.err)
    assert quiet.err


@pytest.mark.parametrize("command", ["query", "fetch", "psd", "waveforms", "validation-waveforms", "merge", "verify"])
def test_every_command_speaks_to_machines_and_can_be_quiet(command: str) -> None:
    flags = {flag for parameter in command_of(command).params for flag in parameter.opts}
    assert {"--json", "--quiet"} <= flags


@pytest.mark.parametrize("command", ["query", "fetch", "waveforms"])
def test_the_documented_configuration_serves_all_commands(
    cli: Callable[..., object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    document = Path(__file__).resolve().parents[2] / "docs" / "configuration.md"
    (tmp_path / "campaign.toml").write_text(document.read_text().split("```toml\n")[1].split("```")[0])
    monkeypatch.chdir(tmp_path)
    done = cli(command, "--config", "campaign.toml", "--dry-run")
    assert done.code == 0, done.err


# --- dry runs, logs, inspect --------------------------------------------------------------------------


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
        failing.setattr("aframe_data.formats.ledger.join", refuse)
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


# --- plugins ------------------------------------------------------------------------------------------


def test_the_list_shows_built_in_and_strangers_plugins(cli: Callable[..., object]) -> None:
    listed = {entry["plugin"]: entry for entry in json.loads(cli("plugins", "list", "--json").out)}
    assert {"gwosc", "file", "simulated", "lalsimulation", "priors", "stranger"} <= set(listed)
    assert listed["stranger"]["distribution"] == "aframe-data-stranger"
    assert listed["stranger"]["version"] == "1.2.3"
    names = {provider["name"] for provider in listed["stranger"]["providers"]}
    assert names == {"flat", "no-spins", "chirp", "lone-chirp", "steps"}
    assert all(entry["status"] == "ok" for entry in listed.values())
    only = json.loads(cli("plugins", "list", "--kind", "strain", "--json").out)
    assert {provider["kind"] for entry in only for provider in entry["providers"]} == {"strain"}


def test_info_tells_what_happens_without_a_value(cli: Callable[..., object]) -> None:
    rows = [line.split("\t") for line in cli("plugins", "info", "nds2").out.splitlines()]
    defaults = {row[0]: row[2] for row in rows if row[0].startswith("--")}
    assert defaults["--nds2-port"] == "31200"
    assert defaults["--nds2-server"].startswith("nds.ligo.caltech.edu, and nds.gwosc.org")
    assert defaults["--nds2-allow-tape"] == "false"
    assert defaults["--nds2-timeout"] == "900"
    required = [line.split("\t") for line in cli("plugins", "info", "gaussian_masses").out.splitlines()]
    assert {row[0]: row[2] for row in required if len(row) > 2}["--gaussian-masses-m1"] == "required"


def test_info_tells_the_options(cli: Callable[..., object]) -> None:
    shown = cli("plugins", "info", "simulated").out
    for words in ("strain fetcher simulated", "segment source simulated", "--simulated-seed", "aframe-data:simulated"):
        assert words in shown


def test_check_accepts_what_is_installed(cli: Callable[..., object]) -> None:
    done = cli("plugins", "check")
    assert done.code == 0, done.out
    assert "lalsimulation" in done.out


def test_what_check_finds_is_json_for_a_machine(cli: Callable[..., object]) -> None:
    (row,) = json.loads(cli("plugins", "check", "lalsimulation", "--json").out)
    assert row == {"kind": "waveforms", "name": "lalsimulation", "distribution": "aframe-data", "result": "ok"}


def test_the_root_help_has_the_first_line_of_each_commands_own() -> None:
    for name, (_, summary) in COMMANDS.items():
        assert (command_of(name).help or "").split("\n\n")[0].replace("\n", " ") == summary


def test_info_sets_ranges_and_environment_apart_from_the_help(cli: Callable[..., object]) -> None:
    shown = cli("plugins", "info", "gwosc").out
    assert "continue an answer (above 0)" in shown
    assert "https:// (environment: GWOSC_SERVER_URL)" in shown
    assert "()" not in cli("plugins", "info", "simulated").out


def test_the_list_has_a_line_for_each_provider_with_its_summary(cli: Callable[..., object]) -> None:
    rows = [line.split("\t") for line in cli("plugins", "list").out.splitlines()]
    assert rows[0] == ["kind", "name", "what it gives"]
    of_simulated = {kind: summary for kind, name, summary in rows if name == "simulated"}
    assert set(of_simulated) == {"segments", "strain"}
    assert of_simulated["segments"] == "Segments of a simulated detector with a seeded duty cycle"
    (flat,) = (row for row in rows if row[1] == "flat")
    assert flat[2].endswith(" (aframe-data-stranger 1.2.3)")
    only = [line.split("\t") for line in cli("plugins", "list", "--kind", "prior").out.splitlines()[1:]]
    assert only == [row for row in rows if row[0] == "prior"]


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


def test_a_client_of_ours_that_nobody_installed_is_no_fault(
    cli: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "arrakis" else find(name))
    done = cli("plugins", "check", "arrakis")
    assert done.code == 0
    assert "pip install 'aframe-data[arrakis]'" in " ".join(done.out.split())
