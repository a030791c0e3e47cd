"""The command line: thin. It parses, calls the library, and reports; errors are one line."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Run ``aframe-data`` and exit: 0 done, 1 failed, 2 wrong usage."""
    from aframe_data.cli.app import run

    sys.exit(run(sys.argv[1:] if arguments is None else list(arguments)))
