"""Background strain at a glance: spectral densities, what changes in time, and what the masks say of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.colors import Normalize
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.patches import Patch

from aframe_data.figures.canvas import drawing
from aframe_data.figures.psd import draw_lines
from aframe_data.figures.timeline import TimeAxis

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from aframe_data.psd.curves import Curve
    from aframe_data.psd.spectrogram import Spectrogram
    from aframe_data.types import PowerSpectra, Segment

#: Inches: of the picture, of its rows, and of one line of a strip.
_WIDTH, _SPECTRA, _SPECTROGRAM, _LINE, _LABELS = 8.0, 3.3, 2.1, 0.15, 0.75
#: Amplitude over its median that has the last colour: the loudest there is but for outliers, between these.
_LOUDEST, _OUTLIERS = (2.0, 10.0), 0.01
_COLOURS = "viridis"
#: Where there is no strain.
_HOLE = "1.0"
#: What a strip is painted in, and what that means; blue and orange differ for every eye too.
STYLES = {
    "passed": ("#9ecae1", "check passed"),
    "failed": ("#d95f02", "not passed"),
    "filled": ("#1a1a1a", "filled, no data"),
}


@dataclass(frozen=True)
class Line:
    """One line of the strip below a spectrogram.

    Attributes
    ----------
    name
        Beside it.
    spans
        Where it has which of the `STYLES`.
    """

    name: str
    spans: Mapping[str, Sequence[Segment]]


def draw_strain(
    path: Path,
    span: Segment,
    spectra: PowerSpectra,
    spectrograms: Mapping[str, Spectrogram],
    *,
    lines: Mapping[str, Sequence[Line]] | None = None,
    references: Sequence[Curve] = (),
    title: str = "",
) -> None:
    """Draw the strain of some interferometers over one span.

    Parameters
    ----------
    path
        The picture: png, pdf or svg.
    span
        GPS seconds.
    spectra
        Of the whole span.
    spectrograms
        Of each interferometer.
    lines
        Of each interferometer, what to tell below its spectrogram.
    references
        Curves to draw behind the spectra.
    title
        Above the picture, as it is.

    Raises
    ------
    UsageError
        `path` has another suffix.
    AframeDataError
        The file cannot be written.
    """
    lines = lines or {}
    heights = [_SPECTRA]
    for ifo in spectrograms:
        heights += [_SPECTROGRAM, max(len(lines.get(ifo, ())), 0.01) * _LINE]
    time, layout = TimeAxis(span), ConstrainedLayoutEngine(h_pad=0.03, hspace=0.01)
    with drawing(path, _WIDTH, sum(heights) + _LABELS, layout=layout) as figure:
        grid = figure.add_gridspec(len(heights), 1, height_ratios=heights)
        top = figure.add_subplot(grid[0])
        draw_lines(top, spectra, references)
        top.set_title(title, parse_math=False)
        panels, norm = [], _norm(spectrograms)
        for number, (ifo, spectrogram) in enumerate(spectrograms.items()):
            axes = figure.add_subplot(grid[1 + 2 * number])
            axes.set_facecolor(_HOLE)
            image = draw_spectrogram(axes, time, spectrogram, norm)
            axes.set_ylabel(f"{ifo}: frequency [Hz]")
            panels.append(axes)
            lowest = axes
            if lines.get(ifo):
                lowest = figure.add_subplot(grid[2 + 2 * number], sharex=axes)
                _draw_strip(lowest, time, lines[ifo])
            for upper in figure.axes[1:]:
                upper.tick_params(labelbottom=upper is lowest)
        if panels:
            time.label(lowest)
            _draw_scale(figure, image, panels)
        _draw_legend(figure, lines)


def _norm(spectrograms: Mapping[str, Spectrogram]) -> Normalize:
    """Of the colours: from zero to what is loud in any of the interferometers."""
    found = [
        np.nanquantile(one.ratio, 1 - _OUTLIERS / 100) for one in spectrograms.values() if np.isfinite(one.ratio).any()
    ]
    return Normalize(0, float(np.clip(np.ceil(max(found, default=0)), *_LOUDEST)))


def draw_spectrogram(axes: Any, time: TimeAxis, spectrogram: Spectrogram, norm: Normalize) -> Any:
    """Draw a spectrogram, whose times count from the start of the axis, and give its image for a scale of colours."""
    edges = time.of(time.span.start + spectrogram.times)
    image = axes.pcolormesh(
        edges, spectrogram.frequencies, spectrogram.ratio, norm=norm, cmap=_COLOURS, rasterized=True
    )
    axes.set(yscale="log", ylim=(spectrogram.frequencies[0], spectrogram.frequencies[-1]))
    axes.set_xlim(0, time.of(time.span.stop))
    axes.yaxis.set_major_formatter("{x:g}")
    axes.tick_params(which="both", direction="out", top=False, right=False)
    return image


def _draw_scale(figure: Any, image: Any, panels: Sequence[Any]) -> None:
    scale = figure.colorbar(image, ax=panels, extend="max", aspect=18 * len(panels), pad=0.015)
    scale.set_label("Amplitude / its median in time")
    scale.ax.tick_params(direction="out")


def _draw_strip(axes: Any, time: TimeAxis, lines: Sequence[Line]) -> None:
    for number, line in enumerate(lines):
        for style, spans in line.spans.items():
            axes.broken_barh(time.bars(spans), (number + 0.08, 0.84), color=STYLES[style][0], linewidth=0.3)
    axes.set_ylim(len(lines), 0)
    axes.set_yticks(np.arange(len(lines)) + 0.5, labels=[line.name for line in lines], fontsize=7.5, parse_math=False)
    axes.tick_params(axis="y", length=0)
    axes.tick_params(axis="x", direction="out", top=False)


def _draw_legend(figure: Any, lines: Mapping[str, Sequence[Line]]) -> None:
    """Say what the colours of the strips mean that there are."""
    used = {style for each in lines.values() for line in each for style, spans in line.spans.items() if len(spans)}
    patches = [Patch(color=colour, label=text) for style, (colour, text) in STYLES.items() if style in used]
    if patches:
        figure.legend(handles=patches, loc="outside lower right", ncols=len(patches), frameon=False, fontsize=9)
