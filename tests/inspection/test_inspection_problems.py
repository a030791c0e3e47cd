"""What `inspect` tells of files that are not sound, and of what is no file of ours."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import pytest
from inspected import inspect

from aframe_data.errors import AframeDataError, DataQualityError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def _set(name: str, place: Any, value: Any) -> Callable[[h5py.File], None]:
    def change(file: h5py.File) -> None:
        file[name][place] = value

    return change


STRAIN_PROBLEMS = {
    "not finite": (_set("H1", slice(3, 5), np.nan), "2 samples of H1 are not finite"),
    "changed": (_set("L1", 7, 2.0), "the samples changed since they were written"),
    "shifted": (
        lambda file: [file[ifo].attrs.update(x0=1240579784.0) for ifo in ("H1", "L1")],
        "the name says [1240579783, 1240579793), the content is [1240579784, 1240579794)",
    ),
}


@pytest.mark.parametrize(("change", "problem"), STRAIN_PROBLEMS.values(), ids=STRAIN_PROBLEMS)
def test_what_is_wrong_with_strain_is_told(strain_file: Path, change: Any, problem: str) -> None:
    with h5py.File(strain_file, "a") as file:
        change(file)
    found = inspect(strain_file)
    assert problem in found.problems
    assert not found.sound


def test_a_name_that_the_readers_do_not_know_is_told(strain_file: Path) -> None:
    renamed = strain_file.with_name("strain.hdf5")
    shutil.move(strain_file, renamed)
    assert inspect(renamed).problems == ("the name is not PREFIX-START-DURATION.hdf5, which Aframe reads",)


WAVEFORM_PROBLEMS = {
    "not finite": (_set("waveforms/cross", (1, 5), np.inf), "1 values of waveforms/cross are not finite"),
    "changed": (_set("parameters/mass_1", 0, 5.5), "the content changed since it was written"),
    "length": (lambda file: file.attrs.update(length=4), "length says 4"),
    "duration": (lambda file: file.attrs.update(duration=4.0), "sample_rate times duration is 1024"),
    "injections": (lambda file: file.attrs.update(num_injections=2), "num_injections = 2 is below length = 3"),
}


@pytest.mark.parametrize(("change", "problem"), WAVEFORM_PROBLEMS.values(), ids=WAVEFORM_PROBLEMS)
def test_what_is_wrong_with_waveforms_is_told(waveform_file: Path, change: Any, problem: str) -> None:
    with h5py.File(waveform_file, "a") as file:
        change(file)
    found = inspect(waveform_file)
    assert any(problem in told for told in found.problems)
    assert not found.sound


@pytest.mark.parametrize(
    ("content", "error", "message"),
    [
        (None, UsageError, "No such file"),
        (b"", UsageError, "is empty"),
        (b"hello world, this is prose\n", UsageError, "is not a segment"),
        (b"\xff\xfe\x00binary", UsageError, "not a text file"),
        (b"\x89HDF\r\n\x1a\n", DataQualityError, "damaged"),
    ],
    ids=["missing", "empty", "prose", "binary", "cut off"],
)
def test_what_is_no_file_of_ours_is_an_error(
    tmp_path: Path, content: bytes | None, error: type[AframeDataError], message: str
) -> None:
    path = tmp_path / "file"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(error, match=message):
        inspect(path)


@pytest.mark.parametrize("keep", [100, 2000, 20_000])
def test_a_truncated_file_is_an_error(strain_file: Path, keep: int) -> None:
    strain_file.write_bytes(strain_file.read_bytes()[:keep])
    with pytest.raises(DataQualityError, match=r"background-1240579783-10\.hdf5"):
        inspect(strain_file)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Is a directory"):
        inspect(tmp_path)
