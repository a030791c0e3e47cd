"""The process in which plugins are tried, ``python -m aframe_data.registry.trial_process``: see `trial`.

It reads what to try from stdin, and writes to stdout a line for each: why it is unfit, as JSON, or an empty text.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from importlib_metadata import EntryPoint

from aframe_data.registry.discovery import ENTRY_POINT_GROUP, read_providers


def main() -> None:
    """Try all, and end without the ends that modules may have asked for."""
    asked = json.load(sys.stdin)
    sys.path[:] = asked["path"]
    # Whatever is printed goes nowhere: only the copy is read.
    results = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    for name, value in asked["plugins"]:
        reason = _reason(EntryPoint(name, value, ENTRY_POINT_GROUP))
        os.write(results, json.dumps(reason).encode() + b"\n")
    os._exit(0)


def _reason(entry_point: EntryPoint) -> str:
    streams = (sys.stdin, sys.stdout, sys.stderr)
    _, reason = read_providers(entry_point)
    try:
        for descriptor, name, stream in zip(range(3), ("stdin", "stdout", "stderr"), streams, strict=True):
            if not _is_open(descriptor) or stream.closed:
                return reason or f"its import closes {name}"
    finally:
        for descriptor, stream in enumerate(streams):  # for the next one
            if not _is_open(descriptor):
                os.dup2(os.open(os.devnull, os.O_RDWR), descriptor)
            _put_back(descriptor, stream)
    return reason


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def _put_back(descriptor: int, stream: Any) -> None:
    name = ("stdin", "stdout", "stderr")[descriptor]
    mode = "r" if descriptor == 0 else "w"
    setattr(sys, name, os.fdopen(os.dup(descriptor), mode, encoding="utf-8") if stream.closed else stream)


if __name__ == "__main__":
    main()
