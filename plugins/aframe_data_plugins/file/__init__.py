"""Segments from files that the user has. This file only says what the plugin gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aframe_data.plugin.hooks import hookimpl
from aframe_data.plugin.records import SegmentSourceProvider
from aframe_data_plugins.file.options import FileOptions

if TYPE_CHECKING:
    from collections.abc import Iterable


@hookimpl
def register_segment_sources() -> Iterable[SegmentSourceProvider]:
    """Give the reader of segment files."""
    yield SegmentSourceProvider(
        name="file",
        summary="Segments from files: segwizard, two columns, CSV, JSON, LIGO_LW XML, gwpy HDF5",
        load="aframe_data_plugins.file.source:FileSegments",
        options=FileOptions,
        automatic=False,
    )
