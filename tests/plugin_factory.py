"""Plugins of strangers, as an installer leaves them: a folder with modules and a ``.dist-info``.

Put the folder on ``sys.path`` (the fixture `strangers` does; a conftest imports it) or, for another process, on
``PYTHONPATH`` (`run_cli` and `run_python` do).
"""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest

from aframe_data.registry import choice, discovery, names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path


def install_plugin(
    folder: Path,
    *,
    distribution: str = "stranger",
    version: str = "1.0",
    entry_points: Mapping[str, str] | None = None,
    source: str | Mapping[str, str] = "",
    metadata: str | None = None,
) -> Path:
    """Install a distribution into a folder.

    Parameters
    ----------
    folder
        The site-packages folder; made if it is not there.
    distribution, version
        Name and version in the metadata.
    entry_points
        Name of each entry point in the group ``aframe_data``, and its module. By default one entry point,
        called like the distribution, for the first module.
    source
        The code of each module, by the module's name; or the code of the only one, which is called like the
        distribution, with underscores.
    metadata
        The text of METADATA, in place of one with name and version.

    Returns
    -------
    Path
        `folder`.
    """
    default = distribution.lower().replace("-", "_").replace(".", "_")
    modules = {default: source} if isinstance(source, str) else dict(source)
    points = {distribution: next(iter(modules))} if entry_points is None else dict(entry_points)
    info = folder / f"{default}-{version}.dist-info"
    info.mkdir(parents=True)
    listed = "\n".join(f"{name} = {module}" for name, module in points.items())
    text = f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n" if metadata is None else metadata
    (info / "METADATA").write_text(text, encoding="utf-8")
    (info / "entry_points.txt").write_text(f"[aframe_data]\n{listed}\n", encoding="utf-8")
    for name, code in modules.items():
        path = folder.joinpath(*name.split(".")).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(code), encoding="utf-8")
    return folder


def hook(kind: str, body: str) -> str:
    """The code of a module with one hook, ``register_<kind>``, of the given body; all records are imported."""
    lines = dedent(body).strip().splitlines()
    return "\n".join(
        [
            "from aframe_data import hookimpl",
            "from aframe_data.options import option",
            "from aframe_data.providers import *",
            "@hookimpl",
            f"def register_{kind}():",
            *(f"    {line}" for line in lines),
            "",
        ]
    )


@pytest.fixture
def strangers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Path]]:
    """`install_plugin` into a folder on sys.path of this process, which forgets all of it afterwards."""
    folder = tmp_path / "site-packages"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)
    before = set(sys.modules)

    def install(**details: Any) -> Path:
        install_plugin(folder, **details)
        # The import system looks at a folder's time of change, which may be too coarse to tell.
        importlib.invalidate_caches()
        _forget()
        return folder

    yield install
    _forget()
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(tmp_path)):
            del sys.modules[name]


def _forget() -> None:
    discovery.discover.cache_clear()
    names.registered.cache_clear()
    choice.made.cache_clear()


def run_cli(*arguments: str, folders: tuple[Path, ...] = (), **environment: str) -> subprocess.CompletedProcess[str]:
    """Run ``aframe-data`` in a new process that sees the plugins in some folders."""
    return _run(["-m", "aframe_data", *arguments], folders, environment)


def run_python(code: str, *, folders: tuple[Path, ...] = (), **environment: str) -> subprocess.CompletedProcess[str]:
    """Run code in a new interpreter that sees the plugins in some folders."""
    return _run(["-c", dedent(code)], folders, environment)


def _run(
    arguments: list[str], folders: tuple[Path, ...], environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([*map(str, folders), *filter(None, [os.environ.get("PYTHONPATH")])])
    return subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, "PYTHONPATH": path, "COLUMNS": "200", **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
