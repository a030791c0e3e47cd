"""What a user can get wrong: one line, exit code 2 or 1, nothing written."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

QUERY = "query --source simulated --flags H1_DATA --start 1240579783 --end 1240583783 -o {out}/s.txt"
FETCH = "fetch --source simulated --channels H1 --start 1240579783 --end 1240579883 --sample-rate 256 -o {out}"
WAVES = (
    "waveforms --prior flat --generator chirp --num-signals 3 --waveform-duration 4 --sample-rate 256 "
    "--right-pad 1 -o {out}/w.hdf5"
)

#: Names that are known to libraries or to the disk only, and are refused before a worker starts.
UNKNOWN = [
    (WAVES.replace("flat", "nowhere.prior"), "there is no prior file 'nowhere.prior'"),
    (WAVES.replace("chirp", "lalsimulation") + " --approximant IMRPhenomXPHN", "unknown approximant 'IMRPhenomXPHN'"),
]

WRONG = [
    ("wavefroms", "Did you mean 'waveforms'"),
    ("query --flags H1_DATA --start 1 --end 2", "Missing option"),
    ("waveforms", "Missing options: --prior, --waveform-duration, --sample-rate, --num-signals, --output.\n"),
    ("waveforms --sample_rate=256 --prior flat", "Missing options: --waveform-duration, --num-signals, --output.\n"),
    ("psd", "Missing arguments: FILES..., --output.\n"),
    (QUERY + " --start 1240583783 --end 1240579783", "start = 1240583783 must come before end"),
    (QUERY + " --start 12", "start = 12 is not a plausible GPS time"),
    (QUERY + " --start soon", "start = 'soon' is not a time: GPS seconds, or a date since 1980"),
    (QUERY.replace("--source simulated ", "") + " --flags h1_data", "Did you mean 'H1_DATA'?"),
    (
        FETCH.replace("--source simulated ", "") + " --channels X1",
        "Accepted if you name the source: frames or simulated",
    ),
    (QUERY + " --flags nonsense", "does not accept 'nonsense', only names such as 'H1_DATA'"),
    (QUERY + " --flags H1_DATA L1_DATA", "unexpected argument 'L1_DATA'. The items of a list have commas between them"),
    (QUERY + " --flags=H1_DATA, L1_DATA", "no blanks: --flags H1_DATA,L1_DATA"),
    (QUERY.replace("H1_DATA", "H1_DATA;L1_DATA"), "the items have commas between them, H1_DATA,L1_DATA."),
    (QUERY + " --flags L1_DATA,L1_DATA", "'L1_DATA' is given twice."),
    (QUERY + " --exclude-flags L1_X,L1_X", "exclude_flags = 'L1_X,L1_X': 'L1_X' is given twice."),
    (QUERY + " --source auto", "'auto' already means all suitable segment sources"),
    (QUERY + " --source simulated", "source = 'simulated,simulated': 'simulated' is given twice."),
    (
        QUERY + " --veto-definer x.xml --veto-categories 1,2,1",
        "veto_categories = '1,2,1' is not allowed: 1 is given twice.",
    ),
    (FETCH + " --source auto", "'auto' already means all suitable strain fetchers"),
    (FETCH + " --channels L1 V1", "no blanks: --channels L1,V1"),
    ("psd somewhere -o {out}/p.hdf5 --ifos H1,H1", "ifos = 'H1,H1': 'H1' is given twice."),
    ("inspect one.hdf5 two.hdf5", "unexpected argument 'two.hdf5'."),
    (QUERY + " --source simulatd", "Did you mean 'simulated'"),
    (QUERY + " --min-duration 5 --max-duration 4", "min_duration = 5 must not be above"),
    (QUERY + " --pad=-3", "pad = -3 is not allowed, only values from 0 to"),
    (QUERY + " --pad 1e30", "pad = 1e+30 is not allowed, only values from 0 to 1e+06"),
    (QUERY + " --exclude-events 1e30", "exclude_events = 1e+30 is not allowed, only values between 0 and 1e+06"),
    (QUERY + " --flags [H1_DATA", "begins like a list and does not end like one"),
    (QUERY + " --simulated-duty-cycle 2", "--simulated-duty-cycle: '2' is not allowed"),
    (QUERY + " --gwosc-host x", "--gwosc-host is not an option of the segment source 'simulated'"),
    (QUERY + " --sead 3", "No such option"),
    (QUERY + " --config {out}/none.toml", "cannot read the configuration"),
    (FETCH + " --sample-rate 0", "sample_rate = 0"),
    (FETCH + " --sample-rate 256.5", "only a whole number of hertz"),
    (FETCH.replace("simulated", "gwosc") + " --channels G9:X", "does not accept 'G9:X'"),
    (FETCH + " --channels H1:X", "both of H1"),
    (FETCH + " --start 1240579783.5", "start = 1240579783.5 is not a time: whole GPS seconds"),
    (FETCH + " --start 1240579880", "nothing to fetch"),
    (FETCH + " --segments {out}/none.txt", "give either start and end, or segments"),
    (FETCH + " --prefix a/b", "prefix = 'a/b'"),
    (FETCH + " --dtype float16", "dtype = 'float16' is not allowed, only one of float64, float32"),
    (FETCH + " --workers -1", "workers = -1 is not allowed, only values from 0 to 1024"),
    (FETCH + " --psd aLIGOZeroDetHighPowr", "Did you mean 'aLIGOZeroDetHighPower'"),
    (FETCH + " --psd {out}/none.txt", "none.txt"),
    (FETCH.replace("simulated", "gwosc") + " --simulated-seed 3", "it belongs to: simulated"),
    (QUERY + " --simulated-psd x", "segment source 'simulated'; it belongs to: the strain fetcher simulated."),
    (FETCH + " --output-directory /proc/nowhere", "cannot write to the folder"),
    (WAVES + " --num-signals many", "num_signals = 'many' is not a whole number"),
    (WAVES + " --right-pad 4", "right_pad = 4 must be below waveform_duration = 4"),
    (WAVES + " --prior flatt", "Did you mean 'flat'"),
    (WAVES + " --prior nowhere/x.prior", "x.prior"),
    (WAVES + " --prior no_such_module.prior_function", "no_such_module"),
    (WAVES + " --prior ringdown", "does not give mass_1"),
    (WAVES + " --prior gaussian_masses", "needs --gaussian-masses-m1, --gaussian-masses-m2."),
    (WAVES + " --prior gaussian_masses --m1 -3 --m2 3", "only values above 0"),
    (WAVES + " --prior gaussian_masses --cosmology Planck99", "Planck99"),
    (WAVES + " --generator lalsimulation --waveform-approximant IMRPhenomXPH", "Did you mean 'IMRPhenomXPHM'"),
    (WAVES + " --generator lalsimulation --waveform-approximant IMRPhenomD --prior spin_bbh", "IMRPhenomD"),
    (WAVES + " --minimum-frequency 200", "minimum_frequency = 200 is not allowed"),
    (WAVES + " --seed -3", "seed = -3"),
    (WAVES + " --num-signals 1e20", "num_signals = 1e+20 is not allowed, only values from 1 to 1e+08."),
    (WAVES + " --num-signals 100000000000000000000", "num_signals = 1e+20 is not allowed"),
    (WAVES + " --num-signals inf", "num_signals = inf is not a whole number."),
    (WAVES + " --num-signals 1e400", "num_signals = inf is not a whole number."),
    (WAVES + " --num-signals 1e8", " are needed for what is left to do"),
    (WAVES + " --workers 1e9", "workers = 1000000000 is not allowed, only values from 0 to 1024."),
    (WAVES + " --sample-rate 1e308", "sample_rate = 1e+308 is not allowed, only values of at most 1e+06."),
    (WAVES + " --waveform-duration 1e300", "waveform_duration = 1e+300 is not allowed"),
    (FETCH + " --sample-rate 1e308", "sample_rate = 1e+308 is not allowed"),
    (FETCH + " --cache {out}/raw --cache-size 1" + 400 * "0", "is not allowed: a size is a number and a unit of"),
    (QUERY + " --veto-definer x.xml --veto-categories 1" + 5000 * "0", "only whole numbers, such as 1,2."),
    (WAVES + " --log-file /proc/nowhere/log", "cannot write the log file"),
    ("inspect {out}/none.hdf5", "cannot read"),
    ("plugins info gwsc", "Did you mean 'gwosc'"),
    ("plugins list --kind archives", "'archives' is not one of"),
]


@pytest.mark.parametrize(("line", "words"), UNKNOWN, ids=[words for _, words in UNKNOWN])
def test_a_name_that_does_not_exist_is_refused_before_a_worker_starts(
    cli: Callable[..., object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, words: str
) -> None:
    monkeypatch.setattr("aframe_data.work.processes._submitted", None)
    done = cli(*line.replace("{out}", str(tmp_path)).split(), "--workers", "2")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert words in done.err


@pytest.mark.parametrize("command", ["waveforms", "validation-waveforms --ifos H1,L1 --psd aLIGOZeroDetHighPower"])
def test_the_refusal_of_a_name_imports_neither_bilby_nor_what_makes_signals(tmp_path: Path, command: str) -> None:
    line = WAVES.replace("flat", "nowhere.prior").replace("{out}", str(tmp_path)).split()[1:]
    arguments = [*command.split(), *line]
    code = (
        f"import sys; from aframe_data.cli.app import run; assert run({arguments!r}) == 2;"
        "assert not {'bilby', 'astropy', 'scipy.signal', 'scipy.fft', 'pandas'} & set(sys.modules), sys.modules.keys()"
    )
    # With the plugins of the tests.
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parent.parent / "stranger")}
    called = [sys.executable, "-c", code]
    done = subprocess.run(called, check=False, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("line", "words"), WRONG, ids=[f"{line.split()[0]}: {words}" for line, words in WRONG])
def test_a_wrong_argument_is_one_line_and_exit_code_2(
    cli: Callable[..., object], tmp_path: Path, line: str, words: str
) -> None:
    done = cli(*(part.replace("{out}", str(tmp_path)) for part in line.split()))
    assert done.code == 2
    assert words in done.err
    assert done.err.startswith("aframe-data: error: ")
    assert done.err.count("\n") == 1
    assert done.out == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("group", [[], ["plugins"]], ids=["root", "plugins"])
def test_a_group_of_commands_without_one_shows_its_help_and_is_no_bug(
    cli: Callable[..., object], group: list[str]
) -> None:
    done = cli(*group)
    assert done.code == 2
    assert "Usage: aframe-data" in done.out
    assert done.err == ""


def test_an_option_of_two_providers_names_both(cli: Callable[..., object], tmp_path: Path) -> None:
    line = FETCH.replace("{out}", str(tmp_path)).replace("simulated", "gwosc,steps").split()
    done = cli(*line, "--host", "http://127.0.0.1")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "--gwosc-host or --steps-host" in done.err
    assert cli(*line, "--steps-host", "http://127.0.0.1", "--dry-run").code == 0


def test_an_existing_segments_file_is_kept(cli: Callable[..., object], tmp_path: Path) -> None:
    (tmp_path / "s.txt").write_text("mine")
    done = cli(*QUERY.replace("{out}", str(tmp_path)).split())
    assert (done.code, "--overwrite" in done.err) == (2, True)
    assert (tmp_path / "s.txt").read_text() == "mine"


def test_a_server_that_is_not_there_is_named(cli: Callable[..., object], tmp_path: Path) -> None:
    arguments = "query --source gwosc --flags H1_DATA --start 1240579783 --end 1240583783"
    done = cli(*arguments.split(), "-o", tmp_path / "s.txt", "--gwosc-host", "ftp://127.0.0.1")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "127.0.0.1" in done.err


def test_a_bug_is_one_line_and_debug_shows_the_traceback(
    cli: Callable[..., object], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    path = tmp_path / "broken.py"
    path.write_text("def population():\n    return [][0]\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    line = WAVES.replace("{out}", str(tmp_path)).split()
    done = cli(*line, "--prior", "broken.population")
    assert done.code in (1, 2)
    assert done.err.count("\n") == 1
    done = cli(*line, "--prior", "broken.population", "--debug")
    assert "Traceback" in done.err
