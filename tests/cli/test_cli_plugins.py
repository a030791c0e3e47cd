"""``plugins list``, ``info`` and ``check``."""

from __future__ import annotations

import importlib.util
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest


def test_the_list_shows_built_in_and_strangers_plugins(cli: Callable[..., object]) -> None:
    listed = {entry["plugin"]: entry for entry in json.loads(cli("plugins", "list", "--json").out)}
    assert {"gwosc", "file", "simulated", "lalsimulation", "priors", "stranger"} <= set(listed)
    assert listed["stranger"]["distribution"] == "aframe-data-stranger"
    assert listed["stranger"]["version"] == "1.2.3"
    names = {provider["name"] for provider in listed["stranger"]["providers"]}
    assert names == {"flat", "no-spins", "chirp", "lone-chirp", "steps"}
    assert all(entry["status"] == "ok" for entry in listed.values())
    only = json.loads(cli("plugins", "list", "--kind", "strain", "--json").out)
    assert {provider["kind"] for entry in only for provider in entry["providers"]} == {"strain"}


def test_info_tells_what_happens_without_a_value(cli: Callable[..., object]) -> None:
    rows = [line.split("\t") for line in cli("plugins", "info", "nds2").out.splitlines()]
    defaults = {row[0]: row[2] for row in rows if row[0].startswith("--")}
    assert defaults["--nds2-port"] == "31200"
    assert defaults["--nds2-server"].startswith("nds.ligo.caltech.edu, and nds.gwosc.org")
    assert defaults["--nds2-allow-tape"] == "false"
    assert defaults["--nds2-timeout"] == "900"
    required = [line.split("\t") for line in cli("plugins", "info", "gaussian_masses").out.splitlines()]
    assert {row[0]: row[2] for row in required if len(row) > 2}["--gaussian-masses-m1"] == "required"


def test_info_tells_the_options(cli: Callable[..., object]) -> None:
    shown = cli("plugins", "info", "simulated").out
    for words in ("strain fetcher simulated", "segment source simulated", "--simulated-seed", "aframe-data:simulated"):
        assert words in shown


def rows_of(shown: str) -> dict[str, str]:
    return dict(line.split("\t") for line in shown.splitlines() if line.count("\t") == 1)


def test_info_tells_what_a_kind_of_sources_has(cli: Callable[..., object]) -> None:
    rows = rows_of(cli("plugins", "info", "binary").out)
    assert rows["parameters"].startswith("mass_1, mass_2, a_1, ")
    assert rows["added"] == "reference_frequency, minimum_frequency"
    assert rows["example"].startswith("mass_1 = 36, mass_2 = 29, a_1 = 0, ")
    assert rows["regions"].startswith("equal masses; mass ratio 1 to 1.5, primary spin along the orbit; ")
    assert rows["never_estimated"] == "equal masses"
    (told,) = (one for one in json.loads(cli("plugins", "info", "ringdown", "--json").out) if "example" in one)
    assert told["parameters"] == ["frequency", "quality", "distance", "theta_jn", "phase", "ra", "dec", "psi"]
    assert (told["added"], told["regions"], told["example"]["frequency"]) == ([], ["all signals"], 250)


def test_info_tells_which_kind_of_sources_a_generator_makes(cli: Callable[..., object]) -> None:
    assert rows_of(cli("plugins", "info", "damped-sinusoid").out)["source_kind"] == "ringdown"
    (told,) = json.loads(cli("plugins", "info", "lalsimulation", "--json").out)
    assert told["source_kind"] == "binary"


def test_check_accepts_what_is_installed(cli: Callable[..., object]) -> None:
    done = cli("plugins", "check")
    assert done.code == 0, done.out
    assert "lalsimulation" in done.out


def test_what_check_finds_is_json_for_a_machine(cli: Callable[..., object]) -> None:
    (row,) = json.loads(cli("plugins", "check", "lalsimulation", "--json").out)
    known = {"kind": "waveforms", "name": "lalsimulation", "distribution": "aframe-data"}
    assert row == {**known, "result": "ok", "faults": []}


def test_info_sets_ranges_and_environment_apart_from_the_help(cli: Callable[..., object]) -> None:
    shown = cli("plugins", "info", "gwosc").out
    assert "continue an answer (above 0)" in shown
    assert "https:// (environment: GWOSC_SERVER_URL)" in shown
    assert "()" not in cli("plugins", "info", "simulated").out


def test_the_list_has_a_line_for_each_provider_with_its_summary(cli: Callable[..., object]) -> None:
    rows = [line.split("\t") for line in cli("plugins", "list").out.splitlines()]
    assert rows[0] == ["kind", "name", "what it gives"]
    of_simulated = {kind: summary for kind, name, summary in rows if name == "simulated"}
    assert set(of_simulated) == {"segments", "strain"}
    assert of_simulated["segments"] == "Segments of a simulated detector with a seeded duty cycle"
    (flat,) = (row for row in rows if row[1] == "flat")
    assert flat[2].endswith(" (aframe-data-stranger 1.2.3)")
    only = [line.split("\t") for line in cli("plugins", "list", "--kind", "prior").out.splitlines()[1:]]
    assert only == [row for row in rows if row[0] == "prior"]
    assert cli("plugins", "list", "--kind", "strain-fetcher").out == cli("plugins", "list", "--kind", "strain").out


def test_a_client_of_ours_that_nobody_installed_is_no_fault(
    cli: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "arrakis" else find(name))
    done = cli("plugins", "check", "arrakis")
    assert done.code == 0
    assert "pip install 'aframe-data[arrakis]'" in " ".join(done.out.split())
