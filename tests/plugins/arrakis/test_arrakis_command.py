"""``aframe-data fetch`` from a real Arrakis server, as a user would run it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from plugin_factory import run_cli
from servers.arrakis_clients import CHANNEL, START
from servers.gwosc_files import synthetic_strain
from strain.background_files import read, record

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path


pytestmark = pytest.mark.slow


def fetch(folder: Path, *arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """Ask for two files of 16 s that touch, for the gap behind them, and for the file behind that."""
    span = ("--start", START, "--end", START + 64, "--sample-rate", 1024)
    line = ("fetch", "--channels", CHANNEL, *span, "-o", folder, *arguments)
    return run_cli(*map(str, line), **environment)


def test_a_gap_ends_the_fetch_and_is_told(archive: str, tmp_path: Path) -> None:
    done = fetch(tmp_path, "--source", "arrakis", "--arrakis-server", archive)
    assert done.returncode == 1
    assert f"H1 has 16 s of samples that are not finite (missing data) in [{START}, {START + 64})" in done.stderr
    assert list(tmp_path.glob("*.hdf5")) == []


def test_around_a_gap_the_files_hold_what_the_server_has(archive: str, tmp_path: Path) -> None:
    done = fetch(tmp_path, "--gaps", "split", "--server", archive, "--source", "arrakis")
    assert done.returncode == 0, done.stderr
    spans = [(START, START + 32), (START + 48, START + 64)]
    paths = [tmp_path / f"background-{start}-{stop - start}.hdf5" for start, stop in spans]
    assert sorted(tmp_path.glob("*.hdf5")) == paths
    for path, (start, stop) in zip(paths, spans, strict=True):
        np.testing.assert_array_equal(read(path), synthetic_strain("H1", start, stop, 1024))
        (piece,) = record(path)["strain"]["H1"]["pieces"]
        assert (piece["source"], piece["origin"]) == ("arrakis", f"{archive}/{CHANNEL}")


def test_auto_asks_a_server_where_the_environment_names_one(archive: str, tmp_path: Path) -> None:
    # The others that auto would ask for what is a gap here cannot be reached from a test, which is no gap.
    done = fetch(tmp_path, "--gaps", "split", ARRAKIS_SERVER=archive, AFRAME_DATA_DISABLE_PLUGINS="nds2,datafind")
    assert done.returncode == 0, done.stderr
    assert len(list(tmp_path.glob("*.hdf5"))) == 2


def test_auto_asks_no_server_that_nobody_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ARRAKIS_SERVER", raising=False)
    done = fetch(tmp_path, AFRAME_DATA_DISABLE_PLUGINS="nds2,datafind,frames")
    assert done.returncode == 2
    assert "Accepted if you name the source: " in done.stderr
    assert "arrakis" in done.stderr
