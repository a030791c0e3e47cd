"""The documents: code that is that of the files, links that lead somewhere. `.ci/documents.py` runs their blocks."""

from __future__ import annotations

import importlib.util
import re
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

import aframe_data
from aframe_data.cli import plugins, priors
from aframe_data.cli.commands import command_of
from aframe_data.registry.names import everything_registered
from aframe_data.requests import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from click import Command

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = [
    *sorted(ROOT.glob("*.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "examples").glob("*/README.md")),
]


def script(name: str) -> ModuleType:
    """One of the programs that write the documents."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "docs" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_embedded_code_is_that_of_the_files(document: Path) -> None:
    text = document.read_text()
    assert script("embed").embedded(text) == text, "run python docs/embed.py"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_blocks_of_a_document_are_run(document: Path) -> None:
    """By .ci/documents.py, but for what CONTRIBUTING says, which .ci/run does."""
    blocks = re.findall(r"^```(?:sh|bash|console|python)$", document.read_text(), re.MULTILINE)
    shown = re.findall(r"^<!-- file: ", document.read_text(), re.MULTILINE)
    name = document.relative_to(ROOT).as_posix()
    run = re.findall(r'^    "(\S+\.md)",$', (ROOT / ".ci" / "documents.py").read_text(), re.MULTILINE)
    assert run
    assert name in run or len(blocks) == len(shown) or name == "CONTRIBUTING.md"


def shown_commands(document: Path) -> Iterator[list[str]]:
    """The words of each command of ours in the blocks that are shown and not run."""
    for block in re.findall(r"^```text\n(.*?)^```", document.read_text(), re.MULTILINE | re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            for command in line.removeprefix("$ ").split("&&"):
                if command.strip().startswith("aframe-data "):
                    yield shlex.split(command, comments=True)[1:]


def command_shown(name: str, first: str) -> Command:
    """A command by its name, and by the word behind that where it is one of a group."""
    groups = {"plugins": plugins.command, "priors": priors.command}
    return groups[name].commands[first] if name in groups else command_of(name)


@pytest.fixture(scope="module")
def flags_of_providers() -> set[str]:
    """Those of their options, with and without the provider's name."""
    return {
        flag
        for entry in everything_registered()
        for spec in entry.provider.option_specs
        for flag in (spec.qualified_flag(entry.provider.name), *spec.spellings)
    }


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_commands_that_are_shown_have_only_options_that_exist(document: Path, flags_of_providers: set[str]) -> None:
    for name, *words in shown_commands(document):
        if name == "completion":
            continue
        own = {flag.lstrip("-") for parameter in command_shown(name, words[0]).params for flag in parameter.opts}
        flags = {word[2:].partition("=")[0].replace("_", "-") for word in words if word.startswith("--")}
        assert flags <= own | flags_of_providers


def test_the_reference_page_is_that_of_the_commands() -> None:
    assert script("reference").page() == (ROOT / "docs" / "reference.md").read_text(), "run python docs/reference.py"


@pytest.mark.parametrize("command", COMMANDS)
def test_the_reference_page_has_every_flag_of_the_help_page_and_no_other(command: str) -> None:
    flags = [flag for parameter in command_of(command).params for flag in (*parameter.opts, *parameter.secondary_opts)]
    shown = {flag.lstrip("-") for flag in flags if "--" in flag}
    everywhere = {"json", "quiet", "config", "log-file", "debug", "dry-run"}
    section = (ROOT / "docs" / "reference.md").read_text().split(f"\n## {command}\n")[1].split("\n## ")[0]
    assert set(re.findall(r"`--([a-z0-9-]+)`", section)) == shown - everywhere


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_inside_the_repository_lead_somewhere(document: Path) -> None:
    targets = re.findall(r"\]\((?!https?:)([^)#]+)\)", document.read_text())
    assert all((document.parent / target).exists() for target in targets), targets


def named(nav: list[Any] | dict[str, Any] | str) -> Iterator[str]:
    """The pages of the site's menu."""
    if isinstance(nav, str):
        yield nav
        return
    for entry in nav.values() if isinstance(nav, dict) else nav:
        yield from named(entry)


def test_the_menu_of_the_site_has_every_page_once_and_no_other() -> None:
    pages = named(yaml.safe_load((ROOT / "mkdocs.yml").read_text())["nav"])
    assert sorted(pages) == sorted(str(page.relative_to(ROOT / "docs")) for page in (ROOT / "docs").rglob("*.md"))


def test_the_page_of_python_functions_names_every_public_name() -> None:
    text = (ROOT / "docs" / "api" / "functions.md").read_text()
    assert [name for name in aframe_data.__all__ if not re.search(rf"`(aframe_data\.)?{name}`", text)] == []
