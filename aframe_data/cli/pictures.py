"""``--plot``: a picture beside an output, with the rules that every output keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from aframe_data.cli.report import print_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path


class Picture(NamedTuple):
    """The picture that a command was asked for.

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
        from aframe_data.checks import output_exists
        from aframe_data.errors import UsageError
        from aframe_data.figures.canvas import require_format
        from aframe_data.store.atomic import require_replaceable, require_writable_folder

        require_format(self.path)
        if self.path.absolute() in {other.absolute() for other in others}:
            raise UsageError(f"--plot {str(self.path)!r} is one of the command's other files.")
        require_replaceable(self.path)
        require_writable_folder(self.path.parent)
        if self.path.exists() and not self.overwrite and not present:
            raise output_exists(self.path)

    def draw(self, function: Callable[[Path], None], *, told: bool = True) -> None:
        """Draw it, unless it is there and shall stay; and, if it shall be `told`, print what was done."""
        from aframe_data.store.atomic import make_folder

        if self.path.exists() and not self.overwrite:
            print_line(f"{self.path} is there already; --overwrite draws it again")
            return
        make_folder(self.path.parent)
        function(self.path)
        if told:
            print_line(f"drawn in {self.path}")
