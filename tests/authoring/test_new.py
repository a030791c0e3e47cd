"""``plugins new``: what it writes installs, is listed, and passes check, ruff, mypy and its own tests as it stands."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest
import yaml

from aframe_data import __version__
from aframe_data.authoring.new import KINDS, new_plugin
from aframe_data.cli.plugins import _NEW_KINDS
from aframe_data.errors import OutputExistsError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from command_line import Finished

    Cli = Callable[..., Finished]

SETS = [*((kind,) for kind in KINDS), tuple(KINDS)]


@pytest.mark.parametrize("kinds", SETS, ids="+".join)
def test_a_plugin_has_a_module_and_tests_for_each_kind(tmp_path: Path, kinds: tuple[str, ...]) -> None:
    files = new_plugin("my-plugin", kinds, tmp_path / "new")
    found = {str(path.relative_to(tmp_path / "new")) for path in files}
    assert {"pyproject.toml", "README.md", ".github/workflows/tests.yml", "my_plugin/__init__.py"} <= found
    for kind in KINDS:
        for file in (f"my_plugin/{kind}.py", f"tests/test_{kind}.py"):
            assert (file in found) == (kind in kinds)
    project = tomllib.loads((tmp_path / "new" / "pyproject.toml").read_text())["project"]
    assert f"aframe-data>={__version__}" in project["dependencies"]
    assert project["entry-points"]["aframe_data"] == {"my-plugin": "my_plugin"}
    steps = yaml.safe_load((tmp_path / "new" / ".github/workflows/tests.yml").read_text())["jobs"]["tests"]["steps"]
    assert steps[1]["with"]["python-version"] == "${{ matrix.python-version }}"
    for path in files:
        assert "$" not in path.read_text().replace("${{", "")
        if path.suffix == ".py":
            ast.parse(path.read_text())


REFUSED = {
    "a built-in provider": ("gwosc", "'gwosc' is the name of a segment source of aframe-data"),
    "a built-in plugin": ("priors", "is the name of a plugin of aframe-data"),
    "a stranger's": ("flat", "is the name of a prior of aframe-data-stranger"),
    "a distribution": ("aframe-data-stranger", "is the name of a plugin of aframe-data-stranger"),
    "a module": ("numpy", "a Python module 'numpy' is already installed"),
    "a keyword": ("class", "'class' is a keyword of Python"),
    "capitals": ("My-Plugin", "is not a name for a plugin"),
    "a path": ("../plugin", "is not a name for a plugin"),
}


@pytest.mark.parametrize(("name", "reason"), REFUSED.values(), ids=REFUSED)
def test_a_name_that_is_taken_or_none_is_refused(cli: Cli, tmp_path: Path, name: str, reason: str) -> None:
    done = cli("plugins", "new", name, "--kind", "prior", "-o", tmp_path / "new")
    assert done.code == 2
    (line,) = done.err.splitlines()
    assert reason in line
    assert not (tmp_path / "new").exists()


def test_nothing_that_is_there_is_touched(tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    with pytest.raises(OutputExistsError, match="already exists"):
        new_plugin("my-plugin", ["prior"], tmp_path / "new")
    assert not [*(tmp_path / "new").iterdir()]
    with pytest.raises(UsageError, match="--kind is missing"):
        new_plugin("my-plugin", [], tmp_path / "other")


def test_the_command_lists_what_it_wrote(cli: Cli, tmp_path: Path) -> None:
    assert tuple(KINDS) == _NEW_KINDS
    done = cli("plugins", "new", "my-plugin", "--kind", "prior", "-o", tmp_path / "new", "--json")
    assert done.code == 0
    told = json.loads(done.out)
    assert sorted(told["files"]) == sorted(str(path) for path in (tmp_path / "new").rglob("*") if path.is_file())
    assert cli("plugins", "new", "my-plugin", "--kind", "prior", "-o", tmp_path / "new").code == 2
    named = cli("plugins", "new", "my-plugin", "--kind", "strain-fetcher", "-o", tmp_path / "named", "--json")
    assert str(tmp_path / "named" / "my_plugin" / "strain.py") in json.loads(named.out)["files"]
    assert "--output - is not allowed" in cli("plugins", "new", "my-plugin", "--kind", "prior", "-o", "-").err


@pytest.mark.slow
@pytest.mark.parametrize("kinds", SETS, ids="+".join)
def test_what_is_new_installs_and_passes_all_its_own_checks(tmp_path: Path, kinds: tuple[str, ...]) -> None:
    tools = [name for name in ("hatchling", "mypy", "ruff") if find_spec(name) is None]
    if tools:
        pytest.skip(f"not installed: {', '.join(tools)}; the extras 'test' and 'lint' have them")
    name = f"new-{len(kinds)}-{kinds[0]}"
    new_plugin(name, kinds, tmp_path / "new")

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        path = os.pathsep.join(filter(None, (str(tmp_path / "site"), os.environ.get("PYTHONPATH"))))
        environment = {**os.environ, "PYTHONPATH": path, "XDG_CACHE_HOME": str(tmp_path / "cache")}
        return subprocess.run(
            [sys.executable, "-m", *arguments],
            cwd=tmp_path / "new",
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )

    site = str(tmp_path / "site")
    for arguments in (
        ("pip", "install", "--no-deps", "--no-build-isolation", "--no-index", "--target", site, "."),
        ("aframe_data", "plugins", "check", name),
        ("ruff", "check", "."),
        ("ruff", "format", "--check", "."),
        ("mypy",),
        ("pytest", "-q", "-p", "no:cacheprovider"),
    ):
        done = run(*arguments)
        assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
    listed = json.loads(run("aframe_data", "plugins", "list", "--json").stdout)
    (plugin,) = (entry for entry in listed if entry["distribution"] == name)
    assert {provider["kind"] for provider in plugin["providers"]} == {*kinds}
    assert plugin["status"] == "ok"
