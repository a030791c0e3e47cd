"""Mistakes that were found by trying what users might: refused in one line before the work, and no file lost."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from psd_strain import noise, write_strain

if TYPE_CHECKING:
    from collections.abc import Callable

    from command_line import Finished

    Cli = Callable[..., Finished]

SIGNALS = (
    *("--sample-rate", "512", "--waveform-duration", "2", "--right-pad", "0.5", "--seed", "3", "--workers", "0"),
    *("--prior", "nonspin_bbh", "--approximant", "IMRPhenomD", "--ifos", "H1,L1"),
)
TIMES = ("--spacing", "2", "--buffer", "2", "--psd-length", "16", "--num-signals", "2")


@pytest.fixture
def background(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One file of white noise, in a folder of the folder that the command runs in."""
    monkeypatch.chdir(tmp_path)
    strain = {ifo: noise(100, rate=512, level=1e-23 * 16, seed=row) for row, ifo in enumerate(("H1", "L1"))}
    return write_strain(tmp_path / "background", strain, rate=512)


def assert_refused(done: Finished, *said: str, code: int = 2) -> None:
    """One line, which holds what is asked for."""
    assert (done.code, done.err.count("\n")) == (code, 1), done.err
    assert done.err.startswith("aframe-data: error: ")
    for text in said:
        assert text in done.err


def validation(*more: str | Path) -> tuple[str | Path, ...]:
    return ("validation-waveforms", "--num-signals", "2", *SIGNALS, *more)


def campaign(*more: str | Path) -> tuple[str | Path, ...]:
    return ("timeslide-waveforms", *SIGNALS, *TIMES, *more)


@pytest.mark.parametrize("option", ["--output-file", "--rejected-file"])
@pytest.mark.parametrize("psd", ["{}", "H1={}"])
def test_an_output_never_replaces_what_is_read(cli: Cli, background: Path, option: str, psd: str) -> None:
    before = background.read_bytes()
    given = ["--psd", psd.format(background), option, background.parent / ".." / "background" / background.name]
    given += ["--psd", "L1=aLIGO_late"] if psd != "{}" else []
    given += ["--output-file", "val.hdf5"] if option == "--rejected-file" else []
    for more in ((), ("--overwrite",)):
        assert_refused(cli(*validation(*given, *more)), "among the files to read")
    assert background.read_bytes() == before


def test_a_campaign_is_not_written_among_its_background(cli: Cli, background: Path, tmp_path: Path) -> None:
    where = tmp_path / "background" / "."
    line = campaign("--shifts", "0,1", "--background", "background", "--output-dir", where)
    assert_refused(cli(*line), "is the folder of the background")
    assert [path.name for path in background.parent.iterdir()] == [background.name]


def test_hidden_files_are_no_background(cli: Cli, background: Path) -> None:
    (background.parent / "._copy.hdf5").write_bytes(b"what macOS leaves")
    line = campaign("--shifts", "0,1", "--background", "background", "--output-dir", "out", "--dry-run")
    assert cli(*line).code == 0


def test_shifts_below_one_sample_are_zero_lag(cli: Cli, background: Path) -> None:
    line = campaign("--background", background, "--output-dir", "out", "--dry-run")
    assert_refused(cli(*line, "--shifts", "0,0.001"), "shifts = 0, 0.001 differ by less than a sample at 512 Hz")
    told = cli(*line, "--shifts", "0,0.3")
    assert told.code == 0
    assert "not whole numbers of samples at 512 Hz" in told.err
    assert cli(*line, "--shifts", "0,0.001953125").err == ""


@pytest.mark.parametrize(
    ("duration", "reason"), [("1e6", "windows of at most"), ("1e9", "at most 1e+06"), ("1e300", "at most 1e+06")]
)
def test_a_window_that_no_memory_holds_is_refused(cli: Cli, background: Path, duration: str, reason: str) -> None:
    line = validation("--psd", background, "--output-file", "val.hdf5", "--waveform-duration", duration)
    assert_refused(cli(*line), "waveform_duration = 1", reason)


def test_the_rejected_parameters_may_have_a_folder_of_their_own(cli: Cli, background: Path, tmp_path: Path) -> None:
    line = validation("--psd", background, "--output-file", "a/val.hdf5", "--rejected-file", "b/c/rejected.hdf5")
    done = cli(*line)
    assert (done.code, done.err) == (0, "")
    assert (tmp_path / "b" / "c" / "rejected.hdf5").is_file()


def test_a_model_that_cannot_be_used_leaves_no_folder(cli: Cli, background: Path, tmp_path: Path) -> None:
    line = validation("--psd", background, "--output-file", "a/val.hdf5", "--approximant", "nothing")
    assert_refused(cli(*line), "unknown approximant 'nothing'")
    assert not (tmp_path / "a").exists()


@pytest.mark.slow
def test_the_advice_for_a_threshold_out_of_reach_works(cli: Cli, background: Path) -> None:
    line = validation("--psd", background, "--output-file", "val.hdf5", "--max-draws", "20")
    failed = cli(*line, "--snr-threshold", "1e6")
    assert failed.code == 1
    assert "start again with a lower --snr-threshold." in failed.err
    assert cli(*line, "--snr-threshold", "0").code == 0


def test_an_option_that_is_called_as_a_command_may_stand_at_the_top_of_a_configuration(
    cli: Callable[..., Finished], tmp_path: Path
) -> None:
    config = tmp_path / "c.toml"
    config.write_text('psd = "no-such-curve"\n')
    line = ["--prior", "nonspin_bbh", "--num-signals", "2", "--ifos", "H1", "--sample-rate", "1024"]
    line += ["--waveform-duration", "2", "--right-pad", "0.5", "--output-file", str(tmp_path / "val.hdf5")]
    failed = cli("validation-waveforms", "--config", str(config), *line)
    assert failed.code == 2
    assert "no-such-curve" in failed.err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has /dev/full")
def test_a_log_file_on_a_full_disk_is_one_warning(cli: Callable[..., object], background: Path) -> None:
    asked = ("--start", "1240579783", "--end", "1240583783", "--allow-empty", "-o", background / "s.txt")
    done = cli("query", "--source", "simulated", "--flags", "nonsense", *asked, "--log-file", "/dev/full")
    assert done.code == 2
    error, warning = done.err.splitlines()
    assert "does not accept 'nonsense'" in error
    assert warning == "aframe-data: WARNING: the log file /dev/full is incomplete: No space left on device."


def test_a_temporary_folder_whose_name_is_too_long_for_a_socket_is_told_with_what_to_do(tmp_path: Path) -> None:
    folder = tmp_path / ("x" * 110)
    folder.mkdir()
    line = "waveforms --prior gaussian_masses --m1 30 --m2 20 --num-signals 3 --waveform-duration 4 --sample-rate 512"
    done = subprocess.run(
        [sys.executable, "-m", "aframe_data", *line.split(), "--workers", "1", "-o", tmp_path / "w.hdf5"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "TMPDIR": str(folder)},
    )
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].endswith("set TMPDIR to a short path.")
    assert "Traceback" not in done.stderr


def test_a_dry_run_of_a_source_without_files_says_nothing_of_raw_files(
    cli: Callable[..., object], tmp_path: Path
) -> None:
    span = ("--channels", "H1", "--start", "1240579783", "--end", "1240579883", "--sample-rate", "256")
    assert "raw files" not in cli("fetch", "--source", "simulated", *span, "-o", tmp_path, "--dry-run").out
    assert "two raw files" in cli("fetch", "--source", "gwosc", *span, "-o", tmp_path, "--dry-run").out
