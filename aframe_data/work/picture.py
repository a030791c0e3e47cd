"""A picture beside an output, with the rules that every output keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aframe_data.checks import output_exists, require_picture_format
from aframe_data.errors import UsageError
from aframe_data.store.atomic import make_folder, require_replaceable, require_writable_folder

if TYPE_CHECKING:
    from aframe_data.work.plan import Asked, Plan, Work


def require_picture(request: Asked[Any], plan: Plan[Any], *, present: bool) -> None:
    """Check, before any work, that the picture that is asked for can be drawn, if one is.

    Parameters
    ----------
    present
        Whether the outputs are there: then a picture that is there is the one of them.

    Raises
    ------
    UsageError
        Its format is unknown, it is one of the command's other files, it is there, or it cannot be written.
    """
    path = request.wanted_picture()
    if path is None:
        return
    require_picture_format(path)
    others = (*(output.path for output in plan.outputs), *plan.inputs)
    if path.absolute() in {other.absolute() for other in others}:
        raise UsageError(f"--plot {str(path)!r} is one of the command's other files.")
    require_replaceable(path)
    require_writable_folder(path.parent)
    if path.exists() and not request.replaces() and not present:
        raise output_exists(path)


def draw_picture(request: Asked[Any], report: Any, work: Work) -> None:
    """Draw the picture that is asked for, if one is, unless it is there and shall stay; tell whether it was drawn."""
    path = request.wanted_picture()
    if path is None:
        return
    drawn = request.replaces() or not path.exists()
    if drawn:
        make_folder(path.parent)
        request.drawer()(request, report, path)
    work.tell({"event": "picture", "path": str(path), "drawn": drawn})
