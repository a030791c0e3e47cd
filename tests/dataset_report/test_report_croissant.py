"""Croissant metadata, judged by the reference implementation."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from datasets import report, write_dataset

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_dataset(tmp_path_factory.mktemp("dataset")).root


def _issues(path: Path) -> Any:
    croissant = pytest.importorskip("mlcroissant", reason="the reference implementation of Croissant is not installed")
    return croissant.Dataset(jsonld=str(path)).metadata.ctx.issues


@pytest.mark.parametrize("quick", [False, True])
def test_the_reference_implementation_finds_no_error(quick: bool, root: Path, tmp_path: Path) -> None:
    path = tmp_path / "croissant.json"
    found = report(root, croissant=path, quick=quick)
    issues = _issues(path)
    assert not issues.errors
    # What only whoever publishes the data knows.
    missing = {re.search(r"(\w+)\" is recommended", warning)[1] for warning in issues.warnings}  # type: ignore[index]
    assert missing == {"citeAs", "datePublished", "license", "version"}
    assert json.loads(path.read_text()) == found.croissant
    assert found.croissant["conformsTo"] == "http://mlcommons.org/croissant/1.1"


def test_the_reference_implementation_would_find_one(root: Path, tmp_path: Path) -> None:
    path = tmp_path / "croissant.json"
    report(root, croissant=path)
    told = json.loads(path.read_text())
    del told["distribution"][0]["sha256"]
    path.write_text(json.dumps(told))
    croissant = pytest.importorskip("mlcroissant", reason="the reference implementation of Croissant is not installed")
    with pytest.raises(croissant.ValidationError, match="sha256"):
        _issues(path)


def test_each_file_is_described_with_its_hash(root: Path) -> None:
    described = report(root).croissant["distribution"]
    assert len(described) == len([path for path in root.rglob("*") if path.suffix in (".hdf5", ".txt")])
    for file in described:
        content = (root / file["contentUrl"]).read_bytes()
        assert file["sha256"] == hashlib.sha256(content).hexdigest()
        assert file["contentSize"] == f"{len(content)} B"


def test_the_page_holds_it(root: Path) -> None:
    found = report(root)
    text = found.page.read_text(encoding="utf-8")
    (embedded,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', text, re.DOTALL)
    assert json.loads(embedded) == found.croissant
