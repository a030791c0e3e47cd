"""Fixtures for the whole suite. The suite runs as a user would install it: built-ins come from entry points."""

from __future__ import annotations

import ctypes
import gc
import logging
import os
import sys
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from aframe_data.work.engine import engine_for
from command_line import cli
from plugin_factory import strangers
from rooms import Rooms, has_signals

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xdist.remote import Producer

__all__ = ["cli", "strangers"]

# No test measures time, and examples are slow while another process has the machine.
settings.register_profile("quick", deadline=None, max_examples=25)
# What lands must not depend on chance; new examples are searched for where people work.
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "quick")

#: What units of work import: that of strain, and that of signals. bilby is not among it: few need it, and it takes half
#: as much memory as all the rest.
_STRAIN_UNITS = (
    *("aframe_data.strain.block", "aframe_data_plugins.gwosc.strain", "aframe_data_plugins.simulated.strain"),
    "requests",
)
_SIGNAL_UNITS = (
    *("aframe_data.injections.unit", "aframe_data.waveforms.run", "aframe_data_plugins.lalsimulation.generator"),
    "astropy.cosmology",
)

_C_LIBRARY = ctypes.CDLL(None)
#: glibc's number for it, from malloc.h.
_M_ARENA_MAX = -8

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real detector data, which is not part of the repository (see CONTRIBUTING.md)."""
    folder = Path(os.environ.get("AFRAME_DATA_TEST_DATA", REPOSITORY.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no real detector data at {folder}: set AFRAME_DATA_TEST_DATA")
    return folder


@pytest.fixture(autouse=True)
def _logger_as_it_was() -> None:
    """Undo what commands did to the package's logger, in fixtures too: they configure it for their process."""
    logger = logging.getLogger("aframe_data")
    logger.handlers, logger.propagate = [], True
    logger.setLevel(logging.NOTSET)


def pytest_sessionstart() -> None:
    """Have all threads take memory from one place, where the C library can: of other places it gives little back."""
    if limit := getattr(_C_LIBRARY, "mallopt", None):
        limit(_M_ARENA_MAX, 1)


@lru_cache(maxsize=1)  # once for each folder, whose tests run one after the other
def _enter(_folder: Path) -> None:
    """Have the collector leave alone what is there by now: tests and libraries, which stay."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="module", autouse=True)
def _memory_is_given_back(request: pytest.FixtureRequest) -> Iterator[None]:
    """Give memory back after each module, where the C library can: it would keep the most that any test had.

    scipy keeps what its last sixteen transforms of each kind were prepared with, and waveform models what they know of
    their last frequency grids: tens of MB where they were long. scipy gets short transforms in their place.
    """
    _enter(request.path.parent)
    yield
    gc.collect()
    if transforms := sys.modules.get("scipy.fft"):
        for length in range(2, 18):
            transforms.rfft([0.0] * length)
            transforms.fft([0j] * length)
    for name in [name for name in sys.modules if name.startswith("aframe_data_plugins.lalsimulation.")]:
        for kept in vars(sys.modules[name]).values():
            if hasattr(kept, "cache_clear"):
                kept.cache_clear()
    if trim := getattr(_C_LIBRARY, "malloc_trim", None):
        trim(0)


@pytest.fixture(scope="module", autouse=True)
def _nothing_waits_for_the_disk(request: pytest.FixtureRequest) -> Iterator[None]:
    """Leave out what only matters when the power fails, but where outputs that appear whole are the point."""
    with pytest.MonkeyPatch.context() as patch:
        if not request.node.nodeid.startswith("tests/store/"):
            patch.setattr(os, "fsync", lambda _descriptor: None)
        yield


@pytest.fixture(scope="module", autouse=True)
def _workers_have_their_imports(request: pytest.FixtureRequest) -> None:
    """Have the process that workers are forked from import once what they need: a run takes 0.3 s, not 2.5 s.

    It starts with the first module; where that is one of strain, most are.
    """
    units = (*_STRAIN_UNITS, *_SIGNAL_UNITS) if has_signals(request.node.nodeid) else _STRAIN_UNITS
    with engine_for(1) as engine:
        engine.prepare(units)


@pytest.hookimpl(optionalhook=True)  # no hook without pytest-xdist
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Rooms:
    """Keep the tests of a folder in one worker."""
    return Rooms(config, log)
