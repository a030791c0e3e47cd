"""Writing a configuration: a preset, or what a run of Aframe's pipeline was configured by, with the options' help."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from aframe_data.build.annotation import annotated
from aframe_data.build.presets import preset_path
from aframe_data.checks import output_exists, require_file
from aframe_data.places import place
from aframe_data.plugin.code import loaded
from aframe_data.reports.init import Configured
from aframe_data.store.atomic import require_replaceable, write_text
from aframe_data.work.plan import Plan, Told

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from aframe_data.requests.init import Init
    from aframe_data.store.identity import Identity
    from aframe_data.work.plan import Output, Work

#: What knows the configuration of Aframe's pipeline, which is nothing that this package is made of.
_TRANSLATION = "aframe_data.aframe.configuration:translated"
#: Bytes of a configuration that is read to compare it.
_MOST_BYTES = 2**20


@dataclass(frozen=True)
class ConfigurationFile:
    """The file that is to be written."""

    path: Path

    def require_usable(self) -> None:
        """Refuse a path at which no file can appear."""
        require_replaceable(self.path)

    def identity(self) -> Identity | None:
        """The content of the file that is there; None where there is none."""
        if not self.path.exists():
            return None
        require_file(self.path, "the configuration ", _MOST_BYTES)
        return {"text": self.path.read_text(encoding="utf-8", errors="replace")}

    def holds(self, wanted: Identity) -> bool:
        """Whether the file is there; one of other content is not replaced: somebody may have worked on it."""
        found = self.identity()
        if found is not None and found != wanted:
            raise output_exists(self.path)
        return found is not None


@dataclass(frozen=True, eq=False)
class InitPlan(Plan[Configured]):
    """A plan of a configuration."""

    request: Init

    @cached_property
    def text(self) -> str:
        """The configuration, with comments."""
        if self.request.from_aframe is not None:
            plain = loaded(_TRANSLATION)(place(self.request.from_aframe))
        else:
            plain = preset_path(self.request.preset or "").read_text(encoding="utf-8")
        return annotated(plain, "aframe-data.toml" if self.path is None else self.path.name)

    @property
    def path(self) -> Path | None:
        """The file; None for standard output."""
        return None if str(self.request.output_file) == "-" else place(self.request.output_file)

    @property
    def outputs(self) -> Sequence[Output]:
        """The file, if there is to be one."""
        return () if self.path is None else (ConfigurationFile(self.path),)

    @property
    def inputs(self) -> Sequence[Path]:
        """The configuration that is translated."""
        return () if self.request.from_aframe is None else (place(self.request.from_aframe),)

    @property
    def identity(self) -> Identity:
        """The content."""
        return {"text": self.text}

    @property
    def nbytes(self) -> int:
        """Bytes of the file."""
        return len(self.text.encode())

    def forecast(self, work: Work) -> Told:
        """What would be written."""
        del work
        return Told({"path": str(self.path), "text": self.text})

    def make(self, work: Work) -> Configured:
        """Write it."""
        del work
        if self.path is not None:
            write_text(self.path, self.text)
        return Configured(self.path, self.text)

    def recall(self, work: Work) -> Configured:
        """The file is there."""
        del work
        return Configured(self.path, self.text, present=self.path is not None)
