"""What goes wrong in the reference implementation's names and segments, and must not here: one test a trap."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from trap_runs import START, simulated

from aframe_data import query
from aframe_data.checks import require_prefix
from aframe_data.errors import NoDataError, UsageError
from aframe_data.formats import background
from aframe_data.segments.arithmetic import split_evenly
from aframe_data.types import Segment

if TYPE_CHECKING:
    from pathlib import Path

    from servers.gwosc import GwoscServer
    from servers.gwosc_archive import GwoscArchive


def test_trap_21_the_span_is_the_contents_and_the_names_own_whatever_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "run-1000000000-20"
    (file,) = simulated(folder).files
    assert file.path.name == f"background-{START}-16.hdf5"
    assert background.summarize(file.path).segment == Segment(START, START + 16)
    with pytest.raises(UsageError, match="ten digits"):
        require_prefix("background-1000000000")


def test_trap_22_a_query_reaches_across_runs(server: GwoscServer, archive: GwoscArchive) -> None:
    archive.flags["H1_DATA"] = [(1_253_977_000, 1_253_977_218), (1_256_655_618, 1_256_655_900)]
    result = query(
        flags=["H1_DATA"], start=1_253_970_000, end=1_256_660_000, source="gwosc", source_options={"host": server.url}
    )
    assert [(segment.start, segment.stop) for segment in result.segments] == archive.flags["H1_DATA"]


def test_trap_23_no_data_and_no_science_time_are_told_apart_and_there_is_more_than_intersection(tmp_path: Path) -> None:
    (tmp_path / "known.json").write_text(json.dumps({"known": [[START, START + 100]], "active": []}))
    (tmp_path / "all.txt").write_text(f"{START} {START + 100}\n")
    (tmp_path / "veto.txt").write_text(f"{START + 50} {START + 60}\n")

    def ask(**changes: Any) -> list[tuple[float, float]]:
        lists = [f"{name.upper()}={tmp_path / file}" for name, file in (("known", "known.json"), ("all", "all.txt"))]
        options = {"path": [*lists, f"VETO={tmp_path / 'veto.txt'}"]}
        arguments = {"flags": ["ALL"], "start": START, "end": START + 100, "source": "file", "source_options": options}
        return [(s.start - START, s.stop - START) for s in query(**{**arguments, **changes}).segments]

    assert ask(exclude_flags=["VETO"]) == [(0, 50), (60, 100)]
    assert ask(exclude_flags=["VETO"], pad=5) == [(5, 45), (65, 95)]
    with pytest.raises(NoDataError, match="never active"):
        ask(flags=["KNOWN"])
    with pytest.raises(NoDataError, match="nothing is known of KNOWN"):
        ask(flags=["KNOWN"], start=START + 1000, end=START + 1100)


def test_trap_24_pieces_keep_the_smallest_length_too() -> None:
    whole = Segment(START, START + 20_001)
    for shortest in (0, 1024):
        pieces = split_evenly(whole, min_duration=shortest, max_duration=20_000)
        assert sorted(piece.duration for piece in pieces) == [10_000, 10_001]


def test_trap_25_an_output_that_cannot_be_is_refused_before_the_query(server: GwoscServer, tmp_path: Path) -> None:
    (tmp_path / "there.txt").touch()
    (tmp_path / "file").touch()
    for output in (tmp_path / "there.txt", tmp_path / "file" / "segments.txt"):
        with pytest.raises(UsageError):
            query(
                flags=["H1_DATA"], start=START, end=START + 10, source_options={"host": server.url}, output_file=output
            )
    assert server.asked() == []
