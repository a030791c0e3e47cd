"""What is there already: trusted after a look at it, never overwritten unasked."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import pytest

from aframe_data.errors import DataQualityError, OutputExistsError, UsageError
from aframe_data.formats import background
from aframe_data.types import Segment
from aframe_data.work.carry_out import do
from strain.background_files import content, expected, read
from strain.fetching import asked, fetch, foresee
from strain.short_fetches import SPAN, START, request, statuses

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from aframe_data.requests.fetch import Fetch

pytestmark = pytest.mark.usefixtures("awkward")


@pytest.fixture
def made(folder: Path) -> Path:
    """The file of `request`."""
    return fetch(request(folder)).files[0].path


def there(request: Fetch) -> list[Path]:
    """The files that would not be made."""
    return [file.path for file in foresee(request).files if file.status == "present"]


def test_a_sound_file_is_kept(folder: Path, made: Path) -> None:
    before = made.stat().st_mtime_ns
    again = foresee(request(folder))
    assert [(file.path, file.status) for file in again.files] == [(made, "present")]
    assert again.nbytes == 0
    (file,) = fetch(request(folder)).files
    assert (file.status, file.nbytes) == ("present", made.stat().st_size)
    assert made.stat().st_mtime_ns == before


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sample_rate": 64}, "sample rate 128, not 64"),
        ({"dtype": "float32"}, "type float64, not float32"),
        ({"channels": ["L1"]}, "interferometers H1, not L1"),
        ({"channels": ["H1", "L1"]}, "interferometers H1, not H1, L1"),
        ({"channels": ["H1:STRAIN"]}, "channels H1, not H1:STRAIN"),
        ({"source": "second"}, "strain from awkward, not second"),
        ({"source": "simulated"}, "strain from awkward, not simulated"),
        ({"source_options": {"rate": 512}}, "--awkward-rate 256, not 512"),
    ],
    ids=str,
)
def test_a_file_of_something_else_is_refused_before_any_work(
    folder: Path, made: Path, changes: dict[str, Any], message: str
) -> None:
    before = content(folder)
    with pytest.raises(OutputExistsError, match=message) as caught:
        do(request(folder, **changes))
    assert str(made) in str(caught.value)
    assert "--overwrite" in str(caught.value)
    assert content(folder) == before


def test_an_option_that_does_not_affect_the_data_does_not_make_it_something_else(folder: Path, made: Path) -> None:
    assert there(request(folder, source_options={"outside": "busy"})) == [made]


def test_further_sources_do_not_make_it_something_else(folder: Path, made: Path) -> None:
    assert there(request(folder, source=["second", "awkward"])) == [made]


def test_another_recipe_of_the_samples_makes_it_something_else(
    folder: Path, made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aframe_data.strain.present.RECIPE", 2)
    with pytest.raises(OutputExistsError, match=f"{made} already exists, with strain of recipe 1, not 2"):
        do(request(folder))


def test_a_file_that_a_source_is_told_of_counts_by_its_content(folder: Path, tmp_path: Path) -> None:
    def with_curve(path: Path, density: float) -> Fetch:
        np.savetxt(path, [(frequency, density) for frequency in (1.0, 1000.0)])
        return request(folder, source="simulated", source_options={"psd": f"H1={path}"})

    fetch(with_curve(tmp_path / "a.txt", 1e-46))
    assert statuses(with_curve(tmp_path / "b.txt", 1e-46)) == ["present"]
    with pytest.raises(OutputExistsError, match=r"--simulated-psd .*, not"):
        do(with_curve(tmp_path / "a.txt", 2e-46))


def without_provenance(path: Path) -> None:
    """Make a file that of another program, which says nothing of itself."""
    with h5py.File(path, "r+") as file:
        for name in list(file.attrs):
            del file.attrs[name]


@pytest.mark.parametrize("change", [lambda _path: None, without_provenance], ids=["ours", "of another program"])
def test_a_name_that_says_another_span_is_refused(folder: Path, made: Path, change: Callable[[Path], None]) -> None:
    copy = folder / f"background-{START + 20}-20.hdf5"
    shutil.copy(made, copy)
    change(copy)
    with pytest.raises(OutputExistsError, match=rf"span \[{START}, {START + 20}\), not \[{START + 20}, {START + 40}\)"):
        do(request(folder, start=START + 20, end=START + 40))


def test_what_a_file_says_of_itself_is_compared_with_what_is_in_it(folder: Path, made: Path) -> None:
    """Before the work only its record is read; then all of it, whatever that said."""
    with h5py.File(made, "r+") as file:
        file["H1"].attrs["x0"] = START + 1.0
    assert statuses(request(folder)) == ["present"]
    with pytest.raises(DataQualityError, match=rf"span \[{START + 1}, {START + 21}\), not \[{START}, {START + 20}\)"):
        fetch(request(folder))


def test_many_files_are_looked_for_once_each(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a folder that is read again for each file, nor a file that is opened twice before the work begins."""
    segments = [Segment(START + 40 * k, START + 40 * k + 10) for k in range(20)]
    fetch(asked(folder, segments=segments[:10]))
    opened: list[Path] = []
    listed: list[Path] = []
    read_record, scandir = background.read_record, os.scandir
    monkeypatch.setattr(background, "read_record", lambda path: opened.append(path) or read_record(path))
    monkeypatch.setattr(os, "scandir", lambda path: listed.append(path) or scandir(path))
    assert [file.status for file in foresee(asked(folder, segments=segments)).files] == ["present"] * 10 + [
        "missing"
    ] * 10
    assert [path.name for path in opened] == [f"background-{START + 40 * k}-10.hdf5" for k in range(10)]
    assert listed == [folder, folder / "background.parts"]


@pytest.mark.parametrize("size", [0, 100, -1000])
def test_a_truncated_file_is_refused(folder: Path, made: Path, size: int) -> None:
    made.write_bytes(made.read_bytes()[:size])
    before = content(folder)
    with pytest.raises(OutputExistsError, match="cannot be read as a background file"):
        do(request(folder))
    assert content(folder) == before


def test_a_damaged_byte_is_found(folder: Path, made: Path) -> None:
    bytes_there = bytearray(made.read_bytes())
    sample = bytes_there.find(read(made)[7].tobytes())
    bytes_there[sample] ^= 1
    made.write_bytes(bytes_there)
    with pytest.raises(DataQualityError, match=r"samples that changed since they were written.*--overwrite"):
        fetch(request(folder))
    assert made.read_bytes() == bytes_there


def test_samples_that_are_not_finite_are_found_in_a_file_of_another_program(folder: Path, made: Path) -> None:
    without_provenance(made)
    with h5py.File(made, "r+") as file:
        file["H1"][5] = np.nan
    with pytest.raises(DataQualityError, match="not finite"):
        fetch(request(folder))


def test_overwrite_makes_it_again(folder: Path, made: Path) -> None:
    made.write_bytes(b"rubbish")
    assert statuses(request(folder, overwrite=True)) == ["missing"]
    fetch(request(folder, overwrite=True))
    assert background.summarize(made).intact is True
    np.testing.assert_array_equal(read(made), expected("H1", *SPAN, 256, 128))


def test_a_file_that_cannot_be_made_again_is_kept(folder: Path, made: Path) -> None:
    before = content(folder)
    with pytest.raises(DataQualityError):
        fetch(request(folder, overwrite=True, source_options={"nan": f"{START}:{START + 1}"}))
    assert content(folder) == before == {made.name: made.read_bytes()}


def test_what_is_there_is_checked_also_where_nobody_may_write(
    folder: Path, made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise UsageError("read-only")

    for name in ("require_writable_folder", "require_space", "make_folder"):
        monkeypatch.setattr(f"aframe_data.work.carry_out.{name}", refuse)
    assert there(request(folder)) == [made]
    assert [file.status for file in fetch(request(folder)).files] == ["present"]
    with pytest.raises(UsageError, match="read-only"):
        do(request(folder, overwrite=True))
