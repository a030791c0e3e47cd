"""Four pieces of campaigns, and all of them in one folder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ledger_pieces import campaign

if TYPE_CHECKING:
    from pathlib import Path

CONTENTS = [campaign(2 + seed, seed) for seed in range(4)]


def by_folder(pieces: list[Path]) -> dict[str, Any]:
    """All in one folder, which is what `pieces` are after it."""
    folder = pieces[0].parent.parent / "all"
    folder.mkdir()
    for number, path in enumerate(pieces):
        pieces[number] = path.rename(folder / f"{number}.hdf5")
    return {"files": folder}
