"""Parts of a file, as a fetch leaves them that is killed before it joins them."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

from aframe_data.formats import background
from aframe_data.strain.block import fetch_block
from aframe_data.strain.join import join_file
from aframe_data.strain.units import block_units
from strain.fetching import fetch
from strain.short_fetches import request

if TYPE_CHECKING:
    from pathlib import Path

    from aframe_data.requests.fetch import Fetch
    from aframe_data.strain.file import WantedFile
    from aframe_data.strain.units import WantedPart

pytestmark = pytest.mark.usefixtures("awkward")


def parts_of(request: Fetch) -> tuple[WantedPart, ...]:
    """The parts of the one file."""
    return request.planned().outputs[0].parts


def make_parts(request: Fetch) -> WantedFile:
    """Leave the parts of the one file as a fetch does that is killed before it joins them."""
    planned = request.planned()
    (file,) = planned.outputs
    for unit in block_units([file.parts], planned.storage):
        assert not fetch_block(unit)
    return file


def test_parts_that_a_killed_fetch_left_of_a_whole_file_are_removed(folder: Path, tmp_path: Path) -> None:
    parts = request(folder).planned().parts
    make_parts(request(folder))
    shutil.copytree(parts, tmp_path / "kept")
    fetch(request(folder))
    shutil.copytree(tmp_path / "kept", parts)
    fetch(request(folder))
    assert not parts.exists()


def test_a_part_is_known_by_what_its_samples_are_a_function_of(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the package's version nor the way to the archive, nor what becomes of gaps, makes it another one."""

    def names(**changes: Any) -> set[str]:
        return {part.path.name for part in parts_of(request(folder, **changes))}

    usual = names()
    for changes in ({"source_options": {"outside": "busy"}}, {"gaps": "split"}, {"require_bits": ["DATA"]}):
        assert names(**changes) == usual
    for changes in (
        {"sample_rate": 64},
        {"dtype": "float32"},
        {"source_options": {"rate": 512}},
        {"source": "second"},
        {"source": ["awkward", "second"]},
        {"channels": ["H1:STRAIN"]},
    ):
        assert not names(**changes) & usual
    monkeypatch.setattr("aframe_data.__version__", "9.0")
    assert names() == usual
    monkeypatch.setattr("aframe_data.strain.units.RECIPE", 2)
    assert not names() & usual


def test_a_join_that_is_interrupted_leaves_the_parts_for_the_next_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    file = make_parts(request(folder))
    with monkeypatch.context() as patch:
        patch.setattr(background.BackgroundWriter, "append", interrupt)
        with pytest.raises(KeyboardInterrupt):
            join_file(file)
    assert [path.name for path in folder.iterdir()] == ["background.parts"]
    assert [(joined.path, joined.span) for joined in join_file(file).files] == [(file.path, file.span)]
