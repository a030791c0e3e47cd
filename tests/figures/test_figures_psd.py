"""ASDs with reference curves: what is drawn, on which axes, and the spectra that nobody expects."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from aframe_data.psd.curves import Curve
from figures.conftest import png_size, spectra

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from matplotlib.axes import Axes


def curve(name: str, level: float = 3e-24) -> Curve:
    return Curve(name, np.geomspace(5, 5000, 500), np.full(500, level), 5.0)


@pytest.fixture(scope="module")
def draw_asds() -> Callable[..., None]:
    """Give what draws, which imports matplotlib: collecting tests does not."""
    from aframe_data.figures import psd

    return psd.draw_asds


@pytest.fixture
def drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, draw_asds: Callable[..., None]):
    """Draw, and give the axes as they were saved."""
    from aframe_data.figures import psd

    figures = []

    def keep(path: Path, *arguments: float, **settings: str):
        drawing = original(path, *arguments, **settings)
        figures.append(drawing.__enter__())
        return _Entered(drawing, figures[-1])

    original = psd.drawing
    monkeypatch.setattr(psd, "drawing", keep)

    def draw(*arguments, **settings) -> Axes:
        draw_asds(tmp_path / "psd.png", *arguments, **settings)
        return figures[-1].axes[0]

    return draw


class _Entered:
    def __init__(self, manager, figure) -> None:
        self.manager, self.figure = manager, figure

    def __enter__(self):
        return self.figure

    def __exit__(self, *error):
        return self.manager.__exit__(*error)


@pytest.mark.slow
def test_a_picture_of_asds_is_the_same_twice(tmp_path: Path, draw_asds: Callable[..., None]) -> None:
    for name in ("one.png", "two.png"):
        draw_asds(tmp_path / name, spectra(), references=[curve("design")], title="O3")
    assert png_size(tmp_path / "one.png") == (1400, 880)
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()
    assert len(list(tmp_path.iterdir())) == 2


def test_the_axes_go_from_10_hz_to_the_nyquist_frequency_over_the_noise_without_the_roll_off(drawn) -> None:
    axes = drawn(spectra())
    assert axes.get_xlim() == (10, 1024)
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    bottom, top = axes.get_ylim()
    # The lowest noise is 5e-24 with a scatter of a fifth; the roll-off would be 1e-4 of it.
    assert 1e-24 < bottom < 5e-24
    assert 5e-21 < top < 1e-18


@pytest.mark.slow
def test_lines_keep_their_height_and_the_medians_the_level(drawn) -> None:
    noise = spectra(("H1",), bins=524_289)
    index = 300_000
    noise.values[0, index] = (1e-20) ** 2
    axes = drawn(noise)
    full, median = (line.get_xydata() for line in axes.get_lines()[:2])
    assert full[:, 1].max() >= 1e-20
    assert full[np.argmax(np.where(full[:, 0] > 100, full[:, 1], 0)), 0] == noise.frequencies[index]
    assert np.all(np.diff(full[:, 0]) > 0)
    assert len(full) <= 3002
    at = np.argmin(abs(median[:, 0] - noise.frequencies[index]))
    # The noise is 8.8e-24 there; half the columns' scatter of sqrt(1/20)/2/sqrt(900) is 0.4 %.
    assert median[at, 1] == pytest.approx(5e-24 * np.sqrt(1 + (median[at, 0] / 400) ** 2), rel=0.03)


def test_the_legend_names_interferometers_and_curves_as_they_are(drawn) -> None:
    names = ["_hidden", "cost_$5_and_$6", "psd/äβ.txt", "4", "5"]
    axes = drawn(spectra(("H1", "V1")), references=[curve(name) for name in names], title="$x")
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["H1", "V1", *names]
    assert axes.get_title() == "$x"


def test_a_curve_far_below_does_not_press_the_spectra_together(drawn) -> None:
    assert drawn(spectra(), references=[curve("ET", 1e-27)]).get_ylim()[0] > 1e-26


@pytest.mark.parametrize("value", [np.nan, *(pytest.param(value, marks=pytest.mark.slow) for value in (0.0, np.inf))])
def test_values_outside_a_band_may_be_anything(tmp_path: Path, value: float, draw_asds: Callable[..., None]) -> None:
    noise = spectra()
    noise.values[0, noise.frequencies < 32] = value
    noise.values[1] = value
    draw_asds(tmp_path / "psd.png", noise)
    assert png_size(tmp_path / "psd.png") == (1400, 880)


@pytest.mark.parametrize(
    ("bins", "nyquist"),
    [
        (2, 1024.0),
        *(
            pytest.param(*grid, marks=pytest.mark.slow)
            for grid in ((3, 32.0), (17, 16.0), (65, 8.0), (1_048_577, 8192.0))
        ),
    ],
)
def test_grids_of_any_length_are_drawn(
    tmp_path: Path, bins: int, nyquist: float, draw_asds: Callable[..., None]
) -> None:
    draw_asds(tmp_path / "psd.png", spectra(("X1",), bins, nyquist), references=[curve("design")])
    assert png_size(tmp_path / "psd.png") == (1400, 880)


def test_spectra_that_begin_above_10_hz_and_curves_outside_are_drawn(
    tmp_path: Path, draw_asds: Callable[..., None]
) -> None:
    noise = spectra()
    above = noise.frequencies >= 20
    noise = replace(noise, frequencies=noise.frequencies[above], values=noise.values[:, above])
    far = Curve("far", np.array([2000.0, 3000.0]), np.array([1e-23, 1e-23]), 2000.0)
    draw_asds(tmp_path / "psd.png", noise, references=[far])
    assert png_size(tmp_path / "psd.png") == (1400, 880)


def test_lines_of_interferometers_that_coincide_are_seen_on_both_sides_of_each_other(drawn) -> None:
    same = spectra(("H1", "L1", "V1"))
    same.values[1:] = same.values[0]
    widths = [line.get_linewidth() for line in drawn(same).get_lines() if line.get_alpha() is None]
    assert widths == sorted(widths, reverse=True)
    assert len({*widths}) == 3


def test_an_axis_of_few_decades_has_more_labels_than_the_powers_of_ten(drawn) -> None:
    flat = spectra()
    flat.values[:] = 1e-46
    axes = drawn(flat)
    axes.figure.canvas.draw()
    bottom, top = axes.get_ylim()
    ticks = [*axes.get_yticks(), *axes.get_yticks(minor=True)]
    labels = [label.get_text() for label in [*axes.get_yticklabels(), *axes.get_yticklabels(minor=True)]]
    assert sum(bottom <= tick <= top and bool(label) for tick, label in zip(ticks, labels, strict=True)) > 2
