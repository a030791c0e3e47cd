"""Vetoes on the command line, from files alone: what is shown, and what is refused in one line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from aframe_data.cli.query import print_report
from aframe_data.formats import segwizard
from aframe_data.reports.query import QueryResult
from aframe_data.types import CatalogEvent
from veto_definers import write_veto_definer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from command_line import Finished

    Cli = Callable[..., Finished]

START = 1_000_000_000
QUERY = ("query", "--start", START, "--end", START + 1000, "-o", "segments.txt")
FILES = ("--source", "file", "--file-path", "lists.json")


@pytest.fixture(autouse=True)
def _lists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    lists = {"H1_DATA": [[START, START + 1000]], "H1:LOUD:1": [[START + 100, START + 110]]}
    (tmp_path / "lists.json").write_text(json.dumps(lists))
    write_veto_definer(tmp_path / "vetoes.xml", ("H1:LOUD", 1, 2, (0, 0), (-8, 8)), ("L1:LOUD", 1, 1, (0, 0), (0, 0)))


def test_a_veto_definer_works_with_flags_from_files(cli: Cli, tmp_path: Path) -> None:
    done = cli(*QUERY, *FILES, "--flags", "H1_DATA", "--veto-definer", "vetoes.xml", "--veto-categories", "2")
    assert (done.code, done.err) == (0, "")
    assert "excluded, category 2" in done.out
    assert "2 segments, 974 s, written to segments.txt" in done.out
    found = segwizard.read_segments(tmp_path / "segments.txt")
    assert [(part.start - START, part.stop - START) for part in found] == [(0, 92), (118, 1000)]


def test_categories_may_be_a_list_in_each_spelling(cli: Cli, tmp_path: Path) -> None:
    write_veto_definer(tmp_path / "vetoes.xml", *(("H1:LOUD", 1, number, (0, 0), (0, 0)) for number in (1, 2)))
    line = (*QUERY, *FILES, "--flags", "H1_DATA", "--veto-definer", "vetoes.xml")
    spellings = (("1,2",), ("[1, 2]",), ("2", "--veto-categories", "1"))
    for number, spelling in enumerate(spellings):
        done = cli(*line, "--veto-categories", *spelling)
        assert done.code == 0
        assert ("already in segments.txt" in done.out) == (number > 0)  # the same request


def test_the_name_of_an_event_is_printed_without_control_characters(capsys: pytest.CaptureFixture[str]) -> None:
    print_report(QueryResult((), (), (CatalogEvent("GW\x1b[31m\n15", START + 100.0),), {}))
    assert f"around event GW?[31m 15 at GPS {START + 100}.0: excluded\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "--flags H1_DATA --veto-definer none.xml",
            "cannot read the veto definer 'none.xml': No such file or directory",
        ),
        ("--flags H1_DATA --veto-definer lists.json", "'lists.json' is no veto definer, a LIGO_LW file with a table"),
        ("--flags H1_DATA --veto-definer vetoes.xml", "no flag of category 1 for H1, only of 2."),
        ("--flags K1_DATA --veto-definer vetoes.xml", "no flag of category 1 for K1, nor of any other."),
        ("--flags DATA --veto-definer vetoes.xml", "no flag names an interferometer"),
        (
            "--flags H1_DATA --veto-definer vetoes.xml --veto-categories x",
            "veto_categories = 'x' is not allowed: 'x' is not",
        ),
        (
            "--flags H1_DATA --veto-definer vetoes.xml --veto-categories=-1",
            "veto_categories = -1 is not allowed: '-1' is not",
        ),
        ("--flags H1_DATA --veto-categories 1", "needs --veto-definer"),
        ("--flags L1_DATA --veto-definer vetoes.xml", "unknown flag 'L1_DATA'. Did you mean 'H1_DATA'"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_one_line(cli: Cli, tmp_path: Path, line: str, said: str) -> None:
    done = cli(*QUERY, *FILES, *line.split())
    assert (done.code, done.err.count("\n")) == (2, 1), done.err
    assert said in done.err
    assert not (tmp_path / "segments.txt").exists()
