"""What a threshold on the SNR does to a population of signals: accepted against drawn, in one picture."""

from __future__ import annotations

import textwrap
from contextlib import contextmanager
from typing import TYPE_CHECKING

from matplotlib.patches import Patch

from aframe_data.figures import corner
from aframe_data.figures.canvas import DRAWN, drawing
from aframe_data.figures.snr_law import draw_density

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from typing import Any

    from aframe_data.figures.canvas import PagePicture
    from aframe_data.types import FloatArray

#: Inches: the least side of the corner and of the SNRs, a panel of a large corner, and room around for what is written.
_SIDE, _PANEL = 2.9, 1.45
_LEFT, _BOTTOM, _EDGE, _TITLE = 0.75, 0.6, 0.12, 0.5
#: Of the title: characters of an inch and of a word, and inches of each line behind the second.
_CHARACTERS, _WORD, _LINE = 13, 10, 0.19
#: From this many quantities on, the upper right of the triangle has room for the SNRs; else they stand beside it.
_ROOMY = 4


def draw_signals(
    path: Path,
    accepted: Mapping[str, FloatArray],
    drawn: Mapping[str, FloatArray],
    *,
    snr_threshold: float,
    rejected_snr: FloatArray | None = None,
    title: str = "",
) -> None:
    """Draw a corner plot of accepted against drawn parameters, and the SNRs of the accepted signals.

    Parameters
    ----------
    path
        The picture: png, pdf or svg.
    accepted
        Parameters (n,) of the accepted signals, with their network ``snr``.
    drawn
        Parameters (m,) of all draws, the accepted ones among them, or of other draws from the same prior.
        Quantities that are constant, or lack a parameter in either mapping, are left out.
    snr_threshold
        The SNR that signals were accepted above.
    rejected_snr
        SNRs of every rejected draw, to be shown below the threshold.
    title
        Above the picture, as it is.

    Raises
    ------
    UsageError
        `path` has another suffix.
    AframeDataError
        The file cannot be written.
    """
    with corner_page(path, corner.axes_of(accepted, drawn), title) as axes:
        handles = draw_density(axes, accepted["snr"], snr_threshold, rejected_snr)
        names = [f"accepted: {len(accepted['snr'])}", r"$\propto\rho^{-4}$"]
        axes.legend(
            [Patch(facecolor="0.88", edgecolor=DRAWN), *handles], ["drawn", *names], loc="upper right", handlelength=1.6
        )


@contextmanager
def corner_page(
    path: Path | PagePicture, varying: list[corner.Axis], title: str, *, beside: bool = True
) -> Iterator[Any]:
    """Draw a corner plot, and give the axes of what stands in its upper right, or right of it where it is small.

    Without anything `beside` it there are no such axes, but None.
    """
    count = len(varying)
    side = max(_SIDE, count * _PANEL)
    if count >= _ROOMY:
        width, snr_side = _LEFT + side, count // 2 * _PANEL
    else:
        width, snr_side = _LEFT + side + _SIDE * beside if count else _SIDE, _SIDE
    lines = [part for line in title.splitlines() for part in _wrapped(line, int(_CHARACTERS * width))]
    top = _EDGE + _TITLE * bool(lines) + _LINE * max(0, len(lines) - 2)
    width, height = width + _EDGE, _BOTTOM + side + top
    with drawing(path, width, height) as figure:
        figure.suptitle("\n".join(lines), y=1 - _EDGE / height, va="top", linespacing=1.1, parse_math=False)
        if varying:
            _draw_corner(figure, varying, (_LEFT / width, _BOTTOM / height, side / width, side / height))
        # The upper right corner of the picture; its own labels lie inside its square, or it has those of the corner.
        wide, high = snr_side - _LEFT, snr_side - (_BOTTOM if count >= _ROOMY else 0)
        place = ((width - _EDGE - wide) / width, (height - top - high) / height, wide / width, high / height)
        yield figure.add_axes(place) if beside else None


def _wrapped(line: str, most: int) -> list[str]:
    """A line of the title as several that have room, and about the same length."""
    number = len(textwrap.wrap(line, most))
    return textwrap.wrap(line, min(most, len(line) // max(number, 1) + _WORD))


def _draw_corner(figure: Any, varying: list[corner.Axis], place: tuple[float, float, float, float]) -> None:
    """Draw the lower triangle into a place (left, bottom, width, height) of the figure."""
    left, bottom, width, height = place
    count = len(varying)
    grid = figure.add_gridspec(
        count, count, left=left, bottom=bottom, right=left + width, top=bottom + height, wspace=0.07, hspace=0.07
    )
    for row, up in enumerate(varying):
        for column, across in enumerate(varying[: row + 1]):
            axes = figure.add_subplot(grid[row, column])
            if row == column:
                corner.draw_one(axes, up)
            else:
                corner.draw_two(axes, across, up)
            corner.label(axes, across, up, below=row == count - 1, beside=column == 0 < row)
    figure.align_labels()
