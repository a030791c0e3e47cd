"""The page: the same bytes for the same files, nothing from outside, and findings where files are damaged."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING, Any

import h5py
import pytest
from datasets import (
    SPANS,
    T0,
    page_of,
    parameters,
    report,
    write_background,
    write_ledger,
    write_segments,
)

import aframe_data
from aframe_data.types import Segment

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from aframe_data.reports.dataset import DatasetReport
    from command_line import Finished

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
    ],
)
def test_records_of_another_form_are_not_believed(told: dict[str, Any], tmp_path: Path) -> None:
    values = parameters(8, 1, snr=True)
    write_background(tmp_path, SPANS[0], **told)
    write_ledger(tmp_path / "signals.hdf5", values, ("h1", "l1"), {"ifos": ("H1", "L1")}, **told)
    assert report(tmp_path).page.exists()


# --- what is there, and what is not -------------------------------------------------------------------


@pytest.mark.slow
def test_what_is_not_there_has_no_section(tmp_path: Path) -> None:
    write_background(tmp_path, SPANS[0])
    headings = page_of(report(tmp_path).page).headings
    assert "Strain" in headings
    assert not {"Segments", "Signals", "Campaign", "Waveforms", "Cost"} & {*headings}


def test_an_empty_folder_has_a_page_that_says_so(tmp_path: Path) -> None:
    assert "There is no data here." in page_of(report(tmp_path).page).text


@pytest.mark.slow
def test_a_flat_folder_is_read_by_what_its_files_are(tmp_path: Path) -> None:
    write_segments(tmp_path / "segments.txt")
    for span in SPANS:
        write_background(tmp_path, span)
    write_ledger(tmp_path / "signals.hdf5", parameters(12, 1, snr=False), ("plus", "cross"), command="waveforms")
    (tmp_path / "notes.txt").write_text("not ours\n")
    found = report(tmp_path)
    assert [(file.name, file.kind) for file in found.files] == [
        ("background-1240579783-200.hdf5", "background"),
        ("background-1240580083-200.hdf5", "background"),
        ("segments.txt", "segments"),
        ("signals.hdf5", "waveforms"),
    ]
    assert found.strain[0].segments == "segments.txt"
    assert found.sound


@pytest.mark.slow
def test_segments_outside_of_the_folder_do_not_count(tmp_path: Path) -> None:
    write_segments(tmp_path / "segments.txt", (Segment(T0, T0 + 5000),))
    write_background(tmp_path / "data", SPANS[0])
    assert report(tmp_path / "data").strain[0].segments is None


@pytest.mark.slow
def test_branches_are_counted_and_not_opened(root: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(root, tmp_path / "copy")
    branch = folder / "waveforms/test/branches/1240579783-200-1"
    branch.mkdir(parents=True)
    (branch / "waveforms.hdf5").write_bytes(b"anything")
    found = report(folder)
    assert found.sound
    assert (found.pieces, found.totals.injections) == (1, 9)


@pytest.mark.slow
def test_stages_of_a_build_show_what_they_cost(root: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(root, tmp_path / "copy")
    usage = {"seconds": 12.5, "cpu_seconds": 20.0, "peak_memory": 123_000_000, "workers": 2}
    stage = {"name": "train-segments", "command": "query", "nbytes": 5000, "usage": usage}
    unknown = {"name": "train-psd", "command": "psd", "nbytes": None, "usage": {**usage, "peak_memory": None}}
    build = {
        "arguments": ["build", "my config.toml", "-o", "data"],
        "configuration": "seed = 1\n",
        "configuration_name": "my config.toml",
        "stages": [stage, unknown],
    }
    (folder / "build.json").write_text(json.dumps(build))
    found = report(folder)
    assert [(one.name, one.seconds, one.peak_memory) for one in found.stages] == [
        ("train-segments", 12.5, 123_000_000),
        ("train-psd", 12.5, None),
    ]
    assert found.remake.commands == ("aframe-data build 'my config.toml' -o data",)
    shown = " ".join(page_of(found.page).text.split())
    assert "seed = 1" in shown
    assert "25 s" in shown  # of both stages
    assert "123.0 MB" in shown


# --- what is wrong ------------------------------------------------------------------------------------


@pytest.mark.slow
def test_damaged_files_are_findings(cli: Callable[..., Finished], root: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(root, tmp_path / "copy")
    (background,) = folder.glob("data/train/background-1240579783-*.hdf5")
    with background.open("r+b") as file:
        file.truncate(40_000)
    with h5py.File(folder / "waveforms/train/val_waveforms.hdf5", "r+") as file:
        file["parameters/mass_1"][3] = 7.0
    (folder / "waveforms/train/psd.hdf5").write_text("no HDF5")
    (folder / "build.json").write_text("{")
    done = cli("report", folder, "--workers", "0")
    assert (done.code, done.err) == (1, "")
    assert "written to" in done.out
    told = {(one.where, one.text) for one in report(folder).problems}
    assert ("waveforms/train/val_waveforms.hdf5", "the content changed since it was written") in told
    assert ("waveforms/train/psd.hdf5", "no HDF5 file, 7 bytes") in told
    assert {"build.json", "data/train/background-1240579783-200.hdf5"} <= {where for where, _ in told}
    assert not [text for _, text in told if str(tmp_path) in text]
    assert f"{len(told)} problems." in page_of(folder / "report.html").text


@pytest.mark.slow
def test_time_without_a_file_is_a_finding(tmp_path: Path) -> None:
    write_segments(tmp_path / "segments.txt")
    write_background(tmp_path, SPANS[0])
    found = report(tmp_path)
    (missing,) = found.problems
    assert missing.kind == "missing"
    assert found.strain[0].missing == ((SPANS[1].start, SPANS[1].stop),)


@pytest.mark.slow
def test_a_quick_look_says_that_it_is_one(tmp_path: Path) -> None:
    path = write_background(tmp_path, SPANS[0])
    with h5py.File(path, "r+") as file:
        file["H1"][5] = 1e-22
    assert [one.kind for one in report(tmp_path).problems] == ["changed"]
    found = report(tmp_path, quick=True)
    assert found.sound
    shown = page_of(found.page).text
    assert "Samples were not read" in shown
    assert "Nothing is wrong" not in shown
    assert found.files[0].sha256 is None


@pytest.mark.slow
def test_very_many_files_still_make_a_page_that_can_be_sent(tmp_path: Path) -> None:
    for number in range(410):
        write_background(tmp_path, Segment(T0 + 20 * number, T0 + 20 * number + 10), server="x" * 5000)
    path = report(tmp_path, quick=True).page
    assert path.stat().st_size < 5_000_000
    assert "The first 400 of 410 files are shown" in page_of(path).text


# --- where it is written ------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_page_is_written_anew_and_files_of_others_stay(cli: Callable[..., Finished], tmp_path: Path) -> None:
    path = write_background(tmp_path, SPANS[0])
    assert cli("report", tmp_path, "--workers", "0").code == 0
    assert cli("report", tmp_path, "--workers", "0").code == 0
    theirs = tmp_path / "theirs.html"
    theirs.write_text("<p>mine</p>")
    done = cli("report", tmp_path, "-o", theirs, "--workers", "0")
    assert (done.code, len(done.err.splitlines())) == (2, 1)
    assert theirs.read_text() == "<p>mine</p>"
    assert cli("report", tmp_path, "-o", theirs, "--overwrite", "--workers", "0").code == 0
    before = path.read_bytes()
    done = cli("report", tmp_path, "-o", path, "--overwrite", "--workers", "0")
    assert (done.code, len(done.err.splitlines())) == (2, 1)
    assert path.read_bytes() == before


def test_a_folder_that_is_not_there_is_refused(cli: Callable[..., Finished], tmp_path: Path) -> None:
    done = cli("report", tmp_path / "nowhere", "--workers", "0")
    assert (done.code, len(done.err.splitlines())) == (2, 1)
    assert not (tmp_path / "nowhere").exists()


def test_a_dry_run_writes_nothing(cli: Callable[..., Finished], root: Path, tmp_path: Path) -> None:
    done = cli("report", root, "-o", tmp_path / "page.html", "--dry-run")
    assert done.code == 0
    assert not (tmp_path / "page.html").exists()
