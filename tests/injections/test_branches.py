"""A campaign in parts: branches that have one seed in common, and one campaign with a file for each branch of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import pytest
from burst_runs import SIGNALS, contents

from aframe_data import merge, timeslide_waveforms
from aframe_data.errors import OutputExistsError, UsageError
from aframe_data.formats import ledger
from psd_strain import START, noise, write_strain

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("bursts")

TIMES: dict[str, Any] = {"shifts": [0, 1], "spacing": 2, "buffer": 1, "jitter": 0.1, "psd_length": 16}


def campaign(noise: Path, **changes: Any) -> Any:
    return timeslide_waveforms(**{**SIGNALS, **TIMES, "psd": noise, **changes})


def over_span(folder: Path, noise: Path, **changes: Any) -> dict[str, np.ndarray]:
    """What a campaign over one span holds."""
    campaign(noise, **{"start": START, "end": START + 60, "output_dir": folder, **changes})
    return contents(folder / "waveforms.hdf5") | {
        f"rejected {name}": values for name, values in contents(folder / "rejected-parameters.hdf5").items()
    }


# --- branches of one seed ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def one(bursts: Path, flat_noise: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, np.ndarray]:
    assert bursts.exists()
    return over_span(tmp_path_factory.mktemp("one"), flat_noise)


@pytest.mark.parametrize("changes", [{"start": START + 1}, {"end": START + 61}, {"shifts": [0, 2]}, {"shifts": [1, 0]}])
def test_branches_of_one_seed_share_no_draw_and_no_jitter(
    one: dict[str, np.ndarray], flat_noise: Path, tmp_path: Path, changes: dict[str, Any]
) -> None:
    other = over_span(tmp_path, flat_noise, **changes)
    for name in ("parameters/ra", "rejected parameters/ra"):
        assert len(one[name])
        assert not set(one[name]) & set(other[name])
    fractions = (np.round(found["parameters/injection_time"] % 1, 6) for found in (one, other))
    assert not set.intersection(*map(set, fractions))


def test_a_branch_is_the_same_whatever_order_its_detectors_are_named_in(
    one: dict[str, np.ndarray], flat_noise: Path, tmp_path: Path
) -> None:
    turned = over_span(tmp_path, flat_noise, ifos=["L1", "H1"], shifts=[1, 0])
    for name, values in one.items():
        columns = values.ndim == 2 and name.startswith(("parameters", "rejected"))
        np.testing.assert_array_equal(turned[name], values[:, ::-1] if columns else values, err_msg=name)


# --- one campaign and its branches -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def background(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data") / "background"
    for start in (START, START + 500):
        write_strain(folder, {ifo: noise(64, rate=512, seed=7) for ifo in ("H1", "L1")}, rate=512, start=start)
    return folder


@pytest.fixture(scope="module")
def whole(
    bursts: Path, background: Path, flat_noise: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[Path]]:
    """The file of a campaign of three slides, and those of its branches in the order of its rows."""
    assert bursts.exists()
    folder = tmp_path_factory.mktemp("campaign")
    campaign(flat_noise, background=background, output_dir=folder, num_signals=70, branches=True)
    found = [folder / "branches" / f"{start}-64-{slide}" for start in (START, START + 500) for slide in (1, 2, 3)]
    assert sorted(folder.glob("branches/*")) == [path for path in found if path.exists()]
    return folder / "waveforms.hdf5", [path / "waveforms.hdf5" for path in found if path.exists()]


def test_the_rows_of_all_branches_are_those_of_the_whole(whole: tuple[Path, list[Path]]) -> None:
    path, branches = whole
    assert len(branches) == 5  # slide 3 is full with one segment
    parts = [contents(branch) for branch in branches]
    for name, values in contents(path).items():
        np.testing.assert_array_equal(np.concatenate([part[name] for part in parts]), values, err_msg=name)


def test_a_branch_has_one_segment_and_one_slide_and_is_sound(whole: tuple[Path, list[Path]]) -> None:
    for branch in whole[1]:
        start, seconds, slide = map(int, branch.parent.name.split("-"))
        found = contents(branch)
        assert (found["parameters/shift"] == [0, slide]).all()
        assert (found["parameters/injection_time"] > start).all()
        assert (found["parameters/injection_time"] < start + seconds).all()
        assert ledger.summarize(branch).intact


def test_draws_of_all_branches_are_those_of_the_whole(whole: tuple[Path, list[Path]], tmp_path: Path) -> None:
    path, branches = whole
    report = merge(files=branches, output_file=tmp_path / "merged.hdf5")
    with h5py.File(path) as file:
        assert report.num_injections == file.attrs["num_injections"]
        assert report.length == file.attrs["length"] == 70
    for branch in branches:
        with h5py.File(branch) as file:
            assert file.attrs["num_injections"] >= file.attrs["length"]


@pytest.mark.slow
def test_branches_are_made_again_only_where_one_is_gone(
    whole: tuple[Path, list[Path]], background: Path, flat_noise: Path
) -> None:
    path, branches = whole
    settings = {"background": background, "output_dir": path.parent, "num_signals": 70, "branches": True}
    assert campaign(flat_noise, **settings).present
    kept = branches[2].read_bytes()
    branches[2].unlink()
    with pytest.raises(OutputExistsError, match="what belongs to it is gone"):
        campaign(flat_noise, **settings)
    campaign(flat_noise, **settings, overwrite=True)
    assert branches[2].read_bytes() == kept


# --- names -------------------------------------------------------------------------------------------------


def test_any_path_will_do_and_rejected_draws_are_only_kept_where_they_are_wanted(
    flat_noise: Path, tmp_path: Path
) -> None:
    span = {"start": START, "end": START + 60}
    campaign(flat_noise, **span, waveforms_file=tmp_path / "a" / "some.hdf5")
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["some.hdf5"]
    campaign(flat_noise, **span, output_dir=tmp_path / "b", rejected_file=tmp_path / "c" / "rejected.hdf5")
    assert [path.name for path in (tmp_path / "b").iterdir()] == ["waveforms.hdf5"]
    assert [path.name for path in (tmp_path / "c").iterdir()] == ["rejected.hdf5"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "say where to"),
        ({"rejected_file": "r.hdf5"}, "say where to"),
        ({"waveforms_file": "a.hdf5", "rejected_file": "a.hdf5"}, "waveforms_file"),
        ({"output_dir": "x", "branches": True}, "--branches needs --background"),
    ],
)
def test_what_cannot_be_written_is_refused(flat_noise: Path, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        campaign(flat_noise, start=START, end=START + 60, **changes)
