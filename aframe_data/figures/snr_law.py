r"""The distribution of SNRs above a threshold, against the law for sources spread evenly in Euclidean space.

The SNR of a source falls as one over its distance, and the number of sources within a distance grows as its
cube: :math:`N(>\rho) \propto \rho^{-3}`, and the density is :math:`p(\rho) \propto \rho^{-4}`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from aframe_data.figures.canvas import ACCEPTED, DRAWN, LAW

if TYPE_CHECKING:
    from aframe_data.types import FloatArray

_MOST_BINS = 40
#: Signals so faint are left out of a density: their number says nothing about the threshold.
_FAINTEST = 0.1


def draw_density(axes: Any, accepted: FloatArray, threshold: float, rejected: FloatArray | None = None) -> list[Any]:
    """Draw the density of accepted SNRs with the law, and of the rejected below the threshold where given.

    Both densities have one unit, in which the accepted signals have area one. Returns what a legend names:
    the accepted signals and the law.
    """
    loudest = max(float(accepted.max(initial=threshold)), 2 * threshold)
    bins = int(np.clip(2 * np.cbrt(len(accepted)), 4, _MOST_BINS))
    edges = np.geomspace(threshold, loudest * (1 + 1e-9), bins + 1)
    counts = np.histogram(accepted, edges)[0]
    unit = max(len(accepted), 1) * np.diff(edges)
    some = counts > 0
    middles = np.sqrt(edges[1:] * edges[:-1])[some]
    heights = (counts / unit)[some]
    errors = (np.sqrt(counts) / unit)[some]
    points = axes.errorbar(
        middles,
        heights,
        # A single count minus its error is zero, which a logarithm cannot show.
        yerr=np.array([np.minimum(errors, 0.9 * heights), errors]),
        xerr=np.array([middles - edges[:-1][some], edges[1:][some] - middles]),
        color=ACCEPTED,
        linestyle="none",
        linewidth=1.2,
        zorder=3,
    )
    faintest, values = threshold, np.zeros(0)
    if rejected is not None and (shown := rejected[rejected >= _FAINTEST]).size:
        faintest = float(np.clip(np.quantile(shown, 0.01), threshold / 10, 0.8 * threshold))
        below = np.geomspace(faintest, threshold, _MOST_BINS // 2 + 1)
        values = np.histogram(shown, below)[0] / np.diff(below) / max(len(accepted), 1)
        axes.stairs(values, below, fill=True, facecolor="0.88", edgecolor=DRAWN, baseline=1e-300)
    rho = np.geomspace(faintest, loudest, 200)
    law = 3 * threshold**3 / rho**4
    (line,) = axes.plot(rho, law, color=LAW, linestyle="--", linewidth=1.1, zorder=2)
    axes.axvline(threshold, color=LAW, linewidth=0.7)
    lowest = min(heights.min(initial=law[-1]), law[-1])
    # Room for the legend, above what stands right of the threshold.
    highest = max((heights + errors).max(initial=0), 3 / threshold)
    highest = max(lowest * (highest / lowest) ** 1.35, 3 * values.max(initial=0))
    axes.set(yscale="log", ylim=(0.4 * lowest, highest), ylabel=r"$p(\rho)$")
    label_snr(axes, faintest / 1.02, 1.05 * loudest)
    return [points, line]


def label_snr(axes: Any, first: float, last: float, text: str = r"Network SNR $\rho$") -> None:
    """Make a logarithmic axis of SNRs, with plain numbers (4, 10, 20)."""
    axes.set(xscale="log", xlim=(first, last), xlabel=text)
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 4) if last < 80 * first else (1, 3), numticks=12))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
