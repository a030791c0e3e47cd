"""Requests: what a command is asked for, as one frozen record that is checked when it is made.

A request is to the core what a provider's record is to a plugin: light, with its options declared once, and the code
behind it named by a dotted path. Its fields are the flags of the command, the keys of a configuration, the keywords
of the Python function and the arguments in the provenance.
"""

from __future__ import annotations

import dataclasses
import inspect
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, ParamSpec, TypeVar, cast, dataclass_transform

from aframe_data.plugin.code import loaded
from aframe_data.plugin.values import convert
from aframe_data.requests.declaration import fields_of, option, output
from aframe_data.store.identity import plain
from aframe_data.work.plan import Asked, Plan, Report

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Report_co = TypeVar("Report_co", bound=Report, covariant=True)
P = ParamSpec("P")
C = TypeVar("C", bound=type)


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(option, output))
def request(cls: C) -> C:
    """Make a class a record of options: a frozen dataclass whose fields are keywords."""
    return cast("C", dataclasses.dataclass(frozen=True, kw_only=True)(cls))


@request
class Request(Asked[Report_co]):
    """What one command is asked for.

    Attributes
    ----------
    command
        The command's name.
    plan
        What makes a plan of the request: ``"package.module:function"``, or the plan's class where that is all.
    picture
        The function that draws what was made, ``function(request, report, path)``, or an empty string.
    printer
        The module of `aframe_data.cli` that prints the report, where its name is not the command's.
    example
        Arguments for the end of the help page.
    makes
        Whether it makes something, so that what would be done can be said before.
    streams
        Whether it tells of what is done while it is at work.
    configurable
        Whether a configuration file may say its options.
    """

    command: ClassVar[str]
    plan: ClassVar[str]
    picture: ClassVar[str] = ""
    printer: ClassVar[str] = ""
    example: ClassVar[str] = ""
    makes: ClassVar[bool] = True
    streams: ClassVar[bool] = False
    configurable: ClassVar[bool] = True

    def __post_init__(self) -> None:
        for field in fields_of(type(self)):
            value = getattr(self, field.name)
            if value is not field.default:
                object.__setattr__(self, field.name, convert(field, value, partial(_said, field.name)))
        self.check()

    def check(self) -> None:
        """Refuse values that do not go together; what can be told without looking anywhere."""

    def planned(self) -> Plan[Report_co]:
        """Make the plan: cheap, and reads nothing that a plan made before it may still have to make."""
        return cast("Plan[Report_co]", loaded(self.plan)(self))

    def drawer(self) -> Callable[[Any, Any, Path], None]:
        """The function that draws what was made."""
        return cast("Callable[[Any, Any, Path], None]", loaded(self.picture))

    @property
    def arguments(self) -> dict[str, Any]:
        """What the provenance keeps: all values on which the data depends, as JSON has them."""
        return {
            field.name: plain(getattr(self, field.name))
            for field in fields_of(type(self))
            if field.affects_data and not field.hidden
        }


def _said(name: str, value: Any) -> str:
    """How errors call a field and its value: numbers as they are, whether Python or a command line gives them."""
    try:
        return f"{name} = {float(value):.15g}"
    except (TypeError, ValueError, OverflowError):
        return f"{name} = {value!r}"


def function_of(cls: Callable[P, Request[Report_co]]) -> Callable[P, Report_co]:
    """The Python function of a command: its keywords are the fields of the request, its docstring is made of them."""
    from aframe_data.work.carry_out import do

    def call(*args: P.args, **kwargs: P.kwargs) -> Report_co:
        return do(cls(*args, **kwargs))

    asked = cast("type[Request[Any]]", cls)
    call.__doc__ = documentation(asked)
    call.__signature__ = inspect.signature(asked)  # type: ignore[attr-defined]
    call.request = asked  # type: ignore[attr-defined]
    return call


def documentation(asked: type[Request[Any]]) -> str:
    """The docstring of a command's function: that of the request, and its fields as parameters."""
    lines = [inspect.cleandoc(asked.__doc__ or ""), "", "Parameters", "----------"]
    for field in fields_of(asked):
        more = [field.describe_range()] if field.describe_range() else []
        if not field.required and field.default not in (None, (), False):
            more.append(f"default: {field.default}")
        elif field.otherwise:
            more.append(f"default: {field.otherwise}")
        lines += [field.name, f"    {field.help}" + (f" ({'; '.join(more)})" if more else "")]
    return "\n".join(lines)
