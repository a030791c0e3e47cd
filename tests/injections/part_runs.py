"""Runs in parts, as many machines make them, and their files joined."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from burst_runs import record_of

from aframe_data import merge

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FAILING = {"generator_options": {"fail_above": 45}, "max_failed_fraction": 0.5}
FILES = {"val.hdf5": "rejected.hdf5", "waveforms.hdf5": "rejected-parameters.hdf5"}


def joined(folder: Path, count: int, name: str, make: Callable[[Path, str], Any]) -> Path:
    """Make all parts, in folders of their own, and merge them in an order that means nothing."""
    parts = [folder / f"machine-{number}" for number in range(1, count + 1)]
    for number, part in enumerate(parts, 1):
        make(part, f"{number}/{count}")
    for file in (name, FILES[name]):
        merge(files=[part / file for part in parts[1:] + parts[:1]], output_file=folder / "whole" / file)
    return folder / "whole"


def assert_same_files(ours: Path, theirs: Path, *names: str) -> None:
    for name in names:
        assert record_of(ours / name) == record_of(theirs / name)
        assert (ours / name).read_bytes() == (theirs / name).read_bytes(), name
