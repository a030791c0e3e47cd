"""``plugins check NAME``: each fault of a record, of an object and of a small answer in a sentence."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from aframe_data.registry.check import faults_of
from aframe_data.registry.discovery import discover
from aframe_data.registry.names import everything_registered, find
from plugin_factory import hook

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from command_line import Finished

    Cli = Callable[..., Finished]
    Install = Callable[..., Path]

HEAD = """
from dataclasses import dataclass
from aframe_data.options import option

@dataclass(frozen=True)
class Options:
    lightest: float = option(default=5.0, help="Smallest mass (solar masses)", minimum=1, maximum=50)
"""
RECORD = 'yield PriorProvider(name="mine", summary="Mine", load="the_code:Mine", options=Options)'
CODE = """
import numpy as np
from aframe_data.plugin.binary import BASE_PARAMETERS

class Mine:
    parameters, frame = BASE_PARAMETERS, "detector"

    def __init__(self, options):
        self.lightest = options.lightest

    def sample(self, n, rng):
        masses = np.sort(rng.uniform(self.lightest, 50, (n, 2)), axis=1)
        draw = {name: rng.uniform(0, 1, n) for name in self.parameters}
        return {**draw, "mass_1": masses[:, 1], "mass_2": masses[:, 0]}
"""
FAULTS = {
    "default out of range": ("default=5.0", "default=0.5", "a default is refused: --mine-lightest: 0.5 is not allowed"),
    "default of another type": ("default=5.0", "default='5'", "is '5', which is no float"),
    "default of None": ("default=5.0", "default=None", "has the default None, and its type has no None"),
    "no help": ('help="Smallest mass (solar masses)"', 'help=" "', "the option 'lightest' has no help"),
    "names that cannot be loaded": ("minimum=1", 'minimum=1, names="the_code:x"', "names='the_code:x', which cannot"),
    "alias of a built-in": ("options=Options", 'options=Options, aliases=("spin_bbh",)', "built-in prior 'spin_bbh'"),
    "no such method": ("def sample", "def draw", "the_code:Mine lacks sample, which a prior has"),
    "no such class": ("class Mine", "class Yours", "does not load: AttributeError"),
    "constructor without options": ("(self, options)", "(self)", "is given its options (Options), and TypeError"),
    "constructor that fails": ("self.lightest = options.lightest", "{}[1]", "failed: KeyError: 1"),
    "draws that fail": ("draw = {", "{}[n]; draw = {", "it fails on a small question: KeyError: 3"),
    "draws of no generator": ("rng.uniform(0, 1, n)", "np.random.uniform(0, 1, n)", "is another one when the same"),
    "draws of another shape": ("rng.uniform(0, 1, n)", "rng.uniform(0, 1)", "of shape (), not (3,) real numbers"),
    "other names": ('"mass_1": masses', '"mass": masses', "the names of a draw differ: mass"),
    "prints": ("draw = {", "print('hello'); draw = {", "it prints on stdout, where results go: 'hello'"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "told"), FAULTS.values(), ids=FAULTS)
def test_each_fault_is_told_in_a_sentence(strangers: Install, old: str, new: str, told: str) -> None:
    whole = {"stranger": HEAD + hook("priors", RECORD), "the_code": CODE}
    changed = {name: text.replace(old, new, 1) for name, text in whole.items()}
    assert changed != whole
    strangers(source=changed)
    assert told in " ".join(faults_of(find("prior", "mine")))


def test_what_is_sound_has_no_fault(strangers: Install) -> None:
    strangers(source={"stranger": HEAD + hook("priors", RECORD), "the_code": CODE})
    assert faults_of(find("prior", "mine")) == []


def test_what_must_be_told_something_is_not_asked_and_is_no_fault(strangers: Install) -> None:
    strangers(source={"stranger": HEAD.replace("default=5.0, ", "") + hook("priors", RECORD), "the_code": CODE})
    assert faults_of(find("prior", "mine")) == []
    assert faults_of(find("prior", "mine"), {"lightest": 7}) == []


@pytest.mark.parametrize(
    ("required", "told"),
    [
        ("no-such-package-at-all>=2", "stranger requires no-such-package-at-all>=2, which is not installed."),
        ("numpy>=99", "stranger requires numpy>=99, and "),
        ("numpy>=", "the metadata of stranger require 'numpy>='"),
        ("no-such-package-at-all; extra == 'more'", ""),
        ("numpy>=1; python_version >= '3'", ""),
    ],
)
def test_requirements_that_are_not_met_are_told(strangers: Install, required: str, told: str) -> None:
    strangers(
        source={"stranger": HEAD + hook("priors", RECORD), "the_code": CODE},
        metadata=f"Metadata-Version: 2.1\nName: stranger\nVersion: 1.0\nRequires-Dist: {required}\n",
    )
    found = " ".join(faults_of(find("prior", "mine")))
    assert told in found
    assert bool(told) == bool(found)


VERSIONS = {
    "of a later version": ("api_version=7", "is for version 7 of the plugin API, and aframe-data", "aframe-data"),
    "of an earlier version": ("api_version=0", "is for version 0 of the plugin API, and aframe-data", "the plugin"),
    "with a later field": ("colour='red'", "a PriorProvider has no 'colour' in aframe-data".removeprefix("a "), ""),
}


@pytest.mark.parametrize(("field", "told", "newer"), VERSIONS.values(), ids=VERSIONS)
def test_a_record_of_another_version_is_refused(strangers: Install, field: str, told: str, newer: str) -> None:
    strangers(source={"stranger": HEAD + hook("priors", RECORD.replace("options=", f"{field}, options="))})
    (plugin,) = (plugin for plugin in discover() if plugin.distribution == "stranger")
    assert told in plugin.reason
    assert not newer or plugin.reason.endswith(f"install a newer release of {newer}")
    assert "\n" not in plugin.reason


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("return None", "register_priors gives None: it must yield PriorProviders, or return a list of them"),
        (RECORD.replace("yield", "return"), "register_priors returns one PriorProvider: yield it, or return a list"),
        (
            RECORD.replace("options=", 'aliases=("my prior",), options='),
            "alias 'my prior' of provider 'mine' is neither a name nor a dotted path",
        ),
    ],
)
def test_a_hook_that_gives_no_records_is_told(strangers: Install, cli: Cli, body: str, told: str) -> None:
    strangers(version="2.5", source={"stranger": HEAD + hook("priors", body)})
    done = cli("plugins", "check", "stranger", "--json")
    assert done.code == 1
    (row,) = json.loads(done.out)
    assert (row["kind"], row["distribution"]) == ("plugin", "stranger")
    assert told in row["faults"][0]


def test_the_command_tells_all_faults_of_one_provider_and_exits_1(strangers: Install, cli: Cli) -> None:
    source = HEAD.replace("default=5.0", "default=0.5") + hook("priors", RECORD)
    strangers(source={"stranger": source, "the_code": CODE.replace("def sample", "def draw")})
    done = cli("plugins", "check", "mine", "--json")
    (row,) = json.loads(done.out)
    assert done.code == 1
    assert [fault.split()[0] for fault in row["faults"]] == ["a", "the_code:Mine"]
    assert row["result"] == "; ".join(fault.removesuffix(".") for fault in row["faults"]) + "."
    assert cli("plugins", "check", "mine").code == 1
    assert cli("plugins", "check", "mine", "--quiet").out == ""
    unknown = cli("plugins", "check", "nine")
    assert unknown.code == 2
    assert "Did you mean 'mine'" in unknown.err


@pytest.mark.slow
def test_all_that_is_installed_is_sound() -> None:
    assert {entry.key: faults for entry in everything_registered() if (faults := faults_of(entry))} == {}
