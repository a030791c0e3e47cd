"""A block that is asked for in parts: the archive's lists once, every file once."""

from __future__ import annotations

import zlib
from collections import Counter
from typing import TYPE_CHECKING

import h5py
import numpy as np
import pytest
from gwosc.api import v2

from aframe_data.errors import NoDataError, SourceError, TransientError
from aframe_data.filestore import Storage
from aframe_data.filestore.temporary import TemporaryStore
from aframe_data.formats import foreign
from hostile_hdf5 import spoiled
from servers.gwosc import Fault, GwoscServer
from servers.gwosc_archive import Event, GwoscArchive
from servers.gwosc_clients import FILE, START, add_three_files, request, strain_of
from servers.gwosc_files import synthetic_strain, write_strain_file

if TYPE_CHECKING:
    from pathlib import Path

    from aframe_data_plugins.gwosc.strain import GwoscStrain


@pytest.fixture
def fetcher(server: GwoscServer, tmp_path: Path) -> GwoscStrain:
    made = strain_of(server)
    made.keep_files(TemporaryStore(tmp_path / "work"))
    return made


def cached(server: GwoscServer, folder: Path) -> GwoscStrain:
    """A fetcher of another process, with the cache of all."""
    made = strain_of(server)
    made.keep_files(Storage(folder / "work", folder / "cache", 10**9).open())
    return made


def in_parts(fetcher: GwoscStrain, start: int, stop: int, *channels: str, step: int = 8) -> dict[str, np.ndarray]:
    """Ask for the parts of a span in order, each as a process would that never heard an answer before."""
    parts = []
    for at in range(start, stop, step):
        v2.JSON_CACHE.clear()
        parts.append(fetcher.fetch(request(at, min(at + step, stop), *channels)))
    return {name: np.concatenate([part[name].data for part in parts]) for name in channels}


def test_every_file_is_downloaded_once(
    archive: GwoscArchive, server: GwoscServer, fetcher: GwoscStrain, tmp_path: Path
) -> None:
    add_three_files(archive, tmp_path)
    data = in_parts(fetcher, START + 3, START + 3 * FILE - 5, "H1")["H1"]
    np.testing.assert_array_equal(data, synthetic_strain("H1", START + 3, START + 3 * FILE - 5))
    assert list(Counter(server.asked(r"\.hdf5$")).values()) == [1, 1, 1]


def test_lists_are_asked_for_once(
    archive: GwoscArchive, server: GwoscServer, fetcher: GwoscStrain, tmp_path: Path
) -> None:
    """Those of the runs, and where they leave something open, those of the events."""
    for ifo in ("H1", "L1"):
        add_three_files(archive, tmp_path, ifo)
    event = Event("GW1", START + 4 * FILE + 1.0)
    archive.events.append(event)
    for ifo in ("H1", "L1"):
        archive.add_file(write_strain_file(tmp_path, ifo, START + 3 * FILE, FILE), event.key)
    in_parts(fetcher, START, START + 4 * FILE, "H1", "L1", step=64)
    counted = Counter(server.asked("/api/"))
    assert set(counted.values()) == {1}, counted


def test_blocks_of_the_grid_are_joined(
    archive: GwoscArchive, server: GwoscServer, fetcher: GwoscStrain, tmp_path: Path
) -> None:
    """A file that lies on both sides of a border of the grid is one piece."""
    border = START + 4096
    for start in (border - 96, border - 32, border + 32):
        archive.add_file(write_strain_file(tmp_path, "H1", start, FILE), "O3a")
    series = fetcher.fetch(request(border - 90, border + 90))["H1"]
    np.testing.assert_array_equal(series.data, synthetic_strain("H1", border - 90, border + 90))
    assert [piece.start for piece in series.pieces] == [border - 90, border - 32, border + 32]
    with pytest.raises(NoDataError, match=rf"for \[{border + 96}, {border + 5000}\)"):
        fetcher.fetch(request(border - 90, border + 5000))
    assert len(server.asked(r"\.hdf5$")) == 3


def test_a_list_that_failed_is_asked_for_again(
    archive: GwoscArchive, server: GwoscServer, fetcher: GwoscStrain, tmp_path: Path
) -> None:
    add_three_files(archive, tmp_path)
    server.fail(Fault("/runs$", status=403), Fault("strain-files", status=403))
    for _ in range(2):
        with pytest.raises(Exception, match="403"):
            fetcher.fetch(request(START, START + 8))
    assert len(fetcher.fetch(request(START, START + 8))["H1"].data) == 8 * 4096


def test_a_damaged_file_is_not_kept(
    archive: GwoscArchive, server: GwoscServer, fetcher: GwoscStrain, tmp_path: Path
) -> None:
    add_three_files(archive, tmp_path)
    server.fail(Fault(r"\.hdf5$", drop=5000))
    with pytest.raises(TransientError, match="arrived damaged"):
        fetcher.fetch(request(START, START + 8))
    data = in_parts(fetcher, START, START + FILE, "H1")["H1"]
    np.testing.assert_array_equal(data, synthetic_strain("H1", START, START + FILE))
    assert len(server.asked(r"\.hdf5$")) == 2


def test_a_file_is_looked_through_once_for_all_its_parts(
    archive: GwoscArchive, fetcher: GwoscStrain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_three_files(archive, tmp_path)
    looked: list[Path] = []
    look_through = foreign.look_through
    monkeypatch.setattr(foreign, "look_through", lambda file, path: (looked.append(path), look_through(file, path)))
    in_parts(fetcher, START, START + 2 * FILE, "H1", step=4)
    assert len(looked) == 2


def test_a_file_that_was_replaced_between_two_parts_is_looked_through_again(
    archive: GwoscArchive, fetcher: GwoscStrain, tmp_path: Path
) -> None:
    add_three_files(archive, tmp_path)
    fetcher.fetch(request(START, START + 8))
    (path,) = (tmp_path / "work").rglob("*.hdf5")
    spoiled(path, "strain/Strain", "external link")
    with pytest.raises(SourceError, match=r"is not read: .* is a link to another file"):
        fetcher.fetch(request(START + 8, START + 16))


@pytest.mark.parametrize("shuffle", [False, True])
def test_a_chunk_that_is_damaged_fails_its_part_and_no_other(
    archive: GwoscArchive, fetcher: GwoscStrain, tmp_path: Path, shuffle: bool
) -> None:
    path = write_strain_file(tmp_path, "H1", START, FILE, level=1, shuffle=shuffle)
    with h5py.File(path, "r+") as file:
        strain = file["strain/Strain"].id
        for number, spoil in ((0, lambda chunk: chunk[:-9]), (8, lambda _: zlib.compress(bytes(100)))):
            first = (strain.get_chunk_info(number).chunk_offset[0],)
            strain.write_direct_chunk(first, spoil(strain.read_direct_chunk(first)[1]))
        second = strain.get_chunk_info(8).chunk_offset[0] // 4096
    archive.add_file(path, "O3a")
    with pytest.raises(TransientError, match=r"hdf5 arrived damaged: Can.t synchronously read data"):
        fetcher.fetch(request(START, START + 1))
    with pytest.raises(TransientError, match=r"arrived damaged: the chunk of 'strain/Strain' .* 100 bytes, where"):
        fetcher.fetch(request(START + second, START + second + 1))
    sound = fetcher.fetch(request(START + FILE - 1, START + FILE))["H1"].data
    np.testing.assert_array_equal(sound, synthetic_strain("H1", START + FILE - 1, START + FILE))


def test_a_second_fetcher_takes_files_from_the_cache(
    archive: GwoscArchive, server: GwoscServer, tmp_path: Path
) -> None:
    add_three_files(archive, tmp_path)
    for _ in range(2):
        data = in_parts(cached(server, tmp_path), START, START + 3 * FILE, "H1")["H1"]
        np.testing.assert_array_equal(data, synthetic_strain("H1", START, START + 3 * FILE))
    assert len(server.asked(r"\.hdf5$")) == 3


@pytest.mark.parametrize("size", [0, 1000])
def test_a_file_that_changed_in_the_cache_is_downloaded_again(
    archive: GwoscArchive, server: GwoscServer, tmp_path: Path, size: int
) -> None:
    add_three_files(archive, tmp_path)
    cached(server, tmp_path).fetch(request(START, START + FILE))
    (path,) = (tmp_path / "cache").iterdir()
    path.write_bytes(path.read_bytes()[:size])
    data = in_parts(cached(server, tmp_path), START, START + FILE, "H1")["H1"]
    np.testing.assert_array_equal(data, synthetic_strain("H1", START, START + FILE))
    assert len(server.asked(r"\.hdf5$")) == 2


def test_a_file_that_arrived_damaged_is_not_left_in_the_cache(
    archive: GwoscArchive, server: GwoscServer, tmp_path: Path
) -> None:
    """The digest says that it is as it was downloaded; that it is no strain, only the reader sees."""
    add_three_files(archive, tmp_path)
    server.fail(Fault(r"\.hdf5$", drop=5000))
    with pytest.raises(TransientError, match="arrived damaged"):
        cached(server, tmp_path).fetch(request(START, START + 8))
    assert list((tmp_path / "cache").iterdir()) == []
    in_parts(cached(server, tmp_path), START, START + FILE, "H1")
    assert len(server.asked(r"\.hdf5$")) == 2
