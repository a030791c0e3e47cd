"""The options of the segment files. Nothing is read here."""

from __future__ import annotations

from dataclasses import dataclass

from aframe_data.plugin.options import option

#: Names of the formats; ``auto`` looks at the content.
FORMATS = ("auto", "text", "json", "ligolw", "hdf5")


@dataclass(frozen=True)
class FileOptions:
    """Options of the segment source ``file``."""

    path: tuple[str, ...] = option(
        help="Segments file, or FLAG=FILE if the file does not name its flag; several are combined",
        files=True,
    )
    format: str = option(
        default="auto",
        choices=FORMATS,
        help="Format of the files; 'text' is segwizard, two columns or CSV, and 'auto' looks at the content",
    )
