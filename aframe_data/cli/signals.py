"""What the commands that make signals say of those that failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aframe_data.cli.report import print_line

if TYPE_CHECKING:
    from pathlib import Path

_SHOWN_FAILURES = 10


def print_failures(failures: tuple[str, ...], path: Path) -> None:
    """The first of the signals that failed."""
    for failure in failures[:_SHOWN_FAILURES]:
        print_line(f"failed and replaced: {failure}")
    if len(failures) > _SHOWN_FAILURES:
        print_line(f"… and {len(failures) - _SHOWN_FAILURES} more, all in the provenance of {path}")
