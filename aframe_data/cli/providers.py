"""Options that depend on the providers that the user chose: ``fetch --source nds2`` has those of nds2.

The choice is looked for before the line is parsed, the options that the chosen providers declare become parameters,
and their values go to the request in one mapping for each kind of provider.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from aframe_data.cli.parameters import provider_parameter
from aframe_data.errors import UsageError, did_you_mean
from aframe_data.plugin.values import items_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import rich_click as click

    from aframe_data.cli.config import Config
    from aframe_data.plugin.options import OptionSpec
    from aframe_data.registry.names import Registered
    from aframe_data.requests.declaration import Chooses


class ProviderOption(NamedTuple):
    """One option of a chosen provider, as a parameter of the command."""

    chooses: Chooses
    entry: Registered
    spec: OptionSpec
    parameter: click.RichOption


def chosen_providers(field: str, chooses: Chooses, args: Sequence[str], config: Config) -> Sequence[Registered]:
    """The providers whose options a command line may have, by what it and the configuration say so far."""
    from aframe_data.registry.candidates import with_options

    open_ended = any(given(name, args, config) for name in chooses.more_wanted)
    wanted = [item for name in chooses.wanted for item in given(name, args, config)]
    names = given(field, args, config)
    return with_options(chooses.kind, names, wanted=None if open_ended else wanted, automatic=chooses.automatic)


def provider_options(entries: Sequence[tuple[Chooses, Registered]], taken: set[str]) -> Iterator[ProviderOption]:
    """The parameters for the options of the chosen providers; a bare name only where it is unambiguous."""
    bare = [flag for _, entry in entries for spec in entry.provider.option_specs for flag in spec.spellings]
    for number, (chooses, entry) in enumerate(entries):
        hidden = getattr(entry.provider, "pattern_option", None)
        for spec in entry.provider.option_specs:
            if spec.name == hidden:
                continue
            unambiguous = (flag for flag in spec.spellings if bare.count(flag) == 1 and flag not in taken)
            flags = dict.fromkeys((spec.qualified_flag(entry.provider.name), *unambiguous))
            parameter = provider_parameter(f"provider_{number}_{spec.name}", [*flags], entry.key, spec)
            yield ProviderOption(chooses, entry, spec, parameter)


def take_values(options: Sequence[ProviderOption], parameters: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Take the values of providers' options out of a command's parameters: for each field that gets them, a mapping."""
    values: dict[str, dict[str, Any]] = {}
    for option in options:
        value = parameters.pop(str(option.parameter.name))
        if value is not None and value != ():
            flag = option.spec.qualified_flag(option.entry.provider.name)
            values.setdefault(option.chooses.options, {})[flag] = value
    return values


def explain(name: str, entries: Sequence[Registered]) -> None:
    """Raise a better error than "no such option" where the option is some provider's."""
    from aframe_data.registry.ownership import owner_of, owners_of

    if owners_of(name):
        owner_of(entries, name)


def require_tables(config: Config) -> None:
    """Refuse tables of a configuration that are named after no command and no provider."""
    if not config.tables:
        return
    from aframe_data.registry.names import everything_registered
    from aframe_data.requests import COMMANDS

    providers = {entry.provider.name.replace("_", "-"): entry.provider.name for entry in everything_registered()}
    for table in config.tables:
        section, _, name = table.rpartition(".")
        if name.replace("_", "-") not in providers:
            known = [*([] if section else COMMANDS), *providers.values()]
            of = "provider" if section else "command or provider"
            raise UsageError(f"{config.path}: [{table}] is the table of no {of}.{did_you_mean(name, known)}")


def is_qualified(name: str) -> bool:
    """Whether a name is an option of some provider, with that provider's name before it."""
    from aframe_data.registry.ownership import owners_of

    return any(
        name == spec.qualified_flag(entry.provider.name)
        for entry in owners_of(name)
        for spec in entry.provider.option_specs
    )


def given(option: str, args: Sequence[str], config: Config) -> list[str]:
    """The items of a list that the line or, where it is silent, the configuration gives."""
    flag = option.replace("_", "-")
    found: Any = words_of(flag, args) or config.values.get(flag)
    return [] if found is None else [str(item) for item in items_of(found)]


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
