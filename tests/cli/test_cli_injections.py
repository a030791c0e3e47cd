"""``validation-waveforms`` and ``timeslide-waveforms`` on the command line: spellings, dry runs, what is refused."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pytest

from ledger_reader import read_campaign, read_rejected, read_validation_waveforms
from psd_strain import START, noise, write_strain

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

#: As in issue 3, but for numbers that make it quick: a model of non-spinning binaries in windows of 2 s.
QUICK = (
    *("--minimum_frequency", "20", "--reference_frequency", "50", "--sample_rate", "512", "--waveform_duration", "2"),
    *("--right_pad", "0.5", "--highpass", "32", "--seed", "3", "--workers", "0"),
)
MODEL = ("--prior", "priors.priors.nonspin_bbh", "--waveform_approximant", "IMRPhenomD")
#: What is told of that prior, and the only thing that is.
TAKEN = (
    "aframe-data: WARNING: prior 'priors.priors.nonspin_bbh' is aframe-data's own 'nonspin_bbh': "
    "there is no module 'priors.priors'.\n"
)
IFOS = ("--ifos", '["H1", "L1"]')
SPELLINGS = {
    "validation-waveforms": ("validation_waveforms",),
    "timeslide-waveforms": ("timeslide_waveforms", "testing_waveforms"),
}


@pytest.fixture
def background(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one file of white noise of 1e-23 / sqrt(Hz), in the folder that the command runs in."""
    monkeypatch.chdir(tmp_path)
    strain = {ifo: noise(100, rate=512, level=1e-23 * 16, seed=row) for row, ifo in enumerate(("H1", "L1"))}
    return write_strain(tmp_path / "background", strain, rate=512)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# --- as in the issue ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "command", ["validation-waveforms", pytest.param("validation_waveforms", marks=pytest.mark.slow)]
)
def test_validation_waveforms_as_in_the_issue(
    cli: Callable[..., object], background: Path, tmp_path: Path, command: str
) -> None:
    arguments = ("--num_signals", "5", *MODEL, *IFOS, *QUICK, "--snr_threshold", "4", "--psd", background)
    line = (command, *arguments, "--output_file", "val_waveforms.hdf5", "--rejected-file", "rejected.hdf5")
    done = cli(*line)
    assert (done.code, done.err) == (0, TAKEN)
    read = read_validation_waveforms(tmp_path / "val_waveforms.hdf5")
    assert (read.ifos, len(read.snr)) == (["H1", "L1"], 5)
    assert read.num_injections == 5 + len(read_rejected(tmp_path / "rejected.hdf5").snr)
    assert f"5 signals of {read.num_injections} drawn" in done.out
    assert "seed 3, written to val_waveforms.hdf5" in done.out
    assert "parameters of rejected draws written to rejected.hdf5" in done.out
    again = cli(*line)
    assert again.code == 0
    assert "val_waveforms.hdf5 already exists, made by the same command and intact: nothing to do" in again.out
    assert names(tmp_path) == ["background", "rejected.hdf5", "val_waveforms.hdf5"]
    shown = cli("inspect", "val_waveforms.hdf5")
    assert shown.code == 0
    assert "validation-waveforms" in shown.out


CAMPAIGN = (
    *("--shifts", "0,1", "--spacing", "2", "--buffer", "2", "--jitter", "0.1", "--psd_length", "16"),
    *MODEL,
    *IFOS,
    *QUICK,
    *("--snr_threshold", "4"),
)


@pytest.mark.parametrize(
    "command",
    ["timeslide-waveforms", *(pytest.param(name, marks=pytest.mark.slow) for name in SPELLINGS["timeslide-waveforms"])],
)
def test_a_campaign_over_a_folder_as_in_the_issue(
    cli: Callable[..., object], background: Path, tmp_path: Path, command: str
) -> None:
    done = cli(command, "--background", "background/", "--num_signals", "5", *CAMPAIGN, "--output_dir", "test/")
    assert (done.code, done.err) == (0, TAKEN)
    assert "5 injections in 1 slide of 1 segment, livetime 83 s" in done.out
    assert names(tmp_path / "test") == ["rejected-parameters.hdf5", "waveforms.hdf5"]
    read = read_campaign(tmp_path / "test" / "waveforms.hdf5")
    assert (read.shift == [0, 1]).all()
    assert read.injection_time.min() > START + 16
    assert read.num_injections == 5 + len(read_rejected(tmp_path / "test" / "rejected-parameters.hdf5").snr)
    assert background.exists()


def test_a_campaign_of_one_segment_as_in_the_issue(
    cli: Callable[..., object], background: Path, tmp_path: Path
) -> None:
    span = ("--start", str(START), "--end", str(START + 100))
    done = cli("timeslide-waveforms", *span, *CAMPAIGN, "--psd_file", background, "--output_dir", "D")
    assert (done.code, done.err) == (0, TAKEN)
    read = read_campaign(tmp_path / "D" / "waveforms.hdf5")
    assert f"{len(read.snr)} injections in 1 slide of 1 segment" in done.out
    assert ((read.injection_time > START + 16) & (read.injection_time < START + 99)).all()


def test_a_configuration_file_serves_a_campaign(cli: Callable[..., object], background: Path, tmp_path: Path) -> None:
    text = """
    [timeslide-waveforms]
    background = "background"
    output-dir = "out"
    shifts = [0, 1]
    spacing = 2
    buffer = 2
    psd-length = 16
    num-signals = 2
    prior = "nonspin_bbh"
    waveform-approximant = "IMRPhenomD"
    ifos = ["H1", "L1"]
    sample-rate = 512
    waveform-duration = 2
    right-pad = 0.5
    workers = 0
    """
    (tmp_path / "c.toml").write_text(text)
    done = cli("timeslide-waveforms", "--config", "c.toml", "--dry-run")
    assert (done.code, done.err) == (0, "")
    assert "2 injections in 1 slide of 1 segment" in done.out
    assert background.exists()


# --- dry runs -------------------------------------------------------------------------------------------


def test_a_dry_run_of_validation_signals_says_how_much_and_writes_nothing(
    cli: Callable[..., object], background: Path, tmp_path: Path
) -> None:
    arguments = ("--num_signals", "500", *MODEL, *IFOS, *QUICK, "--psd", background, "-o", "out/val.hdf5")
    done = cli("validation-waveforms", *arguments, "--dry-run")
    assert (done.code, done.err) == (0, TAKEN)
    assert "Would generate 500 signals with SNR 4 or more and seed 3 into out/val.hdf5: 4.2 MB" in done.out
    assert re.search(r"About [\d.]+% of the draws are accepted", done.out)
    full = cli("validation-waveforms", *arguments, "--dry-run", "--full-evaluation")
    assert "Every draw is computed in full" in full.out
    loud = cli("validation-waveforms", *arguments, "--dry-run", "--snr-threshold", "1e6")
    assert "None of the trial draws reaches the threshold" in loud.out
    assert names(tmp_path) == ["background"]


def test_a_dry_run_of_a_campaign_says_the_plan_and_writes_nothing(
    cli: Callable[..., object], background: Path, tmp_path: Path
) -> None:
    done = cli("timeslide-waveforms", "--background", "background", *CAMPAIGN, "--output-dir", "test", "--dry-run")
    assert (done.code, done.err) == (0, TAKEN)
    assert re.search(r"\d+ injections in 1 slide of 1 segment, livetime 83 s", done.out)
    assert "test/waveforms.hdf5 and test/rejected-parameters.hdf5" in done.out
    assert names(tmp_path) == ["background"]
    assert background.exists()


# --- what is refused ------------------------------------------------------------------------------------

GRID = "--prior flat --generator chirp --sample-rate 256 --waveform-duration 4 --right-pad 1 --ifos H1,L1"
VALIDATION = f"validation-waveforms {GRID} --num-signals 3 --psd {{noise}} -o {{out}}/v.hdf5"
SLIDES = f"timeslide-waveforms {GRID} --shifts 0,1 --psd {{noise}} --output-dir {{out}}/d"
SEGMENT = f"{SLIDES} --start 1240579783 --end 1240580783"

WRONG = [
    (VALIDATION.replace(" --psd {noise}", ""), "Missing option '--psd'"),
    (VALIDATION.replace("{noise}", "{out}/none.txt"), "none.txt"),
    (VALIDATION.replace("{noise}", "aLIGOZeroDetHighPowr"), "Did you mean 'aLIGOZeroDetHighPower'"),
    (VALIDATION.replace("{noise}", "H1={noise}"), "no PSD was given for L1"),
    (VALIDATION + " --psd {noise}", "two PSDs for every interferometer"),
    (VALIDATION + " --ifos h1", "Did you mean 'H1'?"),
    (VALIDATION + " --ifos X9", "unknown interferometer 'X9'"),
    (VALIDATION + " --ifos H1", "H1"),
    (VALIDATION + " --snr-threshold=-1", "snr_threshold = -1 is not allowed, only values of at least 0"),
    (VALIDATION + " --snr-threshold nan", "snr_threshold = nan"),
    (VALIDATION + " --snr-threshold loud", "snr_threshold = 'loud' is not a finite number"),
    (VALIDATION + " --highpass 128", "highpass = 128"),
    (VALIDATION + " --lowpass 20", "lowpass = 20"),
    (VALIDATION + " --right-pad 4", "right_pad = 4 must be below waveform_duration = 4"),
    (VALIDATION + " --num-signals 0", "num_signals = 0"),
    (VALIDATION + " --max-draws 2", "max_draws = 2 is not allowed, only whole numbers of at least 3"),
    (VALIDATION + " --rejected-file {out}/v.hdf5", "must be two files"),
    (VALIDATION + " --rejected-file /proc/nowhere/r.hdf5", "cannot write to the folder"),
    (VALIDATION + " --plot {out}/picture.doc", "picture.doc"),
    (VALIDATION + " --seed -3", "seed = -3"),
    (VALIDATION + " --max-failed-fraction 2", "from 0 to 1"),
    (VALIDATION + " --shifts 0,1", "No such option"),
    (SEGMENT + " --shifts=-1", "must be 2 numbers"),
    (SEGMENT.replace("0,1", "-1,0"), "only numbers of at least 0"),
    (SEGMENT.replace("0,1", "1,1"), "all equal"),
    (SEGMENT.replace("0,1", "0,1,2"), "must be 2 numbers, one for each of H1, L1"),
    (SEGMENT.replace("0,1", "0,soon"), "shifts = 'soon' is not a finite number"),
    (SEGMENT.replace(" --shifts 0,1", ""), "Missing option '--shifts'"),
    (SEGMENT.replace(" --psd {noise}", ""), "--psd FILE"),
    (SEGMENT + " --background {out}", "leave out --start and --end"),
    (SEGMENT + " --end 1240579700", "must come before"),
    (SLIDES, "--background FOLDER"),
    (SLIDES + " --start 1240579783", "--start and --end"),
    (SLIDES + " --background {out}", "no .hdf5 file"),
    (SLIDES + " --background {out}/none", "does not exist"),
    (SEGMENT + " --num-signals 100000", "num_signals = 100000 cannot be reached"),
    (SEGMENT + " --livetime 1e9", "cannot be reached"),
    (SEGMENT + " --livetime=-1", "livetime = -1"),
    (SEGMENT + " --spacing=-1", "spacing = -1"),
    (SEGMENT + " --jitter=-1", "jitter = -1"),
    (SEGMENT + " --psd-length 2000", "no segment is long enough"),
    (SEGMENT + " --output-dir /proc/nowhere", "cannot write to the folder"),
]


@pytest.mark.parametrize(("line", "words"), WRONG, ids=[f"{line.split()[0]}: {words}" for line, words in WRONG])
def test_a_wrong_argument_is_one_line_and_exit_code_2(
    cli: Callable[..., object], tmp_path: Path, line: str, words: str
) -> None:
    noise_file = tmp_path / "noise.txt"
    np.savetxt(noise_file, [(frequency, 1e-23) for frequency in range(1, 200)])
    out = tmp_path / "out"
    out.mkdir()
    done = cli(*(part.replace("{out}", str(out)).replace("{noise}", str(noise_file)) for part in line.split()))
    assert done.code == 2
    assert words in done.err
    assert done.err.startswith("aframe-data: error: ")
    assert done.err.count("\n") == 1
    assert done.out == ""
    assert list(out.iterdir()) == []


def line_of(text: str, out: Path) -> list[str]:
    np.savetxt(out / "noise.txt", [(frequency, 1e-23) for frequency in range(1, 200)])
    return [part.replace("{out}", str(out)).replace("{noise}", str(out / "noise.txt")) for part in text.split()]


def test_an_output_folder_that_is_a_file_is_one_line(cli: Callable[..., object], tmp_path: Path) -> None:
    (tmp_path / "d").write_text("mine")
    done = cli(*line_of(SEGMENT, tmp_path))
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert (tmp_path / "d").read_text() == "mine"


@pytest.mark.parametrize("text", [VALIDATION, SEGMENT])
def test_the_output_of_another_command_is_kept(cli: Callable[..., object], tmp_path: Path, text: str) -> None:
    path = tmp_path / ("v.hdf5" if text is VALIDATION else "d/waveforms.hdf5")
    waves = f"waveforms {GRID.replace('--ifos H1,L1', '')} --num-signals 2 --seed 1 -o {path}"
    assert cli(*waves.split()).code == 0
    before = path.read_bytes()
    done = cli(*line_of(text, tmp_path))
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "--overwrite" in done.err
    assert path.read_bytes() == before


def test_background_that_is_damaged_is_one_line_and_exit_code_1(cli: Callable[..., object], tmp_path: Path) -> None:
    (tmp_path / "background").mkdir()
    (tmp_path / "background" / "background-1240579783-64.hdf5").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(64))
    done = cli(*line_of(SLIDES, tmp_path), "--background", tmp_path / "background")
    assert (done.code, done.err.count("\n")) == (1, 1)
    assert "background-1240579783-64.hdf5" in done.err


def test_a_threshold_that_is_never_reached_is_one_line_and_exit_code_1(
    cli: Callable[..., object], tmp_path: Path
) -> None:
    line = line_of(VALIDATION, tmp_path)
    done = cli(*line, "--snr-threshold", "1e9", "--max-draws", "100", "--workers", "0")
    assert (done.code, done.err.count("\n")) == (1, 1)
    assert "none of 100 draws reaches the SNR threshold of 1e+09" in done.err
    assert not (tmp_path / "v.hdf5").exists()


@pytest.mark.parametrize(
    ("command", "spelling"), [(command, spelling) for command, names in SPELLINGS.items() for spelling in names]
)
def test_the_references_spelling_is_the_same_command(cli: Callable[..., object], command: str, spelling: str) -> None:
    assert cli(spelling, "--help").out == cli(command, "--help").out


def test_all_arguments_are_in_the_help(cli: Callable[..., object]) -> None:
    shared = ("--lowpass", "--max-draws", "--seed", "--workers", "--dtype", "--full-evaluation", "--psd")
    for command, own in (
        ("validation-waveforms", ("--rejected-file", "--plot")),
        ("timeslide-waveforms", ("--background", "--livetime", "--true-right-ascension", "--psd-length")),
    ):
        shown = cli(command, "--help").out
        assert all(option in shown for option in (*shared, *own))
