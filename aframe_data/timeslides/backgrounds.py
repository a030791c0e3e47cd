"""The background files of a campaign: what they hold, read from their content and not from their names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aframe_data.checks import require_file
from aframe_data.errors import UsageError
from aframe_data.formats import background_names
from aframe_data.psd.background import open_strain

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from aframe_data.psd.background import StrainFile


def require_elsewhere(output_dir: Path, paths: Sequence[Path]) -> None:
    """Refuse the background's own folder as the output: this command and Aframe read every file there as background.

    Raises
    ------
    UsageError
        It is that folder.
    """
    if any(path.is_dir() and output_dir.resolve() == path.resolve() for path in paths):
        raise UsageError(
            f"output_dir = {str(output_dir)!r} is the folder of the background, where every .hdf5 file is read as "
            "background: name another folder."
        )


def find_backgrounds(given: Sequence[Path], ifos: Sequence[str], sample_rate: float) -> list[StrainFile]:
    """The background files of a folder, or those that are named, in the order of time.

    Raises
    ------
    UsageError
        There is none, or one is of another kind, lacks an interferometer or was sampled more slowly than the signals.
    DataQualityError
        One cannot be read as background.
    """
    found = []
    for path in _files(given):
        if not path.exists():
            raise UsageError(f"there is no background file {str(path)!r}.")
        require_file(path, "the background file ")
        file = open_strain(path)
        missing = [ifo for ifo in ifos if ifo not in file.ifos]
        if missing:
            raise UsageError(f"background {str(path)!r} has {', '.join(file.ifos)}, and no {', '.join(missing)}.")
        if file.sample_rate < sample_rate:
            raise UsageError(
                f"background {str(path)!r} has {file.sample_rate:g} Hz, below the sample_rate of {sample_rate:g} Hz."
            )
        found.append(file)
    return sorted(found, key=lambda file: file.span)


def _files(given: Sequence[Path]) -> list[Path]:
    """The files that are named, or those of the one folder."""
    if len(given) != 1:
        return list(given)
    (folder,) = given
    if not folder.exists():
        raise UsageError(f"there is no background in {str(folder)!r}: it does not exist.")
    return background_names.files_of(folder) if folder.is_dir() else [folder]
