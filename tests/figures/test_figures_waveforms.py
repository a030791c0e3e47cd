"""Waveforms with their Q-transforms: the track of a chirp, which part is shown, and signals that are none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from aframe_data.figures.examples import Example, Loudness
from aframe_data.types import WaveformRequest
from figures.conftest import THRESHOLD, accepted_of, png_size, population
from plugin_factory import run_python

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

    from aframe_data.types import FloatArray

REQUEST = WaveformRequest(sample_rate=2048, duration=4, right_pad=1)
TIMES = (np.arange(REQUEST.size) - REQUEST.reference_index) / REQUEST.sample_rate
#: Seconds: (5 / 256) (G M / c^3)^(-5/3) for a chirp mass of 30 solar masses, of the Newtonian chirp.
MASS = 30 * 4.925491e-6


@pytest.fixture(scope="module", autouse=True)
def _gwpy_is_imported() -> None:
    """Its import warns of what astropy will change, which is not about our pictures."""
    from aframe_data.figures.canvas import untouched

    with untouched():
        import gwpy.timeseries  # noqa: F401


@pytest.fixture(scope="module")
def waveforms() -> ModuleType:
    """Give what draws, which imports matplotlib: collecting tests does not."""
    from aframe_data.figures import waveforms

    return waveforms


def frequency(before: FloatArray) -> FloatArray:
    """Of a Newtonian chirp, in Hz, some seconds before it ends."""
    return (5 / (256 * before)) ** (3 / 8) * MASS ** (-5 / 8) / np.pi


def chirp(shift: float = 0.0, scale: float = 1e-22) -> FloatArray:
    """A Newtonian chirp that ends at t = 0."""
    before = np.maximum(-TIMES, 0) + 1e-3
    phase = -2 * (before / (5 * MASS)) ** (5 / 8) + shift
    return scale * np.where(TIMES < 0, (frequency(before) / 100) ** (2 / 3) * np.cos(phase), 0)


def test_the_transform_of_a_chirp_follows_its_frequency() -> None:
    from aframe_data.figures.qtransform import Q, q_map

    found = q_map(chirp(), REQUEST.sample_rate, float(TIMES[0]), (-1.5, 0.2))
    assert found is not None
    assert found.magnitude.max() == pytest.approx(1)
    for time in (-1.0, -0.5, -0.2, -0.1):
        column = found.magnitude[:, np.argmin(abs(found.times - time))]
        loudest = found.frequencies[np.argmax(column)]
        # Its power falls as f^(-4/3) within a bandwidth of about f / Q, which draws the maximum down.
        assert loudest == pytest.approx(frequency(-time), rel=1 / Q)
    # A second before, 21 Hz, there is nothing at 100 Hz; and after the end there is nothing at all.
    assert found.magnitude[found.frequencies > 100, 0].max() < 0.02
    assert found.magnitude[:, found.times > 0.15].max() < 0.05


@pytest.mark.parametrize(
    ("samples", "rate"),
    [(np.zeros(8192), 2048), (np.full(8192, np.nan), 2048), (np.ones(64), 2048), (np.ones(256), 32), (np.ones(0), 32)],
)
def test_what_has_no_transform_has_none(samples: FloatArray, rate: float) -> None:
    from aframe_data.figures.qtransform import q_map

    assert q_map(samples, rate, 0, (0, len(samples) / rate)) is None


def test_the_highest_frequency_keeps_its_window_below_nyquist() -> None:
    from aframe_data.figures.qtransform import Q, last_frequency

    assert last_frequency(2048) * (1 + np.sqrt(11) / Q) < 1024


@pytest.mark.slow
def test_the_first_picture_of_a_process_leaves_matplotlib_as_it_was_and_is_that_of_any_other(
    tmp_path: Path, waveforms: ModuleType
) -> None:
    """Also of one that has imported gwpy, as this has."""
    done = run_python(f"""
    import pathlib
    import matplotlib as mpl
    import numpy as np
    from matplotlib.axes import Axes
    from matplotlib.projections import get_projection_class
    before = dict(mpl.rcParams.copy())
    from aframe_data.figures.examples import Example
    from aframe_data.figures.waveforms import draw_waveforms
    from aframe_data.types import WaveformRequest
    wave = 1e-22 * np.sin(np.linspace(0, 30, 1024) ** 2)
    examples = [Example("a", {{"h1": wave, "l1": -wave}})] * 2
    draw_waveforms(pathlib.Path({str(tmp_path / "first.png")!r}), examples, WaveformRequest(512, 2, 0.5))
    assert dict(mpl.rcParams.copy()) == before
    assert get_projection_class("rectilinear") is Axes
    """)
    assert done.returncode == 0, done.stderr
    wave = 1e-22 * np.sin(np.linspace(0, 30, 1024) ** 2)
    examples = [Example("a", {"h1": wave, "l1": -wave})] * 2
    waveforms.draw_waveforms(tmp_path / "again.png", examples, WaveformRequest(512, 2, 0.5))
    assert (tmp_path / "again.png").read_bytes() == (tmp_path / "first.png").read_bytes()


@pytest.mark.slow
def test_each_signal_has_its_channels_around_the_merger_and_the_transform_of_the_loudest(
    tmp_path: Path, figures, waveforms: ModuleType
) -> None:
    both = {"cross": chirp(np.pi / 2, 2e-22), "plus": chirp()}
    waveforms.draw_waveforms(tmp_path / "a.png", [Example("one", both), Example("two", both)], REQUEST, title="$f")
    series, plane, *lowest, scale = figures[-1].axes
    assert len(lowest) == 2
    assert scale.get_ylabel() == "Amplitude / its largest"
    assert scale.get_ylim() == (0, 1)
    assert [line.get_label() for line in series.get_lines()] == ["$h_+$", r"$h_\times$"]
    assert (series.get_title(loc="left"), plane.get_title(loc="left")) == ("one", r"Q-transform of $h_\times$")
    assert series.get_ylabel() == "Strain [$10^{-22}$]"
    first, last = series.get_xlim()
    assert -0.5 < first < -0.05
    assert 0 <= last < 0.2
    assert plane.get_xlim()[0] < first
    assert {axes.get_xlabel() for axes in lowest} == {"Time from the model's t = 0 [s]"}


@pytest.mark.slow
def test_snrs_have_a_row_of_their_own(tmp_path: Path, figures, waveforms: ModuleType) -> None:
    snr = accepted_of(population(3000))["snr"]
    loudness = Loudness(snr, {"H1": snr * 0.8, "L1": snr * 0.6}, THRESHOLD)
    waveforms.draw_waveforms(
        tmp_path / "a.png", [Example("", {"h1": chirp(), "l1": chirp(1)})], REQUEST, loudness=loudness
    )
    network, ifos = figures[-1].axes[-2:]
    assert (network.get_xlabel(), ifos.get_xlabel()) == (r"Network SNR $\rho$", "SNR in one interferometer")
    assert [text.get_text() for text in ifos.get_legend().get_texts()] == ["H1", "L1"]


@pytest.mark.slow
@pytest.mark.parametrize("ifos", [pytest.param({}, marks=pytest.mark.slow), {"H1": np.zeros(1)}])
def test_a_single_signal_and_interferometers_without_snrs_are_drawn(
    tmp_path: Path, ifos, waveforms: ModuleType
) -> None:
    loudness = Loudness(np.array([THRESHOLD]), ifos, THRESHOLD)
    waveforms.draw_waveforms(tmp_path / "a.png", [Example("", {"h1": chirp()})], REQUEST, loudness=loudness)
    assert png_size(tmp_path / "a.png")[0] == 1680


@pytest.mark.parametrize("size", [8192, 64])
@pytest.mark.parametrize("samples", [np.zeros, np.ones], ids=["zeros", "ones"])
def test_signals_without_a_merger_are_drawn(tmp_path: Path, samples, size: int, waveforms: ModuleType) -> None:
    request = WaveformRequest(2048, size / 2048, 0)
    waveforms.draw_waveforms(tmp_path / "a.png", [Example("", {"plus": samples(size, dtype=np.float32)})], request)
    assert png_size(tmp_path / "a.png")[0] == 1680
