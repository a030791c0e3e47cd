"""Files that are there of a part of the same time: refused, or replaced once all of it is in others."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from aframe_data.errors import OutputExistsError
from aframe_data.formats import background
from aframe_data.types import Segment
from aframe_data.work.carry_out import do
from strain.background_files import content
from strain.fetching import asked, fetch, foresee
from strain.short_fetches import START, request, statuses

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("awkward")


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_file_of_a_part_of_the_same_time_is_refused(folder: Path, overwrite: bool) -> None:
    """As of a fetch of other segments, or with another --max-duration: training would see that part twice."""
    made = fetch(request(folder)).files[0].path
    with pytest.raises(OutputExistsError, match=rf"{made} already exists .* twice. Remove .* another folder or prefix"):
        do(request(folder, start=START + 10, end=START + 30, overwrite=overwrite))
    assert statuses(request(folder, start=START + 20, end=START + 40)) == ["missing"]
    assert statuses(request(folder, start=START + 10, end=START + 30, prefix="other")) == ["missing"]


LONG = {"start": START, "end": START + 60}


@pytest.mark.parametrize(("before", "now"), [(20, 30), (30, 20), (60, 25), (25, 60)])
def test_files_of_another_longest_duration_are_replaced_where_that_is_asked_for(
    folder: Path, before: int, now: int, caplog: pytest.LogCaptureFixture
) -> None:
    old = {file.path for file in fetch(request(folder, **LONG, max_duration=before)).files}
    kept = content(folder)
    with pytest.raises(
        OutputExistsError, match=r"twice\. Replace the existing file with --overwrite, or choose another folder"
    ):
        do(request(folder, **LONG, max_duration=now))
    assert content(folder) == kept
    foresee(request(folder, **LONG, max_duration=now, overwrite=True))
    assert content(folder) == kept
    new = {file.path for file in fetch(request(folder, **LONG, max_duration=now, overwrite=True)).files}
    names = ", ".join(path.name for path in sorted(old))
    assert [record.getMessage() for record in caplog.records if record.levelname == "WARNING"] == [
        f"would be removed, as files of the same time replace them: {names}",
        f"removed, since files of the same time replace them: {names}",
    ]
    assert set(folder.iterdir()) == new
    assert not new & old
    assert statuses(request(folder, **LONG, max_duration=now)) == ["present"] * len(new)


def test_a_file_stays_until_all_of_its_time_is_in_others(folder: Path) -> None:
    (old,) = fetch(request(folder, **LONG)).files
    nan = {"nan": f"{START + 45}:{START + 46}"}
    report = do(request(folder, **LONG, max_duration=30, overwrite=True, source_options=nan))
    assert [file.status for file in report.files] == ["fetched", "failed"]
    assert background.summarize(old.path).intact
    report = do(request(folder, **LONG, max_duration=30, overwrite=True))
    assert [file.status for file in report.files] == ["fetched", "fetched"]
    assert not old.path.exists()


def test_a_file_of_which_a_part_is_not_wanted_is_never_replaced(folder: Path) -> None:
    fetch(request(folder, **LONG))
    before = content(folder)
    segments = [Segment(START, START + 29), Segment(START + 30, START + 60)]
    with pytest.raises(OutputExistsError, match=r"twice\. Remove the existing file"):
        do(asked(folder, segments=segments, overwrite=True))
    assert content(folder) == before


def test_a_long_file_is_found_that_began_long_before(folder: Path) -> None:
    """Files that are there may overlap each other; behind the long one lie others that end before the new one."""
    long = fetch(request(folder, start=START, end=START + 200)).files[0].path
    short = fetch(request(folder / "other", start=START + 50, end=START + 70)).files[0].path
    shutil.copy(short, folder)
    with pytest.raises(OutputExistsError, match=f"{long} already exists"):
        do(request(folder, start=START + 190, end=START + 210))


def test_a_longer_prefix_is_another_one(folder: Path) -> None:
    fetch(request(folder, prefix="background-0"))
    assert statuses(request(folder, start=START + 10, end=START + 30)) == ["missing"]
