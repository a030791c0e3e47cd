"""A stranger's bursts in this process and its workers, noise for them, and an undisturbed run."""

from __future__ import annotations

import contextlib
import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from bell_runs import GENERATORS, KINDS, PRIORS
from burst_runs import LEVEL, validate
from campaign_runs import campaign

from aframe_data.detection.prospects import Prospects
from aframe_data.formats.psd import write_spectra
from aframe_data.registry import discovery, names
from aframe_data.types import PowerSpectra
from plugin_factory import install_plugin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PLUGIN = Path(__file__).with_name("burst_plugin.py")
BELLS = Path(__file__).with_name("bell_plugin.py")


@pytest.fixture(scope="session")
def burst_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the plugin is installed."""
    folder = tmp_path_factory.mktemp("site-packages")
    return install_plugin(folder, distribution="bursts", source={"burst_models": PLUGIN.read_text()})


@contextlib.contextmanager
def on_path(folder: Path) -> Iterator[Path]:
    """This process and its workers see the plugin."""
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
def bursts(burst_folder: Path) -> Iterator[Path]:
    """The folder with the plugin, which this process and its workers see while a module's tests run."""
    with on_path(burst_folder) as folder:
        yield folder


@pytest.fixture(scope="session")
def flat_noise(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A text file with a flat amplitude spectral density."""
    path = tmp_path_factory.mktemp("noise") / "flat.txt"
    np.savetxt(path, [(frequency, LEVEL) for frequency in (1, 4096)])
    return path


@pytest.fixture(scope="session")
def reference(burst_folder: Path, flat_noise: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an undisturbed run, ``val.hdf5`` and ``rejected.hdf5``, which no test changes."""
    folder = tmp_path_factory.mktemp("undisturbed")
    with on_path(burst_folder):
        validate(folder, flat_noise)
    return folder


@pytest.fixture(scope="session")
def undisturbed(burst_folder: Path, flat_noise: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a campaign of forty injections, which no test changes."""
    folder = tmp_path_factory.mktemp("campaign")
    with on_path(burst_folder):
        campaign(folder, flat_noise)
    return folder


@pytest.fixture
def calibrating(monkeypatch: pytest.MonkeyPatch) -> None:
    """Estimates are calibrated for few signals too, though that does not pay."""
    monkeypatch.setattr(Prospects, "worth_calibrating", lambda _self, _num_signals: True)


@pytest.fixture
def bell_package(strangers: Callable[..., Path]) -> Callable[..., None]:
    """Install the package of bells, perhaps with something else in its code."""
    source, code = GENERATORS + PRIORS + KINDS, BELLS.read_text()

    def install(old: str = "", new: str = "") -> None:
        assert old in code
        strangers(source={"stranger": source, "bells": code.replace(old, new) if old else code})

    return install


@pytest.fixture
def flat_spectra(tmp_path: Path) -> Path:
    """Flat noise for windows of a second."""
    path = tmp_path / "noise.hdf5"
    write_spectra(path, PowerSpectra(("H1", "L1"), np.arange(257.0), np.full((2, 257), LEVEL**2)), {})
    return path
