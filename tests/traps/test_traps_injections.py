"""What goes wrong in the reference's rejection and campaigns, and must not here: one test a trap, as `test_traps`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import pytest

from aframe_data import merge, timeslide_waveforms, validation_waveforms
from aframe_data.cli.app import run
from aframe_data.errors import DataQualityError, UsageError, WaveformError
from aframe_data.formats import background, background_names
from aframe_data.plugin.binary import BASE_PARAMETERS
from aframe_data.timeslides.rule import SlideRule
from aframe_data.timeslides.slots import plan_slots
from aframe_data.types import Segment

if TYPE_CHECKING:
    from pathlib import Path

START = 1_240_579_783
RATE, DURATION = 1024, 2
SIGNALS: dict[str, Any] = {
    "prior": "nonspin_bbh",
    "generator_options": {"approximant": "IMRPhenomD"},
    "ifos": ["H1", "L1"],
    "sample_rate": RATE,
    "waveform_duration": DURATION,
    "right_pad": 0.5,
    "seed": 3,
    "workers": 0,
}
RULE = SlideRule(("H1", "L1"), (0.0, 1.0), spacing=4, buffer=4, jitter=0.1, psd_length=8, duration=2, right_pad=0.5)


def validation(path: Path, **changes: Any) -> dict[str, Any]:
    report = validation_waveforms(
        **{**SIGNALS, "num_signals": 12, "psd": "aLIGOZeroDetHighPower", "output_file": path, **changes}
    )
    return {"report": report, **read(path)}


def read(path: Path) -> dict[str, Any]:
    with h5py.File(path) as file:
        rows = {name: item[()] for group in file.values() for name, item in group.items()}
        return {**rows, "attributes": dict(file.attrs)}


def write_background(folder: Path, start: int, duration: int, scale: float, *, seed: int = 1) -> Path:
    """White strain of both detectors, as loud as `scale`."""
    rng = np.random.default_rng(seed)
    segment = Segment(start, start + duration)
    path = folder / background_names.file_name("background", segment)
    folder.mkdir(exist_ok=True)
    with background.create(path, ifos=["H1", "L1"], segment=segment, sample_rate=RATE, dtype="float64") as writer:
        for ifo in ("H1", "L1"):
            writer.append(ifo, scale * rng.normal(size=duration * RATE))
        writer.describe({"H1": "H1", "L1": "L1"}, {})
    return path


def test_trap_03_the_cap_on_draws_holds(tmp_path: Path) -> None:
    path = tmp_path / "val.hdf5"
    with pytest.raises(WaveformError, match=r"of 40 draws .* at most 40 are allowed"):
        validation(path, snr_threshold=100, max_draws=40)
    assert not path.exists()


def test_trap_04_what_cannot_end_is_refused_or_ends(tmp_path: Path) -> None:
    spectrum = tmp_path / "psd.txt"
    spectrum.write_text("".join(f"{f} {1e-23 if f != 300 else float('nan')}\n" for f in range(1, 600)))
    with pytest.raises(UsageError, match="300 nan"):
        validation(tmp_path / "val.hdf5", psd=str(spectrum))
    strain = write_background(tmp_path, START, 64, 1e-21)
    with h5py.File(strain, "r+") as file:
        file["L1"][5000] = np.nan
    with pytest.raises(DataQualityError, match="L1"):
        validation(tmp_path / "val.hdf5", psd=strain)
    with pytest.raises(WaveformError, match=r"none of 500 draws reaches the SNR threshold of 1e\+09"):
        validation(tmp_path / "val.hdf5", snr_threshold=1e9, max_draws=500)


@pytest.mark.parametrize("full_evaluation", [False, True])
def test_trap_05_injections_are_those_accepted_and_those_rejected(tmp_path: Path, full_evaluation: bool) -> None:
    rejected = tmp_path / "rejected.hdf5"
    found = validation(tmp_path / "val.hdf5", snr_threshold=30, rejected_file=rejected, full_evaluation=full_evaluation)
    length = read(rejected)["attributes"]["length"]
    assert len(found["snr"]) == 12
    assert length > 0
    assert found["attributes"]["num_injections"] == found["report"].num_injections == 12 + length


def test_trap_06_one_signal_has_the_schema_of_many(tmp_path: Path) -> None:
    one, many = validation(tmp_path / "one.hdf5", num_signals=1), validation(tmp_path / "many.hdf5")
    assert one.keys() == many.keys() >= {*BASE_PARAMETERS, "snr", "ifo_snrs", "h1", "l1"}
    for name in one.keys() - {"attributes", "report"}:
        assert one[name].shape == (1, *many[name].shape[1:])


def test_trap_07_each_segment_has_the_noise_of_its_own_file_and_the_record_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "background"
    quiet = write_background(folder, START, 64, 1e-23)
    loud = write_background(folder, START + 100, 64, 1e-21)
    timeslide_waveforms(
        **SIGNALS, background=folder, output_dir=tmp_path, shifts=[0, 1], spacing=4, buffer=4, psd_length=8
    )
    found = read(tmp_path / "waveforms.hdf5")
    noise = {"quiet": 1e-23 / np.sqrt(RATE / 2), "loud": 1e-21 / np.sqrt(RATE / 2)}
    for name, rows in (
        ("quiet", found["injection_time"] < START + 100),
        ("loud", found["injection_time"] > START + 100),
    ):
        # the SNR that this strain has in white noise of that level: the estimate of the PSD scatters by a few percent
        frequencies = np.fft.rfftfreq(DURATION * RATE, 1 / RATE)
        band = (frequencies >= 32) & (frequencies < RATE / 2)
        power = np.abs(np.fft.rfft(found["h1"][rows].astype(float)) / RATE)[:, band] ** 2
        expected = np.sqrt(4 / DURATION * power.sum(axis=1)) / noise[name]
        np.testing.assert_allclose(found["ifo_snrs"][rows][:, 0], expected, rtol=0.15)
        assert rows.sum() >= 5
    record = str(found["attributes"]["provenance"])
    assert quiet.name in record
    assert loud.name in record
    assert f"[{START + 100}.0, {START + 164}.0]" in record


def test_trap_17_injections_are_counted_and_not_computed() -> None:
    segments = [Segment(START + 400 * n, START + 400 * n + 300) for n in range(120)]
    plan = plan_slots(segments, RULE, seed=1, num_signals=50_000)
    assert len(plan) == sum(len(part.times) for part in plan.segments) == 50_000


def test_trap_18_no_segment_is_long_enough(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    span = ["--start", str(START), "--end", str(START + 60), "--livetime", "1000", "--shifts", "0,1"]
    signals = ["--prior", "nonspin_bbh", "--ifos", "H1,L1", "--sample-rate", "1024", "--waveform-duration", "2"]
    rest = ["--right-pad", "0.5", "--psd", "aLIGOZeroDetHighPower", "--output-dir", str(tmp_path / "out")]
    assert run(["timeslide-waveforms", *span, *signals, *rest]) == 2
    error = capfd.readouterr().err
    assert "no segment is long enough" in error
    assert error.count("\n") == 1


def test_trap_19_the_whole_signal_with_its_jitter_lies_inside() -> None:
    segment = Segment(START, START + 500)
    plan = plan_slots([segment], RULE, seed=1, num_signals=150)
    (found,) = plan.segments
    begins = found.times - (RULE.duration - RULE.right_pad)
    assert (begins >= segment.start + RULE.psd_length + RULE.buffer).all()
    assert (begins + RULE.duration <= segment.stop - found.shifts.max(axis=1) - RULE.buffer).all()


@pytest.mark.parametrize("shifts", [[0, -1], [1, 1], [0]])
def test_trap_20_shifts_that_are_none_are_refused(tmp_path: Path, shifts: list[float]) -> None:
    with pytest.raises(UsageError, match="shifts = "):
        timeslide_waveforms(
            **SIGNALS, start=START, end=START + 500, psd="aLIGOZeroDetHighPower", output_dir=tmp_path, shifts=shifts
        )


def test_trap_31_a_campaign_is_one_pair_of_files_and_merging_leaves_its_sources(tmp_path: Path) -> None:
    for seed, folder in ((1, tmp_path / "a"), (2, tmp_path / "b")):
        timeslide_waveforms(
            **{**SIGNALS, "seed": seed},
            start=START,
            end=START + 200,
            num_signals=20,
            psd="aLIGOZeroDetHighPower",
            output_dir=folder,
            shifts=[0, 1],
            spacing=4,
            buffer=4,
            psd_length=8,
        )
        assert sorted(path.name for path in folder.iterdir()) == ["rejected-parameters.hdf5", "waveforms.hdf5"]
    sources = [tmp_path / "a" / "waveforms.hdf5", tmp_path / "b" / "waveforms.hdf5"]
    before = [path.read_bytes() for path in sources]
    merge(files=sources, output_file=tmp_path / "merged.hdf5")
    assert [path.read_bytes() for path in sources] == before
    parts, merged = [read(path) for path in sources], read(tmp_path / "merged.hdf5")
    np.testing.assert_array_equal(merged["h1"], np.concatenate([part["h1"] for part in parts]))
    assert merged["attributes"]["num_injections"] == sum(part["attributes"]["num_injections"] for part in parts)
