"""Runs of rejection that take no time: the stranger's bursts in flat noise, in windows of a second."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import pytest

from aframe_data import validation_waveforms
from aframe_data.registry import discovery, names
from plugin_factory import install_plugin

if TYPE_CHECKING:
    from collections.abc import Iterator

PLUGIN = Path(__file__).with_name("burst_plugin.py")
#: Strain per root hertz.
LEVEL = 1e-23

SIGNALS: dict[str, Any] = {
    "prior": "sky",
    "generator": "burst",
    "ifos": ["H1", "L1"],
    "sample_rate": 512,
    "waveform_duration": 1,
    "right_pad": 0.5,
    "snr_threshold": 8,
    "seed": 7,
    "workers": 0,
}


@pytest.fixture(scope="module")
def bursts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder with the plugin, which this process and its workers see while a module's tests run."""
    folder = tmp_path_factory.mktemp("site-packages")
    install_plugin(folder, distribution="bursts", source={"burst_models": PLUGIN.read_text()})
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        importlib.invalidate_caches()
        _forget()
        yield folder
    _forget()
    sys.modules.pop("burst_models", None)


def _forget() -> None:
    discovery.discover.cache_clear()
    names.registered.cache_clear()


@pytest.fixture(scope="module")
def flat_noise(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A text file with a flat amplitude spectral density."""
    path = tmp_path_factory.mktemp("noise") / "flat.txt"
    np.savetxt(path, [(frequency, LEVEL) for frequency in (1, 4096)])
    return path


def validate(folder: Path, noise: Path, **changes: Any) -> Any:
    """Write ``val.hdf5`` and ``rejected.hdf5`` to a folder; forty signals where nothing else is said."""
    settings = {**SIGNALS, "num_signals": 40, "psd": noise, "output_file": folder / "val.hdf5"}
    return validation_waveforms(**{**settings, "rejected_file": folder / "rejected.hdf5", **changes})


def contents(path: Path) -> dict[str, np.ndarray]:
    """All arrays of a ledger, by their paths."""
    found: dict[str, np.ndarray] = {}
    with h5py.File(path) as file:
        for group in set(file) & {"parameters", "waveforms"}:
            found |= {f"{group}/{name}": item[:] for name, item in file[group].items()}
    return found


def assert_same_arrays(first: Path, second: Path, *, besides: tuple[str, ...] = ()) -> None:
    """Every array, to the bit."""
    ours, theirs = contents(first), contents(second)
    assert ours.keys() == theirs.keys()
    for name in ours.keys() - set(besides):
        np.testing.assert_array_equal(ours[name], theirs[name], err_msg=name)
