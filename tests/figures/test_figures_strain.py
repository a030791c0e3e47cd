"""Strain at a glance: which panels there are, what the colours mean, and strain that is not there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from aframe_data.psd.spectrogram import Spectrogram
from aframe_data.types import Segment
from figures.conftest import png_size, spectra

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

SPAN = Segment(1126259446, 1126259478)


def spectrogram(columns: int = 20, loudest: float = 4.2) -> Spectrogram:
    ratio = np.random.default_rng(2).rayleigh(0.6, (30, columns))
    ratio[10, columns // 2] = loudest
    return Spectrogram(np.linspace(0, 32, columns + 1), np.geomspace(10, 1024, 31), ratio)


@pytest.fixture(scope="module")
def strain() -> ModuleType:
    """Give what draws, which imports matplotlib: collecting tests does not."""
    from aframe_data.figures import strain

    return strain


@pytest.mark.slow
def test_a_picture_of_strain_is_the_same_twice(tmp_path: Path, strain: ModuleType) -> None:
    lines = {"H1": [strain.Line("CBC_CAT1", {"passed": [SPAN]})]}
    for name in ("one.png", "two.png"):
        strain.draw_strain(tmp_path / name, SPAN, spectra(), {"H1": spectrogram(), "L1": spectrogram()}, lines=lines)
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.slow
def test_each_interferometer_has_a_spectrogram_and_a_strip_and_the_last_one_the_time(
    tmp_path: Path, figures, strain: ModuleType
) -> None:
    lines = {ifo: [strain.Line(name, {"passed": [SPAN]}) for name in ("DATA", "CBC_CAT1")] for ifo in ("H1", "L1")}
    strain.draw_strain(tmp_path / "a.png", SPAN, spectra(), {"H1": spectrogram(), "L1": spectrogram()}, lines=lines)
    _, first, strip, second, last, scale = figures[-1].axes
    assert [axes.get_ylabel() for axes in (first, second)] == ["H1: frequency [Hz]", "L1: frequency [Hz]"]
    assert [text.get_text() for text in strip.get_yticklabels()] == ["DATA", "CBC_CAT1"]
    assert last.get_xlabel() == "Time [seconds] from GPS 1126259446 (2015-09-14 09:50:29 UTC)"
    assert [axes.get_xlabel() for axes in (first, strip, second)] == ["", "", ""]
    assert {axes.get_xlim() for axes in (first, strip, second, last)} == {(0, 32)}
    assert scale.get_ylabel() == "Amplitude / its median in time"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("loudest", "last"),
    [pytest.param(1.0, 2, marks=pytest.mark.slow), (4.2, 5), pytest.param(300.0, 10, marks=pytest.mark.slow)],
)
def test_colours_go_from_zero_to_what_is_loud_within_bounds(
    tmp_path: Path, figures, loudest: float, last: int, strain: ModuleType
) -> None:
    one = spectrogram(loudest=loudest)
    one.ratio[:] = np.where(one.ratio == loudest, loudest, 1)
    strain.draw_strain(tmp_path / "a.png", SPAN, spectra(("H1",)), {"H1": one})
    (mesh,) = figures[-1].axes[1].collections
    assert (mesh.norm.vmin, mesh.norm.vmax) == (0, last)


@pytest.mark.slow
def test_the_legend_says_what_the_colours_of_the_strips_mean_that_are_used(
    tmp_path: Path, figures, strain: ModuleType
) -> None:
    lines = {"H1": [strain.Line("DATA", {"passed": [SPAN], "failed": []}), strain.Line("no data", {"filled": [SPAN]})]}
    strain.draw_strain(tmp_path / "a.png", SPAN, spectra(("H1",)), {"H1": spectrogram()}, lines=lines)
    (legend,) = figures[-1].legends
    assert [text.get_text() for text in legend.get_texts()] == ["check passed", "filled, no data"]


@pytest.mark.slow
def test_an_interferometer_without_any_strain_is_drawn(tmp_path: Path, strain: ModuleType) -> None:
    nothing = spectrogram()
    nothing.ratio[:] = np.nan
    noise = spectra(("H1", "L1"))
    noise.values[0] = 0
    strain.draw_strain(tmp_path / "a.png", SPAN, noise, {"H1": nothing, "L1": spectrogram()}, title="$x_")
    strain.draw_strain(tmp_path / "b.png", SPAN, noise, {"H1": nothing})
    assert png_size(tmp_path / "a.png")[0] == png_size(tmp_path / "b.png")[0] == 1600
