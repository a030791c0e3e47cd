"""The last few files of one process."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aframe_data.errors import AframeDataError, PluginError, TransientError, UsageError
from aframe_data.filestore.names import base_name, url_key
from aframe_data.filestore.temporary import TemporaryStore, remove_abandoned

URL = "https://archive.example/O3a/H-H1_GWOSC_O3a_4KHZ_R1-1240580096-4096.hdf5"


class Archive:
    """Files whose content is their URL; counts what is asked of it."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def download(self, url: str):  # type: ignore[no-untyped-def]
        def write(path: Path) -> None:
            self.asked.append(url)
            path.write_text(url)

        return write


def read(store: TemporaryStore, archive: Archive, url: str) -> str:
    with store.file(url, archive.download(url)) as path:
        return path.read_text()


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_file_is_downloaded_once_and_ends_with_its_own_name(tmp_path: Path) -> None:
    archive, store = Archive(), TemporaryStore(tmp_path / "work")
    for _ in range(3):
        with store.file(URL, archive.download(URL)) as path:
            assert path.name.endswith("H-H1_GWOSC_O3a_4KHZ_R1-1240580096-4096.hdf5")
            assert path.read_text() == URL
    assert archive.asked == [URL]


def test_a_folder_that_was_deleted_is_made_again(tmp_path: Path) -> None:
    archive, store = Archive(), TemporaryStore(tmp_path / "work")
    read(store, archive, URL)
    shutil.rmtree(tmp_path / "work")
    assert [read(store, archive, url) for url in (URL, "b")] == [URL, "b"]


def test_nothing_is_made_before_the_first_file(tmp_path: Path) -> None:
    TemporaryStore(tmp_path / "work")
    assert list(tmp_path.iterdir()) == []


@given(st.lists(st.sampled_from("abcde"), max_size=12), st.integers(1, 4))
def test_the_files_that_were_used_last_stay(tmp_path_factory: pytest.TempPathFactory, uses: str, keep: int) -> None:
    folder = tmp_path_factory.mktemp("work")
    archive, store = Archive(), TemporaryStore(folder, keep)
    kept: list[str] = []
    expected = []
    for url in uses:
        if url in kept:
            kept.remove(url)
        else:
            expected.append(url)
        kept = [*kept, url][-keep:]
        assert read(store, archive, url) == url
        assert sorted(path.read_text() for path in files(folder)) == sorted(kept)
    assert archive.asked == expected


def test_a_file_in_use_stays_whatever_else_is_asked_for(tmp_path: Path) -> None:
    archive, store = Archive(), TemporaryStore(tmp_path, keep=1)
    with store.file("a", archive.download("a")) as path:
        for url in "bcd":
            assert read(store, archive, url) == url
        assert path.read_text() == "a"
    read(store, archive, "e")
    assert [path.read_text() for path in files(tmp_path)] == ["e"]


def test_files_of_one_name_from_two_places_are_two(tmp_path: Path) -> None:
    archive, store = Archive(), TemporaryStore(tmp_path)
    urls = ["https://one.example/x.hdf5", "https://two.example/x.hdf5"]
    assert [read(store, archive, url) for url in urls * 2] == urls * 2
    assert archive.asked == urls


def test_what_is_discarded_is_downloaded_again(tmp_path: Path) -> None:
    archive, store = Archive(), TemporaryStore(tmp_path)
    read(store, archive, URL)
    store.discard(URL)
    store.discard("never asked for")
    assert files(tmp_path) == []
    read(store, archive, URL)
    assert archive.asked == [URL, URL]


def test_a_file_that_somebody_deleted_is_downloaded_again(tmp_path: Path) -> None:
    archive, store = Archive(), TemporaryStore(tmp_path)
    read(store, archive, URL)
    files(tmp_path)[0].unlink()
    assert read(store, archive, URL) == URL
    assert archive.asked == [URL, URL]


@pytest.mark.parametrize(
    "error", [TransientError("the line broke"), KeyboardInterrupt(), ConnectionResetError(104, "x")]
)
def test_a_download_that_fails_leaves_nothing_and_says_what_it_said(tmp_path: Path, error: BaseException) -> None:
    archive, store = Archive(), TemporaryStore(tmp_path)

    def fail(path: Path) -> None:
        path.write_text("half")
        raise error

    with pytest.raises(type(error)) as caught, store.file(URL, fail):
        pass
    assert caught.value is error
    assert files(tmp_path) == []
    assert read(store, archive, URL) == URL


def test_a_full_disk_is_told_in_one_line_that_names_the_folder(tmp_path: Path) -> None:
    def fill(path: Path) -> None:
        path.write_text("half")
        with Path("/dev/full").open("wb", buffering=0) as device:
            device.write(b"x")

    with (
        pytest.raises(AframeDataError, match=rf"cannot write {tmp_path}/.*: the disk is full\.") as caught,
        TemporaryStore(tmp_path).file(URL, fill),
    ):
        pass
    assert not isinstance(caught.value, TransientError)
    assert "\n" not in str(caught.value)
    assert files(tmp_path) == []


def test_a_download_that_makes_no_file_is_the_plugins_mistake(tmp_path: Path) -> None:
    with (
        pytest.raises(PluginError, match=rf"the download of {URL} made no file"),
        TemporaryStore(tmp_path).file(URL, lambda _path: None),
    ):
        pass


def test_two_processes_never_share_a_folder(tmp_path: Path) -> None:
    """Two objects stand for them: a process may get the number that another had, and that left half a file."""
    archives = Archive(), Archive()
    stores = [TemporaryStore(tmp_path), TemporaryStore(tmp_path)]
    for archive, store in zip(archives, stores, strict=True):
        assert read(store, archive, URL) == URL
    stores[0].discard(URL)
    assert read(stores[1], archives[1], URL) == URL
    assert [archive.asked for archive in archives] == [[URL], [URL]]


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "work").write_text("a file")
    with pytest.raises(UsageError, match="work': it is a file"):
        read(TemporaryStore(tmp_path / "work"), Archive(), URL)


def test_at_least_one_file_is_kept(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="keep = 0"):
        TemporaryStore(tmp_path, keep=0)


@pytest.mark.slow
@given(st.text(max_size=300))
def test_every_url_has_a_name_that_file_systems_take(url: str) -> None:
    try:
        name = f"{url_key(url)}.{base_name(url)}"
    except ValueError:  # urllib's word for a text that is no URL
        return
    assert Path(name).name == name
    assert len(name.encode()) < 120


@pytest.mark.parametrize(
    ("url", "name"),
    [
        (URL, "H-H1_GWOSC_O3a_4KHZ_R1-1240580096-4096.hdf5"),
        ("https://x.example/a/b.gwf?token=secret#part", "b.gwf"),
        ("osdf:///igwn/H-H1_X-1-2.gwf", "H-H1_X-1-2.gwf"),
        ("file://localhost/data/a b%20é.h5", "a_b_20_.h5"),
        ("https://x.example", "file"),
        (f"https://x.example/{'long' * 100}.hdf5", f"{'long' * 100}.hdf5"[-80:]),
    ],
)
def test_the_name_is_the_urls_own(url: str, name: str) -> None:
    assert base_name(url) == name


def test_what_ended_processes_left_is_removed_and_what_others_use_is_not(tmp_path: Path) -> None:
    with subprocess.Popen(["true"]) as ended:
        ended.wait()
    dead = tmp_path / f"files-{socket.gethostname()}-{ended.pid}-abc"
    alive = tmp_path / f"files-{socket.gethostname()}-{os.getpid()}-abc"
    elsewhere = tmp_path / f"files-another.machine-{ended.pid}-abc"
    for folder in (dead, alive, elsewhere):
        folder.mkdir()
        (folder / "raw.hdf5").write_bytes(b"raw")
    remove_abandoned(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([alive.name, elsewhere.name])


def test_an_empty_folder_is_removed_too(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    remove_abandoned(tmp_path / "raw")
    remove_abandoned(tmp_path / "raw")
    assert list(tmp_path.iterdir()) == []
