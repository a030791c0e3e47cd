"""How a field of a request is declared: as a provider's option is, and how a command line shows it besides."""

from __future__ import annotations

from dataclasses import MISSING, dataclass, fields
from functools import cache
from typing import TYPE_CHECKING, Any

from aframe_data.plugin.options import Declaration, OptionSpec, option_specs

if TYPE_CHECKING:
    from collections.abc import Callable

_METADATA_KEY = "aframe_data.command_line"

#: Groups of fields that stand last, in their order: what is written, and how the work is run.
OUTPUT, RUNNING = _LAST_GROUPS = ("Output", "Running")


@dataclass(frozen=True)
class Chooses:
    """What a field says that names providers.

    Attributes
    ----------
    kind
        Of the providers: a key of `aframe_data.registry.discovery.KINDS`.
    options
        The field that takes the options of the chosen ones.
    automatic
        Whether ``auto`` may be said.
    wanted
        Fields whose values are flags or channels: ``auto`` means the providers that accept one of them.
    more_wanted
        Fields with which nobody knows yet what else is wanted.
    """

    kind: str
    options: str
    automatic: bool = True
    wanted: tuple[str, ...] = ()
    more_wanted: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shown:
    """How a command line shows a field; see `option`."""

    group: str = ""
    short: str = ""
    flag: str = ""
    metavar: str = ""
    required: bool = False
    repeated: bool = False
    positional: bool = False
    switch_off: str = ""
    chooses: Chooses | None = None
    hidden: bool = False


@dataclass(frozen=True, kw_only=True)
class Field(OptionSpec):
    """A field of a request: what it takes, and how a command line shows it."""

    shown: Shown

    @property
    def required(self) -> bool:
        """Whether a command line must give a value."""
        return super().required or self.shown.required

    @property
    def spellings(self) -> tuple[str, ...]:
        """What the help page calls it, and the other names."""
        return tuple(dict.fromkeys([*([self.shown.flag] if self.shown.flag else []), *super().spellings]))


def option(
    *,
    default: Any = MISSING,
    help: str,  # noqa: A002 - the word that every command line library uses
    group: str = "",
    minimum: float | None = None,
    maximum: float | None = None,
    exclusive: bool = False,
    choices: tuple[str, ...] = (),
    aliases: tuple[str, ...] = (),
    affects_data: bool = True,
    files: bool = False,
    otherwise: str = "",
    names: str = "",
    parse: Callable[[Any], Any] | None = None,
    short: str = "",
    flag: str = "",
    metavar: str = "",
    required: bool = False,
    repeated: bool = False,
    kw_only: bool = True,
    switch_off: str = "",
    chooses: Chooses | None = None,
    hidden: bool = False,
) -> Any:
    """Declare a field of a request: flag, key of a configuration, keyword and entry of the provenance in one.

    Parameters
    ----------
    default, help, minimum, maximum, exclusive, choices, aliases, affects_data, files, otherwise, names, parse
        As `aframe_data.plugin.options.option` has them.
    group
        Title of the panel of the help page.
    short
        A letter for the flag: ``o``.
    flag
        What the help page calls it, where the field has another name; that name is a flag too.
    metavar
        What stands for the value on the help page, where its type does not say it.
    required
        Whether a command line must give a value although Python need not.
    repeated
        Whether the flag may be repeated, and commas are part of a value.
    kw_only
        False for an argument without a flag.
    switch_off
        The flag that switches it off: for a default of True the only one, else a second one.
    chooses
        For names of providers.
    hidden
        Whether only Python gives it, since a command line has other ways (a mapping of providers' options).
    """
    declaration = Declaration(
        help=help,
        minimum=minimum,
        maximum=maximum,
        exclusive=exclusive,
        choices=choices,
        aliases=aliases,
        affects_data=affects_data,
        files=files,
        otherwise=otherwise,
        names=names,
        parse=parse,
    )
    shown = Shown(
        group=group,
        short=short,
        flag=flag,
        metavar=metavar,
        required=required,
        repeated=repeated,
        positional=not kw_only,
        switch_off=switch_off,
        chooses=chooses,
        hidden=hidden,
    )
    return declaration.field(default, kw_only=kw_only, **{_METADATA_KEY: shown})


def shown_fields(request: type) -> list[Field]:
    """The fields that a command line shows, by groups: what is required first, of the groups and in each of them."""
    fields = [field for field in fields_of(request) if not field.shown.hidden]
    asking = {field.shown.group for field in fields if field.required and not field.shown.positional}
    groups = list(dict.fromkeys(field.shown.group for field in fields))
    groups.sort(key=lambda group: (group not in asking, _LAST_GROUPS.index(group) + 1 if group in _LAST_GROUPS else 0))
    return sorted(fields, key=lambda field: (groups.index(field.shown.group), not field.required))


@cache
def fields_of(request: type) -> tuple[Field, ...]:
    """The fields of a request, in the order of their declaration."""
    shown = {field.name: field.metadata[_METADATA_KEY] for field in fields(request)}
    return tuple(Field(**vars(spec), shown=shown[spec.name]) for spec in option_specs(request))
