"""The packages under examples/ as their authors would test them: their own suites, in a process that has them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from plugin_factory import install_plugin

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.mark.slow
@pytest.mark.parametrize(("folder", "name"), [("gwtc3", "gwtc3"), ("sine_gaussian", "sine-gaussian")])
def test_the_package_passes_its_own_tests(folder: str, name: str, tmp_path: Path) -> None:
    package = EXAMPLES / folder
    points = {name: f"aframe_{folder}"}
    site = install_plugin(tmp_path / "site", distribution=f"aframe-{name}", entry_points=points, source={})
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(package)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(site), str(package)])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout
