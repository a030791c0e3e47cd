"""What an inspection will do: one file, read by the module beside that knows its kind, and drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aframe_data.formats.kinds import kind_of
from aframe_data.inspection import ledger, psd, segments, strain
from aframe_data.inspection.picture import require_drawable
from aframe_data.places import place
from aframe_data.reports.inspect import Inspection
from aframe_data.work.plan import Plan, Told

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from aframe_data.formats.kinds import Kind
    from aframe_data.requests.inspect import Inspect
    from aframe_data.work.plan import Work


@dataclass(frozen=True)
class InspectPlan(Plan[Inspection]):
    """A plan of a look at a file; nothing but a picture is made.

    Attributes
    ----------
    request
        What was asked for.
    """

    request: Inspect

    @property
    def path(self) -> Path:
        """The file."""
        return place(self.request.path)

    @property
    def inputs(self) -> Sequence[Path]:
        """The file, which no picture replaces."""
        return (self.path,)

    def forecast(self, work: Work) -> Told:
        """Tell what would be read, after what can be told of it without reading all."""
        del work
        self._kind()
        return Told({"path": str(self.path), "nbytes": self.path.stat().st_size})

    def make(self, work: Work) -> Inspection:
        """Read the file.

        Raises
        ------
        UsageError
            It is not there, is of no format known here, or holds nothing of what is to be drawn.
        DataQualityError
            It is of a known format and cannot be read.
        """
        del work
        readers = {"text": segments.read, "psd": psd.read, "ledger": ledger.read}
        return readers.get(self._kind(), strain.read)(self.path)

    def _kind(self) -> Kind:
        """What the file is, before it is read; refuses one of which the picture that is wanted cannot be drawn."""
        kind = kind_of(self.path)
        if self.request.plot is not None:
            require_drawable(self.path, kind, parameters=self.request.parameters)
        return kind
