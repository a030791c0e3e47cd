"""Fixtures for the whole suite. The suite runs as a user would install it: built-ins come from entry points."""

from __future__ import annotations

import multiprocessing
import os
from pathlib import Path

import pytest
from hypothesis import settings

from command_line import cli
from plugin_factory import strangers

__all__ = ["cli", "strangers"]

# No test measures time, and examples are slow while another process has the machine.
settings.register_profile("quick", deadline=None, max_examples=25)
# What lands must not depend on chance; new examples are searched for where people work.
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "quick")

# The process that workers are forked from imports once what each of them needs: a run takes 0.3 s, not 2.5 s.
multiprocessing.get_context("forkserver").set_forkserver_preload(
    [
        *("aframe_data.strain.block", "aframe_data.injections.unit", "aframe_data.waveforms.run"),
        *("aframe_data_priors.populations", "aframe_data_priors.user_priors"),
        *("aframe_data_plugins.gwosc.strain", "aframe_data_plugins.lalsimulation.generator"),
        *("aframe_data_plugins.simulated.strain", "astropy.cosmology", "requests"),
    ]
)

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real detector data, which is not part of the repository (see CONTRIBUTING.md)."""
    folder = Path(os.environ.get("AFRAME_DATA_TEST_DATA", REPOSITORY.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no real detector data at {folder}: set AFRAME_DATA_TEST_DATA")
    return folder
