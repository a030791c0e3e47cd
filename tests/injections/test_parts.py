"""Signals and campaigns that many machines make: the parts, joined, are to the byte what one machine makes."""

from __future__ import annotations

import shutil
import signal
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import pytest
from burst_runs import SIGNALS, contents, record_of, validate

from aframe_data import inspect, merge, timeslide_waveforms
from aframe_data.errors import DataQualityError, OutputExistsError, UsageError, WaveformError
from aframe_data.formats import ledger
from aframe_data.requests.campaign import TimeslideWaveforms
from aframe_data.requests.validation import ValidationWaveforms
from aframe_data.work.carry_out import forecast
from aframe_data.work.engine import engine_for
from aframe_data.work.plan import Work
from plugin_factory import run_cli
from psd_strain import START, noise, write_strain

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("bursts")

FAILING = {"generator_options": {"fail_above": 45}, "max_failed_fraction": 0.5}
TIMES: dict[str, Any] = {"shifts": [0, 1], "spacing": 2, "buffer": 1, "jitter": 0.1, "psd_length": 16}
FILES = {"val.hdf5": "rejected.hdf5", "waveforms.hdf5": "rejected-parameters.hdf5"}


def campaign(folder: Path, background: Path, **changes: Any) -> Any:
    settings = {**SIGNALS, **TIMES, "background": background, "output_dir": folder, "num_signals": 70}
    return timeslide_waveforms(**{**settings, **changes})


def joined(folder: Path, count: int, name: str, make: Callable[[Path, str], Any]) -> Path:
    """Make all parts, in folders of their own, and merge them in an order that means nothing."""
    parts = [folder / f"machine-{number}" for number in range(1, count + 1)]
    for number, part in enumerate(parts, 1):
        make(part, f"{number}/{count}")
    for file in (name, FILES[name]):
        merge(files=[part / file for part in parts[1:] + parts[:1]], output_file=folder / "whole" / file)
    return folder / "whole"


def assert_same_files(ours: Path, theirs: Path, *names: str) -> None:
    for name in names:
        assert record_of(ours / name) == record_of(theirs / name)
        assert (ours / name).read_bytes() == (theirs / name).read_bytes(), name


# --- validation signals -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "changes"),
    [
        (2, FAILING),
        *(pytest.param(count, {}, marks=pytest.mark.slow) for count in (1, 2, 3)),
        pytest.param(3, FAILING, marks=pytest.mark.slow),
    ],
)
def test_parts_of_validation_signals_are_the_whole(
    flat_noise: Path, tmp_path: Path, count: int, changes: dict[str, Any]
) -> None:
    one = validate(tmp_path / "one", flat_noise, **changes)
    assert bool(one.failures) == bool(changes)
    whole = joined(tmp_path, count, "val.hdf5", lambda part, k: validate(part, flat_noise, part=k, **changes))
    assert_same_files(whole, tmp_path / "one", "val.hdf5", "rejected.hdf5")
    report = validate(whole, flat_noise, **changes)
    assert report.present
    assert (report.num_injections, report.failures) == (one.num_injections, one.failures)
    assert inspect(whole / "val.hdf5").facts == inspect(tmp_path / "one" / "val.hdf5").facts


def test_a_part_says_which_it_is_and_is_taken_for_no_other(flat_noise: Path, tmp_path: Path) -> None:
    validate(tmp_path, flat_noise, part="2/3")
    record = record_of(tmp_path / "val.hdf5")
    assert record["arguments"]["part"] == record["identity"]["share"] == "2/3"
    assert len(contents(tmp_path / "val.hdf5")["parameters/ra"]) == 16
    assert validate(tmp_path, flat_noise, part="2/3").present
    for part, words in ((None, "part = 2/3, not none"), ("1/3", "part = 2/3, not 1/3"), ("2/2", "part = 2/3, not 2/2")):
        with pytest.raises(OutputExistsError, match=words):
            validate(tmp_path, flat_noise, part=part)


def test_a_whole_is_not_taken_for_a_part(reference: Path, flat_noise: Path, tmp_path: Path) -> None:
    shutil.copytree(reference, tmp_path / "whole")
    assert "part" not in record_of(reference / "val.hdf5")["arguments"]
    with pytest.raises(OutputExistsError, match="part = none, not 1/1"):
        validate(tmp_path / "whole", flat_noise, part="1/1")


@pytest.mark.slow
def test_a_part_that_was_given_too_few_draws_goes_on(reference: Path, flat_noise: Path, tmp_path: Path) -> None:
    with pytest.raises(WaveformError, match="16 signals need"):
        validate(tmp_path / "machine-2", flat_noise, part="2/3", max_draws=40)
    whole = joined(tmp_path, 3, "val.hdf5", lambda part, k: validate(part, flat_noise, part=k))
    assert_same_files(whole, reference, "val.hdf5", "rejected.hdf5")


def test_a_dry_run_tells_of_the_part(flat_noise: Path, tmp_path: Path) -> None:
    def expected(**changes: Any) -> Any:
        settings = {**SIGNALS, "num_signals": 40, "psd": flat_noise, "output_file": tmp_path / "val.hdf5", **changes}
        with engine_for(0) as engine:
            return forecast(ValidationWaveforms(**settings), Work(engine))

    whole, part = expected(), expected(part="3/3")
    assert (whole.num_signals, part.num_signals) == (40, 8)
    assert part.nbytes * 5 == whole.nbytes


# --- campaigns --------------------------------------------------------------------------------------------


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


# --- what is no set of parts ------------------------------------------------------------------------------


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


# --- machines ---------------------------------------------------------------------------------------------


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
