"""Strangers' plugins inside this process, and the real archive on loopback."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from gwosc.api import v2

from servers.gwosc import GwoscServer
from servers.gwosc_archive import GwoscArchive

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def archive(shared_data: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GwoscServer]:
    """GWOSC with the real lists of O3a. Its client keeps every answer, and a test must not see another's."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    v2.JSON_CACHE.clear()
    with GwoscServer(GwoscArchive.of_real_data(shared_data)) as server:
        yield server
    v2.JSON_CACHE.clear()
