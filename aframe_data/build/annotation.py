"""Comments for a configuration: what each table is, and above each key what the option means."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

from aframe_data.build.stages import RULES
from aframe_data.errors import UsageError
from aframe_data.formats.dataset import SPLITS, DatasetLayout
from aframe_data.registry.names import everything_registered
from aframe_data.requests import COMMANDS, canonical, request_of
from aframe_data.requests.declaration import shown_fields

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from aframe_data.plugin.options import OptionSpec

_WIDTH = 100
_TABLE = re.compile(r"\[([\w.-]+)\]")
#: A key with its value; behind a # one that is only proposed.
_SETTING = re.compile(r"(#?)([\w.-]+) = (.+)")
_HEAD = """\
Make the data set:
    aframe-data build {name} -o data
See what would be made, and how long it would take:
    aframe-data build {name} -o data --dry-run

Options at the top apply to every command that has them. The most specific table wins: \
[train.fetch], then [train], then [fetch], then the top. Options behind a # are not set; remove the # to set them."""


def annotated(text: str, name: str) -> str:
    """A configuration with comments.

    Parameters
    ----------
    text
        TOML with each value on one line. Comments stay where they are: those at the beginning say what it is all
        about, those above a key why it has this value. ``#key = value`` proposes an option.
    name
        The file's name.
    """
    lines, table, group = text.splitlines(), "", ""
    first = next(number for number, line in enumerate(lines) if not line.startswith("#") or _SETTING.fullmatch(line))
    written = [*_comment(_joined(lines[:first])), "#", *_comment(_HEAD.format(name=name))]
    reasons: list[str] = []
    for line in lines[first:]:
        if found := _TABLE.fullmatch(line):
            table, group = found[1], ""
            written += ["", "", *_comment(_purpose(table)), line]
        elif found := _SETTING.fullmatch(line):
            specs = _meanings(table, found[2])
            title = "" if table else getattr(specs[-1], "group", "")
            if title != group:
                group = title
                written += ["", f"# ---- {group} ----"]
            texts = [spec.explained.replace("(required; ", "(").removesuffix(" (required)") for spec in specs]
            written += ["", *_comment("\n".join(texts)), *(["#", *_comment(_joined(reasons))] if reasons else [])]
            written.append(f"{found[1] and '# '}{found[2]} = {found[3]}")
            reasons = []
        elif line:
            reasons.append(line)
    return "\n".join([*written, *reasons, ""])


def _joined(comments: Sequence[str]) -> str:
    """The text of lines of comments: paragraphs, and lists whose items are set in."""
    text = ""
    for line in comments:
        content = line.removeprefix("#").removeprefix(" ")
        begins = not text or not content or content.startswith(" ") or text.endswith("\n")
        text += content if not text else f"\n{content}" if begins else f" {content}"
    return text


def _comment(text: str) -> Iterator[str]:
    for paragraph in text.splitlines():
        indent = " " * (len(paragraph) - len(paragraph.lstrip()))
        lines = textwrap.wrap(paragraph, _WIDTH - 2, subsequent_indent=indent, break_on_hyphens=False)
        yield from (f"# {line}".rstrip() for line in lines or [""])


def _commands(table: str) -> list[str]:
    """The commands that read a table."""
    last = canonical(table.rpartition(".")[2])
    if not table or last in SPLITS:
        return list(dict.fromkeys(rule.command for rule in RULES if last in ("", rule.table)))
    return [last] if last in COMMANDS else []


def _meanings(table: str, key: str) -> list[OptionSpec]:
    """What a key of a table may mean: an option, and those of other commands whose help says something else."""
    inner, _, name = key.rpartition(".")
    table, name = ".".join(filter(None, (table, inner))), name.replace("_", "-")
    specs: list[OptionSpec] = [
        field
        for command in _commands(table)
        for field in shown_fields(request_of(command))
        if name in field.spellings and field.name not in _fixed(command)
    ]
    specs = specs or [
        spec
        for entry in everything_registered()
        if canonical(entry.provider.name) == canonical(table.rpartition(".")[2])
        for spec in entry.provider.option_specs
        if name in spec.spellings
    ]
    if not specs:
        raise UsageError(f"[{table}] has no option {key!r}.")
    return list({spec.help: spec for spec in specs}.values())


def _fixed(command: str) -> set[str]:
    """The options of a command that a build sets itself."""
    return {name for rule in RULES if rule.command == command for name in rule.sets(DatasetLayout(Path()))}


def _purpose(table: str) -> str:
    """What a table is for."""
    name = canonical(table.rpartition(".")[2])
    if name in SPLITS:
        what = {"train": "training and validation", "test": "testing"}[name]
        return f"The time of the background for {what}: options of query, fetch and psd."
    if name in COMMANDS:
        return COMMANDS[name].summary
    providers = [entry.provider for entry in everything_registered() if canonical(entry.provider.name) == name]
    return "\n".join(f"Options of {provider.name}: {provider.summary.rstrip('.')}." for provider in providers)
