"""What the core gives to fetchers whose archives have files that must be downloaded whole: a place to keep them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path


class FileStore(Protocol):
    """Where a fetcher's files are kept. An object belongs to one process."""

    def file(self, url: str, download: Callable[[Path], None]) -> AbstractContextManager[Path]:
        """Give the path of a file, which exists until the ``with`` block ends. Do not write to it.

        Parameters
        ----------
        url
            The name of the file in the store. The path ends with the last part of it, suffix included.
        download
            Called where the file is not there, with the path at which it is to be written. What it raises goes
            through, and nothing is kept then; a write that fails (a full disk) is told in one line.
        """
        ...

    def discard(self, url: str) -> None:
        """Forget a file whose content turned out to be damaged: the next request downloads it again."""
        ...
