"""Croissant metadata, judged by the reference implementation."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from datasets import report

if TYPE_CHECKING:
    from pathlib import Path

    from aframe_data.reports.dataset import DatasetReport


@pytest.fixture(scope="module")
def reference() -> Any:
    """The reference implementation."""
    return pytest.importorskip("mlcroissant", reason="mlcroissant is not installed")


@pytest.mark.slow
def test_the_reference_implementation_finds_no_error(reference: Any, found: DatasetReport, tmp_path: Path) -> None:
    path = tmp_path / "croissant.json"
    path.write_text(json.dumps(found.croissant))
    issues = reference.Dataset(jsonld=str(path)).metadata.ctx.issues
    assert not issues.errors
    # What only whoever publishes the data knows.
    missing = {re.search(r"(\w+)\" is recommended", warning)[1] for warning in issues.warnings}  # type: ignore[index]
    assert missing == {"citeAs", "datePublished", "license", "version"}
    assert found.croissant["conformsTo"] == "http://mlcommons.org/croissant/1.1"


@pytest.mark.slow
def test_files_that_were_not_read_are_described_without_a_hash(reference: Any, root: Path, tmp_path: Path) -> None:
    path, page = tmp_path / "croissant.json", tmp_path / "page.html"
    found = report(root, croissant=path, output_file=page, quick=True)
    assert json.loads(path.read_text()) == found.croissant
    assert {file["@type"] for file in found.croissant["distribution"]} == {"cr:FileSet"}
    assert not reference.Dataset(jsonld=str(path)).metadata.ctx.issues.errors


@pytest.mark.slow
def test_the_reference_implementation_would_find_an_error(reference: Any, found: DatasetReport, tmp_path: Path) -> None:
    path = tmp_path / "croissant.json"
    first, *others = found.croissant["distribution"]
    without = {name: value for name, value in first.items() if name != "sha256"}
    path.write_text(json.dumps({**found.croissant, "distribution": [without, *others]}))
    with pytest.raises(reference.ValidationError, match="sha256"):
        reference.Dataset(jsonld=str(path))


def test_each_file_is_described_with_its_hash(root: Path, found: DatasetReport) -> None:
    described = found.croissant["distribution"]
    assert len(described) == len([path for path in root.rglob("*") if path.suffix in (".hdf5", ".txt")])
    for file in described:
        content = (root / file["contentUrl"]).read_bytes()
        assert file["sha256"] == hashlib.sha256(content).hexdigest()
        assert file["contentSize"] == f"{len(content)} B"


def test_the_page_holds_it(found: DatasetReport) -> None:
    text = found.page.read_text(encoding="utf-8")
    (embedded,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', text, re.DOTALL)
    assert json.loads(embedded) == found.croissant
