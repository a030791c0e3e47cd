"""Binaries as a kind of sources, which the core brings: registered as a stranger's would be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aframe_data.plugin.hooks import hookimpl
from aframe_data.plugin.records import SourceKindProvider

if TYPE_CHECKING:
    from collections.abc import Iterable


@hookimpl
def register_source_kinds() -> Iterable[SourceKindProvider]:
    """Give binaries."""
    yield SourceKindProvider(
        name="binary",
        summary="Merging black holes and neutron stars: two masses, two spins, redshift",
        load="aframe_data.plugin.binary:Binaries",
    )
