"""An output: one file that appears whole under its name, and says of itself what it is."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aframe_data.checks import output_exists
from aframe_data.errors import DataQualityError
from aframe_data.store.atomic import require_replaceable
from aframe_data.store.identity import Identity, difference, identity_of, other_versions

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class RecordedFile:
    """A file that holds its own record.

    Attributes
    ----------
    path
        Where it is, or will be.
    read_record
        Reads the record of a file that is there, or None where it has none; raises a `DataQualityError` where the
        file cannot be read.
    """

    path: Path
    read_record: Callable[[Path], Mapping[str, Any] | None]

    def require_usable(self) -> None:
        """Refuse a path at which no file can appear."""
        require_replaceable(self.path)

    def identity(self) -> Identity | None:
        """What the file that is there is the output of; None where there is none.

        Raises
        ------
        OutputExistsError
            What is there cannot be read, or another program made it.
        """
        record = self._record()
        return None if record is None else identity_of(record)

    def holds(self, wanted: Identity) -> bool:
        """Whether the file is there.

        Raises
        ------
        OutputExistsError
            It is, and holds something else.
        """
        record = self._record()
        if record is None:
            return False
        told = difference(identity_of(record), wanted)
        if told:
            raise output_exists(self.path, told)
        versions = other_versions(record)
        if versions:
            _logger.info("%s was made with %s", self.path, versions)
        return True

    def _record(self) -> Mapping[str, Any] | None:
        if not self.path.exists():
            return None
        try:
            record = self.read_record(self.path)
        except DataQualityError as error:
            raise output_exists(self.path) from error
        if record is None:
            raise output_exists(self.path)
        return record
