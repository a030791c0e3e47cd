"""The commands use, describe and list a stranger's providers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from stranger_site import SOURCE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

    from command_line import Finished

    Cli = Callable[..., Finished]
    Install = Callable[..., Path]

SPAN = ("--start", "1240579783", "--end", "1240579883")


def test_the_commands_use_a_strangers_provider(strangers: Install, cli: Cli, tmp_path: Path) -> None:
    output = tmp_path / "segments.txt"
    arguments = ("query", "--flags", "O1_X", *SPAN, "--source", "site", "-o", output, "--site-host", "elsewhere")
    assert cli(*arguments).code == 2  # where it is not installed, its name is unknown
    strangers(source=SOURCE)
    done = cli(*arguments)
    assert done.code == 0, done.err
    header, row = output.read_text().splitlines()
    assert row.split("\t") == ["0", "1240579793", "1240579873", "80.0"]
    record = json.loads(header.partition("provenance=")[2])
    assert record["flags"][0]["origin"] == "elsewhere"
    assert record["sources"][0]["distribution"] == "stranger"


def test_the_help_of_a_command_has_a_panel_for_a_strangers_options(
    strangers: Install, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    strangers(source=SOURCE)
    shown = cli("fetch", "--source", "site", "--help")
    assert shown.code == 0
    assert "Options of site" in shown.out
    assert "--site-depth" in shown.out


def test_a_strangers_provider_is_listed_and_described(strangers: Install, cli: Cli) -> None:
    strangers(source=SOURCE)
    listed = json.loads(cli("plugins", "list", "--json", "--kind", "strain").out)
    (plugin,) = (entry for entry in listed if entry["distribution"] == "stranger")
    assert plugin["status"] == "ok"
    assert [provider["name"] for provider in plugin["providers"]] == ["site"]
    described = json.loads(cli("plugins", "info", "the_site", "--json").out)
    assert [option["flag"] for option in described[0]["options"]] == ["--site-host", "--site-depth"]
