"""Which files are all parts of one run, and what becomes of them when they are joined."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import pytest
from burst_runs import record_of, validate

from aframe_data import merge
from aframe_data.errors import DataQualityError, OutputExistsError, UsageError
from aframe_data.formats import ledger

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("bursts")


@pytest.fixture(scope="module")
def three(bursts: Path, flat_noise: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of three parts, 1.hdf5 to 3.hdf5, which no test changes."""
    assert bursts.exists()
    folder = tmp_path_factory.mktemp("parts")
    for number in (1, 2, 3):
        part, rejected = folder / f"{number}.hdf5", folder / "rejected" / f"{number}.hdf5"
        validate(folder, flat_noise, part=f"{number}/3", output_file=part, rejected_file=rejected)
    return folder


@pytest.fixture(scope="module")
def mixed(three: Path, reference: Path, flat_noise: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of these parts, and of others that do not belong to them."""
    folder = shutil.copytree(three, tmp_path_factory.mktemp("mixed"), dirs_exist_ok=True)
    others: dict[str, dict[str, Any]] = {
        "seed": {"part": "3/3", "seed": 8},
        "louder": {"part": "3/3", "snr_threshold": 9},
        "fewer": {"part": "3/3", "num_signals": 39},
        "half": {"part": "1/2"},
    }
    for name, changes in others.items():
        validate(folder, flat_noise, output_file=folder / f"{name}.hdf5", rejected_file=None, **changes)
    shutil.copy(three / "2.hdf5", folder / "copy.hdf5")
    shutil.copy(reference / "val.hdf5", folder / "whole.hdf5")
    return folder


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["1"], "parts 2/3, 3/3 of the run of .*1.hdf5 are missing"),
        (["3", "1"], "part 2/3 of the run of .*3.hdf5 is missing"),
        (["1", "2", "copy", "3"], "2.hdf5 and .*copy.hdf5 are both part 2/3"),
        (["1", "2", "3", "2"], "given twice"),
        (["1", "2", "seed"], "seed.hdf5 is not of the same run as .*1.hdf5: seed = 8, not 7"),
        (["1", "2", "louder"], "snr_threshold = 9, not 8"),
        (["1", "2", "fewer"], "num_signals = 39, not 40"),
        (["half", "1", "2", "3"], "1.hdf5 is not of the same run as .*half.hdf5: part 1/3, not 1/2"),
        (["1", "2", "3", "whole"], "1.hdf5 is part 1/3 of a run, and .*whole.hdf5 is not"),
        (["1", "2", "rejected/3"], "is in .* and not in"),
    ],
)
def test_what_is_not_all_parts_of_one_run_is_refused_in_one_line(
    mixed: Path, tmp_path: Path, given: list[str], words: str
) -> None:
    with pytest.raises(UsageError, match=words) as told:
        merge(files=[mixed / f"{name}.hdf5" for name in given], output_file=tmp_path / "out.hdf5")
    assert "\n" not in str(told.value)
    assert not (tmp_path / "out.hdf5").exists()


def test_parts_that_were_merged_are_there(three: Path, tmp_path: Path, reference: Path) -> None:
    out = tmp_path / "out.hdf5"
    assert not merge(files=three, output_file=out).present
    kept = out.read_bytes()
    again = merge(files=[three / "3.hdf5", three / "1.hdf5", three / "2.hdf5"], output_file=out)
    assert (again.present, again.num_files, again.length) == (True, 3, 40)
    assert out.read_bytes() == kept == (reference / "val.hdf5").read_bytes()


def test_parts_never_replace_what_is_of_another_run(three: Path, flat_noise: Path, tmp_path: Path) -> None:
    out = tmp_path / "val.hdf5"
    validate(tmp_path, flat_noise, seed=8)
    with pytest.raises(OutputExistsError, match="seed = 8, not 7"):
        merge(files=three, output_file=out)
    merge(files=three / "rejected", output_file=tmp_path / "r.hdf5")
    with pytest.raises(OutputExistsError):
        merge(files=three, output_file=tmp_path / "r.hdf5")


def test_parts_of_an_output_that_is_there_can_be_removed_in_two_attempts(three: Path, tmp_path: Path) -> None:
    parts = shutil.copytree(three, tmp_path / "parts", ignore=shutil.ignore_patterns("rejected"))
    out = tmp_path / "val.hdf5"
    merge(files=parts, output_file=out)
    kept = out.read_bytes()
    (parts / "1.hdf5").unlink()  # as if the next command had been killed
    with pytest.raises(UsageError, match=r"part 1/3 of the run of .* is missing"):
        merge(files=parts, output_file=out, remove_inputs=True, overwrite=True)
    report = merge(files=parts, output_file=out, remove_inputs=True)
    assert (report.present, report.num_removed, report.length) == (True, 2, 40)
    assert out.read_bytes() == kept


@pytest.mark.slow
def test_parts_can_be_removed_in_two_attempts(three: Path, flat_noise: Path, tmp_path: Path) -> None:
    parts = shutil.copytree(three, tmp_path / "parts", ignore=shutil.ignore_patterns("rejected"))
    kept, out = (parts / "2.hdf5").read_bytes(), tmp_path / "val.hdf5"
    pattern = str(parts / "*.hdf5")
    assert merge(files=pattern, output_file=out, remove_inputs=True).num_removed == 3
    (parts / "2.hdf5").write_bytes(kept)  # as if the command had been killed
    report = merge(files=pattern, output_file=out, remove_inputs=True)
    assert (report.present, report.num_removed, report.num_files, report.length) == (True, 1, 3, 40)
    assert merge(files=pattern, output_file=out, remove_inputs=True).present
    assert validate(tmp_path, flat_noise, rejected_file=None).present


def test_a_damaged_part_is_named(three: Path, tmp_path: Path) -> None:
    parts = shutil.copytree(three, tmp_path / "parts")
    with h5py.File(parts / "2.hdf5", "r+") as file:
        file["waveforms/h1"][3, 4] += 1
    with pytest.raises(DataQualityError, match=r"2\.hdf5 changed since it was written"):
        merge(files=parts, output_file=tmp_path / "out.hdf5")
    assert not (tmp_path / "out.hdf5").exists()


@pytest.mark.parametrize("share", ["5", "0/3", "4/3", ["1", "3"], {"part": 1}, "½/3"])
def test_a_hostile_record_is_refused_in_one_line(three: Path, tmp_path: Path, share: Any) -> None:
    path = tmp_path / "hostile.hdf5"
    record = record_of(three / "1.hdf5")
    with ledger.create(path, ledger.Layout(1, {}, {"ra": ()})) as writer:
        writer.append({"ra": np.ones(1)}, {})
        writer.finish({**record, "identity": {**record["identity"], "share": share}})
    with pytest.raises(DataQualityError, match=r"hostile\.hdf5 has a damaged record"):
        merge(files=[path, three / "2.hdf5"], output_file=tmp_path / "out.hdf5")
