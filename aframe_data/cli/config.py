"""Configuration files: the options of a command, in TOML or YAML.

Options stand at the top, or in a table with the command's name where one file serves several commands: what
stands at the top is for each command that has such an option. The options of a provider may stand in a table
with its name::

    sample_rate = 2048
    [fetch]
    channels = ["H1", "L1"]
    [fetch.simulated]
    seed = 7
"""

from __future__ import annotations

from datetime import date, time
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from aframe_data.checks import require_file
from aframe_data.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

#: Of a file that is read.
_MOST_BYTES = 16 * 2**20
_FORMATS = {".toml": "TOML", ".yaml": "YAML", ".yml": "YAML"}
#: What a file may hold and an option never takes.
_KINDS = {dict: "a table", list: "a list of lists", time: "a time of day without a date"}


class Config(NamedTuple):
    """What a file gives to a command.

    Attributes
    ----------
    values
        Names of options, with dashes, and their values.
    shared
        The names that stand at the top and may be meant for another command.
    path
        The file.
    tables
        The tables that should be providers', as the file names them: ``simulated`` or ``fetch.simulated``.
    """

    values: Mapping[str, Any] = MappingProxyType({})
    shared: frozenset[str] = frozenset()
    path: Path | None = None
    tables: tuple[str, ...] = ()


def read_config(path: Path, command: str, commands: Sequence[str]) -> Config:
    """The options that a file gives to a command.

    Raises
    ------
    UsageError
        The file cannot be read, or is no table of options.
    """
    content = _load(path)
    # A command may be called as an option of others is: psd = "FILE" at the top is no section.
    sections = {name: value for name, value in content.items() if name in commands and isinstance(value, dict)}
    own = {name: value for name, value in content.items() if name not in sections}
    section = sections.get(command, {})
    top, named = _plain(path, _flat(own)), _plain(path, _flat(section))
    tables = (*_tables(own), *(f"{command}.{name}" for name in _tables(section)))
    return Config({**top, **named}, frozenset(top) - frozenset(named), path, tables)


def _tables(table: Mapping[str, Any]) -> list[str]:
    return [name for name, value in table.items() if isinstance(value, dict)]


def _flat(table: Mapping[str, Any]) -> dict[str, Any]:
    """Options of providers' tables beside the others: ``[simulated] seed`` is ``simulated-seed``."""
    flat: dict[str, Any] = {}
    for name, value in table.items():
        if isinstance(value, dict):
            flat.update({_dashes(f"{name}-{option}"): setting for option, setting in value.items()})
        else:
            flat[_dashes(name)] = value
    return flat


def _plain(path: Path, table: Mapping[str, Any]) -> dict[str, Any]:
    """The values as they are, dates as their texts, None for what a file leaves empty (null)."""
    table = {name: value.isoformat() if isinstance(value, date) else value for name, value in table.items()}
    for name, value in table.items():
        for item in value if isinstance(value, list) else [value]:
            if not isinstance(item, (str, int, float, bool, type(None))) or "\0" in str(item):
                kind = _KINDS.get(type(item)) or f"{item!r}, a {type(item).__name__}"
                raise UsageError(
                    f"{path}: {name!r} is {kind}; allowed are text, numbers, dates, true or false, and lists of them."
                )
    return table


def _dashes(name: str) -> str:
    return name.replace("_", "-")


def _load(path: Path) -> dict[str, Any]:
    require_file(path, "the configuration ", _MOST_BYTES)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", "not a text file")
        raise UsageError(f"cannot read the configuration {str(path)!r}: {reason}.") from error
    suffix = path.suffix.lower()
    if suffix not in _FORMATS:
        raise UsageError(f"the configuration {str(path)!r} must end in .toml, .yaml or .yml.")
    import tomllib

    import yaml

    try:
        content = tomllib.loads(text) if suffix == ".toml" else yaml.safe_load(text) or {}
    except (tomllib.TOMLDecodeError, yaml.YAMLError) as error:
        raise UsageError(f"the configuration {str(path)!r} is not valid {_FORMATS[suffix]}: {error}.") from error
    if not isinstance(content, dict):
        raise UsageError(f"the configuration {str(path)!r} must hold names and values.")
    return {str(name): value for name, value in content.items()}
