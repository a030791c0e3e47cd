"""As many pieces as Aframe's pipeline makes: more paths than a command line holds, and no more memory."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc
from typing import TYPE_CHECKING

import pytest

from aframe_data.formats import ledger
from ledger_pieces import campaign, merge, write_ours

if TYPE_CHECKING:
    from pathlib import Path

BRANCHES = 600
#: Bytes of one argument of a command that Linux allows.
ONE_ARGUMENT = 131_072


def make(folder: Path, number: int, start: int = 0) -> list[Path]:
    paths = []
    for seed in range(start, start + number):
        path = folder / f"{1241443783 + 8000 * seed}-8000-1" / "waveforms.hdf5"
        path.parent.mkdir(parents=True)
        paths.append(write_ours(path, campaign(2, seed), host="a" * 2000))
    return paths


@pytest.mark.slow
def test_more_branches_than_a_command_line_holds_are_joined_and_removed(tmp_path: Path) -> None:
    paths = make(tmp_path / ("waveforms" * 12) / "test" / "branches", BRANCHES)
    text = "".join(f"{path}\n" for path in paths)
    assert len(text) * 2 > ONE_ARGUMENT
    command = [sys.executable, "-m", "aframe_data", "merge", "--files-from", "-", "--remove-inputs"]
    done = subprocess.run(
        [*command, "-o", str(tmp_path / "waveforms.hdf5")], input=text, capture_output=True, text=True, check=False
    )
    # On a busy machine a line of progress is there.
    said = [line for line in done.stderr.splitlines() if ": joining rows: " not in line]
    assert (done.returncode, said) == (0, [])
    assert done.stdout.startswith("1200 rows of 8400 injections from 600 files")
    assert ledger.summarize(tmp_path / "waveforms.hdf5").intact
    assert not any(path.exists() for path in paths)


@pytest.mark.slow
def test_memory_hardly_grows_with_the_number_of_files(tmp_path: Path) -> None:
    peaks = []
    for number in (20, 20, 220):  # the first time, what is imported stays
        folder = tmp_path / f"{len(peaks)}"
        make(folder, number, start=1000 * len(peaks))
        tracemalloc.start()
        merge(files=folder / "**" / "waveforms.hdf5", output_file=tmp_path / f"{len(peaks)}.hdf5")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    # What the record says of each file, and its text three times while it is written.
    assert (peaks[2] - peaks[1]) / 200 < 30_000
