"""How flags are spelled: ``IFO:NAME:VERSION``, or ``IFO:NAME`` for all versions."""

from __future__ import annotations

import re
from dataclasses import dataclass

from aframe_data.errors import UsageError

_FLAG = re.compile(r"([A-Z][0-9]):([\w.+-]+)(?::([0-9]+))?")


@dataclass(frozen=True)
class Flag:
    """A flag of one interferometer; without a version, all that the data base has."""

    ifo: str
    name: str
    version: int | None

    @property
    def bare(self) -> str:
        """Without the version."""
        return f"{self.ifo}:{self.name}"


def parse_flag(text: str) -> Flag:
    """Take a flag apart.

    Raises
    ------
    UsageError
        It is spelled otherwise.
    """
    matched = _FLAG.fullmatch(text)
    if matched is None:
        raise UsageError(
            f"{text!r} is not a flag of DQSEGDB: write IFO:NAME:VERSION, as in H1:DMT-ANALYSIS_READY:1, or IFO:NAME "
            "for all versions."
        )
    ifo, name, version = matched.groups()
    return Flag(ifo, name, None if version is None else int(version))
