"""Segments on a line of time, how they add up and how long they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from aframe_data.figures.timeline import TimeAxis, in_words
from aframe_data.types import Segment
from figures.conftest import png_size

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

START = 1240579783
SEGMENTS = [Segment(START + 86400 * day, START + 86400 * day + 43200) for day in range(10)]


@pytest.fixture(scope="module")
def draw_segments() -> Callable[..., None]:
    """Give what draws, which imports matplotlib: collecting tests does not."""
    from aframe_data.figures import segments

    return segments.draw_segments


@pytest.mark.slow
def test_a_picture_of_segments_is_the_same_twice(tmp_path: Path, draw_segments: Callable[..., None]) -> None:
    for name in ("one.png", "two.png"):
        draw_segments(tmp_path / name, SEGMENTS, flags={"H1_DATA": (7e5, 8e5)}, events=[START + 5e5], title="O3")
    assert png_size(tmp_path / "one.png") == (1800, 780)
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()


def test_the_title_tells_the_number_the_livetime_and_its_share_of_the_span_that_was_asked_for(
    tmp_path: Path, figures, draw_segments: Callable[..., None]
) -> None:
    draw_segments(tmp_path / "a.png", SEGMENTS, span=Segment(START - 432000, START + 10 * 86400), title="$a_b")
    assert figures[-1].get_suptitle() == "$a_b: 10 segments, livetime 5 days (33.3 % of 15 days)"
    strip, growth, durations = figures[-1].axes
    assert strip.get_xlim() == growth.get_xlim() == (0, 15)
    assert growth.get_xlabel() == f"Time [days] from GPS {START - 432000} (2019-04-24 13:29:25 UTC)"
    assert durations.get_xlabel() == "Duration of a segment"


def test_the_livetime_grows_in_the_segments_only(tmp_path: Path, figures, draw_segments: Callable[..., None]) -> None:
    draw_segments(tmp_path / "a.png", SEGMENTS)
    line = figures[-1].axes[1].get_lines()[1]
    days, livetime = line.get_xdata(), line.get_ydata()
    assert np.interp([0.25, 0.5, 0.9, 1.25, 9.5], days, livetime) == pytest.approx([0.25, 0.5, 0.5, 0.75, 5])


def test_segments_that_overlap_count_once(tmp_path: Path, figures, draw_segments: Callable[..., None]) -> None:
    draw_segments(tmp_path / "a.png", [Segment(START, START + 200), Segment(START + 100, START + 300)])
    assert figures[-1].get_suptitle() == "2 segments, livetime 300 seconds (100.0 % of 300 seconds)"


def test_flags_have_bars_of_what_is_known_and_active(
    tmp_path: Path, figures, draw_segments: Callable[..., None]
) -> None:
    flags = {"H1_DATA": (86400.0, 432000.0), "$L1_X": (864000.0, None)}
    draw_segments(tmp_path / "a.png", SEGMENTS, span=Segment(START, START + 864000), flags=flags)
    bars = figures[-1].axes[-1]
    assert [bar.get_width() for bar in bars.patches] == pytest.approx([50, 10, 100, 100, 50])
    assert [text.get_text() for text in bars.get_yticklabels()] == ["H1_DATA", "$L1_X", "segments"]


@pytest.mark.parametrize(
    "lengths",
    [
        *(pytest.param(lengths, marks=pytest.mark.slow) for lengths in ([1], [32, 32, 32])),
        [0.5],
        [1, 10, 100, 1e3, 1e5, 1e6],
    ],
)
def test_segments_of_any_length_are_drawn(
    tmp_path: Path, lengths: list[float], draw_segments: Callable[..., None]
) -> None:
    starts = START + 2e6 * np.arange(len(lengths))
    segments = [Segment(start, start + length) for start, length in zip(starts, lengths, strict=True)]
    draw_segments(tmp_path / "a.png", segments)
    assert png_size(tmp_path / "a.png") == (1800, 780)


def test_times_are_told_in_the_unit_that_their_length_asks_for() -> None:
    assert [in_words(seconds) for seconds in (32, 3600, 20_000, 1e6)] == [
        "32 seconds",
        "60 minutes",
        "5.556 hours",
        "11.57 days",
    ]
    axis = TimeAxis(Segment(START, START + 20_000))
    assert axis.of(START + 7200) == 2
