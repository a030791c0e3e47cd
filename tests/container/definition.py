"""apptainer.def, as data."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Definition:
    """A definition: where the image comes from, and its sections."""

    header: dict[str, str]
    sections: dict[str, str]

    @property
    def files(self) -> dict[str, str]:
        """Where each file or folder of the repository goes."""
        return dict(line.split() for line in self.sections["files"].splitlines() if line.strip())


def read_definition() -> Definition:
    """Read apptainer.def of the repository."""
    header, *parts = re.split(r"^%(\w+)\n", (ROOT / "apptainer.def").read_text(), flags=re.MULTILINE)
    names = parts[::2]
    assert len(set(names)) == len(names), "a section is there twice"
    fields = (tuple(line.split(": ", 1)) for line in header.splitlines() if line)
    return Definition(dict(fields), dict(zip(names, parts[1::2], strict=True)))
