"""What a joined file that is there says of the files that it was joined from."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aframe_data.errors import AframeDataError
from aframe_data.formats import record as records
from aframe_data.formats.ledger_source import NUM_INJECTIONS
from aframe_data.places import place
from aframe_data.remote import RemotePath
from aframe_data.store.identity import identity_of
from aframe_data.work.part import SHARE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aframe_data.store.identity import Identity

#: Where the record of a joined file has its sources, and whether they were to be removed.
SOURCES, REMOVED = "sources", "remove_inputs"


def absolute(path: Path) -> Path:
    """A path as it is told from others, links and all."""
    if isinstance(path, RemotePath):
        return path
    return Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow links


def entry(length: int, num_injections: int | None, content: str) -> dict[str, Any]:
    """What the identity of a joined file has for each of its sources."""
    return {"length": length, NUM_INJECTIONS: num_injections, records.CONTENT_HASH: content}


def injections_of(entries: Sequence[Mapping[str, Any]]) -> int | None:
    """Injections of all sources together; None where they do not say."""
    told = [each[NUM_INJECTIONS] for each in entries if each[NUM_INJECTIONS] is not None]
    return sum(told) if told else None


@dataclass(frozen=True, eq=False)
class Joined:
    """The record of a joined file.

    Attributes
    ----------
    sources
        Absolute path of each source, and what the identity has for it.
    removing
        Whether they were to be removed.
    whole
        The identity of a run, if it is the file of one, joined from parts or not.
    """

    sources: Mapping[Path, dict[str, Any]] = field(default_factory=dict)
    removing: bool = False
    whole: Identity | None = None

    @cached_property
    def gone(self) -> dict[Path, dict[str, Any]]:
        """The sources that are not there any more."""
        return {path: known for path, known in self.sources.items() if not path.exists()}


def read_joined(path: Path) -> Joined:
    """The record of a file, as far as there is a joined one."""
    try:
        found = (records.read_from(path, "a ledger file") if path.is_file() else None) or {}
        sources = {
            absolute(place(source["file"])): entry(
                source["length"], source[NUM_INJECTIONS], source[records.CONTENT_HASH]
            )
            for source in found.get(SOURCES, ())
        }
        identity = identity_of(found)
        if SHARE in identity:
            return Joined(sources, removing=bool(sources), whole=identity)
        return Joined(sources, removing=bool(found.get("arguments", {}).get(REMOVED)))
    # A file of another kind: whoever wants to replace it is told so.
    except (AframeDataError, OSError, LookupError, TypeError, AttributeError):
        return Joined()
