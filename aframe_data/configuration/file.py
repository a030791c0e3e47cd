"""A configuration file: tables of options, in TOML or YAML, as it stands.

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

from dataclasses import dataclass, field
from datetime import date, time
from typing import TYPE_CHECKING, Any, NamedTuple

from aframe_data.checks import require_file
from aframe_data.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

#: Of a file that is read.
_MOST_BYTES = 16 * 2**20
_FORMATS = {".toml": "TOML", ".yaml": "YAML", ".yml": "YAML"}
#: What a file may hold and an option never takes.
_KINDS = {dict: "a table", list: "a list of lists", time: "a time of day without a date"}


class Setting(NamedTuple):
    """The value of one option in a file.

    Attributes
    ----------
    value
        As the file has it; a date as its text, None for what a file leaves empty (null).
    key
        How errors call it: its name, after the table where that is not the one command's.
    readers
        The commands that find it where it stands, and for any of which it may be meant; none in a table of one command.
    """

    value: Any
    key: str
    readers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Settings:
    """What a file gives to one command.

    Attributes
    ----------
    path
        The file; None where there is none.
    values
        By the names of options, with dashes.
    tables
        The tables that should be providers', as the file names them: ``simulated`` or ``fetch.simulated``.
    """

    path: Path | None = None
    values: Mapping[str, Setting] = field(default_factory=dict)
    tables: tuple[str, ...] = ()


def settings_of(path: Path, command: str, commands: Collection[str], tabled: Collection[str] = ()) -> Settings:
    """What a file with tables of several commands gives to one of them; `tabled` and errors as `settings_in`."""
    content = read_tables(path)
    # A command may be called as an option of others is: psd = "FILE" at the top is no section.
    sections = {name: value for name, value in content.items() if name in commands and isinstance(value, dict)}
    top = {name: value for name, value in content.items() if name not in sections}
    own = settings_in(path, sections.get(command, {}), command, say_table=False, tabled=tabled)
    shared = settings_in(path, top, readers=tuple(commands))
    return Settings(path, {**shared.values, **own.values}, (*shared.tables, *own.tables))


def settings_in(
    path: Path,
    table: Mapping[str, Any],
    title: str = "",
    *,
    readers: tuple[str, ...] = (),
    say_table: bool = True,
    tabled: Collection[str] = (),
) -> Settings:
    """The settings of one table; providers' tables in it count too: ``[simulated] seed`` is ``simulated-seed``.

    Parameters
    ----------
    title
        The table's name, as the file has it; empty for the top.
    readers
        The commands that read it, where it is not one command's.
    say_table
        Whether errors say in which table a value stands.
    tabled
        Names of options of which a table gives the items of a list: ``[psd] H1`` is ``psd = ["H1=…"]``.

    Raises
    ------
    UsageError
        A value is nothing that an option takes.
    """
    where = f"[{title}] " if title and say_table else ""
    flat: dict[str, Setting] = {}
    tables = []
    for key, given in table.items():
        if not isinstance(given, dict):
            inside = {key: given}
        elif key.replace("_", "-") in tabled:
            inside = {key: [f"{name}={_plain(path, f'{key}.{name}', value)}" for name, value in given.items()]}
        else:
            tables.append(f"{title}.{key}" if title else key)
            inside = {f"{key}-{name}": value for name, value in given.items()}
        for option, value in inside.items():
            flat[option.replace("_", "-")] = Setting(_plain(path, option, value), f"{where}{option}", readers)
    return Settings(path, flat, tuple(tables))


def _plain(path: Path, name: str, value: Any) -> Any:
    """A value as it is, a date as its text."""
    value = value.isoformat() if isinstance(value, date) else value
    for item in value if isinstance(value, list) else [value]:
        if not isinstance(item, (str, int, float, bool, type(None))) or "\0" in str(item):
            kind = _KINDS.get(type(item)) or f"{item!r}, a {type(item).__name__}"
            raise UsageError(
                f"{path}: {name!r} is {kind}; allowed are text, numbers, dates, true or false, and lists of them."
            )
    return value


def read_tables(path: Path) -> dict[str, Any]:
    """The content of a file: names with values, or with tables of them.

    Raises
    ------
    UsageError
        The file cannot be read, or is no table of options.
    """
    return parse_tables(path, read_text(path))


def read_text(path: Path) -> str:
    """The text of a configuration; errors as `read_tables`."""
    require_file(path, "the configuration ", _MOST_BYTES)
    try:
        return path.read_text(encoding="utf-8-sig")  # some editors begin with a mark
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", "not a text file")
        raise UsageError(f"cannot read the configuration {str(path)!r}: {reason}.") from error


def parse_tables(path: Path, text: str) -> dict[str, Any]:
    """The content of a text by the form that its file's name says; errors as `read_tables`."""
    suffix = path.suffix.lower()
    if suffix not in _FORMATS:
        raise UsageError(f"the configuration {str(path)!r} must end in .toml, .yaml or .yml.")
    import tomllib

    import yaml

    from aframe_data.configuration.unique_keys import UniqueKeysLoader

    try:
        content = tomllib.loads(text) if suffix == ".toml" else yaml.load(text, UniqueKeysLoader) or {}  # noqa: S506
    except (ValueError, yaml.YAMLError) as error:  # ValueError: also a date without such a day, and endless digits
        raise UsageError(f"the configuration {str(path)!r} is not valid {_FORMATS[suffix]}: {error}.") from error
    except RecursionError as error:
        raise UsageError(f"the configuration {str(path)!r} is nested too deeply.") from error
    if not isinstance(content, dict):
        raise UsageError(f"the configuration {str(path)!r} must hold names and values.")
    return {str(name): value for name, value in content.items()}
