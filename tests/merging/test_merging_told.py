"""What is told of a merge: progress, and what is left out."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import h5py

from aframe_data.requests.merge import Merge
from aframe_data.work.carry_out import carry_out
from aframe_data.work.inline import Inline
from aframe_data.work.plan import Work
from ledger_pieces import (
    merge,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest


def test_progress_counts_every_row(two: list[Path], tmp_path: Path) -> None:
    told: list[tuple[str, float]] = []

    def phase(title: str, total: float) -> Callable[[float], None]:
        told.append((title, total))
        return lambda amount: told.append(("", amount))

    carry_out(Merge(files=two, output_file=tmp_path / "out.hdf5"), Work(Inline(), phase))
    assert told[0] == ("joining rows", 9)
    assert sum(amount for _, amount in told[1:]) == 9


def test_what_is_left_out_is_told(two: list[Path], tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with h5py.File(two[0], "r+") as file:
        file["notes/mine"] = 3
    with caplog.at_level(logging.WARNING, "aframe_data"):
        merge(files=two, output_file=tmp_path / "out.hdf5")
    assert caplog.messages == [f"{two[0]} also holds notes, which is left out."]
