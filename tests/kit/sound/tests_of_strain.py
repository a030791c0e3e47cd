from __future__ import annotations

import numpy as np
import pytest

from aframe_data.testing import StrainFetcherTests

RATE, LENGTH = 1024, 16
FIRST = 1_000_000_000


def noise(ifo, start, stop):
    index = np.arange((start - FIRST) * RATE, (stop - FIRST) * RATE)
    return 1e-21 * np.sin(0.37 * index + (0 if ifo == "O1" else 1)) * (1 + (index * 7919 % 1009) / 1009)


class TestArchive(StrainFetcherTests):
    name = "sound"
    channel, other_channel, unknown_channel = "O1:STRAIN", "O2:STRAIN", "O7"
    start, stop = FIRST + 3, FIRST + 40
    sample_rate = 1024
    missing, too_high = (FIRST + 90, FIRST + 100), 2048
    gap = (FIRST + 50, FIRST + 52)
    quality_at = (FIRST + 18, ("DATA", "CAT1"))
    injections_at = (FIRST + 21, ("NO_BURST",))
    value_at = (FIRST + 17 + 5 / RATE, float(noise("O1", FIRST + 17, FIRST + 18)[5]))
    seconds = 1

    def expected(self, channel, start, stop):
        return noise(channel[:2], start, stop)

    @pytest.fixture(autouse=True)
    def _archive(self, tmp_path, monkeypatch):
        for ifo in ("O1", "O2"):
            (tmp_path / ifo).mkdir()
            for gps in range(FIRST, FIRST + 64, LENGTH):
                quality = np.full(LENGTH, 7, dtype=np.uint32)
                injections = np.full(LENGTH, 3, dtype=np.uint32)
                for second, value in ((18, 3), (25, 5), (50, 0), (51, 0)):
                    if gps <= FIRST + second < gps + LENGTH:
                        quality[FIRST + second - gps] = value
                if gps <= FIRST + 21 < gps + LENGTH:
                    injections[FIRST + 21 - gps] = 2
                np.savez(
                    tmp_path / ifo / f"{gps}.npz",
                    strain=noise(ifo, gps, gps + LENGTH),
                    quality=quality,
                    injections=injections,
                )
        monkeypatch.setenv("SOUND_FOLDER", str(tmp_path))
