"""One server a module, with frames of several types, and an environment without the user's own credentials."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from servers.frames import write_frames
from servers.tokens import isolate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from servers.datafind import DatafindServer

START = 1_000_000_000
CHANNEL = "H1:GDS-CALIB_STRAIN"


@pytest.fixture(autouse=True)
def _isolated(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    isolate(monkeypatch, tmp_path_factory.mktemp("home"))
    for name in ("GWDATAFIND_SERVER", "LIGO_DATAFIND_SERVER"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def frames(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of frames: H1 with a gap from 32 to 48, other types and sites beside them."""
    from servers.datafind import list_frames

    folder = tmp_path_factory.mktemp("frames")
    made = [write_frames(folder, CHANNEL, START + k, 16, tag="H1_HOFT_C00", frame=8) for k in (0, 16, 48)]
    made += [write_frames(folder, "V1:Hrec_hoft_16384Hz", START, 64, tag=tag) for tag in ("V1Online", "HoftOnline")]
    made += [write_frames(folder, "L1:GDS-CALIB_STRAIN", START, 64, tag="L1_HOFT_C00", frame=16, leave_out=(2,))]
    made += [
        write_frames(folder, "K1:GWOSC-4KHZ_R1_STRAIN", START + k, 32, tag=f"K1_GWOSC_O{1 + k // 32}_4KHZ_R1")
        for k in (0, 32)
    ]
    list_frames(folder, made)
    return folder


@pytest.fixture(scope="module")
def server(frames: Path) -> Iterator[DatafindServer]:
    from servers.datafind import DatafindServer

    with DatafindServer(frames) as running:
        yield running
