"""Unfinished work: a folder beside the output that holds the finished units, so that a rerun goes on.

Of an object in a store, it is in the user's cache (`aframe_data.store.objects.workplace`).
The folder is named ``OUTPUT.parts``; ``manifest.json`` says what it belongs to. Work of another command for the same
output is set aside in ``OUTPUT.parts-HASH``, where that command finds it again. All of it vanishes when the output is
whole: a workflow that tries again with other arguments needs nobody to clean up.
"""

from __future__ import annotations

import glob
import hashlib
import json
import logging
import os
import re
import shutil
from typing import TYPE_CHECKING

from aframe_data.store.atomic import make_folder, remove_leftovers, write_text
from aframe_data.store.identity import difference, encode, identity_of
from aframe_data.store.objects import workplace

if TYPE_CHECKING:
    from pathlib import Path

    from aframe_data.store.identity import Identity

_logger = logging.getLogger(__name__)

_MANIFEST = "manifest.json"


class Unfinished:
    """The folder of one output's unfinished work."""

    def __init__(self, output: Path) -> None:
        self.path = workplace(output).with_name(f"{output.name}.parts")

    def unit(self, number: int, what: str = "unit") -> Path:
        """The file of a unit, or one of its files: `what` is a word that tells them apart."""
        return self.path / f"{what}-{number:08d}.hdf5"

    def begun(self) -> dict[Path, Identity]:
        """What the unfinished work is for, and then what work that was set aside is for, by their folders."""
        found = {folder: _identity(folder) for folder in (self.path, *self._aside())}
        return {folder: identity for folder, identity in found.items() if identity is not None}

    def _folder_of(self, wanted: Identity) -> Path | None:
        """Where some work is begun, if it is."""
        return next((folder for folder, found in self.begun().items() if not difference(found, wanted)), None)

    def nbytes(self, wanted: Identity) -> int:
        """Bytes of what is finished of some work."""
        folder = self._folder_of(wanted)
        if folder is None:
            return 0
        with os.scandir(folder) as entries:
            return sum(entry.stat().st_size for entry in entries)

    def open(self, wanted: Identity) -> None:
        """Make the folder for some work, or take up that work; other work that is there is set aside."""
        begun = _identity(self.path)
        told = "what it was for is not known" if begun is None else difference(begun, wanted)
        if told and self.finished():
            self._set_aside({} if begun is None else begun, told)
        elif told and self.path.exists():
            shutil.rmtree(self.path)
        aside = self._folder_of(wanted)
        if aside is not None and not self.path.exists():
            aside.rename(self.path)
        make_folder(self.path)
        leftovers = (re.match(r"\.(\w+-\d{8}\.hdf5)\.", entry.name) for entry in self.path.glob(".*"))
        remove_leftovers(self.path / match[1] for match in leftovers if match)
        write_text(self.path / _MANIFEST, json.dumps({"identity": wanted}, indent=1, sort_keys=True, default=str))

    def _aside(self) -> list[Path]:
        """The folders of work that was set aside."""
        return sorted(path for path in self.path.parent.glob(f"{glob.escape(self.path.name)}-*") if path.is_dir())

    def _set_aside(self, begun: Identity, told: str) -> None:
        digest = hashlib.sha256(encode(begun).encode()).hexdigest()
        aside = self.path.with_name(f"{self.path.name}-{digest[:8]}")
        if aside.exists():
            shutil.rmtree(aside)
        self.path.rename(aside)
        _logger.warning(
            "unfinished work of another command (%s) is set aside in %s; it is deleted once the output is complete.",
            told,
            aside,
        )

    def finished(self) -> int:
        """How many units with signals are finished; a run that failed before its first leaves nothing to be kept."""
        return sum(entry.name.startswith(("accepted-", "unit-")) for entry in self.path.glob("*"))

    def close(self, wanted: Identity) -> None:
        """Delete what a run that was killed at its very end left of some work whose output is whole."""
        begun = _identity(self.path)
        if begun is None or not difference(begun, wanted):
            self.remove()

    def drop_if_empty(self) -> None:
        """Delete the folder unless it holds work."""
        if self.path.exists() and not self.finished():
            shutil.rmtree(self.path)

    def remove(self) -> None:
        """Delete the folder and all that is in it, and what was set aside."""
        for folder in (self.path, *self._aside()):
            if folder.exists():
                shutil.rmtree(folder)


def _identity(folder: Path) -> Identity | None:
    """What the work in a folder is for, or None where there is none (or none that can be used)."""
    try:
        return identity_of(json.loads((folder / _MANIFEST).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return None
