"""Where the page is written, and what it never replaces."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from datasets import SPANS, write_background

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from command_line import Finished


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
