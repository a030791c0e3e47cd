"""The corner plot of one population."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from figures.conftest import CONSTANTS, FULL, THRESHOLD, TWO, accepted_of, png_size, population

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(scope="module")
def draw_parameters() -> Callable[..., None]:
    """Give what draws, which imports matplotlib: collecting tests does not."""
    from aframe_data.figures import parameters

    return parameters.draw_parameters


@pytest.mark.slow
def test_a_picture_of_parameters_is_the_same_twice(tmp_path: Path, draw_parameters: Callable[..., None]) -> None:
    drawn = population(3000, **CONSTANTS)
    for name in ("one.png", "two.png"):
        draw_parameters(tmp_path / name, drawn, snr_threshold=THRESHOLD)
    assert png_size(tmp_path / "one.png") == TWO
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()


@pytest.mark.slow
def test_the_legend_tells_all_signals_of_which_these_are_a_part(
    tmp_path: Path, figures, draw_parameters: Callable[..., None]
) -> None:
    drawn = population(3000, **CONSTANTS)
    rejected = {name: values[drawn["snr"] < THRESHOLD] for name, values in drawn.items()}
    draw_parameters(tmp_path / "a.png", rejected, number=12345, snr_threshold=THRESHOLD)
    snr = figures[-1].axes[-1]
    assert [text.get_text() for text in snr.get_legend().get_texts()] == ["12345 signals", "threshold 4"]
    first, last = snr.get_xlim()
    assert first < 1.6 < THRESHOLD < last


@pytest.mark.slow
def test_parameters_without_snrs_have_a_corner_only(
    tmp_path: Path, figures, draw_parameters: Callable[..., None]
) -> None:
    drawn = population(500)
    del drawn["snr"]
    draw_parameters(tmp_path / "a.png", drawn)
    assert png_size(tmp_path / "a.png") == FULL
    assert len(figures[-1].axes) == 21


@pytest.mark.parametrize("number", [0, 1, 2, 150])
def test_few_signals_are_drawn(tmp_path: Path, figures, number: int, draw_parameters: Callable[..., None]) -> None:
    some = accepted_of(population(5000, **CONSTANTS), number)
    draw_parameters(tmp_path / "a.png", some, snr_threshold=THRESHOLD)
    assert png_size(tmp_path / "a.png")[1] > 500
    legend = figures[-1].axes[-1].get_legend().get_texts()[0].get_text()
    assert legend == ("1 signal" if number == 1 else f"{number} signals")


def test_one_signal_has_a_legend_and_a_whole_title(
    tmp_path: Path, figures, draw_parameters: Callable[..., None]
) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    title = "rejected-parameters.hdf5: 1 signal, prior end_o3_ratesandpops, network SNR threshold 4\nmasses"
    draw_parameters(tmp_path / "a.png", population(1), title=title)
    figure = figures[-1]
    assert figure.axes[-1].get_legend().get_texts()[0].get_text() == "1 signal"
    (shown,) = figure.texts
    assert " ".join(shown.get_text().split()) == " ".join(title.split())
    box = shown.get_window_extent(FigureCanvasAgg(figure).get_renderer())
    assert 0 < box.x0 < box.x1 < figure.bbox.width
    assert figure.axes[-1].get_window_extent().y1 < box.y0


def test_of_other_sources_all_parameters_are_drawn(
    tmp_path: Path, figures, draw_parameters: Callable[..., None]
) -> None:
    rng = np.random.default_rng(1)
    drawn = {name: rng.uniform(0, 1, 50) for name in ("dec", "frequency", "snr", "quality")}
    drawn |= {"price in $": rng.uniform(0, 1, 50), "distance": np.ones(50), "ifo_snrs": rng.uniform(0, 1, (50, 2))}
    drawn["flag"], drawn["turn"] = rng.uniform(0, 1, 50) < 0.5, rng.uniform(0, 1, 50) * 1j
    draw_parameters(tmp_path / "a.png", drawn)
    labels = [axes.get_xlabel() for axes in figures[-1].axes if axes.get_xlabel()]
    assert labels[:-1] == ["frequency [Hz]", "quality", r"price in \$", "flag", r"$\sin\,\delta$"]


def test_snrs_that_are_not_known_are_left_out(tmp_path: Path, draw_parameters: Callable[..., None]) -> None:
    drawn = population(500, **CONSTANTS)
    drawn["snr"][:3] = [0, np.nan, np.inf]
    draw_parameters(tmp_path / "a.png", drawn)
    assert png_size(tmp_path / "a.png") == TWO
