"""Removing the files of which another was made, once that one is safe."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from aframe_data.errors import AframeDataError, DataQualityError
from aframe_data.remote import RemotePath
from aframe_data.store.atomic import flush

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from aframe_data.formats.ledger_source import LedgerSource


def remove_sources(sources: Sequence[LedgerSource], result: Path) -> int:
    """Remove the files that were joined into `result`, which is whole: nothing but the files, and links themselves.

    Returns
    -------
    int
        How many there were.

    Raises
    ------
    DataQualityError
        One is no longer the file that was read; none was removed.
    AframeDataError
        The system refuses to; what is left can be removed later.
    """
    if not isinstance(result, RemotePath):
        flush(result.parent)
    for source in sources:
        if source.is_replaced():
            raise DataQualityError(
                f"{source.path} changed after it was read: no input was removed. {result} is complete."
            )
    for source in sources:
        try:
            source.path.unlink(missing_ok=True)
        except OSError as error:
            raise AframeDataError(
                f"cannot remove {source.path}: {os.strerror(error.errno or 0)}. {result} is complete; "
                "the same command removes what is left."
            ) from error
    return len(sources)
