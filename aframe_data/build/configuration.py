"""From a file to the stages of a build: each table's values in the request of the command that they are meant for.

What stands nearest to a stage counts: the split's table of the command (``[train.fetch]``), then the split's
(``[train]``), then the command's (``[fetch]``), then the top.
"""

from __future__ import annotations

import itertools
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from aframe_data.build.stages import RULES, Stage
from aframe_data.configuration.chosen import chosen_providers, require_tables
from aframe_data.configuration.file import Settings, parse_tables, settings_in
from aframe_data.configuration.meaning import Vocabulary
from aframe_data.errors import UsageError
from aframe_data.formats.dataset import SPLITS, TEST, TRAIN
from aframe_data.plugin.values import is_nothing, items_of
from aframe_data.requests import canonical, request_of
from aframe_data.requests.declaration import Field, fields_of, shown_fields, tabled_names
from aframe_data.requests.query import Query
from aframe_data.segments.arithmetic import intersect

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from aframe_data.build.stages import Rule
    from aframe_data.formats.dataset import DatasetLayout

#: The commands of the stages, in their order; and of those that are made for each split.
COMMANDS = tuple(dict.fromkeys(rule.command for rule in RULES))
_OF_SPLITS = tuple(dict.fromkeys(rule.command for rule in RULES if rule.of_split))
#: The tables, by what they are the names of.
_TABLES = {
    "span": SPLITS,
    "stage": [rule.table for rule in RULES if not rule.of_split],
    "stage's command": [*COMMANDS, *(f"{split}.{command}" for split in SPLITS for command in _OF_SPLITS)],
}


def stages_of(path: Path, text: str, layout: DatasetLayout, workers: int | None) -> tuple[Stage, ...]:
    """The stages that a configuration asks for, every value of it checked.

    Parameters
    ----------
    path, text
        The file, by whose name its form is known, and its content.
    layout
        Where the data set will be.
    workers
        Of all stages, whatever the file says; None for what it says.

    Raises
    ------
    UsageError
        With the file and the key: a name means nothing, a value is not allowed, or something is missing.
    """
    tables = _Tables(path, parse_tables(path, text))
    asked = [rule for rule in RULES if tables.asks_for(rule)]
    if not asked:
        wanted = ", ".join(f"[{table}]" for table in dict.fromkeys(rule.table for rule in RULES))
        raise UsageError(f"{path} asks for nothing: it has none of the tables {wanted}.")
    names = {rule.name for rule in asked}
    stages = tuple(_stage(rule, [*tables.layers(rule, layout)], layout, workers, names) for rule in asked)
    _require_apart(path, stages)
    return stages


class _Tables:
    """The tables of a file, by what they are for."""

    def __init__(self, path: Path, content: Mapping[str, Any]) -> None:
        self._path = path
        self._sections: dict[str, tuple[str, Mapping[str, Any]]] = {}
        self._top: dict[str, Any] = {}
        stages = {canonical(rule.table) for rule in RULES}
        for title, value in content.items():
            name = canonical(title)
            if name in stages and not isinstance(value, dict):
                raise UsageError(f"{path}: {title!r} must be a table, [{title}] in TOML.")
            if not isinstance(value, dict) or name not in (*COMMANDS, *SPLITS):
                self._top[title] = value
            elif name in self._sections:
                raise UsageError(f"{path}: [{self._sections[name][0]}] and [{title}] are one table: write one of them.")
            else:
                self._sections[name] = (title, value)
        others = [title for title, value in self._top.items() if isinstance(value, dict)]
        inner = [
            f"{title}.{key}"
            for name, (title, table) in self._sections.items()
            for key, value in table.items()
            if isinstance(value, dict) and key not in _tabled(name)
        ]
        require_tables(Settings(path, tables=(*others, *inner)), _TABLES)

    def asks_for(self, rule: Rule) -> bool:
        """Whether a stage is to be made: its table is there."""
        return canonical(rule.table) in self._sections

    def layers(self, rule: Rule, layout: DatasetLayout) -> Iterator[Settings]:
        """What the file says to a stage, table by table: what comes later counts."""
        top = settings_in(self._path, self._top, readers=COMMANDS)
        yield settings_in(self._path, rule.otherwise(layout))
        said = {name: setting for name, setting in top.values.items() if not is_nothing(setting.value)}
        yield Settings(self._path, {name: said[other] for name, other in rule.follows.items() if other in said})
        yield top
        title, own = self._sections.get(rule.command, (rule.command, {}))
        yield settings_in(self._path, own, title, tabled=_tabled(rule.command))
        if rule.of_split:
            title, table = self._sections[rule.split]
            inner = {name: value for name, value in table.items() if isinstance(value, dict) and name in _OF_SPLITS}
            shared = {name: value for name, value in table.items() if name not in inner}
            yield settings_in(self._path, shared, title, readers=_OF_SPLITS)
            yield settings_in(self._path, inner.get(rule.command, {}), f"{title}.{rule.command}")


def _tabled(section: str) -> set[str]:
    """Options of a command of which a table in its table gives the items; none in a split's."""
    return tabled_names(fields_of(request_of(section))) if section in COMMANDS else set()


def _stage(
    rule: Rule, layers: Sequence[Settings], layout: DatasetLayout, workers: int | None, asked: set[str]
) -> Stage:
    cls = request_of(rule.command)
    fixed = rule.sets(layout)
    fields = [field for field in shown_fields(cls) if field.name not in fixed]

    said = {name: setting.value for layer in layers for name, setting in layer.values.items()}

    def given(field: str) -> list[str]:
        value = said.get(field.replace("_", "-"))
        return [] if value is None else [str(item) for item in items_of(value)]

    path = layers[0].path
    title = f"{rule.split}.{rule.command}" if rule.of_split else rule.table
    with table_named(path, title):
        chosen = chosen_providers(fields, given)
    vocabulary = Vocabulary(rule.command, fields, chosen, fixed=_spellings_fixed(layout))
    values: dict[str, Any] = {}
    options: dict[str, dict[str, Any]] = {}
    for what, value in itertools.chain.from_iterable(map(vocabulary.values, layers)):
        if isinstance(what, Field):
            values[what.name] = value
        else:
            options.setdefault(what.chooses.options, {})[what.name] = value
    values = {name: value for name, value in values.items() if value is not None}
    missing = [field.name for field in fields if field.required and field.name not in values]
    if missing:
        raise UsageError(f"{path}: [{title}] lacks {' and '.join(missing)}; it may also stand at the top.")
    if workers is not None and any(field.name == "workers" for field in fields):
        values["workers"] = workers
    with table_named(path, title):
        request = cls(**fixed, **values, **options)
    return Stage(
        rule.name, request, tuple(name for name in rule.needs if name in asked), title, rule.split, rule.output(layout)
    )


@contextmanager
def table_named(path: Path | None, title: str) -> Iterator[None]:
    """Say of which table of a configuration an error in the block is."""
    try:
        yield
    except UsageError as error:
        raise UsageError(f"{path}: [{title}]: {error}") from error


def _spellings_fixed(layout: DatasetLayout) -> dict[str, set[str]]:
    """All names of those fields, by commands."""
    return {
        rule.command: {
            name
            for field in fields_of(request_of(rule.command))
            if field.name in rule.sets(layout)
            for name in field.spellings
        }
        for rule in RULES
    }


def _require_apart(path: Path, stages: Sequence[Stage]) -> None:
    """Refuse to test the network on the time on which it is trained."""
    spans = {stage.split: stage.request.span for stage in stages if isinstance(stage.request, Query)}
    if len(spans) == len(SPLITS) and intersect([spans[TRAIN]], [spans[TEST]]):
        raise UsageError(f"{path}: the spans of [{TRAIN}] and [{TEST}] overlap: {spans[TRAIN]} and {spans[TEST]}.")
