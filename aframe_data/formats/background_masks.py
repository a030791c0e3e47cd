"""The 1 Hz masks that a background file keeps in its group ``provenance/``, where readers of Aframe do not look."""

from __future__ import annotations

from typing import TYPE_CHECKING

import h5py

from aframe_data.errors import DataQualityError
from aframe_data.formats import foreign
from aframe_data.outside import outside_text
from aframe_data.types import BitMask

if TYPE_CHECKING:
    from pathlib import Path

#: The masks that a file may keep, by the names that they have under ``provenance/IFO/``.
MASKS = ("quality", "injections")
#: Seconds of one mask that is read: three years.
_LONGEST = 100_000_000


def read_masks(path: Path) -> dict[str, dict[str, BitMask]]:
    """The 1 Hz masks that a file keeps: of `MASKS` those that are there, and in each the interferometers with one.

    Raises
    ------
    DataQualityError
        The file is damaged there.
    """
    try:
        with foreign.opened(path) as file:
            groups = {ifo: kept for ifo, kept in file.get("provenance", {}).items() if isinstance(kept, h5py.Group)}
            found = {
                name: {ifo: _mask(kept, name) for ifo, kept in groups.items() if f"{name}_bits" in kept}
                for name in MASKS
            }
    except (OSError, RuntimeError, LookupError, TypeError, ValueError, AttributeError) as error:
        raise DataQualityError(f"{path} has masks that cannot be read: {outside_text(error)}") from error
    return {name: masks for name, masks in found.items() if masks}


def _mask(group: h5py.Group, name: str) -> BitMask:
    mask = foreign.dataset(group, name, "iu")
    if len(mask) > _LONGEST:
        raise foreign.ForeignFileError(f"its mask {name!r} has {len(mask)} seconds, and at most {_LONGEST} are read")
    return BitMask(mask[()], foreign.texts(group, f"{name}_bits"))
