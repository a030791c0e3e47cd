"""The options of the exports. Nothing is computed here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path  # noqa: TC003 - the fields' types are read when the program runs

from aframe_data.checks import require_file
from aframe_data.errors import UsageError
from aframe_data.plugin.options import option

#: Of a text of rates that is read: some ten million injections.
_MOST_BYTES = 256 * 2**20


@dataclass(frozen=True)
class PycbcOptions:
    """Options of `pycbc`."""

    approximant: str | None = option(
        default=None,
        help="Name of the waveform model, as pycbc spells it",
        otherwise="the approximant that the signals were made with",
    )


@dataclass(frozen=True)
class LvkOptions:
    """Options of `lvk`."""

    layout: str = option(
        default="o3",
        choices=("o3", "o4"),
        help="Layout: o3 has a group of columns (LIGO-T2100113), o4 a table (as GWTC-4.0's sensitivity estimates)",
    )
    analysis_time: float | None = option(
        default=None,
        minimum=0,
        exclusive=True,
        help="Seconds of data that were searched",
        otherwise="the livetime of the campaign's slides, by its provenance",
    )
    far: Path | None = option(  # noqa: RUF009 - makes a field, as dataclasses.field does
        default=None,
        help="Text file with a false-alarm rate per year for each injection, in order: inf for those not found",
    )
    search: str = option(default="aframe", help="Name of the search that --lvk-far is of, for its columns")

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Za-z0-9_-]+", self.search):
            raise UsageError(f"--lvk-search must be of letters, digits, - and _, not {self.search!r}.")
        if self.far is not None:
            require_file(self.far, "--lvk-far ", _MOST_BYTES)
