"""CONTRIBUTING's diffs make an option and a command that work: they are applied to a copy of the package."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from plugin_factory import run_cli, run_python

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parent.parent
RINGDOWNS = (
    *("waveforms", "--prior", "ringdown", "--generator", "damped-sinusoid", "--num-signals", "3", "--seed", "1"),
    *("--waveform-duration", "1", "--right-pad", "0.5", "--sample-rate", "4096", "--workers", "0"),
)


def apply(diff: str, folder: Path) -> None:
    """Make the changes of a diff without line numbers: what is replaced has to be there, and only once."""
    for part in re.split(r"^(?=--- )", diff, flags=re.MULTILINE)[1:]:
        head, *hunks = re.split(r"^@@\n", part, flags=re.MULTILINE)
        path = folder / re.findall(r"^(?:--- a|\+\+\+ b)/(\S+)$", head, re.MULTILINE)[-1]
        text = path.read_text() if path.exists() else ""
        for hunk in hunks:
            lines = hunk.splitlines(keepends=True)
            old = "".join(line[1:] for line in lines if line[0] in " -")
            new = "".join(line[1:] for line in lines if line[0] in " +")
            assert text.count(old) == 1 or text == old == "", f"{path}: {old}"
            text = text.replace(old, new)
        path.write_text(text)


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a command of a copy with both changes, or Python with it."""
    folder = tmp_path_factory.mktemp("copy")
    for name in ("aframe_data", "plugins", "priors"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    diffs = re.findall(r"^```diff\n(.*?)^```", (ROOT / "CONTRIBUTING.md").read_text(), re.DOTALL | re.MULTILINE)
    assert len(diffs) == 2
    for diff in diffs:
        apply(diff, folder)
    folders = (folder, folder / "plugins", folder / "priors")

    def run(*arguments: str | Path, python: str = "") -> subprocess.CompletedProcess[str]:
        if python:
            return run_python(python, folders=folders, PYTHONSAFEPATH="1")
        return run_cli(*map(str, arguments), folders=folders, PYTHONSAFEPATH="1")

    return run


@pytest.mark.slow
def test_the_new_option_and_the_new_command_work(
    tmp_path: Path, changed: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    path, later = tmp_path / "first.hdf5", tmp_path / "later.hdf5"
    for output, unit in ((path, "0"), (later, "1")):
        made = changed(*RINGDOWNS, "--first-unit", unit, "-o", output)
        assert (made.returncode, made.stderr) == (0, "")
    refused = changed(*RINGDOWNS, "-o", later)
    assert (refused.returncode, "first_unit" in refused.stderr) == (2, True)
    counted = changed("count", path, later)
    assert (counted.returncode, counted.stdout, counted.stderr) == (0, "6 signals\n", "")
    assert json.loads(changed("count", path, "--json").stdout) == {"signals": 3}
    assert "Count the signals of ledger files." in changed("count", "--help").stdout
    in_python = changed(python=f"import aframe_data; print(aframe_data.count([{str(path)!r}]).signals)")
    assert in_python.stdout == "3\n"
