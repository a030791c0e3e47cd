"""A GWOSC server a test, and one of the real data a module."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING

import pytest
from gwosc.api import v2

from servers.gwosc import GwoscServer
from servers.gwosc_archive import GwoscArchive
from servers.gwosc_clients import add_three_files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def _no_remembered_answers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The client keeps every list it got: a test must not see another's. Loopback needs no proxy."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    v2.JSON_CACHE.clear()
    yield
    v2.JSON_CACHE.clear()


@pytest.fixture
def archive() -> GwoscArchive:
    return GwoscArchive()


@pytest.fixture
def server(archive: GwoscArchive) -> Iterator[GwoscServer]:
    with GwoscServer(archive, page_size=2) as running:
        yield running


@pytest.fixture(scope="module")
def real_server(shared_data: Path) -> Iterator[GwoscServer]:
    with GwoscServer(GwoscArchive.of_real_data(shared_data), page_size=10) as running:
        yield running


@pytest.fixture
def downloads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which temporary files are made."""
    folder = tmp_path / "downloads"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def files(archive: GwoscArchive, tmp_path: Path) -> list[Path]:
    """Three files of 64 s that touch, in the archive."""
    folder = tmp_path / "archive"
    folder.mkdir()
    add_three_files(archive, folder)
    return [file.path for file in archive.files]


@pytest.fixture
def copies(tmp_path: Path) -> Path:
    """The folder of a mirror, empty."""
    folder = tmp_path / "mirror"
    folder.mkdir()
    return folder
