"""Which files are exported: the one that is named, or those of a folder that the export takes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from aframe_data.dataset_report.listing import HDF5, is_shown
from aframe_data.errors import UsageError
from aframe_data.exporting.published import FOLDER_RECORD
from aframe_data.exporting.sources import SignalsFile, StrainSource
from aframe_data.formats.dataset import DatasetLayout
from aframe_data.formats.kinds import KIND_NAMES, kind_of
from aframe_data.plugin.records import SIGNALS, STRAIN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aframe_data.plugin.records import ExportProvider

_TAKEN = {"ledger": SIGNALS, "strain": STRAIN}


def find_files(path: Path, provider: ExportProvider) -> tuple[tuple[SignalsFile, ...], tuple[StrainSource, ...]]:
    """The files of signals and of strain to export, by their names.

    Raises
    ------
    UsageError
        There is none that the export takes, or more files of signals than go into one file.
    """
    if not path.is_dir():
        return _one(path, provider)
    signals: list[SignalsFile] = []
    strain: list[StrainSource] = []
    for file in sorted(_walk(path)):
        name = file.relative_to(path).as_posix()
        taken = _TAKEN.get(kind_of(file))
        if taken == STRAIN and STRAIN in provider.takes:
            strain.append(StrainSource(file, name))
        if taken == SIGNALS and SIGNALS in provider.takes:
            found = SignalsFile(file, name)
            if {*provider.needs} <= {*found.fields}:
                signals.append(found)
    if not signals and not strain:
        needed = f" with {', '.join(provider.needs)}" if provider.needs else ""
        of = {STRAIN: "files of strain", SIGNALS: f"files of signals{needed}"}
        wanted = " and ".join(text for kind, text in of.items() if kind in provider.takes)
        raise UsageError(f"there is nothing in {str(path)!r} to export for {provider.name}, which takes {wanted}.")
    if len(signals) > 1 and not provider.folder:
        named = ", ".join(file.name for file in signals[:5])
        raise UsageError(f"{str(path)!r} has {len(signals)} files of signals: name one of them, such as {named}.")
    return tuple(signals), tuple(strain)


def _one(path: Path, provider: ExportProvider) -> tuple[tuple[SignalsFile, ...], tuple[StrainSource, ...]]:
    kind = kind_of(path)
    if _TAKEN.get(kind) not in provider.takes:
        raise UsageError(
            f"{str(path)!r} is {KIND_NAMES[kind]}; {provider.name} takes files of {' and '.join(provider.takes)}."
        )
    if kind == "strain":
        return (), (StrainSource(path, path.name),)
    found = SignalsFile(path, path.name)
    missing = [name for name in provider.needs if name not in found.fields]
    if missing:
        raise UsageError(f"{str(path)!r} cannot be exported for {provider.name}: it has no {', '.join(missing)}.")
    return (found,), ()


def _walk(root: Path) -> Iterator[Path]:
    """HDF5 files by their suffix; nothing hidden or unfinished, nor branches, nor what was exported before."""
    branches = DatasetLayout(root).branches.name
    for folder, folders, names in os.walk(root):
        if FOLDER_RECORD in names:
            folders.clear()
            continue
        folders[:] = [name for name in folders if is_shown(name) and name != branches]
        for name in names:
            if not name.startswith(".") and Path(name).suffix in HDF5:
                yield Path(folder, name)
