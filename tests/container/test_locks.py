"""environment.yaml and pyproject.toml say what is needed, conda-lock.yml and requirements.lock what it is exactly."""

from __future__ import annotations

import re
from fnmatch import fnmatch
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
import yaml
from locks import ROOT, canonical, lock_tool, pinned
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

if TYPE_CHECKING:
    from pathlib import Path

RENEW = "renew the locks: see CONTRIBUTING.md"

tool = lock_tool()
pyproject = tool.pyproject()
conda_packages = tool.conda_packages()
environment = yaml.safe_load((ROOT / "environment.yaml").read_text())


def wanted_of_pip() -> list[str]:
    extras = pyproject["project"]["optional-dependencies"]
    lists = [extras[name] for name in tool.image_extras()]
    return sorted(set(sum(lists, [*pyproject["project"]["dependencies"], *pyproject["build-system"]["requires"]])))


@pytest.mark.slow
def test_the_conda_lock_is_of_this_environment(tmp_path: Path) -> None:
    pytest.importorskip("conda_lock", reason="conda-lock is not installed: the extra 'lock' has it")
    from conda_lock.content_hash import compute_content_hashes
    from conda_lock.src_parser import make_lock_spec
    from conda_lock.virtual_package import default_virtual_package_repodata

    names = tmp_path / "names.yaml"  # from PyPI's to conda's: environment.yaml has none of PyPI's
    names.write_text("{}")
    spec = make_lock_spec(src_files=[ROOT / "environment.yaml"], mapping_url=names.as_uri())
    hashes = compute_content_hashes(spec, default_virtual_package_repodata())
    locked = yaml.safe_load((ROOT / "conda-lock.yml").read_text())["metadata"]["content_hash"]
    assert hashes == locked, RENEW


@pytest.mark.parametrize("wanted", environment["dependencies"])
def test_what_the_environment_wants_is_locked_in_a_version_it_allows(wanted: str) -> None:
    name, _, allowed = wanted.partition(" ")
    versions = {package["name"]: package["version"] for package in conda_packages}
    assert fnmatch(versions.get(name, "not there"), allowed or "[0-9]*"), RENEW


def test_the_conda_lock_is_closed() -> None:
    names = {package["name"] for package in conda_packages}
    missing = {
        name
        for package in conda_packages
        for name in package["dependencies"]
        if name not in names and not name.startswith("__")  # the machine's own, such as its glibc
    }
    assert missing == set()


@pytest.mark.parametrize("package", conda_packages, ids=lambda package: package["name"])
def test_a_conda_package_has_the_url_of_its_own_file_and_its_hash(package: dict) -> None:
    url = urlsplit(package["url"])
    folder, file = url.path.split("/")[-2:]
    assert url.scheme == "https"
    assert url.hostname
    assert folder in {*environment["platforms"], "noarch"}
    assert re.fullmatch(re.escape(f"{package['name']}-{package['version']}-") + r"\w+\.(conda|tar\.bz2)", file)
    assert re.fullmatch("[0-9a-f]{64}", package["hash"]["sha256"])
    assert (package["manager"], package["platform"], package["category"]) == ("conda", "linux-64", "main")


def test_python_of_the_conda_lock_is_one_that_the_project_supports() -> None:
    assert tool.conda_versions()["python"] in SpecifierSet(pyproject["project"]["requires-python"])


@pytest.mark.parametrize("wanted", wanted_of_pip())
def test_what_the_project_wants_is_locked_in_a_version_it_allows(wanted: str) -> None:
    requirement = Requirement(wanted)
    if canonical(requirement.name) == pyproject["project"]["name"]:
        return  # an extra of extras, which are all there
    version, _ = pinned().get(canonical(requirement.name), ("not there", []))
    assert version != "not there", f"{wanted}: {RENEW}"
    assert version in requirement.specifier, f"{wanted}: {RENEW}"


def test_what_is_in_both_locks_has_one_version() -> None:
    versions = {canonical(name): version for name, version in tool.conda_versions().items()}
    both = {name: (versions[name], version) for name, (version, _) in pinned().items() if name in versions}
    assert "numpy" in both, "python-nds2-client brings it and the project asks for it"
    assert {name: pair for name, pair in both.items() if pair[0] != pair[1]} == {}, RENEW


def test_each_package_of_the_pip_lock_has_hashes_and_nothing_says_where_it_lies() -> None:
    assert all(hashes for _, hashes in pinned().values())
    assert all(re.fullmatch("sha256:[0-9a-f]{64}", item) for _, hashes in pinned().values() for item in hashes)
    options = [line for line in (ROOT / "requirements.lock").read_text().splitlines() if line.startswith("-")]
    assert options == []
    assert "//" not in (ROOT / "requirements.lock").read_text()
