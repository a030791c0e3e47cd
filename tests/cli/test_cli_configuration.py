"""Options in a file: TOML and YAML, at the top, in tables of commands and of providers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import h5py
import numpy as np
import pytest

from aframe_data.configuration.file import read_tables

if TYPE_CHECKING:
    from collections.abc import Callable

SPAN = ("--start", "1240579783", "--end", "1240583783")
SIMULATED = ("--source", "simulated", "--simulated-duty-cycle", "1")
FETCH = ("fetch", "--source", "simulated", "--sample-rate", "256", "--channels", "H1,L1")
HERE = ("--workers", "0")


def written(path: Path) -> dict[str, np.ndarray]:
    with h5py.File(path) as file:
        return {name: file[name][:] for name in file if isinstance(file[name], h5py.Dataset)}


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
        ("[fetch", "is not valid TOML"),
        ("fetch = 3", "c.toml: 'fetch' must be a table of options."),
        ("[fetch]\nstart = 12:00:00", "'start' is a time of day without a date; allowed are"),
        ("[fetch]\nx.y.z = 1", "'x-y' is a table; allowed are"),
        ("[fetchh]\nchannels = 'H1'", "[fetchh] is not the name of a command or provider. Did you mean 'fetch'?"),
        ("[simulatd]\nseed = 1", "[simulatd] is not the name of a command or provider. Did you mean 'simulated'"),
        ("[fetch.simulatd]\nseed = 1", "[fetch.simulatd] is not the name of a provider. Did you mean 'simulated'"),
        ("[fetch]\nworkers = 1.5", "workers = 1.5 is not a whole number"),
        ("[fetch]\nworkers = true", "workers = True is not a whole number"),
        ("[fetch]\nworkers = 1e20", "c.toml: workers = 1e+20 is not allowed, only values from 0 to 1024."),
        ("[fetch]\nworkers = inf", "c.toml: workers = inf is not a whole number."),
        ("[fetch]\nworkers = 1" + 400 * "0", "00 is not allowed, only values from 0 to 1024."),
        ("[fetch]\nworkers = 1" + 5000 * "0", "is not valid TOML: Exceeds the limit"),
        ("[fetch]\nsample_rate = 1e400", "c.toml: sample_rate = inf is not a finite number."),
        ("[fetch]\nprefix = 'null'", "c.toml: prefix = 'null' is not allowed: leave the option out for its default"),
        ("[fetch]\noverwrite = 'maybe'", "c.toml: overwrite = 'maybe' is not true or false"),
        ("[fetch]\nprefix = ['a', 'b']", "'prefix' is a list; it takes one value"),
        ("[fetch]\nchannels = [['H1'], 'L1']", "'channels' is a list of lists"),
        ('[fetch]\nprefix = "a\\u0000b"', "'prefix' is"),
        ("[fetch.gwosc]\nhost = 'x'", "c.toml: gwosc-host: --gwosc-host is not an option of the strain fetcher"),
        ("[fetch]\nsegments = 3", "c.toml: segments = 3 is not allowed: it is neither the path of"),
        ("[fetch]\ncache_size = -3", "c.toml: cache_size = -3 is not allowed: a size is a number and a unit"),
        ("[fetch]\ncache = '-'", "c.toml: cache = '-' is not allowed: no standard stream is meant here"),
    ],
)
def test_a_wrong_configuration_is_told(cli: Callable[..., object], tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "c.toml").write_text(text)
    done = cli(*FETCH, *SPAN, "-o", tmp_path / "out", "--config", tmp_path / "c.toml")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert words in done.err


@pytest.mark.parametrize(
    ("line", "text", "words"),
    [
        ("verify .", "segments = 3", "c.toml: segments = 3 is not allowed: it is neither"),
        ("psd", "files = 3", "c.toml: files = 3 is not a path."),
        ("merge", "files = [3]", "c.toml: files = 3 is not a path."),
        ("merge", "files_from = 3", "c.toml: files_from = 3 is not a path."),
        ("timeslide-waveforms", "background = [3]", "c.toml: background = 3 is not a path."),
        ("query", "veto_categories = 'x'", "c.toml: veto_categories = 'x' is not allowed: 'x' is not a category"),
        ("waveforms", "part = '7/5'", "c.toml: part = '7/5' is not allowed: a part is K/N"),
        ("validation-waveforms", "[validation-waveforms.psd]\nH1.x = 1", "c.toml: 'psd.H1' is a table"),
    ],
)
def test_a_wrong_value_is_told_with_file_and_key(
    cli: Callable[..., object], tmp_path: Path, line: str, text: str, words: str
) -> None:
    command = line.partition(" ")[0]
    (tmp_path / "c.toml").write_text(text if text.startswith("[") else f"[{command}]\n{text}")
    done = cli(*line.split(), "-o", tmp_path / "out", "--config", tmp_path / "c.toml")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert words in done.err


@pytest.mark.parametrize(
    "text",
    [
        "[validation-waveforms]\npsd = ['H1=aLIGOZeroDetHighPower', 'L1=design.txt']",
        "[validation-waveforms.psd]\nH1 = 'aLIGOZeroDetHighPower'\nL1 = 'design.txt'",
        "[validation-waveforms]\npsd_file = {H1 = 'aLIGOZeroDetHighPower', L1 = 'design.txt'}",
    ],
)
def test_a_table_gives_each_interferometer_its_noise(cli: Callable[..., object], tmp_path: Path, text: str) -> None:
    (tmp_path / "c.toml").write_text(text)
    line = "validation-waveforms --prior nonspin_bbh --num-signals 2 --ifos H1,L1 --waveform-duration 4"
    done = cli(*line.split(), "--sample-rate", 512, "-o", tmp_path / "v.hdf5", "--config", tmp_path / "c.toml")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "'design.txt'" in done.err  # of L1, as H1 has what there is


def test_a_configuration_that_is_no_text_is_told(cli: Callable[..., object], tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_bytes(b"\x89HDF")
    done = cli(*FETCH, *SPAN, "-o", tmp_path / "out", "--config", tmp_path / "c.toml")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "c.toml': not a text file." in done.err


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("c.yaml", "seed: 1\nworkers: 0\nseed: 2\n", "is not valid YAML: 'seed' is given twice in"),
        ("c.yaml", "fetch:\n  seed: 1\n  seed: 1\n", "line 3"),
        ("c.yaml", "start: 2019-13-45\n", "c.yaml' is not valid YAML: month must be in 1..12."),
        pytest.param(
            "c.yaml", "a: " + "[" * 3000 + "]" * 3000, "c.yaml' is nested too deeply.", marks=pytest.mark.slow
        ),
        ("c.toml", "a = " + "[" * 3000 + "]" * 3000, "c.toml' is nested too deeply."),
    ],
)
def test_a_key_twice_and_a_depth_that_nobody_can_read_are_told(
    cli: Callable[..., object], tmp_path: Path, name: str, text: str, words: str
) -> None:
    (tmp_path / name).write_text(text)
    done = cli(*FETCH, *SPAN, "-o", tmp_path / "out", "--config", tmp_path / name)
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert words in done.err


def test_yaml_may_replace_what_a_merge_brings_and_a_file_may_begin_with_a_mark(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("one: &one\n  seed: 1\n  rate: 2\ntwo:\n  <<: *one\n  seed: 3\n", encoding="utf-8-sig")
    assert read_tables(path)["two"] == {"seed": 3, "rate": 2}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("lowpass: null\nseed:\nworkers: 0\n", ""),
        ("lowpass: 'null'\nifos: '[H1,L1]'\nfull_evaluation: 'false'\n", ""),
        ("prior: null\noutput_file:\n", ""),
        ("snr_threshold: null\n", "snr_threshold = None is not allowed: leave the option out for its default, 4.0."),
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
    assert "'sample_rate' is not an option of query" in done.err


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
    assert "'duty_cycle' at the top is not an option of a provider: write 'simulated-duty-cycle'" in done.err
    (tmp_path / "c.toml").write_text(f"{TOP}[simulatd]\nduty_cycle = 1\n")
    done = cli("query", "--config", tmp_path / "c.toml", "-o", tmp_path / "s.txt", "--dry-run")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "[simulatd] is not the name of a command or provider. Did you mean 'simulated'" in done.err


@pytest.mark.parametrize("command", ["query", "fetch", "waveforms"])
def test_the_documented_configuration_serves_all_commands(
    cli: Callable[..., object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    document = Path(__file__).resolve().parents[2] / "docs" / "configuration.md"
    (tmp_path / "campaign.toml").write_text(document.read_text().split("```toml\n")[1].split("```")[0])
    monkeypatch.chdir(tmp_path)
    done = cli(command, "--config", "campaign.toml", "--dry-run")
    assert done.code == 0, done.err
