"""HDF5 files that anybody may have written: what harms is told in a line, at once, in little memory."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import h5py
import numpy as np
import pytest

from aframe_data.errors import DataQualityError
from aframe_data.formats import background, foreign, psd
from aframe_data.formats.kinds import kind_of
from aframe_data.types import PowerSpectra, Segment
from hostile_hdf5 import BOMBS, ESCAPES, GREEDY, MISTAKES, SECRET, spoiled
from ledger_pieces import campaign, write_foreign
from memory import peak_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from command_line import Finished

START, SECONDS, RATE = 1_000_000_000, 64, 64
NAME = f"background-{START}-{SECONDS}.hdf5"
#: Of each kind of file, a dataset that is spoiled.
DATASETS = {NAME: "H1", "psd.hdf5": "H1", "ledger.hdf5": "waveforms/h1", "rejected.hdf5": "parameters/mass_1"}


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a sound file of each kind."""
    folder = tmp_path_factory.mktemp("sound")
    span = Segment(START, START + SECONDS)
    with background.create(folder / NAME, ifos=["H1", "L1"], segment=span, sample_rate=RATE, dtype="f8") as writer:
        for ifo in ("H1", "L1"):
            writer.append(ifo, np.random.default_rng(1).normal(size=SECONDS * RATE))
        writer.describe({"H1": "H1", "L1": "L1"}, {"command": "fetch"})
    spectra = PowerSpectra(("H1", "L1"), np.arange(257) / 8, np.full((2, 257), 1e-46), {})
    psd.write_spectra(folder / "psd.hdf5", spectra, {})
    for number, name in enumerate(("ledger.hdf5", "rejected.hdf5", "other.hdf5")):
        write_foreign(folder / name, campaign(100, number))
    return folder


@pytest.fixture
def copy(sound: Path, tmp_path: Path) -> Callable[[str], Path]:
    """Give a copy of a sound file."""
    return lambda name: Path(shutil.copy(sound / name, tmp_path / name))


def _told(finished: Finished, path: Path) -> str:
    """The one line that a command ended with, which names the file."""
    assert finished.code in (1, 2), finished.out
    lines = finished.err.splitlines()
    assert len(lines) == 1, lines
    assert str(path) in lines[0]
    assert "bug" not in lines[0]
    assert "\x1b" not in lines[0] + finished.out
    return lines[0]


@pytest.mark.parametrize("name", DATASETS)
@pytest.mark.parametrize("how", ESCAPES)
def test_what_leads_out_of_a_file_is_not_followed(
    how: str, name: str, copy: Callable[[str], Path], cli: Callable[..., Finished]
) -> None:
    path = spoiled(copy(name), DATASETS[name], how)
    told = _told(cli("inspect", path), path)
    assert "another file" in told or "other files" in told


@pytest.mark.parametrize("how", ESCAPES)
def test_no_content_of_another_file_ends_in_an_output(
    how: str, copy: Callable[[str], Path], sound: Path, cli: Callable[..., Finished], tmp_path: Path
) -> None:
    output = tmp_path / "output.hdf5"
    strain = spoiled(copy(NAME), "H1", how)
    _told(cli("psd", strain, "-o", output), strain)
    ledger = spoiled(copy("ledger.hdf5"), "parameters/mass_1", how)
    _told(cli("merge", ledger, sound / "other.hdf5", "-o", output), ledger)
    assert not output.exists()
    found = cli("verify", tmp_path, "--no-segments", "--workers", "0")
    assert found.code == 1
    assert "damaged" in found.out
    assert str(SECRET) not in found.out


def test_soft_links_inside_a_file_are_followed(copy: Callable[[str], Path]) -> None:
    path = copy(NAME)
    with h5py.File(path, "r+") as file:
        file.move("H1", "elsewhere/strain")
        file["H1"] = h5py.SoftLink("/elsewhere/strain")
    assert background.summarize(path).ifos == ("H1", "L1")


def test_hard_links_in_a_circle_end(copy: Callable[[str], Path]) -> None:
    path = copy(NAME)
    with h5py.File(path, "r+") as file:
        file.create_group("circle")["back"] = file["/"]
    assert background.summarize(path).ifos == ("H1", "L1")


#: Of one kind always, of all where time does not matter: a file is looked through before anybody knows its kind.
_EACH_KIND = [NAME, *(pytest.param(name, marks=pytest.mark.slow) for name in DATASETS if name != NAME)]


@pytest.mark.parametrize("name", _EACH_KIND)
@pytest.mark.parametrize("how", BOMBS)
def test_a_bomb_takes_little_memory(how: str, name: str, copy: Callable[[str], Path]) -> None:
    path = spoiled(copy(name), DATASETS[name], how)

    def look() -> None:
        with pytest.raises(DataQualityError, match=re.escape(str(path))):
            kind_of(path)

    assert peak_of(look) < GREEDY // 16


@pytest.mark.slow
@pytest.mark.parametrize("how", BOMBS)
def test_a_bomb_is_told_in_a_line(how: str, copy: Callable[[str], Path], cli: Callable[..., Finished]) -> None:
    path = spoiled(copy("ledger.hdf5"), "waveforms/h1", how)
    _told(cli("merge", path, "-o", path.with_name("merged.hdf5")), path)


def test_what_is_packed_in_large_chunks_and_is_what_it_says_is_read(copy: Callable[[str], Path]) -> None:
    path = copy(NAME)
    values = np.random.default_rng(2).normal(size=2**20)
    with h5py.File(path, "w") as file:
        for ifo in ("H1", "L1"):
            data = file.create_dataset(
                ifo, data=values, chunks=(2**19,), compression="gzip", compression_opts=1, shuffle=True, fletcher32=True
            )
            data.attrs.update({"x0": START, "dx": 1 / 2**14})
    assert background.summarize(path).not_finite == {"H1": 0, "L1": 0}


@pytest.mark.parametrize("settings", [{"scaleoffset": 3}, {"compression": "szip"}], ids=str)
def test_filters_that_are_not_read_are_named(settings: dict[str, object], copy: Callable[[str], Path]) -> None:
    path = copy(NAME)
    with h5py.File(path, "r+") as file:
        del file["H1"]
        try:
            file.create_dataset("H1", data=np.ones(4096), chunks=(4096,), **settings)
        except ValueError:
            pytest.skip("this HDF5 has no such filter")
    with pytest.raises(DataQualityError, match="filters that are not read here"):
        kind_of(path)


@pytest.mark.parametrize("name", DATASETS)
@pytest.mark.parametrize("how", MISTAKES)
def test_what_belongs_to_no_such_file_is_told_in_a_line(
    how: str, name: str, copy: Callable[[str], Path], cli: Callable[..., Finished]
) -> None:
    path = spoiled(copy(name), DATASETS[name], how)
    found = cli("inspect", path)
    assert "bug" not in found.err
    assert "Traceback" not in found.err
    assert "\x1b" not in found.out + found.err
    assert len(found.err.splitlines()) <= 1
    if found.err:
        assert str(path) in found.err


@pytest.mark.parametrize("how", [how for how in MISTAKES if how.startswith("rate")])
def test_a_rate_that_is_none_is_named(how: str, copy: Callable[[str], Path], cli: Callable[..., Finished]) -> None:
    path = spoiled(copy(NAME), "H1", how)
    assert "'dx'" in _told(cli("psd", path, "-o", path.with_name("out.hdf5")), path)


def test_texts_are_shown_on_one_line_and_cut(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "file.hdf5", "w") as file:
        file["one"] = "a\x1b[31m\n" + "b" * 100_000
        file["many"] = ["x"] * 65
    with foreign.opened(tmp_path / "file.hdf5") as file:
        found = foreign.text(file, "one")
        assert found.startswith("a?[31m bbb")
        assert len(found) == 200
        with pytest.raises(foreign.ForeignFileError, match="65 texts"):
            foreign.texts(file, "many")


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    import os

    os.mkfifo(tmp_path / "pipe.hdf5")
    with pytest.raises(foreign.ForeignFileError, match="not a file"), foreign.opened(tmp_path / "pipe.hdf5"):
        pass
