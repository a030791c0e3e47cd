"""The commands use, describe and list a stranger's providers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from stranger_site import SOURCE

from plugin_factory import install_plugin, run_cli

if TYPE_CHECKING:
    from pathlib import Path

SPAN = ("--start", "1240579783", "--end", "1240579883")


def test_the_commands_use_a_strangers_provider(tmp_path: Path) -> None:
    site = install_plugin(tmp_path / "site", source=SOURCE)
    output = tmp_path / "segments.txt"
    arguments = ("query", "--flags", "O1_X", *SPAN, "--source", "site", "-o", str(output), "--site-host", "elsewhere")
    done = run_cli(*arguments, folders=(site,))
    assert done.returncode == 0, done.stderr
    header, row = output.read_text().splitlines()
    assert row.split("\t") == ["0", "1240579793", "1240579873", "80.0"]
    record = json.loads(header.partition("provenance=")[2])
    assert record["flags"][0]["origin"] == "elsewhere"
    assert record["sources"][0]["distribution"] == "stranger"
    assert run_cli(*arguments).returncode == 2  # and where it is not installed, its name is unknown


def test_the_help_of_a_command_has_a_panel_for_a_strangers_options(tmp_path: Path) -> None:
    site = install_plugin(tmp_path / "site", source=SOURCE)
    shown = run_cli("fetch", "--source", "site", "--help", folders=(site,))
    assert shown.returncode == 0
    assert "Options of site" in shown.stdout
    assert "--site-depth" in shown.stdout


def test_a_strangers_provider_is_listed_and_described(tmp_path: Path) -> None:
    site = install_plugin(tmp_path / "site", source=SOURCE)
    listed = json.loads(run_cli("plugins", "list", "--json", "--kind", "strain", folders=(site,)).stdout)
    (plugin,) = (entry for entry in listed if entry["distribution"] == "stranger")
    assert plugin["status"] == "ok"
    assert [provider["name"] for provider in plugin["providers"]] == ["site"]
    described = json.loads(run_cli("plugins", "info", "the_site", "--json", folders=(site,)).stdout)
    assert [option["flag"] for option in described[0]["options"]] == ["--site-host", "--site-depth"]
