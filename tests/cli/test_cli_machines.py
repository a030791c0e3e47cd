"""What ``--quiet`` and ``--json`` leave."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import h5py
import pytest

from aframe_data.cli.commands import command_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SPAN = ("--start", "1240579783", "--end", "1240583783")
SIMULATED = ("--source", "simulated", "--simulated-duty-cycle", "1")
FETCH = ("fetch", "--source", "simulated", "--sample-rate", "256", "--channels", "H1,L1")
HERE = ("--workers", "0")


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


@pytest.mark.parametrize(
    "command", ["query", "fetch", "psd", "waveforms", "validation-waveforms", "merge", "verify", "report"]
)
def test_every_command_speaks_to_machines_and_can_be_quiet(command: str) -> None:
    flags = {flag for parameter in command_of(command).params for flag in parameter.opts}
    assert {"--json", "--quiet"} <= flags
