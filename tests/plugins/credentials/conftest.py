"""An issuer of tokens, and an environment without the user's own credentials."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from servers.tokens import Issuer, isolate

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def issuer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Issuer:
    isolate(monkeypatch, tmp_path)
    issuer = Issuer()
    issuer.publish()
    return issuer
