"""The page: the same bytes for the same files, and nothing from outside."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING, Any

import h5py
import pytest
from datasets import SPANS, T0, page_of, parameters, report, write_background, write_ledger

import aframe_data

if TYPE_CHECKING:
    from pathlib import Path

    from aframe_data.reports.dataset import DatasetReport

HOSTILE = "</pre></script><script>alert(1)</script><img src=http://evil.example/x>\u202e\x1b[31m"
#: Elements of a page and of its pictures; no other can come from a file.
ELEMENTS = {
    *("html", "head", "meta", "title", "style", "script", "body", "header", "section", "nav", "h1", "h2", "h3", "h4"),
    *(
        "p",
        "a",
        "dl",
        "div",
        "dt",
        "dd",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "span",
        "pre",
        "details",
        "summary",
    ),
    *("figure", "figcaption", "svg", "defs", "g", "path", "use", "image", "clippath", "rect"),
}


def _is_harmless(page: Any) -> None:
    assert {*page.tags} <= ELEMENTS, {*page.tags} - ELEMENTS
    assert page.scripts == ["application/ld+json"]
    assert all(link.startswith(("#", "data:image/png;base64,")) for link in page.links), page.links


# --- the same bytes -----------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_same_strain_gives_the_same_page(tmp_path: Path) -> None:
    write_background(tmp_path / "a", SPANS[0])
    write_background(tmp_path / "b", SPANS[0])
    assert report(tmp_path / "a").page.read_bytes() == report(tmp_path / "b").page.read_bytes()


def test_the_spectra_of_a_psd_file_are_drawn_and_damaged_ones_are_not(tmp_path: Path) -> None:
    files = [write_background(tmp_path / "background", SPANS[0])]
    aframe_data.estimate_psd(files=files, output_file=tmp_path / "psd.hdf5", fft_length=4)
    shutil.rmtree(tmp_path / "background")
    page = page_of(report(tmp_path).page)
    assert "Noise for SNRs" in page.headings
    assert "svg" in page.tags
    _is_harmless(page)
    with h5py.File(tmp_path / "psd.hdf5", "r+") as file:
        del file["H1"], file["L1"]
    damaged = page_of(report(tmp_path).page)
    assert "svg" not in damaged.tags
    assert "Findings" in damaged.headings


@pytest.mark.slow
def test_the_same_files_give_the_same_page_wherever_they_are(root: Path, found: DatasetReport, tmp_path: Path) -> None:
    first = found.page.read_bytes()
    assert report(root, output_file=tmp_path / "again.html").page.read_bytes() == first
    elsewhere = tmp_path / "a copy" / "of other name"
    shutil.copytree(root, elsewhere)
    (elsewhere / "report.html").unlink()
    assert report(elsewhere).page.read_bytes() == first


@pytest.mark.slow
def test_the_page_does_not_depend_on_workers(root: Path, tmp_path: Path) -> None:
    one, two = (report(root, output_file=tmp_path / f"{n}.html", workers=n).page.read_bytes() for n in (0, 2))
    assert one == two


def test_ids_of_pictures_are_unique_and_lead_somewhere(found: DatasetReport) -> None:
    text = found.page.read_text(encoding="utf-8")
    ids = re.findall(r'\bid="([^"]*)"', text)
    assert len(ids) == len({*ids})
    assert {*re.findall(r'href="#([^"]*)"', text), *re.findall(r"url\(#([^)]*)\)", text)} <= {*ids}


# --- nothing from outside -----------------------------------------------------------------------------


def test_the_page_needs_nothing_else_and_is_small(found: DatasetReport) -> None:
    path = found.page
    _is_harmless(page_of(path))
    assert path.stat().st_size < 2_000_000


@pytest.mark.slow
def test_texts_of_others_stay_texts(tmp_path: Path) -> None:
    write_ledger(
        tmp_path / "sig<b>nals.hdf5",
        parameters(12, 1, snr=False),
        ("plus", "cross"),
        command=HOSTILE,
        prior={"name": HOSTILE, "options": {HOSTILE: HOSTILE}},
        failures=[HOSTILE],
        drawn=13,
        arguments={"seed": HOSTILE, "snr_threshold": HOSTILE},
    )
    write_background(tmp_path, SPANS[0], command="fetch", cut=[{"start": T0, "stop": T0 + 1, "reason": HOSTILE}])
    (tmp_path / "build.json").write_text(
        json.dumps({"arguments": ["build", HOSTILE], "configuration": HOSTILE, "stages": [{"name": HOSTILE}]})
    )
    page = page_of(report(tmp_path).page)
    _is_harmless(page)
    assert "alert(1)" in page.text
    assert "\u202e" not in page.text
    assert "\x1b" not in page.text


def test_secrets_in_records_are_not_shown(tmp_path: Path) -> None:
    write_background(tmp_path, SPANS[0], server="https://me:geheim@archive.example/x")
    assert "geheim" not in report(tmp_path).page.read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize(
    "told",
    [
        {"strain": "no mapping", "cut": 3, "filled": [{"start": "a"}], "arguments": []},
        {"strain": {"H1": {"pieces": [1, {"origin": 3}]}, "L1": 5}},
        {"costs": {"a": 1}, "events": [{"name": 3}], "sources": 7, "command": "merge"},
        {"identity": {"times": {"segments": [[1], "x"], "psd_length": "y"}}, "report": {"audited": 3}},
        {"command": "waveforms", "arguments": {"seed": 1}, "prior": {"options": {"a": 1}}, "failures": [3]},
        {"command": "waveforms", "arguments": {"seed": 1}, "noise": {"background": [{"file": ["a"]}, 3]}},
    ],
)
def test_records_of_another_form_are_not_believed(told: dict[str, Any], tmp_path: Path) -> None:
    values = parameters(8, 1, snr=True)
    write_background(tmp_path, SPANS[0], **told)
    write_ledger(tmp_path / "signals.hdf5", values, ("h1", "l1"), {"ifos": ("H1", "L1")}, **told)
    assert report(tmp_path).page.exists()
