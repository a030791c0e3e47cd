"""Wrong arguments of `verify` are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from verified_folders import FIRST, SEGMENTS, SPANS, T0, verify, write

from aframe_data.errors import UsageError
from aframe_data.requests.verify import Verify
from aframe_data.types import Segment
from aframe_data.work.engine import engine_for
from aframe_data.work.plan import Work

if TYPE_CHECKING:
    from pathlib import Path

WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no such folder": ({"folder": "nowhere"}, "there is no folder"),
    "a file": ({"folder": f"background/{FIRST}"}, "is not a folder: use `aframe-data inspect` for a single file"),
    "the folder above": ({"folder": "."}, "Did you mean 'background'?"),
    "another prefix": ({"prefix": "backgroud"}, r"Did you mean 'background'\? Prefixes there: 'background' \(3\)"),
    "no prefix": ({"prefix": "a/b"}, "prefix = 'a/b' is not allowed"),
    "no segments file": ({"segments": "none.txt"}, "cannot read the segments file 'none.txt'"),
    "an empty segments file": ({"segments": "empty.txt"}, "empty.txt holds no segments"),
    "no segments": ({"segments": []}, "holds no segments"),
    "prose": ({"segments": "prose.txt"}, "is not a segment"),
    "overlapping segments": ({"segments": [SEGMENTS[0], Segment(T0 + 50, T0 + 500)]}, "overlap"),
    "a rate of zero": ({"sample_rate": 0}, "sample_rate = 0 is not allowed"),
    "no interferometer": ({"ifos": ["Hanford"]}, "must begin with an interferometer"),
    "a negative duration": ({"min_duration": -1}, "min_duration = -1 is not allowed"),
    "fewer than no workers": ({"workers": -1}, "workers = -1 is not allowed"),
    "both and none": ({"segments": "s.txt", "look_for_segments": False}, "--no-segments exclude each other"),
}


@pytest.mark.parametrize(("arguments", "message"), WRONG.values(), ids=WRONG)
def test_wrong_arguments_are_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch, arguments: dict[str, Any], message: str
) -> None:
    monkeypatch.chdir(folder.parent)
    (folder.parent / "empty.txt").write_text("# seg\tstart\tstop\tduration\n")
    (folder.parent / "prose.txt").write_text("once upon a time there was\n")
    with pytest.raises(UsageError, match=message):
        verify(**{"folder": "background", **arguments})


def test_a_folder_that_is_yet_to_be_made_can_be_planned_for(tmp_path: Path) -> None:
    plan = Verify(tmp_path / "background", workers=0).planned()
    (tmp_path / "background").mkdir()
    write(tmp_path / "background", SPANS[0])
    with engine_for(0) as engine:
        assert plan.make(Work(engine)).sound
