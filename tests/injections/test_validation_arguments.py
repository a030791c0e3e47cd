"""Wrong arguments of validation signals are refused before anything is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from burst_runs import SIZE, validate

from aframe_data.errors import UsageError
from aframe_data.injections.validation import plan
from aframe_data.requests.validation import ValidationWaveforms

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("bursts")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"num_signals": 0}, "num_signals = 0"),
        ({"max_draws": 39}, "max_draws = 39 is not allowed, only whole numbers of at least 40"),
        ({"snr_threshold": -1}, "snr_threshold = -1"),
        ({"snr_threshold": float("nan")}, "snr_threshold = nan"),
        ({"snr_threshold": float("inf")}, "snr_threshold = inf"),
        ({"highpass": 256}, "highpass = 256.*Nyquist"),
        ({"highpass": 0}, "highpass = 0"),
        ({"lowpass": 20}, "lowpass = 20"),
        ({"highpass": 100.2, "lowpass": 100.7}, "no frequency"),
        ({"ifos": []}, "interferometer"),
        ({"ifos": ["H1", "H1"]}, "H1"),
        ({"ifos": ["H1", "X9"]}, "X9"),
        ({"ifos": ["H1", "l1"]}, "Did you mean 'L1'"),
        ({"right_pad": 1}, "right_pad = 1 must be below"),
        ({"waveform_duration": 1.0001}, "not a whole number"),
        ({"max_failed_fraction": 2}, "from 0 to 1"),
        ({"seed": -1}, "seed = -1"),
        ({"dtype": "float16"}, "only one of float32, float64"),
        ({"prior": "skye"}, "Did you mean 'sky'"),
        ({"generator": "brust"}, "Did you mean 'burst'"),
        ({"psd": "nowhere.txt"}, "nowhere.txt"),
        ({"psd": []}, "no PSD was given"),
        ({"psd": {"H1": "aLIGOZeroDetHighPower"}}, "L1"),
        ({"psd": {"V1": "aLIGOZeroDetHighPower"}}, "V1"),
        ({"workers": -1}, "workers = -1"),
    ],
    ids=str,
)
def test_a_wrong_argument_is_refused_and_nothing_is_written(
    flat_noise: Path, tmp_path: Path, change: dict[str, Any], words: str
) -> None:
    with pytest.raises(UsageError, match=words) as told:
        validate(tmp_path, flat_noise, **change)
    assert "\n" not in str(told.value)
    assert list(tmp_path.iterdir()) == []


def test_both_outputs_must_be_two_files(flat_noise: Path, tmp_path: Path) -> None:
    for name in ("val.hdf5", "sub/../val.hdf5"):
        (tmp_path / "sub").mkdir(exist_ok=True)
        with pytest.raises(UsageError, match="must be two files"):
            validate(tmp_path, flat_noise, rejected_file=tmp_path / name)


def test_a_plan_writes_nothing(flat_noise: Path, tmp_path: Path) -> None:
    settings = {"prior": "sky", "generator": "burst", "ifos": ["H1"], "sample_rate": 512, "waveform_duration": 1}
    output = tmp_path / "new" / "val.hdf5"
    planned = plan(ValidationWaveforms(**settings, num_signals=10, right_pad=0.5, psd=flat_noise, output_file=output))
    assert planned.nbytes == 10 * (SIZE * 4 + 18 * 8)
    assert planned.identity["num_signals"] == 10
    assert list(tmp_path.iterdir()) == []
