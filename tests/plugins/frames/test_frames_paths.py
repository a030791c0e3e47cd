"""The ways to name files: one by one, folders, patterns, LAL caches, FFLs, lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from aframe_data.errors import UsageError
from aframe_data.types import Segment, StrainRequest
from aframe_data_plugins.frames.options import FramesOptions
from aframe_data_plugins.frames.strain import FramesStrain
from aframe_data_plugins.gwf.names import parse_name
from servers.frames import write_frames

if TYPE_CHECKING:
    from pathlib import Path

START = 1_000_000_000
CHANNEL = "H1:TEST-STRAIN"


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Two files in folders of their own, and beside them what is no strain."""
    made = []
    for index in (0, 1):
        folder = tmp_path / "data" / f"part {index}"
        folder.mkdir(parents=True)
        made.append(write_frames(folder, CHANNEL, START + 16 * index, 16))
        (folder / "README.txt").write_text("nothing")
    return made


def origins(*items: object) -> list[str]:
    fetcher = FramesStrain(FramesOptions(path=tuple(str(item) for item in items)))
    series = fetcher.fetch(StrainRequest((CHANNEL,), START, START + 32, 64))[CHANNEL]
    return [piece.origin for piece in series.pieces]


class TestWays:
    def test_files_folders_and_patterns_lead_to_the_same(self, files: list[Path], tmp_path: Path) -> None:
        expected = [str(path) for path in files]
        assert origins(*files) == expected
        assert origins(tmp_path / "data") == expected
        assert origins(tmp_path / "data" / "part *" / "H-*.gwf") == expected
        assert origins(tmp_path / "**" / "*.gwf") == expected
        assert origins(tmp_path / "data" / "part ?") == expected

    @pytest.mark.parametrize("name", ["frames.lcf", "frames.cache", "frames.txt"])
    @pytest.mark.parametrize("scheme", ["file://localhost", "file://", ""])
    def test_a_lal_cache_is_followed(self, files: list[Path], tmp_path: Path, name: str, scheme: str) -> None:
        lines = [f"H H1_TEST {START + 16 * k} 16 {scheme}{path}" for k, path in enumerate(_linked(files))]
        (tmp_path / name).write_text("# made by hand\n\n" + "\n".join(lines) + "\n")
        assert len(origins(tmp_path / name)) == 2

    def test_an_ffl_is_followed(self, files: list[Path], tmp_path: Path) -> None:
        lines = [f"{path} {START + 16 * k}.000000 16.000000 0 0" for k, path in enumerate(_linked(files))]
        (tmp_path / "frames.ffl").write_text("\n".join(lines))
        assert len(origins(tmp_path / "frames.ffl")) == 2

    def test_an_ffl_that_names_others_is_followed(self, files: list[Path], tmp_path: Path) -> None:
        for index, path in enumerate(_linked(files)):
            (tmp_path / f"part{index}.ffl").write_text(f"{path} {START + 16 * index} 16 0 0\n")
        (tmp_path / "all.ffl").write_text("part0.ffl\npart1.ffl 0 0 0 0\n")
        assert len(origins(tmp_path / "all.ffl")) == 2
        (tmp_path / "part1.ffl").write_text("all.ffl\n")
        with pytest.raises(UsageError, match=r"all\.ffl' names itself, by way of '.*part1\.ffl'"):
            origins(tmp_path / "all.ffl")

    def test_a_list_of_paths_is_seen_from_where_it_lies(self, files: list[Path], tmp_path: Path) -> None:
        (tmp_path / "frames.txt").write_text("\n".join(path.name for path in _linked(files)))
        assert len(origins(tmp_path / "frames.txt")) == 2


def _linked(files: list[Path]) -> list[Path]:
    """Put links to the files where no name has a space: caches separate their fields by them."""
    top = files[0].parent.parent.parent
    links = [top / path.name for path in files]
    for link, path in zip(links, files, strict=True):
        link.symlink_to(path)
    return links


class TestMistakes:
    @pytest.mark.parametrize("item", ["no_such_file.gwf", "no_*_match.gwf", "no_such_folder/"])
    def test_a_path_that_leads_nowhere_is_told(self, tmp_path: Path, item: str) -> None:
        with pytest.raises(UsageError, match=r"^--frames-path: '.*' is neither a file nor a folder"):
            origins(tmp_path / item)

    def test_a_folder_without_strain_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="no file with strain was found"):
            origins(tmp_path)

    def test_no_path_at_all_is_told(self) -> None:
        with pytest.raises(UsageError, match="needs --frames-path"):
            FramesStrain(FramesOptions(path=()))

    @pytest.mark.parametrize("line", ["H H1_TEST 1000000000", "H H1_TEST when 16 /data/x.gwf", "two words"])
    def test_a_line_of_another_form_is_told_with_its_number(self, tmp_path: Path, line: str) -> None:
        (tmp_path / "frames.lcf").write_text(f"# a comment\n{line}\n")
        with pytest.raises(UsageError, match=r"line 2 of '.*frames\.lcf' is not a line of a LAL cache"):
            origins(tmp_path / "frames.lcf")

    @pytest.mark.parametrize("url", ["osdf:///igwn/ligo/x.gwf", "file://elsewhere/data/x.gwf", "https://a.b/x.gwf"])
    def test_a_distant_file_is_told(self, tmp_path: Path, url: str) -> None:
        (tmp_path / "frames.lcf").write_text(f"H H1_TEST {START} 16 {url}\n")
        with pytest.raises(UsageError, match=r"names .*x\.gwf, which is not a file on this machine"):
            origins(tmp_path / "frames.lcf")

    def test_another_kind_of_file_is_told(self, tmp_path: Path) -> None:
        (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n\xff")
        with pytest.raises(UsageError, match="neither a GWF or HDF5 file nor a list of files"):
            origins(tmp_path / "picture.png")

    def test_an_hdf5_file_without_strain_is_told(self, tmp_path: Path) -> None:
        import h5py

        with h5py.File(tmp_path / "psd.hdf5", "w") as file:
            file["H1"] = [1.0, 2.0]
        with pytest.raises(UsageError, match=r"'.*psd\.hdf5' holds no strain"):
            origins(tmp_path / "psd.hdf5")


@pytest.mark.parametrize(
    ("name", "sites", "description", "span"),
    [
        ("H-H1_HOFT_C00-1187008512-4096.gwf", "H", "H1_HOFT_C00", (1187008512, 1187012608)),
        ("HLV-INJECTIONS-1187008512-64.gwf", "HLV", "INJECTIONS", (1187008512, 1187008576)),
        ("H1L1-TWO_OF_THEM-968650752-1.hdf5", "HL", "TWO_OF_THEM", (968650752, 968650753)),
        ("background-1240579783-7829.hdf5", None, "background", (1240579783, 1240587612)),
    ],
)
def test_names_tell_site_type_and_span(
    tmp_path: Path, name: str, sites: str | None, description: str, span: tuple[int, int]
) -> None:
    parsed = parse_name(tmp_path / name)
    assert parsed is not None
    assert parsed.sites == (None if sites is None else frozenset(sites))
    assert (parsed.description, parsed.span) == (description, Segment(*span))


@pytest.mark.parametrize(
    "name", ["strain.gwf", "H-H1_TEST-1187008512-0.gwf", "H-H1-12-4.gwf", "H1-1187008512-64-0a1b.hdf5"]
)
def test_other_names_tell_nothing(tmp_path: Path, name: str) -> None:
    assert parse_name(tmp_path / name) is None
