"""The package under examples/ as its author would test it: its own suite, in a process that has it installed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from plugin_factory import install_plugin

PACKAGE = Path(__file__).resolve().parents[2] / "examples" / "gwtc3"


@pytest.mark.slow
def test_the_package_passes_its_own_tests(tmp_path: Path) -> None:
    site = install_plugin(
        tmp_path / "site", distribution="aframe-gwtc3", entry_points={"gwtc3": "aframe_gwtc3"}, source={}
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(PACKAGE)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(site), str(PACKAGE)])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout
