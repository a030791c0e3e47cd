"""``aframe-data verify``: what a person sees of a folder that `fetch` made, and of one that was damaged since."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

T0 = 1240579783
SEGMENTS = f"# seg\tstart\tstop\tduration\n0\t{T0}\t{T0 + 100}\t100.0\n1\t{T0 + 200}\t{T0 + 250}\t50.0\n"
FETCH = "fetch --source simulated --channels H1,L1 --sample-rate 256 --workers 0 --max-duration 60"
FOUND = (
    "compared with data/segments.txt: 2 segments, 150 s (found there; use --segments or --no-segments to change that)"
)


@pytest.fixture(scope="module")
def fetched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `fetch` makes of two segments."""
    from aframe_data.cli.app import run

    folder = tmp_path_factory.mktemp("fetched")
    (folder / "segments.txt").write_text(SEGMENTS)
    assert run([*FETCH.split(), "--segments", str(folder / "segments.txt"), "-o", str(folder / "background")]) == 0
    return folder


@pytest.fixture
def data(fetched: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, in the working folder."""
    shutil.copytree(fetched, tmp_path / "data")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "data"


def test_what_fetch_made_is_sound(cli: Callable[..., Any], data: Path) -> None:  # noqa: ARG001 - the working folder
    done = cli("verify", "data/background")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [
        FOUND,
        "3 files, 150 s, 2 interferometers: sound",
    ]
    named = cli("verify", "data/background", "--segments", "data/segments.txt", "--quick")
    assert named.out.splitlines() == [
        "compared with data/segments.txt: 2 segments, 150 s",
        "3 files, 150 s, 2 interferometers: sound (samples not read)",
    ]


def test_what_is_wrong_is_a_table_and_exit_code_1(cli: Callable[..., Any], data: Path) -> None:
    background = data / "background"
    (background / f"background-{T0 + 50}-50.hdf5").unlink()
    with h5py.File(background / f"background-{T0}-50.hdf5", "a") as file:
        file["L1"][256:512] = np.nan
    (background / f"background-{T0 + 200}-50.hdf5").rename(background / f"background-{T0 + 201}-50.hdf5")
    part = background / f".background-{T0}-50.hdf5.host-1-abc.part"
    part.touch()
    done = cli("verify", "data/background")
    assert (done.code, done.err) == (1, "")
    moved = f"the name says [{T0 + 201}, {T0 + 251}), the content is [{T0 + 200}, {T0 + 250})"
    assert [" ".join(line.split()) for line in done.out.splitlines()] == [
        "file or span problem what is wrong",
        f"background-{T0}-50.hdf5 not finite L1: 1 s of NaN or infinite samples: [{T0 + 1}, {T0 + 2})",
        f"background-{T0}-50.hdf5 changed the samples changed since they were written",
        f"[{T0 + 50}, {T0 + 100}) missing no file has these 50 s of the segment [{T0}, {T0 + 100})",
        f"background-{T0 + 201}-50.hdf5 name {moved}",
        f"note: leftover: {part.name}: a temporary file: delete it if no command is at work here",
        FOUND,
        "4 problems in 2 files, 100 s, 2 interferometers",
    ]


def test_the_same_fetch_mends_what_verify_finds_missing(cli: Callable[..., Any], data: Path) -> None:
    (data / "background" / f"background-{T0 + 50}-50.hdf5").unlink()
    assert cli("verify", "data/background").code == 1
    assert cli(*FETCH.split(), "--segments", data / "segments.txt", "-o", data / "background").code == 0
    assert cli("verify", "data/background").code == 0


def test_many_notes_of_one_kind_are_cut_short(cli: Callable[..., Any], data: Path) -> None:
    for number in range(7):
        (data / "background" / f"o3a-{T0 + number}-10.hdf5").touch()
    done = cli("verify", "data/background")
    assert done.code == 0
    assert "note: other: 2 more; --json shows all" in done.out
    assert done.out.count("o3a-") == 5


def test_a_name_cannot_reach_the_terminal_with_what_moves_its_cursor(cli: Callable[..., Any], data: Path) -> None:
    (data / "background" / "x\x1b[31my\nz.hdf5").touch()
    done = cli("verify", "data/background")
    (line,) = (line for line in done.out.splitlines() if line.startswith("note: other: "))
    assert line.startswith("note: other: x?[31my z.hdf5: ")
    assert "\x1b" not in done.out


def test_without_segments_it_says_that_nothing_was_compared(cli: Callable[..., Any], data: Path) -> None:
    assert cli("verify", "data/background", "--no-segments").out.splitlines()[0] == "compared with no segments"
    (data / "segments.txt").unlink()
    done = cli("verify", "data/background")
    assert done.code == 0
    assert done.out.startswith("compared with no segments: none were given, and there is no segments.txt in the folder")


def test_json_is_for_a_machine(cli: Callable[..., Any], data: Path) -> None:
    (data / "background" / f"background-{T0 + 50}-50.hdf5").unlink()
    done = cli("verify", "data/background", "--json")
    told = json.loads(done.out)
    assert (done.code, told["sound"]) == (1, False)
    assert told["problems"] == [
        {
            "kind": "missing",
            "file": None,
            "span": [T0 + 50, T0 + 100],
            "text": f"no file has these 50 s of the segment [{T0}, {T0 + 100})",
        }
    ]


def test_a_log_file_has_every_finding(cli: Callable[..., Any], data: Path) -> None:
    (data / "background" / f"background-{T0 + 50}-50.hdf5").unlink()
    cli("verify", "data/background", "--log-file", "log")
    assert f"missing: [{T0 + 50}, {T0 + 100})" in (data.parent / "log").read_text()


def test_a_configuration_that_serves_fetch_serves_verify(cli: Callable[..., Any], data: Path) -> None:
    config = data / "c.toml"
    config.write_text('sample_rate = 512\nsegments = "data/segments.txt"\n[fetch]\nchannels = ["H1"]\n')
    done = cli("verify", "data/background", "--config", config)
    assert done.code == 1
    assert "256 Hz, where 512 Hz was asked for" in done.out
    assert cli("verify", "data/background", "--config", config, "--sample_rate", "256").code == 0


WRONG = [
    ("", "Missing argument 'FOLDER'"),
    ("nowhere", "there is no folder 'nowhere'"),
    ("data", "'data' has no file background-START-DURATION.hdf5. Did you mean 'data/background'?"),
    ("data/segments.txt", "is not a folder"),
    ("data/background -p backgruond", "Did you mean 'background'? Prefixes there: 'background' (3)."),
    ("data/background --prefix=", "prefix = '' is not allowed"),
    ("data/background --segments none.txt", "cannot read the segments file 'none.txt'"),
    ("data/background --segments data/background", "cannot read the segments file 'data/background'"),
    ("data/background --segments data/segments.txt --no-segments", "exclude each other"),
    ("data/background --sample-rate 0", "sample_rate = 0 is not allowed"),
    ("data/background --sample-rate fast", "sample_rate = 'fast' is not a finite number"),
    ("data/background --ifos H1,H1", "ifos = 'H1,H1': 'H1' is given twice."),
    ("data/background --ifos hanford", "must begin with an interferometer"),
    ("data/background --min-duration=-1", "min_duration = -1 is not allowed"),
    ("data/background --min-duration nan", "min_duration = nan is not a finite number"),
    ("data/background --workers -1", "workers = -1 is not allowed"),
    ("data/background --quik", "No such option"),
    ("data/background data/background", "unexpected argument 'data/background'."),
]


@pytest.mark.parametrize(("line", "words"), WRONG, ids=[words for _, words in WRONG])
def test_a_wrong_argument_is_one_line_and_exit_code_2(
    cli: Callable[..., Any],
    data: Path,  # noqa: ARG001 - the working folder
    line: str,
    words: str,
) -> None:
    done = cli("verify", *line.split())
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert done.err.startswith("aframe-data: error: ")
    assert words in done.err
