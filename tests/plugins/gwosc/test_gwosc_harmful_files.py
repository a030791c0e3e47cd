"""A GWOSC server whose files lead out of themselves, ask for all memory, or hold what is no strain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from aframe_data.errors import SourceError, TransientError
from hostile_hdf5 import BOMBS, ESCAPES, GREEDY, SECRET, spoiled
from memory import peak_of
from servers.gwosc_clients import FILE, START, request, strain_of
from servers.gwosc_files import write_strain_file

if TYPE_CHECKING:
    from pathlib import Path

    from servers.gwosc import GwoscServer
    from servers.gwosc_archive import GwoscArchive


@pytest.mark.parametrize("how", [*ESCAPES, *(how for how in BOMBS if how != "samples of holes")])
def test_a_harmful_file_is_named_and_not_asked_for_again(
    how: str, archive: GwoscArchive, server: GwoscServer, downloads: Path, tmp_path: Path
) -> None:
    path = write_strain_file(tmp_path, "H1", START, FILE)
    archive.add_file(spoiled(path, "strain/Strain", how), "O3a")
    fetcher = strain_of(server)

    def fetch() -> None:
        with pytest.raises(SourceError, match=rf"http://127\.0\.0\.1:\d+/.*{path.name} is not read") as caught:
            fetcher.fetch(request(START, START + FILE))
        assert not isinstance(caught.value, TransientError)  # what will not change
        assert str(SECRET) not in str(caught.value)

    assert peak_of(fetch) < GREEDY // 16
    assert not list(downloads.iterdir())
