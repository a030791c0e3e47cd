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


def test_snrs_that_are_not_known_are_left_out(tmp_path: Path, draw_parameters: Callable[..., None]) -> None:
    drawn = population(500, **CONSTANTS)
    drawn["snr"][:3] = [0, np.nan, np.inf]
    draw_parameters(tmp_path / "a.png", drawn)
    assert png_size(tmp_path / "a.png") == TWO
