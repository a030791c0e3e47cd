"""``aframe-data export``: finished files for other tools."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aframe_data.requests.declaration import Chooses, option, output
from aframe_data.requests.request import Request, request
from aframe_data.requests.shared import Making, provider_options

if TYPE_CHECKING:
    from aframe_data.reports.export import ExportReport


@request
class Export(Making, Request["ExportReport"]):
    """Convert finished files for another tool.

    SOURCE is a file, or a folder; of a folder, the files that the export takes are used. All of them are checked first:
    if one changed since it was written, or holds values that are not finite, nothing is exported.
    """

    command, plan = "export", "aframe_data.exporting.plan:plan"
    example = "waveforms/test/waveforms.hdf5 --to pycbc -o injections.hdf"

    source: str | Path = option(help="File or folder to export.", kw_only=False, affects_data=False)
    to: str = option(
        help="Tool to export for; `aframe-data plugins list --kind export` lists them. Add --help to see its options.",
        chooses=Chooses("export", "export_options", automatic=False),
    )
    export_options: Mapping[str, Any] | None = provider_options("the export")
    output_file: str | Path = output(help="File to write; a folder if the export makes one.", remote=False)
