"""HDF5 files on disk that lead out of themselves, ask for all memory, or hold what is no strain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import h5py
import numpy as np
import pytest

from aframe_data.errors import AframeDataError, SourceError, UsageError
from aframe_data.types import StrainRequest, StrainSeries
from aframe_data_plugins.frames.options import FramesOptions
from aframe_data_plugins.frames.strain import FramesStrain
from hostile_hdf5 import BOMBS, ESCAPES, GREEDY, MISTAKES, SECRET, spoiled
from memory import peak_of
from servers.gwosc_files import write_strain_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from command_line import Finished

START, SECONDS = 1_000_000_000, 64
#: Of the mistakes, those that this reader passes over: it does not look for our provenance.
_OF_THE_RATE_OR_TYPE = [how for how in MISTAKES if "provenance" not in how]


@pytest.fixture(params=["gwpy", "gwosc"])
def file(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, str]:
    """A sound file of each layout, and the name of its strain."""
    if request.param == "gwosc":
        return write_strain_file(tmp_path, "H1", START, SECONDS), "strain/Strain"
    path = tmp_path / f"H-TEST-{START}-{SECONDS}.hdf5"
    with h5py.File(path, "w") as made:
        data = made.create_dataset("H1", data=np.random.default_rng(1).normal(size=SECONDS * 4096))
        data.attrs.update({"x0": float(START), "dx": 1 / 4096, "xunit": "s", "unit": "strain"})
    return path, "H1"


def ask(path: Path) -> StrainSeries:
    fetcher = FramesStrain(FramesOptions(path=(str(path),)))
    return fetcher.fetch(StrainRequest(("H1",), START, START + SECONDS, 2048))["H1"]


def test_the_files_are_sound_before_they_are_spoiled(file: tuple[Path, str]) -> None:
    assert np.isfinite(ask(file[0]).data).all()


@pytest.mark.parametrize("how", ESCAPES)
def test_no_other_file_is_read(how: str, file: tuple[Path, str]) -> None:
    path = spoiled(*file, how)
    with pytest.raises(SourceError, match=f"{path} is damaged: .*other file") as caught:
        ask(path)
    assert str(SECRET) not in str(caught.value)


@pytest.mark.parametrize("how", BOMBS)
def test_a_bomb_takes_little_memory(how: str, file: tuple[Path, str]) -> None:
    path = spoiled(*file, how)

    def fetch() -> None:
        with pytest.raises(SourceError, match=f"{path} is damaged"):
            ask(path)

    assert peak_of(fetch) < GREEDY // 16


@pytest.mark.parametrize("how", _OF_THE_RATE_OR_TYPE)
def test_what_is_no_strain_is_an_error_of_ours(how: str, file: tuple[Path, str]) -> None:
    path = spoiled(*file, how)
    with pytest.raises(AframeDataError) as caught:
        ask(path)
    assert len(str(caught.value)) < 400
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "how"),
    [
        *(("quality/simple/DQmask", how) for how in ("texts", "three dimensions", "a group")),
        *(("quality/simple/DQShortnames", how) for how in ("lists", "three dimensions", "a group")),
        *(("meta/Detector", how) for how in ("lists", "a group")),
    ],
)
def test_what_is_no_mask_or_name_is_told(name: str, how: str, tmp_path: Path) -> None:
    path = write_strain_file(tmp_path, "H1", START, SECONDS)
    spoiled(path, name, how)
    with pytest.raises(SourceError, match=f"{path} is damaged: .*{name.rpartition('/')[2]}"):
        ask(path)


def test_the_command_line_tells_it_in_a_line(
    file: tuple[Path, str], cli: Callable[..., Finished], tmp_path: Path
) -> None:
    path = spoiled(*file, "external link")
    output = tmp_path / "background"
    finished = cli(
        *("fetch", "--source", "frames", "--frames-path", path, "--channels", "H1", "--sample-rate", "2048"),
        *("--start", str(START), "--end", str(START + SECONDS), "--output-directory", output, "--workers", "0"),
    )
    assert finished.code == 1
    assert f"{path} is damaged: " in finished.err
    assert not list(output.glob("*.hdf5"))


def test_a_pipe_is_refused_at_once(tmp_path: Path) -> None:
    import os

    os.mkfifo(tmp_path / "pipe.hdf5")
    with pytest.raises(UsageError, match="Is a named pipe"):
        FramesStrain(FramesOptions(path=(str(tmp_path / "pipe.hdf5"),)))
