"""Commands, made of requests: parsed, with a configuration file and the options of providers, and carried out."""

from __future__ import annotations

import inspect
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from aframe_data.cli.config import Config, read_config
from aframe_data.cli.pages import Command
from aframe_data.cli.parameters import Flag, flags_of, parameter_of, plain_flag, running_options, with_values
from aframe_data.cli.providers import (
    ProviderOption,
    chosen_providers,
    explain,
    is_qualified,
    provider_options,
    require_tables,
    take_values,
    words_of,
)
from aframe_data.errors import AframeDataError, UsageError, did_you_mean
from aframe_data.plugin.values import convert, is_nothing
from aframe_data.requests import COMMANDS, request_of
from aframe_data.requests.declaration import shown_fields

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aframe_data.plugin.values import Subject
    from aframe_data.registry.names import Registered
    from aframe_data.requests.declaration import Chooses
    from aframe_data.requests.request import Request

_META = "aframe_data.provider_options"


class RequestCommand(Command):
    """The command of a request.

    Parameters
    ----------
    request
        Its fields are the options.
    """

    def __init__(self, request: type[Request[Any]]) -> None:
        self.request = request
        self.printer = _printer(request.command)
        self.fields = {field.name: field for field in shown_fields(request)}
        params = [parameter_of(field) for field in self.fields.values()]
        flags: dict[str, tuple[str, str]] = getattr(self.printer, "FLAGS", {})
        params += [plain_flag(name, flag, text, "Options") for name, (flag, text) in flags.items()]
        params += running_options(dry_run=request.makes)
        super().__init__(
            name=request.command,
            params=params,
            help=inspect.cleandoc(request.__doc__ or ""),
            epilog=f"aframe-data {request.command} {request.example}" if request.example else None,
        )

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the command's own parameters and those of the chosen providers."""
        added: list[ProviderOption] = ctx.meta.get(_META, [])
        own = super().get_params(ctx)
        return [*own[:-1], *(option.parameter for option in added), *own[-1:]]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Find the chosen providers, read the configuration, and parse with all options that there are."""
        try:
            config, entries = self._chosen(args)
        except AframeDataError:
            if not ctx.resilient_parsing:  # else a shell completes a line that is not finished
                raise
            config, entries = Config(), []
        ctx.meta[_META] = list(provider_options(entries, taken=set(flags_of(super().get_params(ctx)))))
        chosen = [entry for _, entry in entries]
        if not ctx.resilient_parsing:
            ctx.default_map = self._defaults(ctx, config, chosen)
        words = with_values(args, self.get_params(ctx))
        ctx.allow_extra_args = True  # to refuse them in other words
        try:
            left = super().parse_args(ctx, [*words])
        except click.NoSuchOption as error:
            if any(field.chooses for field in self.fields.values()):
                explain(error.option_name.lstrip("-").replace("_", "-"), chosen)
            raise
        if ctx.args and not ctx.resilient_parsing:
            raise UsageError(f"unexpected argument {ctx.args[0]!r}.{self._comma(ctx, words)}")
        return left

    def invoke(self, ctx: click.Context) -> Any:
        """Make the request, and meet it."""
        from aframe_data.cli.report import configure_logging
        from aframe_data.cli.running import run

        values = dict(ctx.params)
        configure_logging(values.pop("log_file"), debug=values.pop("debug"))
        dry_run, as_json, quiet = values.pop("dry_run", False), values.pop("as_json"), values.pop("quiet")
        for_providers = take_values(ctx.meta.get(_META, []), values)
        shown = {name: values.pop(name) for name in getattr(self.printer, "FLAGS", {})}
        given = {name: value for name, value in values.items() if value not in (None, ())}
        request = self.request(**given, **for_providers)
        return run(request, self.printer, dry_run=dry_run, as_json=as_json, quiet=quiet, shown=shown)

    def _comma(self, ctx: click.Context, words: Sequence[str]) -> str:
        """What may be missing before an argument too many: the items of a list have commas between them."""
        before = words[: words.index(ctx.args[0])]
        flag, _, value = next((word for word in reversed(before) if word.startswith("-")), "").partition("=")
        parameter = flags_of(self.get_params(ctx)).get(flag.lstrip("-").replace("_", "-"))
        if not isinstance(parameter, click.Option) or not parameter.multiple:
            return ""
        items = ",".join(item.strip(",") for item in (value or before[-1], *ctx.args))
        return f" The items of a list have commas between them and no blanks: {flag} {items}"

    def _chosen(self, args: Sequence[str]) -> tuple[Config, list[tuple[Chooses, Registered]]]:
        """The configuration, and the providers that the line and it choose."""
        paths = words_of("config", args)
        config = read_config(Path(paths[-1]), self.name or "", list(COMMANDS)) if paths else Config()
        return config, [
            (chooses, entry)
            for name, field in self.fields.items()
            if (chooses := field.chooses) is not None
            for entry in chosen_providers(name, chooses, args, config)
        ]

    def _defaults(self, ctx: click.Context, config: Config, chosen: Sequence[Registered]) -> dict[str, Any]:
        """The configuration by the names of the parameters, its values converted: errors name the file and the key."""
        require_tables(config)
        every = flags_of(self.get_params(ctx))
        # What stands at the top is a provider's only where its name is before it, or it is in the provider's table.
        at_top = flags_of(super().get_params(ctx)) | _qualified(ctx.meta[_META])
        specs = {str(option.parameter.name): option.spec for option in ctx.meta[_META]} | self.fields
        defaults = {}
        for name, value in config.values.items():
            by_flag = at_top if name in config.shared else every
            parameter = by_flag.get(name)
            if parameter is None and name in config.shared and self._is_of_others(name):
                continue
            if parameter is None or parameter.name is None:
                if name in every:
                    raise UsageError(_whose(config.path, name, ctx.meta[_META]))
                explain(name, chosen)
                raise UsageError(
                    f"{config.path}: {name!r} is not an option of {self.name}.{did_you_mean(name, by_flag)}"
                )
            takes_many = parameter.nargs == -1 or (isinstance(parameter, click.Option) and parameter.multiple)
            if isinstance(value, list) and not takes_many:
                raise UsageError(f"{config.path}: {name!r} is a list; it takes one value.")
            spec = specs.get(parameter.name)
            if is_nothing(value) and (spec is None or spec.required):
                continue  # the line may say it
            if spec is not None:
                value = convert(spec, value, _said_in(config.path, name))  # noqa: PLW2901 - the same, converted
            if isinstance(parameter, Flag) and not parameter.meaning(f"--{name}"):
                value = not value  # noqa: PLW2901 - the same, as the parameter has it
            if isinstance(parameter, click.Option) and parameter.is_flag:
                value = bool(value) and value != "false"  # noqa: PLW2901
            defaults[parameter.name] = value
        return defaults

    def _is_of_others(self, name: str) -> bool:
        """Whether another command has the option, or a provider that is not chosen here has it in its table."""
        others = (request_of(command) for command in COMMANDS if command != self.name)
        return is_qualified(name) or any(name in field.spellings for other in others for field in shown_fields(other))


def _qualified(options: Sequence[ProviderOption]) -> dict[str, click.Parameter]:
    """The options of providers, by the names that have the provider's before them."""
    flags = {option.spec.qualified_flag(option.entry.provider.name): option.parameter for option in options}
    return {**flags, **{f"no-{flag}": parameter for flag, parameter in flags.items() if isinstance(parameter, Flag)}}


def _whose(path: Path | None, name: str, options: Sequence[ProviderOption]) -> str:
    """Why a name at the top is not taken, and how to write it."""
    (option,) = (option for option in options if name in flags_of([option.parameter]))
    provider = option.entry.provider
    return (
        f"{path}: {name!r} at the top is not an option of a provider: write "
        f"{option.spec.qualified_flag(provider.name)!r}, or put it into a table [{provider.name}]."
    )


def _said_in(path: Path | None, key: str) -> Subject:
    """How errors call a value of a configuration."""
    return lambda value: f"{path}: {key} = {value!r}"


def _printer(command: str) -> Any:
    """The module that shows what the command did, or None for a command that prints JSON only."""
    name = f"aframe_data.cli.{command.replace('-', '_')}"
    return import_module(name) if find_spec(name) else None


def command_of(name: str) -> RequestCommand:
    """The command of that name."""
    return RequestCommand(request_of(name))
