"""A stranger's strain fetcher in this process and its workers, and a GWOSC server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from aframe_data.registry import discovery, names
from plugin_factory import install_plugin
from servers.gwosc import GwoscServer
from servers.gwosc_archive import GwoscArchive

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def awkward(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The fetchers 'awkward' and 'second' of `strain.awkward` are installed while a module's tests run."""
    folder = tmp_path_factory.mktemp("site-packages")
    install_plugin(folder, distribution="awkward", entry_points={"awkward": "strain.awkward"})
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        _forget()
        yield
    _forget()


def _forget() -> None:
    discovery.discover.cache_clear()
    names.registered.cache_clear()


@pytest.fixture
def archive() -> GwoscArchive:
    return GwoscArchive()


@pytest.fixture
def server(archive: GwoscArchive, monkeypatch: pytest.MonkeyPatch) -> Iterator[GwoscServer]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with GwoscServer(archive) as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the background files go."""
    return tmp_path / "background"
