from __future__ import annotations

import pytest

from aframe_data.testing import SegmentSourceTests


class TestJournal(SegmentSourceTests):
    name = "sound"
    flag, unknown_flag = "O1_SCIENCE", "O1_SLEEP"
    start, stop = 1_000_000_000, 1_000_000_064
    active = ((1_000_000_000, 1_000_000_009.75), (1_000_000_012.25, 1_000_000_020), (1_000_000_050, 1_000_000_064))
    known = ((1_000_000_000, 1_000_000_030), (1_000_000_040, 1_000_000_064))
    other_flag, other_active = "O2_SCIENCE", ((1_000_000_005, 1_000_000_006), (1_000_000_048, 1_000_000_052))
    silent = (1_000_000_021, 1_000_000_029)
    events = ("O100A", "O100B", "O100C")
    seconds = 1

    @pytest.fixture(autouse=True)
    def _journal(self, tmp_path, monkeypatch):
        (tmp_path / "O1_SCIENCE.txt").write_text(
            "999999900 999999950\n999999990 1000000009.75\n1000000012.25 1000000020\n1000000050 1000000100\n"
        )
        (tmp_path / "O2_SCIENCE.txt").write_text("1000000005 1000000006\n1000000048 1000000052\n")
        (tmp_path / "known.txt").write_text("999999900 1000000030\n1000000040 1000000200\n")
        monkeypatch.setenv("SOUND_FOLDER", str(tmp_path))
