"""A stand-in for a DQSEGDB server, and the source that asks it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from servers.dqsegdb import DqsegdbServer

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _loopback_needs_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def server() -> Iterator[DqsegdbServer]:
    with DqsegdbServer() as running:
        yield running
