"""pycbc reads the injections, and makes of them what the campaign's file holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import h5py
import lal
import numpy as np
import pytest
from precessing import campaign

from aframe_data import export
from aframe_data.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RATE, DURATION, RIGHT_PAD = 2048, 4, 1


def assert_pycbc_makes_the_same(exported: Path, injections: Path) -> None:
    from pycbc.filter import overlap, sigma
    from pycbc.inject import InjectionSet
    from pycbc.psd import aLIGOZeroDetHighPower
    from pycbc.types import TimeSeries

    noise = aLIGOZeroDetHighPower(DURATION * RATE // 2 + 1, 1 / DURATION, 20)
    read = InjectionSet(str(exported))
    with h5py.File(injections) as file:
        times = file["parameters/injection_time"][()]
        responses = {ifo: file[f"waveforms/{ifo.lower()}"][()].astype(float) for ifo in ("H1", "L1")}
    np.testing.assert_array_equal(read.end_times(), times)
    for row, time in enumerate(times):
        for ifo, ours in responses.items():
            # Samples where ours are; more around, as pycbc's signal is longer.
            strain = TimeSeries(np.zeros(16 * RATE), delta_t=1 / RATE, epoch=lal.LIGOTimeGPS(time) - 11)
            read.apply(strain, ifo)
            theirs = TimeSeries(strain.numpy()[8 * RATE : 12 * RATE], delta_t=1 / RATE)
            mine = TimeSeries(ours[row], delta_t=1 / RATE)
            # Time and phase as they are: nothing is maximized. pycbc starts and tapers its signals elsewhere.
            assert overlap(mine, theirs, psd=noise, low_frequency_cutoff=32) > 0.998
            assert sigma(mine, noise, 32) == pytest.approx(sigma(theirs, noise, 32), rel=2e-3)


@pytest.mark.slow
def test_pycbc_injects_the_signals_of_the_campaign(injections: Path, tmp_path: Path) -> None:
    report = export(injections, to="pycbc", output_file=tmp_path / "injections.hdf")
    assert (report.signals, report.files) == (3, 1)
    assert_pycbc_makes_the_same(report.path, injections)


@pytest.mark.slow
def test_a_campaign_by_right_ascension_is_injected_at_it(tmp_path: Path) -> None:
    injections = campaign(tmp_path, true_right_ascension=True, num_signals=2)
    exported = export(injections, to="pycbc", output_file=tmp_path / "injections.hdf").path
    with h5py.File(injections) as ours, h5py.File(exported) as theirs:
        np.testing.assert_array_equal(theirs["ra"], ours["parameters/ra"])
    assert_pycbc_makes_the_same(exported, injections)


def test_shifts_and_constants_are_written_by_pycbc_s_rules(injections: Path, tmp_path: Path) -> None:
    exported = export(injections, to="pycbc", output_file=tmp_path / "injections.hdf").path
    with h5py.File(exported) as file, h5py.File(injections) as ours:
        assert (file.attrs["injtype"], file.attrs["approximant"]) == ("cbc", "IMRPhenomXPHM")
        assert list(file.attrs["static_args"]) == ["approximant"]
        np.testing.assert_array_equal(file["shift_l1"], ours["parameters/shift"][:, 1])
        assert all(item.shape == (3,) for item in file.values())


def test_another_model_can_be_named(injections: Path, tmp_path: Path) -> None:
    options = {"approximant": "IMRPhenomPv2"}
    exported = export(injections, to="pycbc", export_options=options, output_file=tmp_path / "injections.hdf").path
    with h5py.File(exported) as file:
        assert file.attrs["approximant"] == "IMRPhenomPv2"


def test_signals_without_a_time_are_refused(dataset: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"training_waveforms.hdf5' cannot be exported for pycbc: .* injection_time"):
        export(dataset / "waveforms/train/training_waveforms.hdf5", to="pycbc", output_file=tmp_path / "injections.hdf")
    assert not list(tmp_path.iterdir())


def test_a_folder_s_one_campaign_is_found(dataset: Path, tmp_path: Path, cli: Callable[..., Any]) -> None:
    done = cli("export", dataset, "--to", "pycbc", "-o", tmp_path / "injections.hdf")
    assert (done.code, done.err) == (0, "")
    assert done.out == f"1 file, 3 signals, exported for pycbc to {tmp_path}/injections.hdf\n"
