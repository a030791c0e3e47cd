"""The parameters of one population of signals, in every pair of quantities, and how loud they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from aframe_data.figures import corner
from aframe_data.figures.canvas import ACCEPTED, LAW
from aframe_data.figures.signals import corner_page
from aframe_data.figures.snr_law import label_snr
from aframe_data.sizes import counted

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from aframe_data.types import FloatArray

_BINS = 40
#: Of the signals, those at both ends whose SNRs are not shown.
_TAIL = 0.002


def draw_parameters(
    path: Path,
    parameters: Mapping[str, FloatArray],
    *,
    number: int | None = None,
    snr_threshold: float | None = None,
    title: str = "",
) -> None:
    """Draw a corner plot of the parameters of signals and, where they have one, their network ``snr``.

    Parameters
    ----------
    path
        The picture: png, pdf or svg.
    parameters
        (n,) each. Of binaries, the quantities that physicists look at are drawn, of other sources all that was drawn;
        what is constant is left out.
    number
        Of the signals of which these are a part, for the legend.
    snr_threshold
        The SNR that signals were accepted above, to be marked.
    title
        Above the picture, as it is.

    Raises
    ------
    UsageError
        `path` has another suffix.
    AframeDataError
        The file cannot be written.
    """
    snr = parameters.get("snr")
    # Shades and contours of the same signals.
    with corner_page(path, corner.axes_of(parameters, parameters), title, beside=snr is not None) as axes:
        if snr is not None:
            _draw_snr(axes, snr, len(snr) if number is None else number, snr_threshold)


def _draw_snr(axes: Any, snr: FloatArray, number: int, threshold: float | None) -> None:
    """The density of the SNRs, in log rho."""
    shown = snr[np.isfinite(snr) & (snr > 0)]
    low, high = np.quantile(shown, [_TAIL, 1 - _TAIL]) if len(shown) else (1.0, 10.0)
    high = max(high, 1.01 * low)
    bins = np.geomspace(low, high, int(np.clip(2 * np.cbrt(len(shown)), 5, _BINS)) + 1)
    counts = np.histogram(shown, bins)[0] / max(len(shown), 1) / np.diff(np.log(bins))
    axes.stairs(
        counts, bins, fill=True, facecolor="0.88", edgecolor=ACCEPTED, linewidth=1.4, label=counted(number, "signal")
    )
    if threshold is not None:
        axes.axvline(threshold, color=LAW, linewidth=1, linestyle="--", label=rf"threshold {threshold:g}")
    axes.set(ylim=(0, 1.3 * max(float(counts.max()), 1e-9)), ylabel=r"$p(\ln\,\rho)$")
    marks = [] if threshold is None else [threshold]
    label_snr(axes, 0.9 * min([low, *marks]), 1.1 * max([high, *marks]))
    below = threshold is not None and bool(np.median(shown) < threshold) if len(shown) else False
    axes.legend(loc="upper left" if below else "upper right", handlelength=1.4)
