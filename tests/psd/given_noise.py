"""Noise as a user gives it, for windows of four seconds at 256 Hz."""

from __future__ import annotations

import numpy as np

from aframe_data.formats import psd
from aframe_data.psd.band import Band
from aframe_data.psd.grid import Grid
from aframe_data.psd.sources import find_sources, load_spectra
from aframe_data.types import PowerSpectra

RATE, SIZE = 256, 1024
FREQUENCIES = np.fft.rfftfreq(SIZE, 1 / RATE)
BAND = Band(20)
INSIDE = (FREQUENCIES >= 20) & (FREQUENCIES < 128)


def load(*given, ifos=("H1",), size=SIZE, sample_rate=RATE, band=BAND):
    return load_spectra([str(item) for item in given], ifos, Grid(size, sample_rate, band))


def find(*given, ifos=("H1",), size=SIZE, sample_rate=RATE, band=BAND):
    return find_sources([str(item) for item in given], ifos, Grid(size, sample_rate, band))


def spectra_file(folder, values, *, spacing=0.5, name="psd.hdf5", ifos=("H1",)):
    path = folder / name
    frequencies = np.arange(len(values)) * spacing
    psd.write_spectra(path, PowerSpectra(ifos, frequencies, np.stack([values] * len(ifos))), {})
    return path
