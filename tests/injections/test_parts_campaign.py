"""Campaigns that many machines make: the parts, joined, are to the byte what one machine makes."""

from __future__ import annotations

import shutil
import signal
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import pytest
from burst_runs import SIGNALS, contents
from part_runs import FAILING, assert_same_files, joined

from aframe_data import timeslide_waveforms
from aframe_data.errors import UsageError
from aframe_data.requests.campaign import TimeslideWaveforms
from aframe_data.work.carry_out import forecast
from aframe_data.work.engine import engine_for
from aframe_data.work.plan import Work
from plugin_factory import run_cli
from psd_strain import START, noise, write_strain

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("bursts")

TIMES: dict[str, Any] = {"shifts": [0, 1], "spacing": 2, "buffer": 1, "jitter": 0.1, "psd_length": 16}


def campaign(folder: Path, background: Path, **changes: Any) -> Any:
    settings = {**SIGNALS, **TIMES, "background": background, "output_dir": folder, "num_signals": 70}
    return timeslide_waveforms(**{**settings, **changes})


@pytest.fixture(scope="module")
def background(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three files, of which the second is noisy."""
    folder = tmp_path_factory.mktemp("data") / "background"
    for number, level in enumerate((1e-22, 2e-22, 1e-22)):
        strain = {ifo: noise(64, rate=512, seed=number, level=level) for ifo in ("H1", "L1")}
        write_strain(folder, strain, rate=512, start=START + 500 * number)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize(
    ("count", "psd"),
    [(2, False), (2, True), (5, True), (5, False)],
)
def test_parts_of_a_campaign_are_the_whole(
    background: Path, flat_noise: Path, tmp_path: Path, count: int, psd: bool
) -> None:
    """Also where a segment, with noise of its own, is in two parts."""
    changes = {"psd": flat_noise if psd else None, **FAILING}
    campaign(tmp_path / "one", background, **changes)
    assert ("parameters/segment_length" in contents(tmp_path / "one" / "waveforms.hdf5")) is not psd
    whole = joined(tmp_path, count, "waveforms.hdf5", lambda part, k: campaign(part, background, part=k, **changes))
    assert_same_files(whole, tmp_path / "one", "waveforms.hdf5", "rejected-parameters.hdf5")
    assert campaign(whole, background, **changes).present


@pytest.mark.slow
def test_a_segment_in_two_parts_has_in_each_of_them_only_its_draws_there(background: Path, tmp_path: Path) -> None:
    campaign(tmp_path / "one", background)
    whole = contents(tmp_path / "one" / "waveforms.hdf5")
    drawn: dict[float, float] = {}
    for number in range(1, 6):
        campaign(tmp_path / str(number), background, part=f"{number}/5")
        found = contents(tmp_path / str(number) / "waveforms.hdf5")
        segments = found["parameters/injection_time"] // 500
        for segment in np.unique(segments):
            (here,) = set(found["parameters/segment_num_injections"][segments == segment])
            drawn[segment] = drawn.get(segment, 0) + here
            assert here < max(whole["parameters/segment_num_injections"])
    segments = whole["parameters/injection_time"] // 500
    assert dict(zip(segments, whole["parameters/segment_num_injections"], strict=True)) == drawn


@pytest.mark.slow
@pytest.mark.parametrize("own", [True, False])
def test_branches_of_all_parts_are_those_of_the_whole(
    background: Path, flat_noise: Path, tmp_path: Path, own: bool
) -> None:
    changes = {"branches": True, "psd": None if own else flat_noise}
    campaign(tmp_path / "one", background, **changes)
    whole = joined(tmp_path, 2, "waveforms.hdf5", lambda part, k: campaign(part, background, part=k, **changes))
    found = [path for part in (1, 2) for path in sorted((tmp_path / f"machine-{part}").glob("branches/*/*"))]
    for path in found:
        target = whole / path.relative_to(path.parents[2])
        target.parent.mkdir(parents=True)
        shutil.copy(path, target)
    wanted = sorted((tmp_path / "one").glob("branches/*/*"))
    assert sorted(whole.glob("branches/*/*")) == [whole / path.relative_to(tmp_path / "one") for path in wanted]
    for path in wanted:
        ours, theirs = (contents(folder / path.relative_to(tmp_path / "one")) for folder in (tmp_path / "one", whole))
        for name, values in ours.items():
            np.testing.assert_array_equal(values, theirs[name], err_msg=name)
        with h5py.File(path) as first, h5py.File(whole / path.relative_to(tmp_path / "one")) as second:
            told = [{n: v for n, v in file.attrs.items() if n != "provenance"} for file in (first, second)]
            assert repr(told[0]) == repr(told[1])
    assert campaign(whole, background, **changes).present
    assert campaign(tmp_path / "machine-2", background, part="2/2", **changes).present


@pytest.mark.parametrize(("branches", "most", "of"), [(False, 5, "each 16 signals"), (True, 3, "each background file")])
def test_more_parts_than_there_is_work_for_are_refused(
    background: Path, tmp_path: Path, branches: bool, most: int, of: str
) -> None:
    with pytest.raises(UsageError, match=f"part = 1/7 is not allowed: there can be at most {most} parts, one for {of}"):
        campaign(tmp_path, background, branches=branches, part="1/7")
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_a_dry_run_of_a_part_of_a_campaign_tells_of_the_part(background: Path, tmp_path: Path) -> None:
    settings = {**SIGNALS, **TIMES, "background": background, "output_dir": tmp_path, "num_signals": 70}
    with engine_for(0) as engine:
        told = [forecast(TimeslideWaveforms(**settings, part=f"{k}/3"), Work(engine)) for k in (1, 2, 3)]
    assert sum(each.num_signals for each in told) == 70
    assert all(0 < each.num_signals < 35 for each in told)


@pytest.mark.slow
def test_machines_that_share_nothing_and_have_no_home_make_the_whole(
    bursts: Path, background: Path, tmp_path: Path
) -> None:
    """Each in an empty folder, with a copy of the background; one is killed in the middle, and goes on."""
    campaign(tmp_path / "first", background)
    deadly = float(contents(tmp_path / "first" / "waveforms.hdf5")["parameters/ra"][-1])
    settings = (
        "timeslide-waveforms --prior sky --generator burst --ifos H1,L1 --sample-rate 512 --waveform-duration 1 "
        "--right-pad 0.5 --snr-threshold 8 --seed 7 --shifts 0,1 --spacing 2 --buffer 1 --psd-length 16 "
        f"--num-signals 70 --workers 1 --burst-die-at {deadly!r} --burst-kill parent --burst-mark {tmp_path / 'killed'}"
    )
    home = {"HOME": "/proc/nowhere", "XDG_CACHE_HOME": "/proc/nowhere"}

    def run(folder: Path, *more: str) -> int:
        shutil.copytree(background, folder / "input", dirs_exist_ok=True)
        where = ("--background", str(folder / "input"), "-o", str(folder / "out"))
        return run_cli(*settings.split(), *where, *more, folders=(bursts,), **home).returncode

    assert run(tmp_path / "machine-2", "--part", "2/2") == -signal.SIGKILL
    assert list((tmp_path / "machine-2" / "out").glob("*.parts/accepted-*"))
    assert [run(tmp_path / f"machine-{number}", "--part", f"{number}/2") for number in (1, 2)] == [0, 0]
    assert run(tmp_path / "one") == 0
    for name in ("waveforms.hdf5", "rejected-parameters.hdf5"):
        pattern = str(tmp_path / "machine-*" / "out" / name)
        done = run_cli("merge", pattern, "-o", str(tmp_path / "whole" / name), **home)
        assert done.returncode == 0, done.stderr
    assert_same_files(tmp_path / "whole", tmp_path / "one" / "out", "waveforms.hdf5", "rejected-parameters.hdf5")
