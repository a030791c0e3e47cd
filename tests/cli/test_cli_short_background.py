"""Background files of one second, which Aframe's pipeline leaves behind long ones: every command knows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from psd_strain import START, noise, write_strain

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RATE = 512


@pytest.fixture
def background(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a long file and a remainder behind it, in the folder that commands run in."""
    monkeypatch.chdir(tmp_path)
    for start, seconds in ((START, 100), (START + 100, 1)):
        strain = {ifo: noise(seconds, rate=RATE, level=1.6e-22, seed=row) for row, ifo in enumerate(("H1", "L1"))}
        path = write_strain(tmp_path / "background", strain, rate=RATE, start=start)
    return path


def test_it_is_inspected(cli: Callable[..., object], background: Path) -> None:
    shown = cli("inspect", background)
    assert (shown.code, shown.err) == (0, "")
    assert f"{START + 100} to {START + 101}" in shown.out


@pytest.mark.slow
def test_it_is_drawn(cli: Callable[..., object], background: Path) -> None:
    pytest.importorskip("matplotlib")
    assert "drawn in look.png" in cli("inspect", background, "--plot", "look.png").out


@pytest.mark.usefixtures("background")
def test_it_is_verified(cli: Callable[..., object]) -> None:
    assert "covers 1 s, less than min_duration = 10 s" in cli("verify", "background", "--no-segments").out
    asked = cli("verify", "background", "--no-segments", "--min-duration", "1")
    assert (asked.code, asked.err) == (0, "")
    assert "2 files, 101 s, 2 interferometers: sound" in asked.out


def test_its_psd_is_refused_in_a_line(cli: Callable[..., object], background: Path, tmp_path: Path) -> None:
    for given in (background, "background"):
        refused = cli("psd", given, "-o", "psd.hdf5")
        assert (refused.code, refused.err.count("\n")) == (2, 1)
        assert "has 1 s of strain, less than the 8 s of one FFT: leave it out, or ask for a shorter FFT" in refused.err
    assert [path.name for path in tmp_path.iterdir()] == ["background"]


@pytest.mark.usefixtures("background")
def test_a_campaign_has_no_injections_in_it(cli: Callable[..., object]) -> None:
    done = cli(
        *("timeslide-waveforms", "--background", "background", "--shifts", "0,1", "--spacing", "8", "--buffer", "2"),
        *("--psd_length", "16", "--prior", "nonspin_bbh", "--waveform_approximant", "IMRPhenomD", "--ifos", "H1,L1"),
        *("--sample_rate", str(RATE), "--waveform_duration", "2", "--right_pad", "0.5", "--seed", "3"),
        *("--workers", "0", "--output-dir", "campaign"),
    )
    assert (done.code, done.err) == (0, "")
    assert "in 1 slide of 1 segment" in done.out
