"""Which files a folder has, and of what kind each is; names are paths from the folder on."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from aframe_data.errors import AframeDataError
from aframe_data.formats import background_names, segwizard
from aframe_data.formats.dataset import TEST, DatasetLayout
from aframe_data.formats.kinds import kind_of
from aframe_data.remote import RemotePath
from aframe_data.verification.folder import require_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from aframe_data.formats.kinds import Kind

#: Suffixes of names.
HDF5, _TEXT = frozenset({".hdf5", ".h5", ".hdf"}), ".txt"


@dataclass(frozen=True)
class Found:
    """A file of data.

    Attributes
    ----------
    path, name
        The file, and its path from the folder on.
    kind
        What it is; None where it cannot be read.
    damage
        Why not.
    """

    path: Path
    name: str
    kind: Kind | None
    damage: str = ""


@dataclass(frozen=True)
class Listing:
    """The files of a folder.

    Attributes
    ----------
    root
        The folder.
    files
        In the order of their names.
    pieces
        Files of a campaign's branches, whose injections are in another file too.
    """

    root: Path
    files: tuple[Found, ...]
    pieces: tuple[Path, ...]

    def of(self, *kinds: Kind) -> list[Found]:
        """The files of some kinds."""
        return [file for file in self.files if file.kind in kinds]

    def backgrounds(self) -> Mapping[tuple[str, str], list[Found]]:
        """Files of strain by their folder's name and their prefix; what has a name of another form has none."""
        groups: dict[tuple[str, str], list[Found]] = {}
        for file in self.of("strain"):
            prefix = background_names.parse_prefix(file.path) or ""
            groups.setdefault((parent(file.name), prefix), []).append(file)
        return dict(sorted(groups.items(), key=lambda group: (in_order(group[0][0]), group[0][1])))

    def relative(self, text: str) -> str:
        """A text without the path of the folder, which says nothing about the data."""
        return text.replace(f"{self.root}{os.sep}", "")


def in_order(name: str) -> tuple[bool, str]:
    """By what names are sorted: what a network is trained on comes before what it is tested on."""
    return TEST in name.split("/"), name


def parent(name: str) -> str:
    """The folder of a file, empty for the data set's own."""
    return name.rpartition("/")[0]


def list_files(root: Path) -> Listing:
    """Look what is in a folder, and in those in it.

    Raises
    ------
    UsageError
        It is no folder.
    """
    require_folder(root)
    files: list[Found] = []
    pieces: list[Path] = []
    for path in _walk(root):
        if path.name.startswith(".") or path.suffix not in (*HDF5, _TEXT):
            continue
        if path.parent.parent.name == DatasetLayout(root).branches.name:
            pieces.append(path)
        else:
            files += _look(path, path.relative_to(root).as_posix())
    return Listing(root, tuple(sorted(files, key=lambda file: in_order(file.name))), tuple(sorted(pieces)))


def _walk(root: Path) -> Iterator[Path]:
    """All files, but for what lies in hidden folders, or is unfinished."""
    if isinstance(root, RemotePath):
        found = root.objects()
        yield from (path for path in found if all(map(is_shown, path.relative_to(root).parent.parts)))
        return
    for folder, folders, names in os.walk(root):
        folders[:] = filter(is_shown, folders)
        yield from (Path(folder, name) for name in names)


def is_shown(folder: str) -> bool:
    """Whether a folder of this name is looked into."""
    return not folder.startswith(".") and not folder.endswith(".parts")


def _look(path: Path, name: str) -> Iterator[Found]:
    try:
        kind = kind_of(path)
        if kind != "text":
            yield Found(path, name, kind)
        elif path.suffix in HDF5:
            yield Found(path, name, None, f"no HDF5 file, {path.stat().st_size} bytes")
        elif path.name == "segments.txt" or segwizard.HEADER in _beginning(path):
            yield Found(path, name, kind)
    except (AframeDataError, OSError) as error:
        yield Found(path, name, None, without_path(error, path))


def _beginning(path: Path) -> str:
    with path.open(encoding="utf-8", errors="replace") as file:
        return file.read(len(segwizard.HEADER))


def without_path(error: Exception, path: Path) -> str:
    """What an error says of a file, without the path that is told beside it."""
    text = str(error).replace(repr(str(path)), path.name).replace(str(path), path.name)
    return text.removeprefix(f"{path.name} is damaged: ").removeprefix(f"{path.name} is ").removeprefix(f"{path.name} ")
