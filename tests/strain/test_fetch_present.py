"""What is there already: trusted after a look at it, never overwritten unasked."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import pytest

from aframe_data.errors import DataQualityError, OutputExistsError, UsageError
from aframe_data.formats import background
from aframe_data.strain.block import fetch_block
from aframe_data.strain.fetch import plan_fetch
from aframe_data.strain.join import join_file
from aframe_data.strain.run import PresentFile, check_file, run_fetch
from aframe_data.strain.tasks import block_tasks
from strain.background_files import content, expected, read
from strain.in_process import fetch_here

if TYPE_CHECKING:
    from pathlib import Path

    from aframe_data.strain.tasks import FetchPlan

START = 1_240_580_100
SPAN = (START, START + 20)

pytestmark = pytest.mark.usefixtures("awkward")


def plan(folder: Path, **changes: Any) -> FetchPlan:
    arguments = {"channels": ["H1"], "sample_rate": 128, "start": SPAN[0], "end": SPAN[1], "source": "awkward"}
    return plan_fetch(**{**arguments, **changes}, output_directory=folder)


@pytest.fixture
def made(folder: Path) -> Path:
    """The file of `plan`."""
    ((path, _),) = fetch_here(plan(folder))[0].files
    return path


def check(again: FetchPlan) -> int:
    """Read the file that is there, as a unit of work does, and give its size."""
    (task,) = again.tasks
    ((path, span),) = again.present[task.path]
    return check_file(PresentFile(task, path, span))


def test_a_sound_file_is_kept(folder: Path, made: Path) -> None:
    before = made.stat().st_mtime_ns
    again = plan(folder)
    assert set(again.present) == {made}
    assert again.nbytes == 0
    assert check(again) == made.stat().st_size
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
        plan(folder, **changes)
    assert str(made) in str(caught.value)
    assert "--overwrite" in str(caught.value)
    assert content(folder) == before


def test_an_option_that_does_not_affect_the_data_does_not_make_it_something_else(folder: Path, made: Path) -> None:
    assert set(plan(folder, source_options={"outside": "busy"}).present) == {made}


def test_further_sources_do_not_make_it_something_else(folder: Path, made: Path) -> None:
    assert set(plan(folder, source=["second", "awkward"]).present) == {made}


def test_a_name_that_says_another_span_is_refused(folder: Path, made: Path) -> None:
    shutil.copy(made, folder / f"background-{START + 20}-20.hdf5")
    with pytest.raises(OutputExistsError, match=rf"span \[{START}, {START + 20}\), not \[{START + 20}, {START + 40}\)"):
        plan(folder, start=START + 20, end=START + 40)


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_file_of_a_part_of_the_same_time_is_refused(folder: Path, made: Path, overwrite: bool) -> None:
    """As of a fetch of other segments, or with another --max-duration: training would see that part twice."""
    with pytest.raises(OutputExistsError, match=rf"{made} is there, .* twice. Remove .* another folder or prefix"):
        plan(folder, start=START + 10, end=START + 30, overwrite=overwrite)
    assert plan(folder, start=START + 20, end=START + 40).nbytes > 0
    assert plan(folder, start=START + 10, end=START + 30, prefix="other").nbytes > 0


def test_a_longer_prefix_is_another_one(folder: Path) -> None:
    fetch_here(plan(folder, prefix="background-0"))
    assert plan(folder, start=START + 10, end=START + 30).nbytes > 0


def test_parts_that_a_killed_fetch_left_of_a_whole_file_are_removed(folder: Path, tmp_path: Path) -> None:
    making = plan(folder)
    for block in block_tasks(making.missing, making.parts, making.store):
        fetch_block(block)
    shutil.copytree(making.parts, tmp_path / "kept")
    run_fetch(making).raise_for_failures()
    shutil.copytree(tmp_path / "kept", making.parts)
    run_fetch(plan(folder)).raise_for_failures()
    assert not making.parts.exists()


def test_a_join_that_is_interrupted_leaves_the_parts_for_the_next_one(folder: Path) -> None:
    making = plan(folder)
    (task,) = making.tasks
    for block in block_tasks(making.missing, making.parts, making.store):
        fetch_block(block)
    with pytest.raises(KeyboardInterrupt):
        join_file(task, task.parts(making.parts), interrupted=lambda: True)
    assert list(folder.iterdir()) == [making.parts]
    assert join_file(task, task.parts(making.parts)).files == ((task.path, task.span),)


@pytest.mark.parametrize("size", [0, 100, -1000])
def test_a_truncated_file_is_refused(folder: Path, made: Path, size: int) -> None:
    made.write_bytes(made.read_bytes()[:size])
    before = content(folder)
    with pytest.raises(OutputExistsError, match="cannot be read as a background file"):
        plan(folder)
    assert content(folder) == before


def test_a_damaged_byte_is_found(folder: Path, made: Path) -> None:
    bytes_there = bytearray(made.read_bytes())
    sample = bytes_there.find(read(made)[7].tobytes())
    bytes_there[sample] ^= 1
    made.write_bytes(bytes_there)
    again = plan(folder)
    with pytest.raises(DataQualityError, match=r"samples that changed since they were written.*--overwrite"):
        check(again)
    assert made.read_bytes() == bytes_there


def test_samples_that_are_not_finite_are_found_in_a_file_of_another_program(folder: Path, made: Path) -> None:
    with h5py.File(made, "r+") as file:
        file["H1"][5] = np.nan
        for name in list(file.attrs):
            del file.attrs[name]
    again = plan(folder)
    with pytest.raises(DataQualityError, match="not finite"):
        check(again)


def test_overwrite_makes_it_again(folder: Path, made: Path) -> None:
    made.write_bytes(b"rubbish")
    again = plan(folder, overwrite=True)
    assert again.present == {}
    fetch_here(again)
    assert background.summarize(made).intact is True
    np.testing.assert_array_equal(read(made), expected("H1", *SPAN, 256, 128))


def test_a_file_that_cannot_be_made_again_is_kept(folder: Path, made: Path) -> None:
    before = content(folder)
    again = plan(folder, overwrite=True, source_options={"nan": f"{START}:{START + 1}"})
    with pytest.raises(DataQualityError):
        fetch_here(again)
    assert content(folder) == before == {made.name: made.read_bytes()}


def test_what_is_there_is_checked_also_where_nobody_may_write(
    folder: Path, made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_folder: Path) -> None:
        raise UsageError("read-only")

    monkeypatch.setattr("aframe_data.strain.fetch.require_writable_folder", refuse)
    assert check(plan(folder)) == made.stat().st_size
    with pytest.raises(UsageError, match="read-only"):
        plan(folder, overwrite=True)
