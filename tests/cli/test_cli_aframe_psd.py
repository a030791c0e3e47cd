"""PSD files between Aframe and ``aframe-data``: each reads the other's."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import h5py
import numpy as np
import pytest

from psd_strain import START, noise, write_strain

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

RATE, DURATION = 512, 2
IFOS = ("H1", "L1")
SIGNALS = (
    *("--prior", "nonspin_bbh", "--waveform_approximant", "IMRPhenomD", "--ifos", "H1,L1", "--sample_rate", str(RATE)),
    *("--right_pad", "0.5", "--seed", "3", "--workers", "0"),
)
VALIDATION = ("validation-waveforms", *SIGNALS, "--waveform_duration", str(DURATION), "--num_signals", "2")
CAMPAIGN = (
    *("timeslide-waveforms", *SIGNALS, "--waveform_duration", str(DURATION), "--start", str(START)),
    *("--end", str(START + 100), "--shifts", "0,1", "--spacing", "20", "--psd_length", "16", "-o", "campaign"),
)


def read_as_aframe(path: Path, ifos: Sequence[str], duration: float) -> dict[str, np.ndarray]:
    """What Aframe's generators do with a PSD file, of autumn 2026."""
    with h5py.File(path) as file:
        assert "df" in file.attrs, "taken for strain"
        if file.attrs["df"] != 1 / duration:
            raise ValueError("another df")
        return {ifo: file[ifo][:] for ifo in ifos}


@pytest.fixture
def theirs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PSD file as Aframe writes it, of white noise of 1e-23 / sqrt(Hz), in the folder that commands run in."""
    monkeypatch.chdir(tmp_path)
    with h5py.File(tmp_path / "theirs.hdf5", "w") as file:
        file.attrs["df"] = 1 / DURATION
        for ifo in IFOS:
            file[ifo] = np.full(RATE * DURATION // 2 + 1, 1e-46)
    return tmp_path / "theirs.hdf5"


@pytest.mark.parametrize("duration", [2, 3, 0.3, 2.2])
def test_aframe_reads_what_psd_writes(
    cli: Callable[..., object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, duration: float
) -> None:
    monkeypatch.chdir(tmp_path)
    strain = {ifo: noise(60, rate=1000, seed=row) for row, ifo in enumerate(IFOS)}
    write_strain(tmp_path / "background", strain, rate=1000)
    assert cli("psd", "background", "-o", "psd.hdf5", "--fft-length", str(duration)).code == 0
    spectra = read_as_aframe(tmp_path / "psd.hdf5", IFOS, duration)
    assert {ifo: (found.shape, found.dtype) for ifo, found in spectra.items()} == dict.fromkeys(
        IFOS, ((round(duration * 1000) // 2 + 1,), np.float64)
    )
    with pytest.raises(ValueError, match="another df"):
        read_as_aframe(tmp_path / "psd.hdf5", IFOS, 4)


def test_signals_are_measured_against_a_file_of_aframe(
    cli: Callable[..., object], theirs: Path, tmp_path: Path
) -> None:
    command = (*VALIDATION, "--psd", theirs.name, "--exact-df", "-o", "val.hdf5")
    done = cli(*command)
    assert (done.code, done.err) == (0, "")
    with h5py.File(tmp_path / "val.hdf5") as file:
        record = json.loads(file.attrs["provenance"])
    assert record["identity"]["noise"]["psd"]["H1"]["kind"] == "psd file"
    theirs.rename(tmp_path / "moved.hdf5")
    again = cli(*VALIDATION, "--psd", "moved.hdf5", "-o", "val.hdf5")
    assert "nothing to do" in again.out
    with h5py.File(tmp_path / "moved.hdf5", "a") as file:
        file["L1"][100] *= 2
    other = cli(*VALIDATION, "--psd", "moved.hdf5", "-o", "val.hdf5")
    assert (other.code, other.err.count("\n")) == (2, 1)
    assert "(another psd)" in other.err


@pytest.mark.parametrize("command", [(*VALIDATION, "-o", "val.hdf5"), CAMPAIGN], ids=["validation", "campaign"])
@pytest.mark.usefixtures("theirs")
def test_another_df_is_told_once_or_refused(cli: Callable[..., object], command: Sequence[str], tmp_path: Path) -> None:
    longer = [str(2 * DURATION) if word == str(DURATION) else word for word in command]
    if "--num_signals" in longer:
        longer[longer.index("--num_signals") + 1] = "2"
    refused = cli(*longer, "--psd", "theirs.hdf5", "--exact-df")
    assert (refused.code, refused.err.count("\n")) == (2, 1)
    assert "PSD 'theirs.hdf5' has df = 0.5 Hz, and 1 / waveform_duration is 0.25 Hz" in refused.err
    assert [path.name for path in tmp_path.iterdir()] == ["theirs.hdf5"]
    for more in (("--dry-run",), ()):
        done = cli(*longer, "--psd", "theirs.hdf5", *more)
        assert (done.code, done.err.count("\n")) == (0, 1)
        assert "PSD 'theirs.hdf5' is interpolated, from df = 0.5 Hz to 0.25 Hz." in done.err


def test_a_file_of_aframe_is_inspected(cli: Callable[..., object], theirs: Path) -> None:
    shown = cli("inspect", theirs.name, "--json")
    assert shown.code == 0
    found = json.loads(shown.out)
    assert (found["kind"], found["ifos"], found["intact"], found["provenance"]) == ("PSD", ["H1", "L1"], None, None)
    assert found["spectra"]["H1"]["frequencies"] == {"min": 0, "max": RATE / 2, "step": 1 / DURATION}


def test_a_file_of_aframe_among_background_is_told(cli: Callable[..., object], theirs: Path, tmp_path: Path) -> None:
    write_strain(tmp_path / "background", {ifo: noise(60, seed=seed) for seed, ifo in enumerate(IFOS)})
    theirs.rename(tmp_path / "background" / "psd.hdf5")
    found = cli("verify", "background", "--no-segments")
    assert (found.code, found.err) == (0, "")
    assert "note: other: psd.hdf5: holds spectra; Aframe reads it as background" in found.out
