"""The parameters of a command: made of the fields of its request, and of the options of providers.

click only takes the words of the line apart; `aframe_data.plugin.values.convert` makes values of them, here as in
Python and in configuration files.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from aframe_data.cli.pages import ARGUMENTS, Option
from aframe_data.places import local_place, no_stream
from aframe_data.plugin.code import Code
from aframe_data.requests import RUNNING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from click.shell_completion import CompletionItem

    from aframe_data.plugin.options import OptionSpec
    from aframe_data.requests.declaration import Field

#: The words that may stand behind a flag, and their contraries.
_TRUTH = {"true": "false", "false": "true"}

_WORDS = {str: "TEXT", int: "INTEGER", float: "FLOAT", Path: "PATH", bool: "BOOLEAN", Code: "FUNCTION"}


class Words(click.ParamType):  # type: ignore[type-arg]  # generic since click 8.4 only
    """Words as they stand on the line.

    Parameters
    ----------
    name
        What the help page shows for them.
    spec
        The option whose they are, for completion in a shell.
    """

    def __init__(self, name: str, spec: OptionSpec | None = None) -> None:
        self.name = name
        self.spec = spec

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ARG002
        """Leave a value as it is."""
        return value

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
        """Return the values that the word may become."""
        del ctx, param
        from aframe_data.cli.offers import offered

        return [] if self.spec is None else offered(self.spec, incomplete)


class Flag(Option):
    """What is true or false: true where it stands alone, and else what ``--flag=false`` or ``--flag true`` says.

    click has options that take no value and options that may take one, and the latter swallow whatever stands behind
    them. So `with_values` gives each its value before click reads the line.

    Parameters
    ----------
    declared
        The name and the flags that say yes.
    negatives
        Flags that say no; on the help page beside the others.
    inverted
        Whether the flags of `declared` say no.
    """

    def __init__(
        self, declared: Sequence[str], *, negatives: Sequence[str] = (), inverted: bool = False, **settings: Any
    ) -> None:
        super().__init__(declared, type=Words(""), default=None, **settings)
        self.secondary_opts = [*negatives]
        self._inverted = inverted

    def meaning(self, flag: str) -> bool | None:
        """What a flag says where it stands alone; None for a flag that is not this one's."""
        if flag in self.opts:
            return not self._inverted
        return False if flag in self.secondary_opts else None

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
        """Return what may follow the flag: it needs no value, so an argument or another option."""
        arguments = [parameter for parameter in ctx.command.params if isinstance(parameter, click.Argument)]
        following = arguments[0] if arguments else ctx.command
        return following.shell_complete(ctx, incomplete)


def with_values(args: Sequence[str], parameters: Sequence[click.Parameter]) -> list[str]:
    """The words of a line, each `Flag` in them with its value: ``--no-tape`` is ``--tape=false``."""
    flags = [parameter for parameter in parameters if isinstance(parameter, Flag)]
    left, written = [*args], []
    while left and left[0] != "--":
        word = left.pop(0)
        name, equals, value = word.partition("=")
        name = name.replace("_", "-")
        found = next(((flag, means) for flag in flags if (means := flag.meaning(name)) is not None), None)
        if found is None:
            written.append(word)
            continue
        flag, means = found
        if not equals:
            value = left.pop(0) if left and left[0].lower() in _TRUTH else "true"
        written.append(f"{flag.opts[0]}={value if means else _TRUTH.get(value.lower(), value)}")
    return written + left


def parameter_of(field: Field) -> click.Parameter:
    """The flag, or the argument, of a field of a request."""
    many = field.many or field.repeated
    if not field.kw_only:
        metavar = field.metavar or field.name.upper() + ("..." if many else "")
        return click.RichArgument(
            [field.name],
            type=Words(metavar, field),
            nargs=-1 if many else 1,
            required=field.required,
            metavar=metavar,
            help=field.explained,
            panel=ARGUMENTS,
        )
    flags = [f"-{field.short}"] if field.short else []
    off = [f"--{field.switch_off.replace('_', '-')}"] if field.switch_off else []
    only_off = bool(off) and bool(field.default)
    names = off if only_off else [f"--{spelling}" for spelling in field.spellings]
    settings: dict[str, Any] = {"help": field.explained, "panel": field.group or "Options", "unshown": names[1:]}
    if field.type is bool and not field.many:
        return Flag([field.name, *flags, *names], negatives=[] if only_off else off, inverted=only_off, **settings)
    # With a default of None, click counts what is required as given.
    given = {"required": True} if field.required else {"default": None}
    words = Words(field.metavar or _metavar(field), field)
    return Option([field.name, *flags, *names], type=words, multiple=many, **given, **settings)


def provider_parameter(name: str, flags: Sequence[str], owner: str, spec: OptionSpec) -> Option:
    """The flags of a provider's option; the help page shows the first two, and how to say no with the first."""
    yes, no = [f"--{flag}" for flag in flags], [f"--no-{flag}" for flag in flags]
    settings: dict[str, Any] = {"help": spec.explained, "panel": f"Options of {owner}", "unshown": [*yes[2:], *no[1:]]}
    if spec.type is bool and not spec.many:
        return Flag([name, *yes], negatives=no, **settings)
    return Option([name, *yes], type=Words(_metavar(spec), spec), multiple=spec.many, default=None, **settings)


def _metavar(spec: OptionSpec) -> str:
    if spec.many:
        return "LIST"
    if spec.dated:
        return "TIME"
    return f"[{'|'.join(spec.choices)}]" if spec.choices else _WORDS[spec.type]


def flags_of(parameters: Sequence[click.Parameter]) -> dict[str, click.Parameter]:
    """The parameters by each of their names, without dashes in front."""
    return {
        flag.lstrip("-").replace("_", "-"): parameter
        for parameter in parameters
        for flag in (*parameter.opts, *parameter.secondary_opts)
        if flag.startswith("--") or isinstance(parameter, click.Argument)
    }


class _LocalPath(click.Path):
    """A path of this machine, and no URL of something else."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Make a path of a word."""
        if value == "-" and param is not None:
            raise no_stream(f"{param.opts[0]} -")
        return super().convert(local_place(value), param, ctx)


def running_options(*, dry_run: bool, config: bool) -> Iterator[click.RichOption]:
    """The options that every command has, beside those of its request."""
    if dry_run:
        yield plain_flag("dry_run", "--dry-run", "Show what would be done, without doing it.")
    yield json_option()
    yield quiet_option()
    if config:
        yield click.RichOption(
            ["config", "--config"],
            type=_LocalPath(path_type=Path),
            metavar="PATH",
            expose_value=False,
            is_eager=True,
            panel=RUNNING,
            help="TOML or YAML file with options. Options on the command line take precedence.",
        )
    yield from logging_options()


def json_option() -> click.RichOption:
    """``--json``."""
    return plain_flag("as_json", "--json", "Print JSON.")


def quiet_option() -> click.RichOption:
    """``--quiet``."""
    return plain_flag("quiet", "--quiet", "Print warnings and errors only.")


def logging_options() -> Iterator[click.RichOption]:
    """``--log-file`` and ``--debug``."""
    yield click.RichOption(
        ["log_file", "--log-file"],
        type=_LocalPath(path_type=Path),
        metavar="PATH",
        panel=RUNNING,
        help="Also write all messages to this file.",
    )
    yield plain_flag("debug", "--debug", "Show tracebacks and debug messages.")


def plain_flag(name: str, flag: str, help_text: str, panel: str = RUNNING) -> click.RichOption:
    """A flag that is on where it stands, and belongs to no field."""
    return click.RichOption([name, flag], is_flag=True, default=False, panel=panel, help=help_text)
