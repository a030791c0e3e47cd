"""Renews the locks: conda-lock.yml from environment.yaml, and requirements.lock from pyproject.toml.

    python .ci/lock.py conda [OPTION OF conda-lock]...
    python .ci/lock.py pip [OPTION OF uv pip compile]...

`conda` first: `pip` locks what conda brings in the same version, so that pip does not replace it. `pip` keeps every
version that still fits; `--upgrade` lets them all go. The tools are those of the extra `lock`.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
PLATFORM = "linux-64"
#: The wheels that are taken: those for the glibc of the image's base, Debian 12, and for older ones.
WHEELS = "x86_64-manylinux_2_36"
#: Packages that exist as sources alone, all of them plain Python: the image has no compiler.
WITHOUT_WHEELS = ("connection-pool", "flask-apscheduler", "jsonpath-rw")
#: Extras that only developers need.
LEFT_OUT = frozenset({"benchmark", "docs", "lint", "lock"})


def main(arguments: list[str]) -> int:
    """Renew one lock and return the exit code of the tool that did it."""
    locks = {"conda": lock_conda, "pip": lock_pip}
    if not arguments or arguments[0] not in locks:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        locks[arguments[0]](arguments[1:])
    except FileNotFoundError as error:
        print(f"{error.filename} is missing: python -m pip install -e '.[lock]'", file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as error:
        return error.returncode
    return 0


def lock_conda(options: list[str]) -> None:
    """Solve environment.yaml with the conda, mamba or micromamba that conda-lock finds, or its ``--conda``."""
    command = ["conda-lock", "lock", "--file", "environment.yaml", "--platform", PLATFORM]
    subprocess.run([*command, "--lockfile", "conda-lock.yml", *options], cwd=ROOT, check=True)


def lock_pip(options: list[str]) -> None:
    """Solve what the image needs beside conda's packages, for the Python that conda brings."""
    brought = conda_versions()
    command = ["uv", "pip", "compile", "--no-config", "--quiet", "--no-annotate", "--generate-hashes"]
    command += ["--custom-compile-command", "python .ci/lock.py pip"]
    command += ["--only-binary=:all:", *(f"--no-binary={name}" for name in WITHOUT_WHEELS)]
    command += ["--python-platform", WHEELS, "--python-version", brought.pop("python")]
    command += [f"--extra={name}" for name in image_extras()]
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as constraints:
        constraints.writelines(f"{name}=={version}\n" for name, version in brought.items())
        constraints.flush()
        command += ["--constraints", constraints.name, "--output-file", "requirements.lock", *options]
        build = "\n".join(pyproject()["build-system"]["requires"])
        subprocess.run([*command, "pyproject.toml", "-"], cwd=ROOT, check=True, text=True, input=build)


def pyproject() -> dict[str, Any]:
    """Read pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def image_extras() -> list[str]:
    """Name the extras that the image has: what runs every built-in plugin, and the tests."""
    return sorted(set(pyproject()["project"]["optional-dependencies"]) - LEFT_OUT)


def conda_packages() -> list[dict[str, Any]]:
    """Give the packages of conda-lock.yml."""
    packages: list[dict[str, Any]] = yaml.safe_load((ROOT / "conda-lock.yml").read_text(encoding="utf-8"))["package"]
    return packages


def conda_versions() -> dict[str, str]:
    """Give the versions of what pip would find installed, if something asks for it: Python and its packages."""
    return {
        package["name"]: package["version"]
        for package in conda_packages()
        if package["name"] == "python" or "python" in package["dependencies"]
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
