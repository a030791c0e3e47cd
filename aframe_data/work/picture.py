"""A picture beside an output, with the rules that every output keeps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aframe_data.checks import output_exists, require_picture_format
from aframe_data.errors import UsageError
from aframe_data.store.atomic import make_folder, require_replaceable, require_writable_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path


@dataclass(frozen=True)
class Picture:
    """The picture that was asked for.

    Attributes
    ----------
    path
        Where to.
    overwrite
        Whether one that is there is replaced.
    """

    path: Path
    overwrite: bool

    def require(self, *, others: Iterable[Path], present: bool) -> None:
        """Check that it can be drawn, before any work; beside an output that is `present`, it is the picture of that.

        Raises
        ------
        UsageError
            Its format is unknown, it is one of the command's `others`, it is there, or it cannot be written.
        """
        require_picture_format(self.path)
        if self.path.absolute() in {other.absolute() for other in others}:
            raise UsageError(f"--plot {str(self.path)!r} is one of the command's other files.")
        require_replaceable(self.path)
        require_writable_folder(self.path.parent)
        if self.path.exists() and not self.overwrite and not present:
            raise output_exists(self.path)

    def draw(self, function: Callable[[Path], None]) -> bool:
        """Draw it, unless it is there and shall stay; tell whether it was drawn."""
        if self.path.exists() and not self.overwrite:
            return False
        make_folder(self.path.parent)
        function(self.path)
        return True
