"""Options that depend on the providers that the user chose: ``fetch --source nds2`` has those of nds2.

The choice is looked for before the line is parsed, the options that the chosen providers declare become parameters,
and their values go to the request in one mapping for each kind of provider.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aframe_data.cli.parameters import Flag, provider_parameter
from aframe_data.plugin.values import items_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import rich_click as click

    from aframe_data.configuration.chosen import ProviderOption
    from aframe_data.configuration.file import Settings


def parameters_of(options: Sequence[ProviderOption]) -> list[tuple[click.RichOption, ProviderOption]]:
    """The parameters for the options of the chosen providers, each with its option."""
    names = (f"provider_{number}_{option.spec.name}" for number, option in enumerate(options))
    return [
        (provider_parameter(name, option.names, option.entry.key, option.spec), option)
        for name, option in zip(names, options, strict=True)
    ]


def take_values(
    added: Sequence[tuple[click.Parameter, ProviderOption]], parameters: dict[str, Any]
) -> dict[str, dict[str, Any]]:
    """Take the values of providers' options out of a command's parameters: for each field that gets them, a mapping."""
    values: dict[str, dict[str, Any]] = {}
    for parameter, option in added:
        value = parameters.pop(str(parameter.name))
        if value is not None and value != ():
            values.setdefault(option.chooses.options, {})[option.name] = value
    return values


def given(option: str, args: Sequence[str], settings: Settings) -> list[str]:
    """The items of a list that the line or, where it is silent, the configuration gives."""
    flag = option.replace("_", "-")
    setting = settings.values.get(flag)
    found: Any = words_of(flag, args) or (setting and setting.value)
    return [] if found is None else [str(item) for item in items_of(found)]


def argument_of(args: Sequence[str], parameters: Mapping[str, click.Parameter]) -> list[str]:
    """The first argument of a line that is not parsed yet; an option that nobody knows yet is taken to have a value.

    `parameters` are the known ones, by their flags.
    """
    left = [*args]
    while left:
        word = left.pop(0)
        if not word.startswith("-"):
            return [word]
        name, equals, _ = word.partition("=")
        known = parameters.get(name.lstrip("-").replace("_", "-"))
        alone = isinstance(known, Flag) or getattr(known, "is_flag", False) or name in ("--help", "-h")
        if not equals and not alone:
            left = left[1:]
    return []


def words_of(option: str, args: Sequence[str]) -> list[str]:
    """The values that an option gets on a line that is not parsed yet."""
    values = []
    for position, argument in enumerate(args):
        name, equals, value = argument.partition("=")
        if name.replace("_", "-") == f"--{option}":
            if equals:
                values.append(value)
            elif position + 1 < len(args):
                values.append(args[position + 1])
    return values
