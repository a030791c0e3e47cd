"""Rejection by estimates ends with the files of full evaluation; where it cannot, it notices.

The models are a stranger's bursts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from burst_runs import assert_exact, assert_same_arrays, contents, estimates_of, validate

from aframe_data.errors import PluginError, WaveformError
from aframe_data.formats import ledger

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("calibrating")


@pytest.mark.slow
@pytest.mark.usefixtures("bursts")
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"snr_threshold": 4, "dtype": "float64", "ifos": ["V1", "L1", "H1"]},
        {"snr_threshold": 0.0, "num_signals": 17},
        pytest.param({"highpass": 60, "lowpass": 150}, marks=pytest.mark.slow),
    ],
    ids=str,
)
def test_the_accepted_set_is_that_of_full_evaluation(
    tmp_path: Path, flat_noise: Path, settings: dict[str, Any]
) -> None:
    report, _ = assert_exact(tmp_path, flat_noise, **settings)
    made_in_full = estimates_of(tmp_path / "estimated" / "val.hdf5")["made_in_full"]
    assert made_in_full == ["equal masses"]
    flags = contents(tmp_path / "estimated" / "rejected.hdf5")["parameters/snr_is_estimate"]
    assert (flags.mean() > 0.9) if len(flags) else (report.num_injections == 17)


@pytest.mark.slow
@pytest.mark.usefixtures("bursts")
def test_estimates_that_are_marked_as_such_are_close(tmp_path: Path, flat_noise: Path) -> None:
    assert_exact(tmp_path, flat_noise)
    estimated, full = (contents(tmp_path / name / "rejected.hdf5") for name in ("estimated", "full"))
    assert estimated["parameters/snr_is_estimate"].mean() > 0.9
    # linear interpolation between 128 nodes of a line of 32 Hz width
    np.testing.assert_allclose(estimated["parameters/snr"], full["parameters/snr"], rtol=3e-3)


@pytest.mark.usefixtures("bursts")
def test_equal_masses_are_never_estimated(tmp_path: Path, flat_noise: Path) -> None:
    report, _ = assert_exact(tmp_path, flat_noise, prior_options={"equal": True}, num_signals=10)
    assert report.audited == 0
    assert not contents(tmp_path / "estimated" / "rejected.hdf5")["parameters/snr_is_estimate"].any()


@pytest.mark.slow
@pytest.mark.usefixtures("bursts")
def test_a_model_without_spectra_goes_the_plain_way(tmp_path: Path, flat_noise: Path) -> None:
    report, _ = assert_exact(tmp_path, flat_noise, generator="plain-burst", num_signals=10)
    assert report.audited == 0
    assert estimates_of(tmp_path / "estimated" / "val.hdf5") is None
    with_spectra = validate(tmp_path, flat_noise, num_signals=10)
    assert with_spectra.num_injections == report.num_injections
    assert_same_arrays(tmp_path / "val.hdf5", tmp_path / "estimated" / "val.hdf5")


@pytest.mark.slow
@pytest.mark.usefixtures("bursts")
def test_a_region_in_which_the_spectrum_lies_is_made_in_full(tmp_path: Path, flat_noise: Path) -> None:
    settings = {"generator_options": {"loud_ratio": 18}, "num_signals": 30}
    assert_exact(tmp_path, flat_noise, **settings)
    made_in_full = estimates_of(tmp_path / "estimated" / "val.hdf5")["made_in_full"]
    assert made_in_full == [
        "equal masses",
        "mass ratio 18 and more, primary spin against the orbit",
    ]
    rejected = contents(tmp_path / "estimated" / "rejected.hdf5")
    extreme = rejected["parameters/mass_1"] >= 18 * rejected["parameters/mass_2"]
    extreme &= (rejected["parameters/tilt_1"] > np.pi / 2) & (rejected["parameters/a_1"] > 0)
    assert extreme.any()
    assert not rejected["parameters/snr_is_estimate"][extreme].any()
    assert rejected["parameters/snr_is_estimate"][~extreme].mean() > 0.9


@pytest.mark.slow
@pytest.mark.usefixtures("bursts")
@pytest.mark.parametrize("options", [{"spectrum": "nan"}, {"no_spectrum_above": 40}], ids=str)
def test_a_signal_whose_spectrum_is_not_known_is_made_in_full(
    tmp_path: Path, flat_noise: Path, options: dict[str, Any]
) -> None:
    assert_exact(tmp_path, flat_noise, generator_options=options, num_signals=10)
    rejected = contents(tmp_path / "estimated" / "rejected.hdf5")
    without = rejected["parameters/mass_1"] > options.get("no_spectrum_above", 0)
    assert without.any()
    assert not rejected["parameters/snr_is_estimate"][without].any()
    assert np.isfinite(rejected["parameters/snr"]).all()


@pytest.mark.usefixtures("bursts")
@pytest.mark.parametrize("sketch", ["right", pytest.param("nan", marks=pytest.mark.slow)])
def test_sketches_spare_spectra_and_change_no_signal(tmp_path: Path, flat_noise: Path, sketch: str) -> None:
    """And ones that are not known spare none."""
    log = tmp_path / "log"
    options = {"sketch": sketch, "log": str(log)}
    assert_exact(tmp_path, flat_noise, generator="sketched-burst", generator_options=options, num_signals=20)
    calls = [line.split() for line in log.read_text().splitlines()]
    asked = {call: sum(int(count) for name, count in calls if name == call) for call in ("spectrum", "sketch")}
    estimates = estimates_of(tmp_path / "estimated" / "val.hdf5")
    if sketch == "nan":
        assert estimates["sketch"] is None
        return
    assert asked["spectrum"] < 0.6 * asked["sketch"]
    assert estimates["sketch"]["typical"] == pytest.approx(1, rel=0.01)
    assert estimates["sketch"]["reach"] == pytest.approx(1.08, rel=0.01)
    estimated, full = (contents(tmp_path / name / "rejected.hdf5") for name in ("estimated", "full"))
    np.testing.assert_allclose(estimated["parameters/snr"], full["parameters/snr"], rtol=0.02)


@pytest.mark.usefixtures("bursts")
def test_a_sketch_that_is_none_is_the_plugins_error(tmp_path: Path, flat_noise: Path) -> None:
    settings = {"generator": "sketched-burst", "generator_options": {"sketch": "short"}}
    with pytest.raises(PluginError, match=r"'sketched-burst' returned a sketch of shapes \[\(\d+, 32\), \(\d+,\), "):
        validate(tmp_path, flat_noise, **settings)
    assert not (tmp_path / "val.hdf5").exists()


@pytest.mark.usefixtures("bursts")
def test_a_spectrum_that_is_none_is_the_plugins_error(tmp_path: Path, flat_noise: Path) -> None:
    with pytest.raises(PluginError, match=r"'burst' returned a spectrum that is complex128 of shape \(\d+, 127\)"):
        validate(tmp_path, flat_noise, generator_options={"spectrum": "short"})
    assert not (tmp_path / "val.hdf5").exists()


@pytest.mark.slow
@pytest.mark.usefixtures("bursts")
@pytest.mark.parametrize("generator", ["burst", "sketched-burst"])
def test_an_audit_fails_a_run_whose_estimates_lie_only_after_the_calibration(
    tmp_path: Path, flat_noise: Path, generator: str
) -> None:
    """Most draws have three times the SNR that their estimate says, and a few in a thousand are looked at."""
    options = {"generator": generator, "generator_options": {"loud_blocks": True}}
    settings = {**options, "snr_threshold": 0.5, "num_signals": 400}
    with pytest.raises(
        WaveformError, match=r"the audit found a signal .*draw \d+ of block \d+ of seed 7 has SNR"
    ) as told:
        validate(tmp_path, flat_noise, **settings)
    assert "--full-evaluation" in str(told.value)
    assert "\n" not in str(told.value)
    assert not (tmp_path / "val.hdf5").exists()
    validate(tmp_path, flat_noise, **settings, full_evaluation=True, overwrite=True)
    assert len(contents(tmp_path / "val.hdf5")["parameters/snr"]) == 400


@pytest.mark.slow
@pytest.mark.usefixtures("bursts")
def test_an_audit_looks_at_one_rejected_draw_in_two_hundred(tmp_path: Path, flat_noise: Path) -> None:
    report = validate(tmp_path, flat_noise, num_signals=100)
    record = ledger.summarize(tmp_path / "val.hdf5", check=False).record
    assert record is not None
    assert record["report"]["audited"] == report.audited
    rejected = report.num_injections - 100
    # the binomial spread of 0.5 %, five times
    assert abs(report.audited - 0.005 * rejected) < 5 * np.sqrt(0.005 * rejected)
    assert 0.99 < report.largest_ratio < 1.01
    made = contents(tmp_path / "rejected.hdf5")["parameters/snr_is_estimate"] == 0
    assert made.sum() >= report.audited
