"""Places of files: what a user gives is a path of this machine, or the URL of an object in a store."""

from __future__ import annotations

import os
import re
from importlib.util import find_spec
from pathlib import Path
from typing import cast
from urllib.parse import unquote

from aframe_data.errors import UsageError, unknown_name
from aframe_data.redaction import redacted
from aframe_data.remote import RemotePath

_URL = re.compile(r"(?P<protocol>[A-Za-z][A-Za-z0-9+.-]*)://(?P<key>.*)", re.DOTALL)
#: The stores by their protocols: all of them show an object whole or not at all. What gives each to fsspec, and what
#: pip is asked for.
_STORES = {
    "s3": ("s3fs", "'aframe-data[s3]'"),
    "gs": ("gcsfs", "gcsfs"),
    "gcs": ("gcsfs", "gcsfs"),
    "az": ("adlfs", "adlfs"),
    "abfs": ("adlfs", "adlfs"),
}


def place(value: str | os.PathLike[str] | RemotePath) -> Path:
    """The place that a text or a path names: the only way from what a user gave to where a file is.

    Returns
    -------
    Path
        Or, for a URL of a store, a `RemotePath`, which takes its place.

    Raises
    ------
    UsageError
        It is a URL of no store that is known, or whose package is not installed; or it says no object, or what no
        file can be called.
    """
    if isinstance(value, RemotePath):
        return cast("Path", value)
    match = _URL.match(value) if isinstance(value, str) else None
    if match is None:
        return _of_path(Path(value))
    shown, protocol, key = redacted(match[0]), match["protocol"].lower(), match["key"]
    if protocol == "file":
        return _of_file_url(shown, key)
    if protocol not in _STORES:
        raise unknown_name("protocol", protocol, ["file", *_STORES])
    package, wanted = _STORES[protocol]
    if find_spec(package) is None or find_spec("fsspec") is None:
        raise UsageError(f"{shown!r} needs a package that is not installed: python -m pip install {wanted}")
    return cast("Path", RemotePath(protocol, _key(shown, key)))


def user_cache() -> Path:
    """The folder in the user's cache that is ours, there or not; raises a `RuntimeError` where no home is known."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache").absolute() / "aframe-data"


def no_stream(said: str) -> UsageError:
    """The error for ``-`` where it is no standard stream, since hardly anybody means a file of that name.

    Parameters
    ----------
    said
        The option, with that value.
    """
    return UsageError(f"{said} is not allowed: no standard stream is meant here. Write ./- for a file of that name.")


def is_local(path: Path) -> bool:
    """Whether a place is a path of this machine."""
    return not isinstance(path, RemotePath)


def local_place(value: str | os.PathLike[str] | RemotePath) -> Path:
    """As `place`, where only a path of this machine will do.

    Raises
    ------
    UsageError
        It is a URL of something else.
    """
    match = _URL.match(value) if isinstance(value, str) else None
    if isinstance(value, RemotePath) or (match is not None and match["protocol"].lower() != "file"):
        raise UsageError(f"{redacted(str(value))!r} is a URL, and only a path on this machine can be given here.")
    return place(value)


def _of_file_url(shown: str, rest: str) -> Path:
    host, slash, path = rest.partition("/")
    if host not in ("", "localhost") or not slash:
        raise UsageError(f"{shown!r} is not a path on this machine: write file:///home/me/data.")
    return _of_path(Path(slash + unquote(path)))


def _of_path(path: Path) -> Path:
    if "\0" in str(path):
        raise UsageError(f"no file can be called {str(path)!r}.")
    return path


def _key(shown: str, text: str) -> str:
    """What names an object in a store, without parts that mean another one or none."""
    if "@" in text.partition("/")[0]:
        raise UsageError(f"{shown!r} holds credentials: give them in the environment or in a file, never in a URL.")
    parts = [part for part in text.split("/") if part not in ("", ".")]
    if not parts or ".." in parts or "\0" in text or text.startswith("/"):
        raise UsageError(f"{shown!r} does not name an object in a store: write s3://BUCKET/FOLDER/FILE.")
    return "/".join(parts)
