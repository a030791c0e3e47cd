"""Write docs/reference.md: what each command can be asked for, from the same records as the command line itself.

    python docs/reference.py

A test says when the page is out of date.
"""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aframe_data.cli.commands import RequestCommand
from aframe_data.requests import COMMANDS, request_of
from aframe_data.requests.declaration import shown_fields
from aframe_data.requests.functions import function_names
from aframe_data.requests.priors import Reweight, ShowPrior

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aframe_data.requests.declaration import Field
    from aframe_data.requests.request import Request

PAGE = Path(__file__).with_name("reference.md")

_HEAD = """# Reference of the commands

This page lists the options of each command. Each of them is a flag of the command line, a key of a [configuration
file](configuration.md) and a keyword of the Python function, with dashes or underscores in its name.

| also available | in |
| --- | --- |
| `--json`, `--log-file FILE`, `--debug` | every command, also those that are not on this page |
| `--quiet` | every command on this page |
| `--config FILE` | every command except `init`, `build` and `priors` |
| `--dry-run` | every command that makes data or pages |
| options of providers | commands that use them; `aframe-data plugins info NAME` shows them |

If an option has several names, the help page shows the first. This page is written by `python docs/reference.py`.
"""


def page() -> str:
    """The text of the page."""
    requests = [*map(request_of, COMMANDS), ShowPrior, Reweight]
    return "\n".join([_HEAD, *(line for request in requests for line in _section(request))])


def _section(request: type[Request[Any]]) -> Iterator[str]:
    command = request.command
    yield f"## {command}"
    yield ""
    yield inspect.cleandoc(request.__doc__ or "")
    yield ""
    yield f"In Python: `aframe_data.{function_names()[command]}`."
    yield ""
    yield "```text"
    yield f"aframe-data {command} {request.example}"
    yield "```"
    yield ""
    yield "| option | value | default | meaning |"
    yield "| --- | --- | --- | --- |"
    for field in shown_fields(request):
        yield f"| {_names(field)} | {_value(field)} | {_default(field)} | {field.help} |"
    for flag, text in getattr(RequestCommand(request).printer, "FLAGS", {}).values():
        yield f"| `{flag}` | a flag of the command line only |  | {text} |"
    yield ""


def _names(field: Field) -> str:
    if not field.kw_only:
        return f"`{field.name.upper()}`"
    flags = [f"-{field.short}"] if field.short else []
    if not (field.switch_off and field.default):
        flags += [f"--{name}" for name in field.spellings]
    if field.switch_off:
        flags.append(f"--{field.switch_off.replace('_', '-')}")
    return ", ".join(f"`{flag}`" for flag in flags)


def _value(field: Field) -> str:
    if field.metavar:
        what = field.metavar
    elif field.type is bool:
        return "a flag"
    else:
        what = {"str": "text", "int": "whole number", "float": "number", "Path": "path"}[field.type.__name__]
    words = field.describe_range()
    listed = f"list of {what}" if field.many else what
    return (f"{listed}, {words}" if words else listed).replace("|", "\\|")


def _default(field: Field) -> str:
    if field.required:
        return "required"
    if field.otherwise:
        return field.otherwise
    default = field.default
    if default in (None, (), False) or field.type is bool:
        return ""
    if isinstance(default, tuple):
        return ",".join(map(str, default))
    return f"{default:g}" if isinstance(default, float) else str(default)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
