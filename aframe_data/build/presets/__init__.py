"""Configurations that are ready to be used, as files beside this one."""

from __future__ import annotations

from pathlib import Path

from aframe_data.errors import UsageError, did_you_mean


def names() -> list[str]:
    """What they are called."""
    return sorted(path.stem for path in Path(__file__).parent.glob("*.toml"))


def preset_path(name: str) -> Path:
    """The file of one.

    Raises
    ------
    UsageError
        There is none of this name.
    """
    if name not in names():
        raise UsageError(f"there is no preset {name!r}.{did_you_mean(name, names())} Known: {', '.join(names())}.")
    return Path(__file__).with_name(f"{name}.toml")
