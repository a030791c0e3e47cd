"""Deliberate faults in the sound plugin, each one a small change of its text: the files in ``faults/``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "faults"


@dataclass(frozen=True)
class Fault:
    """One change.

    Attributes
    ----------
    name
        What is wrong.
    kind
        The kind of provider whose tests an author would run: ``prior``, ``segments``, ``sources``, ``strain`` or
        ``waveforms``.
    file
        A file of the package ``sound``, or ``METADATA`` of its distribution.
    old, new
        The text that is replaced, which the file has once, and what replaces it.
    harm
        Whether what comes out is wrong, or the plugin cannot be used.
    seen
        Whether kit or `plugins check` see it; docs/plugins.md says which harm they cannot see, and why.
    """

    name: str
    kind: str
    file: str
    old: str
    new: str
    harm: bool = True
    seen: bool = True


def faults_of(about: str) -> list[Fault]:
    """The faults of one file in ``faults/``: of a kind of provider, or of the records."""
    listed = tomllib.loads((FOLDER / f"{about}.toml").read_text(encoding="utf-8"))["fault"]
    found = []
    for entry in listed:
        kind = entry.get("kind", about)
        found.append(Fault(**{**entry, "kind": kind, "file": entry.get("file", f"{kind}.py")}))
    return found
