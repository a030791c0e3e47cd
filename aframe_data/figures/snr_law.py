r"""The distribution of SNRs above a threshold, against the law for sources spread evenly in Euclidean space.

The SNR of a source falls as one over its distance, and the number of sources within a distance grows as its
cube: :math:`N(>\rho) \propto \rho^{-3}`, and the density is :math:`p(\rho) \propto \rho^{-4}`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from aframe_data.figures.canvas import ACCEPTED, DRAWN, IFO_COLOURS, LAW, drawing, write_names

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from aframe_data.types import FloatArray

_COLOURS = (ACCEPTED, IFO_COLOURS["V1"], IFO_COLOURS["K1"], IFO_COLOURS["L1"])
_MOST_BINS = 40
#: Signals so faint are left out of a density: their number says nothing about the threshold.
_FAINTEST = 0.1
#: Steps of a cumulative distribution that are drawn, and the number of signals that the ratio's axis shows whole.
_STEPS, _SURE = 2000, 50


def draw_snr_law(path: Path, snrs: Mapping[str, FloatArray], threshold: float, *, title: str = "") -> None:
    r"""Draw the fraction of signals louder than each SNR, on the law :math:`\rho^{-3}`, and their ratio below.

    The band around the law is the Poisson error of as many signals as a population has.

    Parameters
    ----------
    path
        The picture: png, pdf or svg.
    snrs
        The SNRs (n,) of each population, by its name in the legend; those below the threshold are left out.
    threshold
        Where the law is normalised: all signals are louder.
    title
        Above the picture, as it is.

    Raises
    ------
    UsageError
        `path` has another suffix.
    AframeDataError
        The file cannot be written.
    """
    louder = [np.sort(snr[snr >= threshold])[::-1] for snr in snrs.values()]
    last = 1.1 * max([2 * threshold, *(float(snr.max(initial=0)) for snr in louder)])
    most = max([1, *map(len, louder)])
    rho = np.geomspace(threshold, last, 300)
    law = (threshold / rho) ** 3
    with drawing(path, 5.6, 5.4, layout="constrained") as figure:
        upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
        handles = upper.plot(rho, law, color=LAW, linestyle="--", linewidth=1, zorder=3)
        lower.axhline(1, color=LAW, linestyle="--", linewidth=1)
        farthest = 1.5
        for number, snr in enumerate(louder):
            colour = _COLOURS[number % len(_COLOURS)]
            for axes, unit in ((upper, len(snr)), (lower, law * len(snr))):
                _draw_band(axes, rho, law * len(snr), unit, colour)
            # The signals, and all of them at the threshold.
            ranks = np.unique(np.geomspace(1, max(len(snr), 1), _STEPS).astype(int))[: len(snr)]
            steps, fractions = np.append(snr[ranks - 1], threshold), np.append(ranks, len(snr)) / max(len(snr), 1)
            ratio = fractions * (steps / threshold) ** 3
            style = {"color": colour, "where": "post", "zorder": 4}
            handles += upper.step(steps, fractions, linewidth=1.3, **style)
            lower.step(steps, ratio, linewidth=1.1, **style)
            farthest = max(farthest, 1.1 * ratio[np.append(ranks, len(snr)) >= _SURE].max(initial=0))
        upper.set(yscale="log", ylim=(0.5 / most, 2), ylabel=r"$N(>\rho)\,/\,N(>\rho_\mathrm{thr})$")
        lower.set(ylim=(0.5, min(farthest, 4)), ylabel=r"ratio to law")
        label_snr(lower, threshold, last)
        upper.set_title(title, parse_math=False)
        legend = upper.legend([*handles[1:], handles[0]], [*map(str, range(len(snrs))), r"$\propto\rho^{-3}$"])
        write_names(legend, [f"{name} ({len(snr)})" for name, snr in zip(snrs, louder, strict=True)])
        figure.align_ylabels()


def _draw_band(axes: Any, rho: FloatArray, law: FloatArray, unit: FloatArray | float, colour: str) -> None:
    """The square root of the numbers that the law gives (above zero, of which a logarithm is drawn), around them."""
    if not law.any():
        return
    below, above = np.maximum(law - np.sqrt(law), 1e-3), law + np.sqrt(law)
    axes.fill_between(rho, below / unit, above / unit, color=colour, alpha=0.16, linewidth=0)


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
