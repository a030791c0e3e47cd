"""Strangers' plugins inside this process."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from aframe_data import manager
from plugin_factory import install_plugin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def strangers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Path]]:
    """`install_plugin` into a folder on sys.path of this process, which forgets all of it afterwards."""
    folder = tmp_path / "site-packages"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)
    before = set(sys.modules)

    def install(**details: Any) -> Path:
        _forget()
        return install_plugin(folder, **details)

    yield install
    _forget()
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(folder)):
            del sys.modules[name]


def _forget() -> None:
    manager.discover.cache_clear()
    manager.registered.cache_clear()
