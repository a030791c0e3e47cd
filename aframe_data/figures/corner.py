"""The lower triangle of a corner plot: one population against another, in every pair of quantities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator
from scipy.ndimage import gaussian_filter

from aframe_data.figures.canvas import ACCEPTED, DRAWN
from aframe_data.figures.quantities import FEWEST_FOR_CONTOURS, computed, known, quantities_of, varies

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aframe_data.figures.quantities import Quantity
    from aframe_data.types import FloatArray

#: Fractions of the accepted signals inside their contours.
_INSIDE = (0.9, 0.5)
_GREY = "0.88"
#: From nothing to a grey that on white is 0.7, and on a dark page is seen as well.
_SHADES = LinearSegmentedColormap.from_list("drawn", [(0.5, 0.5, 0.5, 0.0), (0.5, 0.5, 0.5, 0.6)])
_BINS = 40
#: Of Silverman's width of a Gaussian kernel: he takes the population for a Gaussian, and ours have edges.
_SMOOTHING = 0.9
#: Points of a population that are drawn.
_MOST_POINTS = 1000
#: Quantities of a corner, each of which a person can still read.
_MOST_AXES = 12
#: Fraction of all draws left out on each side of an axis, unless an accepted signal is there.
_TAIL = 0.001


class Axis(NamedTuple):
    """One quantity of the signals: of the accepted (n,), and of the drawn (m,)."""

    quantity: Quantity
    accepted: FloatArray
    drawn: FloatArray

    @property
    def span(self) -> tuple[float, float]:
        """The values that are shown: every accepted signal, and all but the outliers of the drawn ones."""
        ends = [*np.quantile(self.drawn, [_TAIL, 1 - _TAIL])] if len(self.drawn) else []
        ends += [self.accepted.min(), self.accepted.max()] if len(self.accepted) else []
        return float(min(ends)), float(max(ends))

    @property
    def limits(self) -> tuple[float, float]:
        """The span, and a rim that tells where the signals end from where the panel does."""
        low, high = self.span
        return low - 0.02 * (high - low), high + 0.02 * (high - low)


def axes_of(
    accepted: Mapping[str, FloatArray],
    drawn: Mapping[str, FloatArray],
    quantities: Sequence[Quantity] | None = None,
) -> list[Axis]:
    """An axis for each quantity that both populations tell, and that is not the same for all signals.

    Without `quantities`, these are what is shown of such signals.
    """
    names = [name for name in accepted if name in drawn and _is_plain(accepted[name]) and _is_plain(drawn[name])]
    shared = quantities_of(names) if quantities is None else known({*names}, quantities)
    both = zip(shared, computed(accepted, shared), computed(drawn, shared), strict=True)
    return [Axis(*one) for one in both if varies(np.concatenate(one[1:]))][:_MOST_AXES]


def _is_plain(values: FloatArray) -> bool:
    """Whether there is one real number a signal: files may have anything."""
    return values.ndim == 1 and values.dtype.kind in "biuf"


def draw_one(axes: Any, axis: Axis) -> None:
    """Both densities of one quantity, each with area one."""
    top = 0.0
    for values, style in (
        (axis.drawn, {"fill": True, "facecolor": _GREY, "edgecolor": DRAWN}),
        (axis.accepted, {"edgecolor": ACCEPTED, "linewidth": 1.4}),
    ):
        bins = int(np.clip(2 * np.cbrt(len(values)), 5, _BINS))
        counts, edges = np.histogram(values, bins, axis.span)
        heights = counts / max(counts.sum(), 1) / (edges[1] - edges[0])
        top = max(top, heights.max())
        axes.stairs(heights, edges, **style)
    axes.set(xlim=axis.limits, ylim=(0, 1.12 * top))
    axes.tick_params(left=False, right=False, labelleft=False)


def draw_two(axes: Any, across: Axis, up: Axis) -> None:
    """Both populations in the plane of two quantities: what was drawn in grey, what was accepted in colour."""
    spans = [across.span, up.span]
    shades = _density(across.drawn, up.drawn, spans)
    if shades is None:
        _draw_points(axes, across.drawn, up.drawn, color=DRAWN, alpha=0.7, zorder=1)
    else:
        x, y, density = shades
        # The root shows the tails beside the peak of a steep population.
        axes.pcolormesh(x, y, np.sqrt(density), cmap=_SHADES, vmin=0, rasterized=True, zorder=1)
    alpha = float(np.clip(20 / max(len(across.accepted), 1) ** 0.6, 0.2, 0.9))
    _draw_points(axes, across.accepted, up.accepted, color=ACCEPTED, alpha=alpha, zorder=2)
    contours = _density(across.accepted, up.accepted, spans)
    if contours is not None:
        axes.contour(*_to_edges(*contours), _levels(contours[2]), colors=ACCEPTED, linewidths=1.1, zorder=3)
    axes.set(xlim=across.limits, ylim=up.limits)


def _draw_points(axes: Any, x: FloatArray, y: FloatArray, **style: Any) -> None:
    step = -(-len(x) // _MOST_POINTS) or 1
    size = 14 if len(x) <= 10 else 3
    # As dots, also in a pdf: a reader should not have to draw a thousand circles a panel.
    axes.scatter(x[::step], y[::step], s=size, linewidths=0, rasterized=True, **style)


def _density(
    x: FloatArray, y: FloatArray, spans: list[tuple[float, float]]
) -> tuple[FloatArray, FloatArray, FloatArray] | None:
    """Edges of bins along x and y, and the smoothed density (y, x); None for too few signals to have one."""
    counts, *edges = np.histogram2d(x, y, bins=_BINS, range=spans)
    if counts.sum() < FEWEST_FOR_CONTOURS:
        return None
    widths = [
        _SMOOTHING * values.std() * len(values) ** (-1 / 6) / (edge[1] - edge[0])
        for values, edge in zip((x, y), edges, strict=True)
    ]
    return edges[0], edges[1], gaussian_filter(counts, np.clip(widths, 0.7, 5), mode="reflect").T


def _levels(density: FloatArray) -> list[float]:
    """The densities whose contours hold the fractions of the population, ascending."""
    falling = np.sort(density, axis=None)[::-1]
    inside = np.cumsum(falling)
    return sorted({float(falling[np.searchsorted(inside, fraction * inside[-1])]) for fraction in _INSIDE})


def _to_edges(x: FloatArray, y: FloatArray, density: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """A density at the centres of bins and, repeated, at the outermost edges: contours reach the edge."""
    centres = [np.concatenate([edge[:1], (edge[1:] + edge[:-1]) / 2, edge[-1:]]) for edge in (x, y)]
    return centres[0], centres[1], np.pad(density, 1, mode="edge")


def label(axes: Any, across: Axis, up: Axis, *, below: bool, beside: bool) -> None:
    """Ticks on all panels, numbers and labels on those `below` and `beside` which there is none."""
    axes.tick_params(labelbottom=below, labelleft=beside, labelsize=9, length=3)
    _set_ticks(axes.xaxis, across.quantity)
    if across is not up:
        _set_ticks(axes.yaxis, up.quantity)
    axes.set(xlabel=across.quantity.label if below else "", ylabel=up.quantity.label if beside else "")


def _few_ticks(low: float, high: float) -> list[float]:
    """Three round values or some more, none so near an end that its label runs into that of the next panel."""
    rim = 0.08 * (high - low)
    inner = low + rim, high - rim
    for most in (3, 4, 5):
        ticks = [float(tick) for tick in MaxNLocator(most).tick_values(*inner) if inner[0] <= tick <= inner[1]]
        if len(ticks) > 2:
            break
    return ticks


def _set_ticks(axis: Any, quantity: Quantity) -> None:
    if not quantity.logarithmic:
        axis.set_major_locator(FixedLocator(_few_ticks(*axis.get_view_interval())))
        return
    low, high = (10**end for end in axis.get_view_interval())
    if high < 5 * low:
        numbers = np.array(MaxNLocator(3, prune="both").tick_values(low, high))
    else:
        leading = (1, 2, 5) if high < 50 * low else (1, 3) if high < 500 * low else (1,)
        numbers = np.array([number * 10.0**power for power in range(-9, 10) for number in leading])
    axis.set_major_locator(FixedLocator(np.log10(numbers[(numbers >= low) & (numbers <= high)])))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{10**value:.3g}"))
