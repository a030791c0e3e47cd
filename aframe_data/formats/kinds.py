"""What a file is, told from its content."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from aframe_data.checks import require_file
from aframe_data.errors import DataQualityError, UsageError
from aframe_data.formats import foreign, opening, psd
from aframe_data.outside import outside_text
from aframe_data.remote import RemotePath

if TYPE_CHECKING:
    from pathlib import Path

#: Text, or whatever else is no HDF5; a ledger; spectra; series in time; HDF5 of another content.
Kind = Literal["text", "ledger", "psd", "strain", "other"]

#: What messages call them.
KIND_NAMES: dict[Kind, str] = {
    "text": "not an HDF5 file",
    "ledger": "a ledger file (waveforms or parameters of signals)",
    "psd": "a file of PSDs",
    "strain": "a background file (strain)",
    "other": "an HDF5 file of another kind",
}


def kind_of(path: Path) -> Kind:
    """Look into a file.

    Raises
    ------
    UsageError
        It is no file, or cannot be read.
    DataQualityError
        It is HDF5, and damaged or harmful.
    """
    require_file(path)
    try:
        if not isinstance(path, RemotePath):
            path.open("rb").close()
        is_hdf5 = opening.is_hdf5(path)
    except OSError as error:
        raise UsageError(f"cannot read {str(path)!r}: {error.strerror}.") from error
    if not is_hdf5:
        return "text"
    try:
        with foreign.opened(path) as file:
            if psd.is_psd(file):
                return "psd"
            if "parameters" in file:
                return "ledger"
            return "strain" if any(item is not None and "x0" in item.attrs for item in file.values()) else "other"
    except foreign.ForeignFileError as error:
        raise DataQualityError(f"{path} is not read: {error}.") from error
    # h5py raises the latter two where a link inside is damaged.
    except (OSError, RuntimeError, LookupError) as error:
        raise DataQualityError(f"{path} is damaged: {outside_text(error)}") from error
