"""Populations and spectra to draw, with no meaning but plausible numbers."""

from __future__ import annotations

import struct
import warnings
from typing import TYPE_CHECKING

import numpy as np
import pytest

from aframe_data.types import PowerSpectra

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from matplotlib.figure import Figure

    from aframe_data.types import FloatArray

THRESHOLD = 4.0
#: Pixels of a corner of all six quantities.
FULL = (1914, 1884)
#: All but two of the quantities, which are as good as six where the number of signals matters, and a third the work.
CONSTANTS = {"a_1": 0.0, "a_2": 0.0, "dec": 0.3, "theta_jn": 0.0, "redshift": 0.1}
TWO = (1334, 724)


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    """No picture may warn, or change a setting of matplotlib."""
    import matplotlib as mpl

    before = dict(mpl.rcParams.copy())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield
    assert dict(mpl.rcParams.copy()) == before


@pytest.fixture
def figures(monkeypatch: pytest.MonkeyPatch) -> list[Figure]:
    """The figures that are drawn, as they were saved."""
    from matplotlib.figure import Figure

    from aframe_data.figures import canvas

    made: list[Figure] = []

    class Kept(Figure):
        def __init__(self, *arguments, **settings) -> None:
            super().__init__(*arguments, **settings)
            made.append(self)

    monkeypatch.setattr(canvas, "Figure", Kept)
    return made


def population(size: int, seed: int = 1, **constants: float) -> dict[str, FloatArray]:
    """Parameters of `size` draws, with an SNR that falls with their distance."""
    rng = np.random.default_rng(seed)
    masses = np.sort(rng.uniform(5, 80, (2, size)), axis=0)
    drawn = {"mass_1": masses[1], "mass_2": masses[0], "redshift": 2 * rng.uniform(size=size) ** (1 / 3)}
    drawn |= {name: rng.uniform(0, 0.9, size) for name in ("a_1", "a_2")}
    drawn |= {name: rng.uniform(0, np.pi, size) for name in ("tilt_1", "tilt_2", "theta_jn")}
    drawn["dec"] = np.arcsin(rng.uniform(-1, 1, size))
    drawn |= {name: np.full(size, value) for name, value in constants.items()}
    return drawn | {"snr": 1.5 / rng.uniform(size=size) ** (1 / 3)}


def accepted_of(drawn: dict[str, FloatArray], most: int | None = None) -> dict[str, FloatArray]:
    kept = np.flatnonzero(drawn["snr"] >= THRESHOLD)[:most]
    return {name: values[kept] for name, values in drawn.items()}


def spectra(ifos: tuple[str, ...] = ("H1", "L1"), bins: int = 8193, nyquist: float = 1024.0) -> PowerSpectra:
    """Noise like a detector's, with the scatter of an estimate, and a roll-off next to the Nyquist frequency."""
    frequencies = np.linspace(0, nyquist, bins)
    with np.errstate(divide="ignore"):
        asd = 5e-24 * np.sqrt(1 + (50 / frequencies) ** 8 + (frequencies / 400) ** 2)
    scatter = np.random.default_rng(3).gamma(20, 1 / 20, (len(ifos), bins))
    return PowerSpectra(ifos, frequencies, asd**2 * scatter * np.where(frequencies > 0.95 * nyquist, 1e-8, 1))


def png_size(path: Path) -> tuple[int, int]:
    """Width and height, as the first chunk of a PNG says them."""
    head = path.read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", head[16:24])
    return width, height
