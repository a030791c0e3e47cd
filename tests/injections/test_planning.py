"""A plan of injections is cheap, and knows finished work again by what went into it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest
from burst_runs import SIGNALS

from aframe_data.errors import OutputExistsError
from aframe_data.formats import background
from aframe_data.requests.validation import ValidationWaveforms
from aframe_data.work.carry_out import do
from psd_strain import noise, write_strain

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("bursts")


def strain(folder: Path, *, seed: int = 0, seconds: int = 64) -> Path:
    samples = {ifo: noise(seconds, rate=512, seed=seed + number) for number, ifo in enumerate(("H1", "L1"))}
    return write_strain(folder, samples, rate=512)


def request(psd: Path, output: Path, **more: Any) -> ValidationWaveforms:
    return ValidationWaveforms(
        **{**SIGNALS, "num_signals": 5, "snr_threshold": 0, "psd": psd, "output_file": output} | more
    )


def test_planning_reads_no_strain_and_knows_what_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = request(strain(tmp_path / "background"), tmp_path / "val.hdf5")
    do(asked)

    def refuse(*_: Any) -> None:
        raise AssertionError("strain was read")

    monkeypatch.setattr(background, "read_samples", refuse)
    plan = asked.planned()
    (output,) = plan.outputs
    assert output.holds(plan.identity)
    assert do(asked).present
    with pytest.raises(AssertionError, match="strain was read"):  # so the test would tell
        do(request(asked.psd, tmp_path / "other.hdf5"))


def test_noise_that_is_not_made_yet_can_be_planned_with(tmp_path: Path) -> None:
    plan = request(tmp_path / "background" / "background-1240579783-64.hdf5", tmp_path / "val.hdf5").planned()
    assert [output.path for output in plan.outputs] == [tmp_path / "val.hdf5"]
    assert not plan.outputs[0].path.exists()


def test_background_in_a_renamed_folder_is_the_same_noise_and_other_background_is_not(tmp_path: Path) -> None:
    path = strain(tmp_path / "background")
    output = tmp_path / "val.hdf5"
    do(request(path, output))
    moved = tmp_path / "moved"
    shutil.move(path.parent, moved)
    assert do(request(moved / path.name, output)).present
    with pytest.raises(OutputExistsError, match="holds something else"):
        do(request(strain(tmp_path / "louder", seed=5), output))


def test_a_folder_of_background_is_its_last_long_file(tmp_path: Path) -> None:
    path = strain(tmp_path / "background", seconds=2048)
    output = tmp_path / "val.hdf5"
    do(request(path.parent, output))
    assert do(request(path, output)).present
