"""How a field of a request is declared: as a provider's option is, and how a command line shows it besides."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from aframe_data.plugin.options import Declaration, OptionSpec, specifier, specs_of
from aframe_data.requests import RUNNING

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Groups of fields that stand last, in their order: what is written, and how the work is run.
OUTPUT = "Output"
_LAST_GROUPS = (OUTPUT, RUNNING)


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


@dataclass(frozen=True, kw_only=True)
class Shown(Declaration):
    """Declare a field of a request: flag, key of a configuration, keyword and entry of the provenance in one.

    What any option has stands in `aframe_data.plugin.options.Declaration`.

    Parameters
    ----------
    group
        Title of the panel of the help page.
    short
        A letter for the flag: ``o``.
    flag
        What the help page calls it, where the field has another name; that name is a flag too.
    metavar
        What stands for the value on the help page, where its type does not say it.
    required_on_line
        Whether a command line must give a value although Python need not.
    tabled
        Whether a table of a configuration gives the items of the list: ``H1 = "FILE"`` for ``H1=FILE``.
    switch_off
        The flag that switches it off: for a default of True the only one, else a second one.
    chooses
        For names of providers.
    hidden
        Whether only Python gives it, since a command line has other ways (a mapping of providers' options).
    """

    group: str = ""
    short: str = ""
    flag: str = ""
    metavar: str = ""
    required_on_line: bool = False
    tabled: bool = False
    switch_off: str = ""
    chooses: Chooses | None = None
    hidden: bool = False
    kw_only: bool = True


@dataclass(frozen=True, kw_only=True)
class Written(Shown):
    """Declare what a command writes, ``--output``: a path, or the URL of an object in a store."""

    group: str = OUTPUT
    short: str = "o"
    flag: str = "output"
    remote: bool = True
    affects_data: bool = False


option = specifier(Shown)
output = specifier(Written)


@dataclass(frozen=True, kw_only=True)
class Field(OptionSpec, Shown):
    """A field of a request: what it takes, and how a command line shows it."""

    @property
    def required(self) -> bool:
        """Whether a command line must give a value."""
        return super().required or self.required_on_line

    @property
    def spellings(self) -> tuple[str, ...]:
        """What the help page calls it, and the other names."""
        return tuple(dict.fromkeys([*([self.flag] if self.flag else []), *super().spellings]))


def shown_fields(request: type) -> list[Field]:
    """The fields that a command line shows, by groups: what is required first, of the groups and in each of them."""
    fields = [field for field in fields_of(request) if not field.hidden]
    asking = {field.group for field in fields if field.required and field.kw_only}
    groups = list(dict.fromkeys(field.group for field in fields))
    groups.sort(key=lambda group: (group not in asking, _LAST_GROUPS.index(group) + 1 if group in _LAST_GROUPS else 0))
    return sorted(fields, key=lambda field: (groups.index(field.group), not field.required))


def tabled_names(fields: Iterable[Field]) -> set[str]:
    """By which names a configuration may have a table of a field's items."""
    return {name for field in fields if field.tabled for name in field.spellings}


@cache
def fields_of(request: type) -> tuple[Field, ...]:
    """The fields of a request, in the order of their declaration."""
    return specs_of(request, Field)
