"""Values of options: what a command line, a configuration file or Python gives becomes what a field declares."""

from __future__ import annotations

import json
import math
import operator
import os
import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from aframe_data.errors import UsageError, did_you_mean
from aframe_data.places import local_place, no_stream, place
from aframe_data.plugin.code import Code
from aframe_data.plugin.options import OptionSpec, option_specs
from aframe_data.times import gps_seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off"})
#: How a configuration and Aframe's pipeline write what is not given.
_NOTHING = "null"
#: One item of a list in brackets, with or without quotes, and what ends it.
_ITEM = re.compile(r"""\s*(?:"(?P<double>(?:[^"\\]|\\.)*)"|'(?P<single>[^']*)'|(?P<bare>[^,'"\[\]]*))\s*(?:,|$)""")
#: The largest whole number of an option that names no other: what is counted and timed is far below it, and above it
#: numpy, C libraries and floats no longer have each whole number.
_LARGEST_WHOLE = 2**53

#: Says of a value whose it is: the beginning of an error.
Subject: TypeAlias = "Callable[[Any], str]"


def resolve(options: type, values: Mapping[str, Any], *, owner: str) -> Any:
    """Make an instance of an options dataclass from what the user gave.

    Parameters
    ----------
    options
        The dataclass.
    values
        Name or alias of each given option (dashes or underscores), and its value; strings are converted.
    owner
        The provider's name, for the messages.

    Raises
    ------
    UsageError
        An unknown option, a value of the wrong type or out of range, or a missing value.
    """
    specs = option_specs(options)
    names = {alias.replace("-", "_"): spec for spec in specs for alias in (spec.name, *spec.aliases)}
    given: dict[str, Any] = {}
    for key, value in values.items():
        spec = names.get(key.replace("-", "_"))
        if spec is None:
            known = ", ".join(spec.name for spec in specs) or "none"
            hint = did_you_mean(key, names)
            raise UsageError(f"{key!r} is not an option of {owner!r}.{hint} Its options: {known}.")
        if spec.name in given:
            raise UsageError(f"--{spec.qualified_flag(owner)} is given twice, under two of its names.")
        converted = convert(spec, value, subject_of(spec, owner))
        if converted is not None or not spec.env:  # what is not given may be said by the environment
            given[spec.name] = converted
    for spec in specs:
        if spec.name not in given and spec.env and os.environ.get(spec.env):
            try:
                given[spec.name] = convert(spec, os.environ[spec.env], subject_of(spec, owner))
            except UsageError as error:
                raise UsageError(f"{error} The value is from the environment variable {spec.env}.") from error
    missing = [spec for spec in specs if spec.required and spec.name not in given]
    if missing:
        lacking = ", ".join(f"--{spec.qualified_flag(owner)}" for spec in missing)
        raise UsageError(f"{owner!r} needs {lacking}" + (f": {missing[0].help}" if len(missing) == 1 else "."))
    return options(**given)


def convert(spec: OptionSpec, value: Any, subject: Subject) -> Any:
    """Convert and check one value, as a command line, a configuration file or Python gives it.

    Lists are one item, items with commas between them, or in brackets with or without quotes, as JSON, YAML and a
    shell leave them. Whole numbers may be written 2048.0 or 1e4, and truth as true, yes, on or 1. The word ``null``
    is None, and means what is not given.

    Parameters
    ----------
    subject
        What an error says of a value: ``--nds2-port: 'x'``.

    Raises
    ------
    UsageError
        The value has the wrong type or is out of range, or is null where an option has a value in any case.
    """
    if is_nothing(value):
        return _nothing(spec, value, subject)
    if spec.parse is None and not spec.many:
        return _convert_one(spec, value, subject)
    try:
        if spec.parse is not None:
            return spec.parse(value)
        items = _whole(value) if spec.repeated else items_of(value)
    except UsageError as error:
        (value,) = value if isinstance(value, (list, tuple)) and len(value) == 1 else (value,)
        raise UsageError(f"{subject(value)} is not allowed: {error}") from error
    return tuple(_convert_one(spec, item, subject) for item in items)


def is_nothing(value: Any) -> bool:
    """Whether a value says that nothing is given: None, the word ``null``, or either of them alone in a list."""
    if isinstance(value, (list, tuple)) and len(value) == 1:
        (value,) = value
    return value is None or (isinstance(value, str) and value.strip() == _NOTHING)


def _nothing(spec: OptionSpec, value: Any, subject: Subject) -> Any:
    """What an option is where it is not given; refused where that is a value that null would hide."""
    if spec.optional:
        return None
    if spec.default in ((), ""):
        return spec.default
    if spec.required:
        raise UsageError(f"{subject(value)} is not allowed: the option must have a value.")
    default = ",".join(map(str, spec.default)) if isinstance(spec.default, tuple) else spec.default
    raise UsageError(f"{subject(value)} is not allowed: leave the option out for its default, {default}.")


def subject_of(spec: OptionSpec, owner: str) -> Subject:
    """How errors call a provider's option and its value."""
    return lambda value: f"--{spec.qualified_flag(owner)}: {value!r}"


def _whole(value: Any) -> list[Any]:
    """One item, or a list of items, with commas in them as they are."""
    return [*value] if isinstance(value, (list, tuple)) else [value]


def items_of(value: Any) -> list[Any]:
    """One item, several with commas between them, a list in brackets, or a list of any of these."""
    if isinstance(value, str):
        text = value.strip()
        if text.startswith("["):
            return _bracketed(text)
        return [item.strip() for item in text.split(",") if item.strip()]
    if not isinstance(value, (list, tuple)):
        return [value]
    return [item for each in value for item in (items_of(each) if isinstance(each, str) else [each])]


def _bracketed(text: str) -> list[str]:
    """The items of ``["H1", "L1"]``, of ``['H1', 'L1']``, or of ``[H1,L1]`` as Aframe and shells leave it."""
    if not text.endswith("]"):
        raise UsageError(f"{text!r} begins like a list and does not end like one; lists read H1,L1 or [H1,L1].")
    items: list[str] = []
    inside, position = text[1:-1].strip(), 0
    while position < len(inside):
        found = _ITEM.match(inside, position)
        if found is None:
            raise UsageError(f"{text!r} is not a list of values; lists read H1,L1 or [H1,L1].")
        double, single, bare = found.group("double", "single", "bare")
        if double is not None:
            items.append(json.loads(f'"{double}"'))
        elif single is not None:
            items.append(single)
        elif bare.strip():  # between two commas there may be nothing
            items.append(bare.strip())
        position = found.end()
    return items


def _convert_one(spec: OptionSpec, value: Any, subject: Subject) -> Any:
    if is_nothing(value):  # as an item of a list: texts and paths would be called so
        raise UsageError(f"{subject(value)} is not {_words_for(spec, value)}.")
    if value == "-" and spec.type is Path and not spec.stream:
        raise no_stream(subject(value))
    try:
        dated = spec.dated and isinstance(value, (str, date))
        converter: Callable[[Any], Any] = place if spec.remote else _TYPES[spec.type][1]
        converted = converter(gps_seconds(value) if dated else value)
    except (TypeError, ValueError, OverflowError) as error:
        if spec.type is Path and isinstance(error, UsageError):  # what no file can be, and why
            raise UsageError(f"{subject(value)} is not allowed: {error}") from error
        raise UsageError(f"{subject(value)} is not {_words_for(spec, value)}.") from error
    if spec.type is Path and str(value) == "":
        raise UsageError(f"{subject(value)} is empty: name a path, or . for the current folder.")
    if spec.choices and converted not in spec.choices:
        hint = did_you_mean(str(converted), spec.choices)
        raise UsageError(f"{subject(value)} is not allowed, only {spec.describe_range()}.{hint}")
    if spec.type is int and spec.maximum is None and abs(converted) > _LARGEST_WHOLE:
        raise UsageError(f"{subject(value)} is not allowed, only whole numbers up to {_LARGEST_WHOLE}.")
    if isinstance(converted, (int, float)) and not _in_range(spec, converted):
        bounds = spec.describe_range()
        of = "of " if bounds.startswith("at ") else ""
        raise UsageError(f"{subject(value)} is not allowed, only values {of}{bounds}.")
    return converted


def _in_range(spec: OptionSpec, value: float) -> bool:
    low = -math.inf if spec.minimum is None else spec.minimum
    high = math.inf if spec.maximum is None else spec.maximum
    if spec.exclusive:
        return low < value < high
    return low <= value <= high


def _to_bool(value: Any) -> bool:
    """A truth value, or how people and files write one."""
    if isinstance(value, bool):
        return value
    text = str(value).strip().lower()
    if text not in _TRUE | _FALSE:
        raise ValueError(text)
    return text in _TRUE


def _to_int(value: Any) -> int:
    if isinstance(value, bool):
        raise TypeError(value)
    try:
        return int(value) if isinstance(value, str) else operator.index(value)
    except (TypeError, ValueError):
        number = float(value)  # 2048.0 and 1e4, as pipelines and people write them
        if not number.is_integer():
            raise ValueError(value) from None
        return int(number)


def _to_float(value: Any) -> float:
    if isinstance(value, bool):
        raise TypeError(value)
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(value)
    return number


def _to_code(value: Any) -> Code:
    return value if isinstance(value, Code) else Code.at(_to_str(value))


def _to_str(value: Any) -> str:
    if not isinstance(value, (str, os.PathLike, int, float)):
        raise TypeError(value)
    return str(value)


def _words_for(spec: OptionSpec, value: Any) -> str:
    """What a value should have been."""
    if not spec.dated or isinstance(value, (int, float)):
        return _TYPES[spec.type][0]
    whole = "whole " if spec.type is int else ""
    return f"a time: {whole}GPS seconds, or a date since 1980 such as 2019-04-29 or 2019-04-29T12:00:00, in UTC"


#: What a value of each type is called, and what makes one of what was given.
_TYPES: dict[type, tuple[str, Any]] = {
    str: ("a text", _to_str),
    int: ("a whole number", _to_int),
    float: ("a finite number", _to_float),
    bool: ("true or false", _to_bool),
    Path: ("a path", local_place),
    Code: ("the dotted path of a function", _to_code),
}
