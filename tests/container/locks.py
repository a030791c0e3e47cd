"""The locks and what they were made of, as data."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).resolve().parent.parent.parent


def lock_tool() -> ModuleType:
    """Load `.ci/lock.py`, which is no package."""
    spec = importlib.util.spec_from_file_location("lock", ROOT / ".ci" / "lock.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def canonical(name: str) -> str:
    """Spell a distribution's name as registries compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pinned() -> dict[str, tuple[str, list[str]]]:
    """Version and hashes of each distribution of requirements.lock."""
    text = re.sub(r"\s*\\\n\s*", " ", (ROOT / "requirements.lock").read_text())
    found = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            requirement, *hashes = line.split(" --hash=")
            name, version = requirement.split("==")
            found[canonical(name)] = (version, hashes)
    return found
