"""Where an output came from, and the part of it that says whether two requests are the same.

The record of an output is one JSON object, with what was asked for (`arguments`), the versions of what made it, and
what was learned on the way. Its *identity* is what the data is a function of: arguments that affect the data, the
seed, providers and their options, and the content of the files that went in; never a path, a host, a package's
version or a machine. So finished work is known again after a folder was renamed, or a package was renewed.
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

from aframe_data import __version__
from aframe_data.redaction import without_secrets
from aframe_data.store.wording import in_words

if TYPE_CHECKING:
    from collections.abc import Mapping

#: What two requests have in common if they are the same: nested names and plain values.
Identity: TypeAlias = "Mapping[str, Any]"

_IDENTITY = "identity"


def provenance(arguments: Mapping[str, Any], identity: Identity, **more: Any) -> dict[str, Any]:
    """The record of an output, without the secrets that may stand in its texts.

    Parameters
    ----------
    arguments
        All arguments as resolved: what the user gave and the defaults.
    identity
        With the entry ``command``.
    more
        What else is known: sources, cosmology, failures.
    """
    return {
        "software": "aframe-data",
        "version": __version__,
        "packages": _packages(),
        "command": identity["command"],
        "arguments": without_secrets(arguments),
        _IDENTITY: dict(identity),
        **without_secrets(more),
    }


def identity_of(record: Mapping[str, Any]) -> Identity:
    """The identity of an output by its record; files of version 0.1 have it among the arguments."""
    found: Identity | None = record.get(_IDENTITY)
    return {"recipe": 1, **record.get("arguments", {}), **record} if found is None else found


def difference(found: Identity, wanted: Identity) -> str:
    """In what an output differs from a request, in the user's words; empty where it has all that is wanted.

    What else it says, such as the option of a provider that there is no more, does not count; what it does not say
    is None.
    """
    there, now = _flat(found), _flat(wanted)
    return in_words(there, now, [name for name in sorted(now) if there.get(name) != now[name]])


def disagreement(first: Identity, second: Identity) -> tuple[str, Any, Any] | None:
    """The first name of which two identities say different things, and what they say; nothing if only one names it."""
    ours, theirs = _flat(first), _flat(second)
    names = (name for name in sorted(ours.keys() & theirs.keys()) if ours[name] != theirs[name])
    return next(((name, ours[name], theirs[name]) for name in names), None)


def other_versions(record: Mapping[str, Any]) -> str:
    """With which versions an output was made, where they are others than today's; no reason to disown it."""
    then = {"aframe-data": record.get("version"), **record.get("packages", {})}
    now = {"aframe-data": __version__, **_packages()}
    return ", ".join(
        f"{name} {then[name]} (now {now[name]})" for name in now if then.get(name) not in (None, now[name])
    )


def _flat(value: Any, prefix: str = "") -> dict[str, Any]:
    """Nested names with dots between them, lists of objects by number, and values as JSON gives them back."""
    flat: dict[str, Any] = {}
    for name, item in json.loads(encode(value)).items() if not prefix else value.items():
        whole = f"{prefix}{name}"
        if isinstance(item, list) and item and all(isinstance(each, dict) for each in item):
            flat[f"{whole}.number"] = len(item)
            item = dict(enumerate(item))  # noqa: PLW2901 - the same in another form
        flat |= _flat(item, f"{whole}.") if isinstance(item, dict) else {whole: item}
    return flat


def plain(value: Any) -> Any:
    """A value as JSON has it, nested ones too; what JSON has no form of, such as a path, as its text."""
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if hasattr(value, "items"):
        return {str(name): plain(item) for name, item in value.items()}
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)


def encode(record: Mapping[str, Any]) -> str:
    """The record as JSON, the same text for the same content."""
    return json.dumps(record, sort_keys=True, default=str)


@cache
def _packages() -> dict[str, str]:
    """The versions of what this package needs, for whoever wonders why others give other last bits; asked for once."""
    from importlib_metadata import PackageNotFoundError, requires, version

    versions = {}
    for name in [re.split(r"[^\w.-]", needed)[0] for needed in requires("aframe-data") or () if ";" not in needed]:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:  # conda splits LALSuite into packages of other names
            versions[name] = "unknown"
    return versions
