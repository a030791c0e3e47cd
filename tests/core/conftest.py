"""An archive of files."""

from __future__ import annotations

import pytest

from core.cache_folders import Archive


@pytest.fixture
def archive() -> Archive:
    return Archive()
