"""What is no file, or none that can be read whole: refused at once, by each command that takes a file."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from command_line import Finished

_CAMPAIGN = ("--prior", "nonspin_bbh", "--num-signals", "2", "--ifos", "H1", "--waveform-duration", "8")
_QUERY = ("query", "--start", "1000000000", "--end", "1000000064", "-o", "OUT.hdf5")
#: Commands that take a file, which stands for FILE in them.
COMMANDS = {
    "inspect": ("inspect", "FILE"),
    "inspect --plot": ("inspect", "FILE", "--plot", "OUT.png"),
    "psd": ("psd", "FILE", "-o", "OUT.hdf5"),
    "merge": ("merge", "FILE", "-o", "OUT.hdf5"),
    "verify": ("verify", "FOLDER", "--segments", "FILE", "--workers", "0"),
    "fetch --segments": (
        *("fetch", "--source", "simulated", "--channels", "H1", "--segments", "FILE", "--sample-rate", "64"),
        *("--output-directory", "OUT", "--workers", "0"),
    ),
    "config": ("query", "--config", "FILE"),
    "query --veto-definer": (*_QUERY, "--source", "simulated", "--flags", "H1_DATA", "--veto-definer", "FILE"),
    "query --file-path": (*_QUERY, "--source", "file", "--flags", "H1:A:1", "--file-path", "FILE"),
    "export --lvk-far": ("export", "none.hdf5", "--to", "lvk", "--lvk-far", "FILE", "-o", "OUT.hdf5"),
    "validation-waveforms --psd": (
        *("validation-waveforms", *_CAMPAIGN, "--sample-rate", "64", "--minimum-frequency", "10"),
        *("--reference-frequency", "20", "--highpass", "12", "--psd", "FILE", "--output-file", "OUT.hdf5"),
    ),
    "timeslide-waveforms --background": (
        *("timeslide-waveforms", *_CAMPAIGN, "--sample-rate", "64", "--minimum-frequency", "10", "--shifts", "0"),
        *("--reference-frequency", "20", "--highpass", "12", "--background", "FILE", "--output-dir", "OUT"),
    ),
}


@pytest.fixture(params=["a named pipe", "a socket", "a device", "a directory"])
def no_file(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "it.toml"
    if request.param == "a named pipe":
        os.mkfifo(path)
    elif request.param == "a directory":
        path.mkdir()
    elif request.param == "a device":
        path.symlink_to("/dev/zero")
    else:
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(str(path))
            yield path
        return
    yield path


@pytest.fixture
def run(cli: Callable[..., Finished], tmp_path: Path) -> Callable[[str, Path], Finished]:
    """Run one of the commands with a path, beside a folder with a name of a background file."""
    folder = tmp_path / "background"
    folder.mkdir()
    (folder / "background-1000000000-64.hdf5").touch()

    def call(command: str, path: Path) -> Finished:
        words = {
            "FILE": str(path),
            "FOLDER": str(folder),
            **{f"OUT{end}": str(tmp_path / f"out{end}") for end in ("", ".png", ".hdf5")},
        }
        return cli(*(words.get(word, word) for word in COMMANDS[command]))

    return call


@pytest.mark.parametrize("command", COMMANDS)
def test_it_is_refused_at_once(command: str, no_file: Path, run: Callable[[str, Path], Finished]) -> None:
    if no_file.is_dir() and command in ("psd", "merge", "timeslide-waveforms --background"):
        pytest.skip("these take folders")
    finished = run(command, no_file)
    assert finished.code == 2
    assert len(finished.err.splitlines()) == 1
    assert str(no_file) in finished.err
    assert not finished.out


@pytest.mark.parametrize("command", COMMANDS)
def test_a_text_without_end_is_refused_at_once(
    command: str, tmp_path: Path, run: Callable[[str, Path], Finished]
) -> None:
    path = tmp_path / "endless.toml"
    with path.open("wb") as file:
        file.truncate(2**40)
    finished = run(command, path)
    assert finished.code in (1, 2)
    assert len(finished.err.splitlines()) == 1
    assert str(path) in finished.err


@pytest.mark.parametrize("suffix", [".prior", ".csv", ".hdf5"])
def test_a_pipe_is_not_called_a_file_that_is_not_there(
    suffix: str, tmp_path: Path, cli: Callable[..., Finished]
) -> None:
    pipe = tmp_path / f"pipe{suffix}"
    os.mkfifo(pipe)
    signals = ("--num-signals", "2", "--waveform-duration", "8", "--sample-rate", "2048", "-o", tmp_path / "out")
    finished = cli("waveforms", "--prior", pipe, *signals)
    assert finished.code == 2
    assert f"{str(pipe)!r}: Is a named pipe." in finished.err
    noise = ("--ifos", "H1", "--shifts", "0", "--background", pipe)
    finished = cli("timeslide-waveforms", "--prior", "nonspin_bbh", *noise, *signals)
    assert finished.code == 2
    assert f"cannot read the background file {str(pipe)!r}: Is a named pipe." in finished.err


def test_a_log_file_that_is_a_pipe_is_refused_at_once(cli: Callable[..., Finished], tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    finished = cli("inspect", tmp_path / "none.hdf5", "--log-file", pipe)
    assert finished.code == 2
    assert finished.err == f"aframe-data: error: cannot write the log file {str(pipe)!r}: Is a named pipe.\n"
    finished = cli("inspect", tmp_path / "none.hdf5", "--log-file", "-")
    assert "--log-file - is not allowed: no standard stream is meant here. Write ./- for a file" in finished.err


def test_a_list_of_files_without_end_is_refused(cli: Callable[..., Finished], tmp_path: Path) -> None:
    finished = cli("merge", "--files-from", "/dev/zero", "-o", tmp_path / "out.hdf5")
    assert finished.code == 2
    assert finished.err == "aframe-data: error: '/dev/zero' is not a list of files: it has more than 268.4 MB.\n"
