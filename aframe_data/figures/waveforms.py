"""Some waveforms of a file in time, and each with its constant-Q transform; and how loud all are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.ticker import LogLocator, NullFormatter

from aframe_data.figures.canvas import ACCEPTED, drawing, ifo_colours
from aframe_data.figures.qtransform import FIRST_FREQUENCY, q_map
from aframe_data.figures.snr_law import draw_density, label_snr
from aframe_data.sizes import counted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from aframe_data.figures.canvas import PagePicture
    from aframe_data.figures.examples import Example, Loudness
    from aframe_data.figures.qtransform import QMap
    from aframe_data.types import FloatArray, WaveformRequest

#: Inches.
_WIDTH, _ROW, _SNR_ROW, _EDGES = 8.4, 1.75, 2.7, 0.5
_NARROW = 4.2
_POLARIZATIONS = {"plus": ACCEPTED, "cross": "#d95f02"}
_SYMBOLS = {"plus": r"$h_+$", "cross": r"$h_\times$"}
#: Of a signal's energy: what comes before the time that the transform is shown from, and before that where it ends.
_BEFORE, _UNTIL = 0.25, 0.999
#: Cycles before the loudest sample that a time series shows, so that each can be seen.
_CYCLES = 12
_BINS = 30
#: A legend without a box, its names side by side.
_IN_A_LINE = {"frameon": False, "handlelength": 1.2, "borderpad": 0, "columnspacing": 1.0}


def draw_waveforms(
    path: Path,
    examples: Sequence[Example],
    request: WaveformRequest,
    *,
    loudness: Loudness | None = None,
    title: str = "",
) -> None:
    """Draw signals around their merger, each with its constant-Q transform, and the SNRs of all.

    Parameters
    ----------
    path
        The picture: png, pdf or svg.
    examples
        One row each.
    request
        Their grid.
    loudness
        SNRs, for one more row.
    title
        Above the picture, as it is.

    Raises
    ------
    UsageError
        `path` has another suffix.
    AframeDataError
        The file cannot be written.
    """
    heights = [_ROW] * len(examples) + [_SNR_ROW] * (loudness is not None)
    with drawing(path, _WIDTH, sum(heights) + _EDGES, layout="constrained") as figure:
        grid = figure.add_gridspec(len(heights), 2, height_ratios=heights)
        rows = [(figure.add_subplot(grid[row, 0]), figure.add_subplot(grid[row, 1])) for row in range(len(examples))]
        maps = [_draw_example(*axes, example, request) for axes, example in zip(rows, examples, strict=True)]
        for axes in rows[-1]:
            axes.set_xlabel("Time from the model's t = 0 [s]")
        # One scale for all: each map is in units of its own largest amplitude.
        for shown in [one for one in maps if one is not None][:1]:
            planes = [plane for _, plane in rows]
            figure.colorbar(shown, ax=planes, label="Amplitude / its largest", fraction=0.03, pad=0.02)
        if loudness is not None:
            network = figure.add_subplot(grid[-1, 0])
            handles = draw_density(network, loudness.network, loudness.threshold)
            network.legend(
                handles, [counted(len(loudness.network), "signal"), r"$\propto\rho^{-4}$"], loc="upper right"
            )
            _draw_ifos(figure.add_subplot(grid[-1, 1]), loudness)
        figure.suptitle(title, linespacing=1.1, parse_math=False)


def draw_example(path: Path | PagePicture, example: Example, request: WaveformRequest) -> None:
    """Draw one signal, and its transform below: for a page, beside others.

    Parameters
    ----------
    path
        As in `draw_waveforms`, whose other rules hold too.
    """
    with drawing(path, _NARROW, 2 * _ROW + _EDGES, layout="constrained") as figure:
        series, plane = figure.subplots(2, 1)
        _draw_example(series, plane, example, request)
        plane.set_xlabel("Time from the model's t = 0 [s]")


def _draw_example(series: Any, plane: Any, example: Example, request: WaveformRequest) -> Any:
    """A signal around its merger, and beside it the transform of its loudest channel; gives that, if there is one."""
    names = sorted(example.channels, key=lambda name: (name != "plus", name))
    labels = [_SYMBOLS.get(name, name.upper()) for name in names]
    samples = np.array([example.channels[name] for name in names], dtype=np.float64)
    times = (np.arange(samples.shape[1]) - request.reference_index) / request.sample_rate
    power = _power(samples, request.sample_rate)
    loudest = int(np.argmax(power.sum(axis=1)))
    near, far = _windows(samples[loudest], power.sum(axis=0), times)
    shown = (times >= near[0]) & (times <= near[1])
    _draw_series(series, times[shown], samples[:, shown], labels, _colours(names))
    series.set(xlim=near)
    series.set_title(example.title, loc="left", fontsize=10)
    found = q_map(samples[loudest], request.sample_rate, float(times[0]), far)
    if found is None:
        plane.set_axis_off()
        return None
    plane.set_title(f"Q-transform of {labels[loudest]}", loc="left", fontsize=10)
    return _draw_plane(plane, found, far)


def _draw_series(
    axes: Any, times: FloatArray, samples: FloatArray, labels: Sequence[str], colours: Sequence[str]
) -> None:
    exponent = int(np.floor(np.log10(max(float(np.abs(samples).max()), 1e-99))))
    for label, colour, values in zip(labels, colours, samples, strict=True):
        axes.plot(times, values / 10.0**exponent, color=colour, linewidth=1, label=label)
    axes.set(ylabel=rf"Strain [$10^{{{exponent}}}$]")
    # Above the axes: a signal leaves no corner free.
    axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=len(labels), fontsize=9, **_IN_A_LINE)


def _draw_plane(axes: Any, found: QMap, span: tuple[float, float]) -> Any:
    style = {"vmin": 0, "vmax": 1, "shading": "nearest", "rasterized": True}
    drawn = axes.pcolormesh(found.times, found.frequencies, found.magnitude, **style)
    axes.set(yscale="log", xlim=span, ylim=(found.frequencies[0], found.frequencies[-1]), ylabel="Frequency [Hz]")
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.tick_params(which="both", direction="out", top=False, right=False)
    return drawn


def _power(samples: FloatArray, sample_rate: float) -> FloatArray:
    """The square of each channel, (channels, size), of what is in a detector's band; the unit does not matter."""
    spectra = np.fft.rfft(samples / max(float(np.abs(samples).max()), 1e-300), axis=1)
    spectra[:, np.fft.rfftfreq(samples.shape[1], 1 / sample_rate) < FIRST_FREQUENCY] = 0
    return np.fft.irfft(spectra, samples.shape[1], axis=1) ** 2


def _colours(channels: Sequence[str]) -> list[str]:
    if {*channels} <= {*_POLARIZATIONS}:
        return [_POLARIZATIONS[name] for name in channels]
    ifos = tuple(name.upper() for name in channels)
    return [ifo_colours(ifos)[ifo] for ifo in ifos]


def _windows(
    samples: FloatArray, power: FloatArray, times: FloatArray
) -> tuple[tuple[float, float], tuple[float, float]]:
    """The times to show of the series, some cycles before the loudest, and of its transform, most of the energy.

    A signal of few cycles is shown from its beginning.
    """
    energy = np.cumsum(power)
    whole = (float(times[0]), float(times[-1]))
    if not energy[-1] > 0:
        return whole, whole
    peak = int(np.argmax(np.abs(samples)))
    crossings = np.flatnonzero(np.diff(np.signbit(samples[: peak + 1])))
    first = int(np.searchsorted(energy, (1 - _UNTIL) * energy[-1]))
    long = np.count_nonzero(crossings > first) > 2 * _CYCLES
    begin = float(times[np.searchsorted(energy, _BEFORE * energy[-1]) if long else first])
    end = float(times[np.searchsorted(np.cumsum(samples**2), _UNTIL * np.sum(samples**2))])
    far = _widened(begin, end, whole)
    near = float(times[crossings[-2 * _CYCLES]]) if long else begin
    return _widened(max(near, begin), end, whole), far


def _widened(begin: float, end: float, whole: tuple[float, float]) -> tuple[float, float]:
    """A rim on both sides, within all that there is."""
    length = max(end - begin, 0.02)
    return max(begin - 0.1 * length, whole[0]), min(end + 0.15 * length, whole[1])


def _draw_ifos(axes: Any, loudness: Loudness) -> None:
    """How loud the signals are in each interferometer."""
    values = np.concatenate([np.zeros(0), *loudness.ifos.values()])
    values = values[values > 0]
    if not len(values):
        axes.set_axis_off()
        return
    low, high = max(float(np.quantile(values, 0.005)), 0.05), float(values.max()) * 1.05
    bins = np.geomspace(low, max(high, 1.5 * low), int(np.clip(2 * np.cbrt(len(loudness.network)), 6, _BINS)) + 1)
    colours = ifo_colours(tuple(loudness.ifos))
    for ifo, snr in loudness.ifos.items():
        axes.stairs(np.histogram(snr, bins)[0], bins, color=colours[ifo], linewidth=1.4, label=ifo)
    label_snr(axes, low, bins[-1], "SNR in one interferometer")
    axes.set(ylabel="Signals")
    axes.legend(loc="upper right")
