"""Campaigns over background files: segments and noise from what the files hold, whatever they are called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from background_runs import QUIET, SECOND, TIMES, campaign, white
from burst_runs import LEVEL, RATE, SIGNALS, assert_same_arrays

from aframe_data import inspect, merge
from aframe_data.errors import OutputExistsError
from aframe_data.formats import ledger
from aframe_data.injections.campaign import plan
from aframe_data.requests.campaign import TimeslideWaveforms
from aframe_data.timeslides.backgrounds import find_backgrounds
from ledger_reader import read_campaign, read_rejected
from psd_strain import START, noise, write_strain

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("bursts")

#: The second file has so many times the noise of the first.
LOUDER = 4.0
WEIGHTS = ("segment_length", "segment_num_injections")
#: So many places that a few signals leave slides and files empty.
MANY = {"spacing": 2}


@pytest.fixture(scope="module")
def background(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a quiet file and a later one of four times the noise."""
    folder = tmp_path_factory.mktemp("data") / "background"
    white(folder, START)
    white(folder, SECOND, level=LOUDER * QUIET)
    return folder


@pytest.fixture(scope="module")
def reference(bursts: Path, background: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a campaign over both files, slide 1."""
    assert bursts.exists()
    folder = tmp_path_factory.mktemp("reference")
    campaign(folder, background)
    return folder


# --- segments and noise ---------------------------------------------------------------------------------


@pytest.mark.slow
def test_rows_are_ordered_by_segment_slide_and_time(background: Path, tmp_path: Path) -> None:
    campaign(tmp_path, background, **MANY, num_signals=60, snr_threshold=1)
    read = read_campaign(tmp_path / "waveforms.hdf5")
    rows = list(zip(read.injection_time >= SECOND, read.shift[:, 1], read.injection_time, strict=True))
    assert rows == sorted(rows)
    assert {(later, shift) for later, shift, _ in rows} == {(False, 1), (False, 2), (True, 1), (True, 2)}


@pytest.mark.slow
def test_each_segment_has_the_noise_of_its_own_file(reference: Path) -> None:
    """Trap 7: what is as loud has a quarter of the SNR in the file of four times the noise."""
    read = read_campaign(reference / "waveforms.hdf5")
    spectra = np.abs(np.fft.rfft(read.waveforms.astype(np.float64))[..., 32:256]) / RATE
    in_quiet_noise = 2 * np.sqrt((spectra**2).sum(axis=-1)) / LEVEL
    later = read.injection_time >= SECOND
    assert later.any()
    assert not later.all()
    expected = np.where(later[:, None], in_quiet_noise / LOUDER, in_quiet_noise)
    # a median of 127 overlapping segments scatters by 10 % at each frequency, of which tens count
    np.testing.assert_allclose(read.ifo_snrs, expected, rtol=0.15)
    # as accepted in one file as in the other, so signals must be four times as loud in the second
    ratio = np.median(in_quiet_noise[later]) / np.median(in_quiet_noise[~later])
    assert 2.5 < ratio < 7


def test_the_acceptance_differs_as_the_noise_does(background: Path, tmp_path: Path) -> None:
    drawn = []
    for path in sorted(background.iterdir()):
        report = campaign(tmp_path / path.stem, [path], snr_threshold=2)
        drawn.append(report.num_injections / report.num_signals)
    assert drawn[1] > 4 * drawn[0]


@pytest.mark.slow
def test_the_record_has_every_file_with_its_span_and_hash(reference: Path, background: Path) -> None:
    record = ledger.summarize(reference / "waveforms.hdf5", check=False).record
    assert record is not None
    first, second = record["noise"]["background"]
    assert [first["file"], second["file"]] == sorted(path.name for path in background.iterdir())
    assert first["span"] == [START, START + 64]
    assert second["span"] == [SECOND, SECOND + 64]
    assert len(first["content_sha256"]) == 64
    assert first["content_sha256"] != second["content_sha256"]
    assert record["identity"]["times"]["segments"] == [[START, START + 64], [SECOND, SECOND + 64]]


def test_a_segment_that_is_not_reached_needs_no_noise(background: Path, tmp_path: Path) -> None:
    """The second file has no part in a campaign that the first one fills; a NaN in it is not in the way."""
    folder = tmp_path / "background"
    white(folder, START)
    strain = {ifo: noise(64, rate=RATE, level=QUIET) for ifo in ("H1", "L1")}
    strain["H1"][5] = np.nan
    write_strain(folder, strain, rate=RATE, start=SECOND)
    campaign(tmp_path / "mine", folder, **MANY, num_signals=10)
    campaign(tmp_path / "other", background, **MANY, num_signals=10)
    assert_same_arrays(tmp_path / "mine" / "waveforms.hdf5", tmp_path / "other" / "waveforms.hdf5")


def test_given_noise_counts_in_all_segments(background: Path, flat_noise: Path, tmp_path: Path) -> None:
    campaign(tmp_path, background, psd=flat_noise)
    read = read_campaign(tmp_path / "waveforms.hdf5")
    spectra = np.abs(np.fft.rfft(read.waveforms.astype(np.float64))[..., 32:256]) / RATE
    np.testing.assert_allclose(read.ifo_snrs, 2 * np.sqrt((spectra**2).sum(axis=-1)) / LEVEL, rtol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize(
    "change", [{"workers": 2}, pytest.param({"full_evaluation": True}, marks=pytest.mark.slow)], ids=str
)
def test_the_same_bits_from_any_workers_and_in_full(
    reference: Path, background: Path, tmp_path: Path, change: dict[str, Any]
) -> None:
    """Though the calibration is made in the noise of the first file."""
    campaign(tmp_path, background, **change)
    assert_same_arrays(tmp_path / "waveforms.hdf5", reference / "waveforms.hdf5")
    if "workers" in change:
        for name in ("waveforms.hdf5", "rejected-parameters.hdf5"):
            assert (tmp_path / name).read_bytes() == (reference / name).read_bytes()


def test_injections_are_those_accepted_and_those_rejected(reference: Path) -> None:
    read = read_campaign(reference / "waveforms.hdf5")
    assert read.num_injections == len(read.snr) + len(read_rejected(reference / "rejected-parameters.hdf5").snr)


@pytest.mark.slow
def test_rows_have_the_signals_and_the_draws_of_their_segment(
    reference: Path, background: Path, flat_noise: Path, tmp_path: Path
) -> None:
    path = reference / "waveforms.hdf5"
    read, columns = read_campaign(path), ledger.read_parameters(path)
    later = read.injection_time >= SECOND
    signals, drawn = ([np.unique(columns[name][part]) for part in (~later, later)] for name in WEIGHTS)
    assert [values.tolist() for values in signals] == [[(~later).sum()], [later.sum()]]
    assert [len(values) for values in drawn] == [1, 1]
    assert drawn[0] + drawn[1] == read.num_injections
    assert drawn[1] / later.sum() > 4 * drawn[0] / (~later).sum()
    share = ((columns[WEIGHTS[0]] - 1) / (columns[WEIGHTS[1]] - 1)).mean()
    facts = inspect(path).facts
    assert facts["num_injections"] == read.num_injections
    assert facts["num_injections_by_time"] == pytest.approx(len(later) / share)
    assert facts["num_injections_by_time"] < read.num_injections

    campaign(tmp_path, background, psd=flat_noise)
    assert not set(WEIGHTS) & set(ledger.read_parameters(tmp_path / "waveforms.hdf5"))
    assert "num_injections_by_time" not in inspect(tmp_path / "waveforms.hdf5").facts


@pytest.mark.slow
def test_branches_and_joined_files_keep_the_draws_of_the_whole(background: Path, tmp_path: Path) -> None:
    campaign(tmp_path, background, **MANY, branches=True, snr_threshold=1, num_signals=60)
    whole = ledger.read_parameters(tmp_path / "waveforms.hdf5")
    branches = sorted((tmp_path / "branches").glob("*/waveforms.hdf5"))
    assert len(branches) == 4
    merge(files=branches, output_file=tmp_path / "merged.hdf5")
    merged = ledger.read_parameters(tmp_path / "merged.hdf5")
    for name in WEIGHTS:
        np.testing.assert_array_equal(merged[name], whole[name])
        assert merged[name].dtype == np.float64


def test_pieces_with_one_noise_for_all_join_those_with_noise_of_their_own(
    background: Path, flat_noise: Path, tmp_path: Path
) -> None:
    campaign(tmp_path / "own", background, num_signals=4)
    campaign(tmp_path / "given", background, num_signals=4, psd=flat_noise, seed=8)
    pieces = [tmp_path / name / "waveforms.hdf5" for name in ("own", "given")]
    merge(files=pieces, output_file=tmp_path / "merged.hdf5")
    assert len(read_campaign(tmp_path / "merged.hdf5").snr) == 8
    assert not set(WEIGHTS) & set(ledger.read_parameters(tmp_path / "merged.hdf5"))


# --- which files they are -------------------------------------------------------------------------------


@pytest.mark.slow
def test_spans_are_of_the_content_and_not_of_the_name(reference: Path, background: Path, tmp_path: Path) -> None:
    """In any folder, under any name, in any order."""
    folder = tmp_path / "run-1300000000-20"
    folder.mkdir()
    for name, path in zip(("z.hdf5", "background-1111111111-9.hdf5"), sorted(background.iterdir()), strict=True):
        (folder / name).write_bytes(path.read_bytes())
    found = find_backgrounds([folder], ("H1", "L1"), RATE)
    assert [(entry.span.start, entry.span.stop) for entry in found] == [
        (START, START + 64),
        (SECOND, SECOND + 64),
    ]
    campaign(tmp_path / "out", folder)
    assert_same_arrays(tmp_path / "out" / "waveforms.hdf5", reference / "waveforms.hdf5")


@pytest.mark.slow
def test_files_may_be_named_in_any_order(reference: Path, background: Path, tmp_path: Path) -> None:
    campaign(tmp_path, sorted(background.iterdir(), reverse=True))
    for name in ("waveforms.hdf5", "rejected-parameters.hdf5"):
        assert (tmp_path / name).read_bytes() == (reference / name).read_bytes()


def test_background_that_changed_is_another_request(tmp_path: Path) -> None:
    path = white(tmp_path / "background", START)
    campaign(tmp_path / "out", tmp_path / "background", num_signals=2)
    assert campaign(tmp_path / "out", tmp_path / "background", num_signals=2).present
    path.unlink()
    white(tmp_path / "background", START, level=2 * QUIET)
    with pytest.raises(OutputExistsError, match="another background"):
        campaign(tmp_path / "out", tmp_path / "background", num_signals=2)


def test_a_higher_rate_gives_the_same_noise(tmp_path: Path) -> None:
    """White noise at twice the rate has the same density where its variance is twice as much."""
    white(tmp_path / "background", START, rate=2 * RATE, level=QUIET * np.sqrt(2))
    campaign(tmp_path / "out", tmp_path / "background")
    read = read_campaign(tmp_path / "out" / "waveforms.hdf5")
    spectra = np.abs(np.fft.rfft(read.waveforms.astype(np.float64))[..., 32:256]) / RATE
    np.testing.assert_allclose(read.ifo_snrs, 2 * np.sqrt((spectra**2).sum(axis=-1)) / LEVEL, rtol=0.15)


@pytest.mark.slow
def test_a_file_shorter_than_a_window_has_no_part(background: Path, tmp_path: Path) -> None:
    folder = tmp_path / "background"
    for path in background.iterdir():
        (folder).mkdir(exist_ok=True)
        (folder / path.name).write_bytes(path.read_bytes())
    white(folder, START + 200, seconds=4)
    slots = plan(TimeslideWaveforms(**SIGNALS, **TIMES, background=folder, output_dir=tmp_path / "out")).slots
    assert slots is not None
    assert [segment.segment.start for segment in slots.segments] == [START, SECOND]
    campaign(tmp_path / "out", folder, num_signals=20)
    campaign(tmp_path / "other", background, num_signals=20)
    ours, theirs = (read_campaign(tmp_path / name / "waveforms.hdf5") for name in ("out", "other"))
    assert len(ours.snr) == len(theirs.snr) == 20
