"""One query of several archives: each flag is asked of the sources that accept it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from aframe_data.errors import MissingDependencyError, UsageError
from aframe_data.registry.names import Registered
from aframe_data.requests.query import Query
from aframe_data.segments import arithmetic
from aframe_data.types import Segment
from aframe_data.work.carry_out import do
from servers.dqsegdb import DqsegdbServer
from veto_definers import write_veto_definer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from aframe_data.reports.query import QueryResult
    from servers.gwosc import GwoscServer

START, END = 1240579783, 1240666183
PRIVATE = ("H1:DMT-ANALYSIS_READY:1", "V1:ITF_SCIENCE:1")
READY = [(START, START + 40_000), (START + 50_000, END)]
SCIENCE = [(START + 1000, END - 1000)]


@pytest.fixture
def database() -> Iterator[DqsegdbServer]:
    with DqsegdbServer() as server:
        for flag, active in zip(PRIVATE, (READY, SCIENCE), strict=True):
            server.add(flag, known=[(START - 500, END + 500)], active=active)
        yield server


@pytest.fixture
def ask(archive: GwoscServer, database: DqsegdbServer) -> Any:
    def call(*flags: str, **more: Any) -> QueryResult:
        options = {}
        if any("_DATA" in flag for flag in flags):
            options["gwosc-host"] = archive.url
        if any(":" in flag for flag in flags) or "veto_definer" in more:
            options["dqsegdb-host"] = database.url
        return do(Query(flags=flags, start=START, end=END, source_options=options, **more))

    return call


def test_open_and_private_flags_are_mixed_in_one_query(ask: Any) -> None:
    mixed = ask(*PRIVATE, "L1_DATA")
    assert [(report.flag, report.source) for report in mixed.flags] == [
        (PRIVATE[0], "dqsegdb"),
        (PRIVATE[1], "dqsegdb"),
        ("L1_DATA", "gwosc"),
    ]
    private = arithmetic.intersect([Segment(*pair) for pair in READY], [Segment(*pair) for pair in SCIENCE])
    assert mixed.segments == arithmetic.intersect(ask("L1_DATA").segments, private)
    assert {source["name"] for source in mixed.record["sources"]} == {"gwosc", "dqsegdb"}


def test_each_server_is_asked_for_its_own_flags_only(ask: Any, archive: GwoscServer, database: DqsegdbServer) -> None:
    ask(*PRIVATE, "L1_DATA")
    assert len(database.asked()) == 2
    assert not database.asked("L1")
    assert not archive.asked("ANALYSIS|SCIENCE")


def test_the_order_of_the_flags_changes_nothing(ask: Any) -> None:
    assert ask("L1_DATA", *PRIVATE).segments == ask(*PRIVATE, "L1_DATA").segments


def test_named_sources_share_the_flags_too(ask: Any) -> None:
    named = ask(*PRIVATE, "L1_DATA", source=("gwosc", "dqsegdb"))
    assert named.segments == ask(*PRIVATE, "L1_DATA").segments


def test_a_source_that_is_named_alone_refuses_the_other_archives_flags(ask: Any) -> None:
    with pytest.raises(UsageError, match=r"segment source 'dqsegdb' does not accept 'L1_DATA', only "):
        ask(*PRIVATE, "L1_DATA", source="dqsegdb")


def test_events_are_those_of_the_source_that_has_a_catalogue(ask: Any) -> None:
    assert ask(*PRIVATE, "L1_DATA", exclude_events=16).events == ()
    with_catalogue = ask("H1_DATA", "L1_DATA", exclude_events=16)
    assert with_catalogue.record["arguments"]["exclude_events"] == 16


def test_vetoes_of_one_archive_clean_the_science_time_of_another(
    ask: Any, database: DqsegdbServer, tmp_path: Path
) -> None:
    database.add("H1:LOUD:1", known=[(START, END)], active=[(START + 3000, START + 3010)])
    path = write_veto_definer(tmp_path / "vetoes.xml", ("H1:LOUD", 1, 1, (0, 0), (-8, 8)))
    plain, clean = ask("H1_DATA"), ask("H1_DATA", veto_definer=path)
    assert arithmetic.subtract(plain.segments, clean.segments) == (Segment(START + 2992, START + 3018),)
    assert [(report.source, report.category) for report in clean.flags] == [("gwosc", None), ("dqsegdb", 1)]


def test_a_client_that_is_missing_is_told_with_what_installs_it(ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    missing = property(lambda self: ("dqsegdb2",) if self.key == "dqsegdb" else ())
    monkeypatch.setattr(Registered, "missing", missing)
    with pytest.raises(
        MissingDependencyError, match=r"'dqsegdb' needs dqsegdb2, .*: pip install 'aframe-data\[dqsegdb\]'"
    ):
        ask(*PRIVATE)
