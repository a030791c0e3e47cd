"""Unfinished work: a folder beside the output that holds the finished units, so that a rerun goes on.

The folder is named ``OUTPUT.parts``; ``manifest.json`` says what it belongs to. It vanishes when the output
is whole.
"""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING

from aframe_data.errors import OutputExistsError
from aframe_data.store.atomic import make_folder, remove_leftovers, write_text
from aframe_data.store.identity import difference, identity_of

if TYPE_CHECKING:
    from pathlib import Path

    from aframe_data.store.identity import Identity

_MANIFEST = "manifest.json"


class Unfinished:
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

    def identity(self) -> Identity | None:
        """What the unfinished work is for, or None where there is none (or none that can be used)."""
        try:
            return identity_of(json.loads((self.path / _MANIFEST).read_text(encoding="utf-8")))
        except (OSError, ValueError):
            return None

    def open(self, wanted: Identity, *, overwrite: bool) -> None:
        """Make the folder for some work, or take up the work that is there.

        Raises
        ------
        OutputExistsError
            Unfinished work of another command is there, and `overwrite` is false.
        """
        begun = self.identity()
        told = "" if begun is None else difference(begun, wanted)
        if told:
            if self._holds_work() and not overwrite:
                raise OutputExistsError(
                    f"{str(self.path)!r} holds unfinished work of another command: finish it with that command's "
                    f"arguments ({told}), or --overwrite it."
                )
            self.remove()
        make_folder(self.path)
        leftovers = (re.match(r"\.(\w+-\d{8}\.hdf5)\.", entry.name) for entry in self.path.glob(".*"))
        remove_leftovers(self.path / match[1] for match in leftovers if match)
        write_text(self.path / _MANIFEST, json.dumps({"identity": wanted}, indent=1, sort_keys=True, default=str))

    def _holds_work(self) -> bool:
        """Whether a signal would be lost: a run that failed before its first leaves nothing to be kept."""
        return self.path.is_dir() and any(
            entry.name.startswith(("accepted-", "unit-")) for entry in self.path.iterdir()
        )

    def close(self, wanted: Identity) -> None:
        """Delete what a run that was killed at its very end left of some work whose output is whole."""
        begun = self.identity()
        if begun is None or not difference(begun, wanted):
            self.remove()

    def drop_if_empty(self) -> None:
        """Delete the folder unless it holds work."""
        if not self._holds_work():
            self.remove()

    def remove(self) -> None:
        """Delete the folder and all that is in it."""
        if self.path.exists():
            shutil.rmtree(self.path)
