"""Outputs that cannot become files: refused before the work, and what is there stays."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SPAN = "--start 1240579783 --end 1240579883"
LINES = [
    f"query --source simulated --simulated-duty-cycle 1 --flags H1_DATA {SPAN} --overwrite -o",
    "waveforms --prior flat --generator chirp --num-signals 3 --waveform-duration 4 --sample-rate 256 --overwrite -o",
]


@pytest.mark.parametrize("line", LINES, ids=["query", "waveforms"])
@pytest.mark.parametrize(
    ("name", "words"),
    [("folder", "a folder is there"), ("pipe", "a pipe or a device is there"), ("x" * 250, "is too long, by")],
    ids=["folder", "pipe", "long"],
)
def test_what_is_no_file_is_not_replaced(
    cli: Callable[..., object], tmp_path: Path, line: str, name: str, words: str
) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    done = cli(*line.split(), tmp_path / name)
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert words in done.err
    assert {path.name for path in tmp_path.iterdir()} == {"folder", "pipe"}
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


def test_the_files_of_a_fetch_too(cli: Callable[..., object], tmp_path: Path) -> None:
    line = f"fetch --source simulated --channels H1 --sample-rate 256 {SPAN} --overwrite -o".split()
    (tmp_path / "background-1240579783-100.hdf5").mkdir()
    assert "a folder is there" in cli(*line, tmp_path).err
    assert "is too long, by" in cli(*line, tmp_path, "--prefix", "x" * 225).err
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("line", LINES, ids=["query", "waveforms"])
def test_names_with_blanks_and_signs(cli: Callable[..., object], tmp_path: Path, line: str) -> None:
    path = tmp_path / "a b" / "ü %d {x} $HOME.out"
    done = cli(*line.split(), path)
    assert done.code == 0, done.err
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("line", LINES, ids=["query", "waveforms"])
def test_an_empty_name_is_not_the_current_folder(
    cli: Callable[..., object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    monkeypatch.chdir(tmp_path)
    done = cli(*line.split(), "")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "is empty: name a path" in done.err
    assert not list(tmp_path.iterdir())
