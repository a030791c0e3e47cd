"""Where an output came from: one JSON object, and in what two of them differ.

What only tells how the work was run (workers, log files) is left out: it does not change the data, so that
two runs of one command give the same file, byte for byte, on any number of workers.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from aframe_data import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping

#: What draws, models, filters and files depend on: the data is the same to the last bit with these versions.
_PACKAGES = ("astropy", "bilby", "gwosc", "gwpy", "h5py", "lalsuite", "numpy", "scipy")
#: Differences that a message names.
_SHOWN = 3


def provenance(command: str, arguments: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """The record of one command.

    Parameters
    ----------
    command
        The command's name, ``fetch``.
    arguments
        All arguments as resolved: what the user gave and the defaults.
    more
        What else is known: seed, providers, sources.
    """
    return {
        "software": "aframe-data",
        "version": __version__,
        "packages": _packages(),
        "command": command,
        "arguments": dict(arguments),
        **more,
    }


def _packages() -> dict[str, str]:
    from importlib_metadata import PackageNotFoundError, version

    versions = {}
    for name in _PACKAGES:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            versions[name] = "unknown"  # conda splits LALSuite into packages of other names
    return versions


def difference(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> str:
    """In what two records differ, in a few words; empty where `found` says all that `wanted` says.

    Parameters
    ----------
    found
        As read from a file; what else it says does not count.
    wanted
        The record of the request at hand.
    """
    there = _flat({name: value for name, value in found.items() if name in wanted})
    now = _flat(wanted)
    names = [name for name in sorted(there | now) if there.get(name) != now.get(name)]
    shown = [f"{name}: {there.get(name)} there, {now.get(name)} now" for name in names[:_SHOWN]]
    return ", ".join([*shown, *(["…"] if len(names) > _SHOWN else [])])


def _flat(record: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested names with dots between them, and values as JSON gives them back."""
    flat: dict[str, Any] = {}
    for name, value in json.loads(encode(record)).items():
        flat |= _flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}": value}
    return flat


def encode(record: Mapping[str, Any]) -> str:
    """The record as JSON, the same text for the same content."""
    return json.dumps(record, sort_keys=True, default=str)
