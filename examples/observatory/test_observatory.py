"""Tests of the plugin: ``pytest examples/observatory``, with the package installed."""

import numpy as np
import pytest

from aframe_data.testing import PriorTests, SegmentSourceTests, StrainFetcherTests, WaveformGeneratorTests


class TestJournal(SegmentSourceTests):
    name = "observatory"
    flag, unknown_flag = "O1_SCIENCE", "O1_SLEEP"
    start, stop = 1_000_000_000, 1_000_001_000
    active = ((1_000_000_000, 1_000_000_100), (1_000_000_200, 1_000_000_300))
    silent = (1_000_000_120, 1_000_000_180)

    @pytest.fixture(autouse=True)
    def _journal(self, tmp_path, monkeypatch):
        (tmp_path / "O1_SCIENCE.txt").write_text("999999000 1000000100\n1000000200 1000000300\n")
        monkeypatch.setenv("OBSERVATORY_FOLDER", str(tmp_path))


class TestArchive(StrainFetcherTests):
    name = "observatory"
    channel = "O1:STRAIN"
    start, stop = 1_000_000_030, 1_000_000_070
    sample_rate = 1024
    missing = (1_000_000_200, 1_000_000_210)
    too_high = 2048
    value_at = (1_000_000_030.5, np.random.default_rng(1_000_000_020).normal(size=60 * 1024)[10 * 1024 + 512])

    @pytest.fixture(autouse=True)
    def _archive(self, tmp_path, monkeypatch):
        for minute in (999_999_960, 1_000_000_020, 1_000_000_080):
            np.save(tmp_path / f"{minute}.npy", np.random.default_rng(minute).normal(size=60 * 1024))
        monkeypatch.setenv("OBSERVATORY_FOLDER", str(tmp_path))


class TestHeavyBBH(PriorTests):
    name = "heavy-bbh"
    detector_masses = (50, 100)
    isotropic = ("ra", "dec", "theta_jn", "psi", "phase")


class TestRemnant(WaveformGeneratorTests):
    name = "remnant"
    loudness = 10  # the ringing is a small part of a signal
