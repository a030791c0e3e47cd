"""Options, of providers and of commands: declared once, as the fields of a frozen dataclass.

A plugin writes::

    @dataclass(frozen=True)
    class Options:
        server: str = option(default="nds.example.org", help="Host to ask", env="NDS_SERVER")
        port: int = option(default=31200, help="Port", minimum=1, maximum=65535)

and from these fields come the command line (``--nds2-server``), the configuration file, the keyword
arguments of the Python API, ``plugins info`` and the checks. Fields may be ``str``, ``int``, ``float``,
``bool``, ``pathlib.Path``, `Code`, ``tuple[str, ...]``, and any of these ``| None``; a number ``| str | date`` is a
time, which may be given as a date and becomes GPS seconds. A field without a default must be given by the user.
Commands declare theirs in the same way (`aframe_data.requests`).
"""

from __future__ import annotations

import dataclasses
import math
import types
from collections.abc import Sequence
from datetime import date
from functools import cache, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, Union, get_args, get_origin, get_type_hints

from aframe_data.plugin.code import Code

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
S = TypeVar("S", bound="OptionSpec")

_METADATA_KEY = "aframe_data.option"
_SCALARS: tuple[type, ...] = (str, int, float, bool, Path, Code)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Declaration:
    """Declare one option; use it as the default of a dataclass field.

    Parameters
    ----------
    help
        One sentence, with the unit.
    minimum, maximum
        The allowed range of a number; both ends belong to it unless `exclusive`. Whole numbers end at 2**53 where no
        maximum is given; seeds, which may be any, give ``math.inf``.
    choices
        The allowed values of a string.
    env
        An environment variable that is used where the option is not given.
    aliases
        Further names for the command line and the API, without ``--``.
    affects_data
        False for what says how to reach the data and not which data (a host, a time-out): a file that was
        made with another value counts as the same.
    files
        True for texts that name files, alone or as ``NAME=FILE``: as with a ``Path``, a file's content says whether
        are the same, and not where it lies.
    remote
        Whether a ``Path`` may be the URL of an object in a store; for commands.
    stream
        Whether the path ``-`` stands for a standard stream; for commands.
    repeated
        Whether the flag may be repeated, and commas are part of a value; for commands.
    otherwise
        What happens without a value, where the default does not say it: ``"the time that is asked for"``.
    names
        ``"package.module:function"`` of a function that lists names that may be given, for completion in a shell: it
        is called in the background, and what it returns is kept in the user's cache.
    parse
        Makes a value of what has no plain type. The words of its `UsageError` stand behind the option and the value.
    default
        Leave it out where the user must give a value.
    kw_only
        As `dataclasses.field` has it; False for a command's argument without a flag.
    """

    help: str
    minimum: float | None = None
    maximum: float | None = None
    exclusive: bool = False
    choices: tuple[str, ...] = ()
    env: str | None = None
    aliases: tuple[str, ...] = ()
    affects_data: bool = True
    files: bool = False
    remote: bool = False
    stream: bool = False
    repeated: bool = False
    otherwise: str = ""
    names: str = ""
    parse: Callable[[Any], Any] | None = None
    # As defaults of their own, they would say that there are none.
    default: Any = dataclasses.field(default_factory=lambda: dataclasses.MISSING)
    kw_only: Any = dataclasses.field(default_factory=lambda: dataclasses.MISSING)


def specifier(declare: Callable[P, Declaration]) -> Callable[P, Any]:
    """The function that makes a dataclass field of a declaration, and takes what the declaration's class takes."""

    @wraps(declare)
    def option(*args: P.args, **settings: P.kwargs) -> Any:
        declared = declare(*args, **settings)
        return dataclasses.field(default=declared.default, kw_only=declared.kw_only, metadata={_METADATA_KEY: declared})

    return option


option = specifier(Declaration)


@dataclasses.dataclass(frozen=True, kw_only=True)
class OptionSpec(Declaration):
    """One option of a provider or a command, read off its dataclass: what was declared, and what the field says.

    Attributes
    ----------
    name
        The field's name.
    type
        ``str``, ``int``, ``float``, ``bool``, ``Path`` or ``Code``; of one item where `many` is true.
    many
        True for ``tuple[str, ...]``, ``Sequence[str]`` and the like.
    optional
        Whether it may be None.
    dated
        Whether it is a time, GPS seconds that may be given as a date.
    """

    name: str
    type: type
    many: bool
    optional: bool
    dated: bool = False

    @property
    def required(self) -> bool:
        """Whether the user must give a value."""
        return self.default is dataclasses.MISSING

    @property
    def spellings(self) -> tuple[str, ...]:
        """The name and its aliases, as they are spelled on the command line, without dashes in front."""
        return tuple(dict.fromkeys(name.replace("_", "-") for name in (self.name, *self.aliases)))

    def qualified_flag(self, owner: str) -> str:
        """The name that no other provider's option has: ``nds2-server`` for `owner` ``nds2``."""
        return f"{owner}-{self.name}".replace("_", "-")

    def describe_range(self) -> str:
        """What is allowed, in words: ``"from 1 to 65535"``, ``"one of hdf5, gwf"``, or an empty string."""
        if self.choices:
            return "one of " + ", ".join(self.choices)
        low = "" if self.minimum is None else f"{self.minimum:g}"
        high = "" if self.maximum in (None, math.inf) else f"{self.maximum:g}"
        if self.exclusive:
            between = f"between {low} and {high}, both excluded"
            return between if low and high else f"above {low}" if low else f"below {high}" if high else ""
        return (
            f"from {low} to {high}" if low and high else f"at least {low}" if low else f"at most {high}" if high else ""
        )

    @property
    def explained(self) -> str:
        """The help, and in brackets what is to know besides: the default, the range, the environment's variable."""
        notes = []
        if self.required:
            notes.append("required")
        elif self.otherwise:
            notes.append(f"default: {self.otherwise}")
        elif self.default not in (None, (), "", False) and self.type is not bool:
            notes.append(f"default: {shown(self.default)}")
        if self.describe_range() and not self.choices:
            notes.append(self.describe_range())
        if self.env:
            notes.append(f"environment: {self.env}")
        return self.help + (f" ({'; '.join(notes)})" if notes else "")


def shown(value: Any) -> str:
    """A value as a person would type it."""
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value).lower() if isinstance(value, bool) else str(value)


@cache
def option_specs(options: type | None) -> tuple[OptionSpec, ...]:
    """The options that a dataclass declares, in order; errors as `specs_of`."""
    return () if options is None else specs_of(options, OptionSpec)


def specs_of(options: type, kind: type[S]) -> tuple[S, ...]:
    """The fields of a dataclass, each as a record that has what was declared and what the field says.

    Raises
    ------
    TypeError
        The class is no frozen dataclass, a field was not made by `option`, or has an unsupported type.
    """
    parameters = getattr(options, "__dataclass_params__", None)
    if parameters is None or not parameters.frozen:
        raise TypeError(f"{options.__qualname__} must be a frozen dataclass")
    hints = get_type_hints(options)
    return tuple(_spec(options, field, hints[field.name], kind) for field in dataclasses.fields(options))


def _spec(options: type, field: dataclasses.Field[Any], hint: Any, kind: type[S]) -> S:
    declaration = field.metadata.get(_METADATA_KEY)
    if declaration is None:
        raise TypeError(f"{options.__qualname__}.{field.name} must be declared with option(...)")
    base, many = (str, False) if declaration.parse else _shape(hint)
    if base is None:
        raise TypeError(f"{options.__qualname__}.{field.name} has an unsupported type: {hint}")
    members = _members(hint)
    optional, dated = type(None) in members, base in (int, float) and date in members
    return kind(name=field.name, type=base, many=many, optional=optional, dated=dated, **vars(declaration))


def _shape(hint: Any) -> tuple[type | None, bool]:
    """Of a field's type: the type of one item, and whether there may be many.

    ``str | Path`` is a path; ``float | str | date`` is a number; ``str | Sequence[str]`` are many texts; None stands
    for a type that no option has.
    """
    members = _members(hint) - {type(None)}
    sequences = [member for member in members if get_origin(member) in (tuple, Sequence)]
    for sequence in sequences:
        item, *rest = get_args(sequence)
        if get_origin(sequence) is tuple and rest != [Ellipsis]:
            return None, True
        members = (members - {sequence}) | _members(item)
    if members == {str, Path}:
        members = {Path}
    if members in ({float, str, date}, {int, str, date}):
        members -= {str, date}
    base = members.pop() if len(members) == 1 else None
    return base if base in _SCALARS else None, bool(sequences)


def _members(hint: Any) -> set[Any]:
    return set(get_args(hint)) if get_origin(hint) in (Union, types.UnionType) else {hint}
