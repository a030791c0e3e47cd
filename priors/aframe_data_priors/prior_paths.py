"""Where ``.prior`` files are. Light: a name that does not exist is refused without bilby."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from aframe_data.checks import require_file
from aframe_data.errors import UsageError


def shipped_folder() -> Path:
    """The folder of the files that bilby ships, its ``DEFAULT_PRIOR_DIR``; a path to nowhere without bilby."""
    spec = find_spec("bilby")
    return Path((spec.origin if spec is not None else None) or "bilby").parent / "gw" / "prior_files"


def find_prior_file(path: Path) -> Path:
    """Give the file at `path`, or the one of that bare name that bilby ships (bilby's own rule).

    Raises
    ------
    UsageError
        There is neither, or what is there is no file.
    """
    shipped = shipped_folder()
    expanded = path.expanduser()
    if expanded.is_file():
        return expanded
    if len(path.parts) == 1 and (shipped / path).is_file():
        return shipped / path
    if expanded.exists():
        require_file(expanded, "the prior file ")
    names = ", ".join(sorted(file.name for file in shipped.glob("*.prior")))
    raise UsageError(
        f"there is no prior file {str(path)!r}. Give the path of a file, or one that bilby ships: {names}."
    )
