"""What a record says plainly: it may be of another program, and what is of another kind than ours is not there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


def mapping_in(record: Any, name: str) -> Mapping[str, Any]:
    """The names and values that a record has under a name; none where something else is there."""
    found = record.get(name) if isinstance(record, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def list_in(record: Any, name: str) -> list[Any]:
    """The list that a record has under a name; an empty one where something else is there."""
    found = record.get(name) if isinstance(record, Mapping) else None
    return found if isinstance(found, list) else []


def mappings_in(record: Any, name: str) -> list[Mapping[str, Any]]:
    """Of such a list, the items that have names and values themselves."""
    return [item for item in list_in(record, name) if isinstance(item, Mapping)]


def records_of(record: Any) -> Iterator[Mapping[str, Any]]:
    """The records of the commands that made the signals of a file: of a joined one, those of its pieces."""
    if not isinstance(record, Mapping):
        return
    if record.get("command") != "merge" or not isinstance(record.get("sources"), list):
        yield record
        return
    for piece in mappings_in(record, "sources"):
        yield from records_of(piece.get("provenance"))
