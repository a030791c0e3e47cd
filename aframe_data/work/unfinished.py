"""Unfinished work: a folder beside the output that holds the finished units, so that a rerun goes on.

The folder is named ``OUTPUT.parts``; ``manifest.json`` says what it belongs to. It vanishes when the output
is whole.
"""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING, Any

from aframe_data.errors import OutputExistsError
from aframe_data.store import provenance
from aframe_data.store.atomic import make_folder, remove_leftovers, write_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_MANIFEST = "manifest.json"


class PartsFolder:
    """The folder of one output's unfinished work.

    Parameters
    ----------
    output
        The file that the work is for.
    """

    def __init__(self, output: Path) -> None:
        self.path = output.with_name(f"{output.name}.parts")

    def unit(self, number: int, what: str = "unit") -> Path:
        """The file of a unit, or one of its files: `what` is a word that tells them apart."""
        return self.path / f"{what}-{number:08d}.hdf5"

    def read(self) -> dict[str, Any] | None:
        """What the unfinished work is for, or None where there is none (or none that can be used)."""
        try:
            record: dict[str, Any] = json.loads((self.path / _MANIFEST).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return record

    def open(self, record: Mapping[str, Any], *, overwrite: bool) -> None:
        """Make the folder for the work of `record`, or take up the work that is there.

        Raises
        ------
        OutputExistsError
            Unfinished work of another command is there, and `overwrite` is false.
        """
        begun = self.read()
        difference = "" if begun is None else provenance.difference(begun, record)
        if difference:
            if self._holds_work() and not overwrite:
                raise OutputExistsError(
                    f"{str(self.path)!r} holds unfinished work of another command: finish it with that command's "
                    f"arguments ({difference}), or --overwrite it."
                )
            self.remove()
        make_folder(self.path)
        leftovers = (re.match(r"\.(\w+-\d{8}\.hdf5)\.", entry.name) for entry in self.path.glob(".*"))
        remove_leftovers(self.path / match[1] for match in leftovers if match)
        write_text(self.path / _MANIFEST, json.dumps(record, indent=1, sort_keys=True))

    def _holds_work(self) -> bool:
        """Whether a signal would be lost: a run that failed before its first leaves nothing to be kept."""
        return any(entry.name.startswith(("accepted-", "unit-")) for entry in self.path.iterdir())

    def remove_finished(self, record: Mapping[str, Any]) -> None:
        """Delete what a run that was killed at its very end left of the work of `record`, whose output is whole."""
        begun = self.read()
        if begun is None or not provenance.difference(begun, record):
            self.remove()

    def remove(self) -> None:
        """Delete the folder and all that is in it."""
        if self.path.exists():
            shutil.rmtree(self.path)
