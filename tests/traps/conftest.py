"""A GWOSC server and a stranger's strain fetcher for the tests of the traps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from servers.gwosc import GwoscServer
from servers.gwosc_archive import GwoscArchive
from strain.conftest import awkward

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["awkward"]


@pytest.fixture
def archive() -> GwoscArchive:
    return GwoscArchive()


@pytest.fixture
def server(archive: GwoscArchive, monkeypatch: pytest.MonkeyPatch) -> Iterator[GwoscServer]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with GwoscServer(archive) as running:
        yield running
