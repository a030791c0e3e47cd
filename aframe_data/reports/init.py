"""What became of a configuration that was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aframe_data.work.plan import Report

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Configured(Report):
    """A configuration.

    Attributes
    ----------
    path
        The file; None where the text was to be printed.
    text
        Its content.
    present
        Whether the file was there already, and the same.
    """

    path: Path | None
    text: str
    present: bool = False
