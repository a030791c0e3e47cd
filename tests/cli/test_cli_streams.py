"""Standard streams that are closed, full or read no further; and plugins that end the process they run in."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from plugin_factory import hook, install_plugin, run_cli

SPAN = ("--start", "1240579783", "--end", "1240583783")
WRONG = "query --source simulated --flags H1_DATA --start 1 --end 2 -o s.txt"


def in_shell(line: str, redirection: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = f"{sys.executable} -m aframe_data {line} {redirection}"
    return subprocess.run(
        ["/bin/sh", "-c", command], cwd=folder, capture_output=True, text=True, check=False, timeout=120
    )


@pytest.mark.parametrize(
    ("line", "redirection", "code", "words"),
    [
        (WRONG, "2>&-", 2, ""),
        (WRONG, "<&- >&-", 2, "start = 1 is not a plausible GPS time"),
        ("plugins list --json", ">/dev/full", 1, "aframe-data: error: system error: No space left on device."),
        ("plugins list --json", "| head -c 1", 0, ""),
    ],
)
def test_streams_that_are_closed_or_full(tmp_path: Path, line: str, redirection: str, code: int, words: str) -> None:
    if "/dev/full" in redirection and not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    done = in_shell(line, redirection, tmp_path)
    assert done.returncode == code
    assert words in done.stderr
    assert done.stderr.count("\n") == bool(words)


def test_a_stream_without_a_sign_shows_its_number(tmp_path: Path) -> None:
    """The help page has an ellipsis, which an old terminal's encoding lacks."""
    command = f"PYTHONIOENCODING=ascii {sys.executable} -m aframe_data timeslide-waveforms --help"
    done = subprocess.run(["/bin/sh", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "\\u2026" in done.stdout


def test_a_data_file_does_not_get_the_number_of_stdout(tmp_path: Path) -> None:
    """What a library prints to a stdout that was closed must not land in a file that was opened later."""
    opened = f"{sys.executable} -c 'import aframe_data.cli as c, os; c._open_standard_streams(); os._exit(os.dup(0))' "
    done = subprocess.run(["/bin/sh", "-c", f"{opened} <&- >&- 2>&-"], check=False, cwd=tmp_path)
    assert done.returncode > 2


EXITING = hook(
    "segment_sources", 'yield SegmentSourceProvider(name="exiting", summary="x", load="exiting:Source", flags=(".*",))'
)
SOURCE = """
class Source:
    def query(self, query):
        raise SystemExit(0)
"""


def test_a_plugin_that_calls_exit_is_no_success(tmp_path: Path) -> None:
    folder = install_plugin(tmp_path / "site", distribution="exiting", source=EXITING + SOURCE)
    output = tmp_path / "s.txt"
    done = run_cli("query", "--source", "exiting", "--flags", "X", *SPAN, "-o", str(output), folders=(folder,))
    assert done.returncode == 1
    assert "SystemExit: 0. This is a bug" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not output.exists()
