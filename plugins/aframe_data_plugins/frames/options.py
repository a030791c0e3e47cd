"""The options of files on disk. Nothing is read here."""

from __future__ import annotations

from dataclasses import dataclass

from aframe_data.plugin.options import option


@dataclass(frozen=True)
class FramesOptions:
    """Options of the strain fetcher ``frames``."""

    path: tuple[str, ...] = option(
        help="Files, folders, patterns such as 'data/*/H-*.gwf', or cache files (LAL or FFL) that list files; if two "
        "files cover the same time, the path given first is used",
        affects_data=False,  # a place of the archive, as a server's name is
    )
