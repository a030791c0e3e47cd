"""The page: what a physicist who checks a data set wants to see, in that order."""

from __future__ import annotations

import json
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING

from aframe_data.dataset_report import sections, signals_section, strain_section
from aframe_data.dataset_report.html import Html, element, join
from aframe_data.store.atomic import write_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from typing import Any

    from aframe_data.dataset_report.album import Album
    from aframe_data.reports.dataset import DatasetReport

#: What stands in the head of each page.
GENERATOR = '<meta name="generator" content="aframe-data report">'


def write_page(path: Path, report: DatasetReport, album: Album) -> None:
    """Write the page, whole or not at all.

    Raises
    ------
    AframeDataError
        It cannot be written.
    """
    style, frame = (files(__package__).joinpath(name).read_text(encoding="utf-8") for name in ("page.css", "page.html"))
    page = Template(frame).substitute(style=style, croissant=_embedded(report.croissant), body=_body(report, album))
    write_text(path, page)


def _embedded(value: Mapping[str, Any]) -> str:
    """JSON that ends no element it stands in."""
    told = json.dumps(value, indent=1, ensure_ascii=True)
    return told.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _body(report: DatasetReport, album: Album) -> Html:
    parts = [
        ("remake", "How to make it again", sections.remake(report)),
        ("segments", "Segments", sections.segments(report, album)),
        ("strain", "Strain", strain_section.strain(report, album)),
        ("psds", "Noise for SNRs", strain_section.psds(report, album)),
        ("signals", "Signals", signals_section.signals(report, album)),
        ("waveforms", "Waveforms", signals_section.waveforms(report, album)),
        ("campaign", "Campaign", signals_section.campaign(report, album)),
        ("cost", "Cost", sections.cost(report)),
        ("findings", "Findings", sections.findings(report)),
        ("files", "Files and provenance", sections.provenance(report)),
    ]
    there = [(name, title, content) for name, title, content in parts if content]
    links = element("nav", *(element("a", title, href=f"#{name}") for name, title, _ in there))
    return join(
        [
            element("header", element("h1", "Aframe data set"), sections.verdict(report), links),
            *(element("section", element("h2", title), content, id=name) for name, title, content in there),
        ]
    )
