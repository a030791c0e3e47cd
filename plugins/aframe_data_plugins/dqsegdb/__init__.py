"""Flags of a DQSEGDB server, LIGO's, Virgo's and KAGRA's data base of segments.

This file only says what there is. `segments` holds the class, `flags` how flags are spelled, `server` what the data
base can be asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aframe_data.plugin.hooks import hookimpl
from aframe_data.plugin.records import SegmentSourceProvider
from aframe_data_plugins.dqsegdb.options import DqsegdbOptions

if TYPE_CHECKING:
    from collections.abc import Iterator


@hookimpl
def register_segment_sources() -> Iterator[SegmentSourceProvider]:
    """Give the flags of the data base."""
    yield SegmentSourceProvider(
        name="dqsegdb",
        summary="Flags of the segment database DQSEGDB, public and private: H1:DMT-ANALYSIS_READY:1",
        load="aframe_data_plugins.dqsegdb.segments:DqsegdbSegments",
        options=DqsegdbOptions,
        flags=(r"[A-Z][0-9]:[\w.+-]+(:[0-9]+)?",),
        example=("H1:DMT-ANALYSIS_READY:1", 1240579783),
        requires=("dqsegdb2",),
        install="pip install 'aframe-data[dqsegdb]'",
    )
