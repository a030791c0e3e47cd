"""Commands, made of requests: parsed, with a configuration file and the options of providers, and carried out."""

from __future__ import annotations

import inspect
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import rich_click as click

from aframe_data.cli.pages import Command, shown_name
from aframe_data.cli.parameters import flags_of, parameter_of, plain_flag, running_options, with_values
from aframe_data.cli.providers import argument_of, given, parameters_of, take_values, words_of
from aframe_data.configuration.chosen import chosen_providers, explain
from aframe_data.configuration.file import Settings, settings_of
from aframe_data.configuration.meaning import Vocabulary
from aframe_data.errors import AframeDataError, UsageError
from aframe_data.places import local_place
from aframe_data.requests import COMMANDS, request_of
from aframe_data.requests.declaration import Field, shown_fields, tabled_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aframe_data.configuration.chosen import ProviderOption
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
        self.printer = printer_of(request)
        self.fields = {field.name: field for field in shown_fields(request)}
        params = [parameter_of(field) for field in self.fields.values()]
        flags: dict[str, tuple[str, str]] = getattr(self.printer, "FLAGS", {})
        params += [plain_flag(name, flag, text, "Options") for name, (flag, text) in flags.items()]
        params += running_options(dry_run=request.makes, config=request.configurable)
        super().__init__(
            name=request.command,
            params=params,
            help=inspect.cleandoc(request.__doc__ or ""),
            epilog=f"aframe-data {request.command} {request.example}" if request.example else None,
        )

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the command's own parameters and those of the chosen providers."""
        added: list[tuple[click.Parameter, ProviderOption]] = ctx.meta.get(_META, [])
        own = super().get_params(ctx)
        return [*own[:-1], *(parameter for parameter, _ in added), *own[-1:]]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Find the chosen providers, read the configuration, and parse with all options that there are."""
        try:
            settings, chosen = self._chosen(args)
        except AframeDataError:
            if not ctx.resilient_parsing:  # else a shell completes a line that is not finished
                raise
            settings, chosen = Settings(), []
        vocabulary = Vocabulary(self.request.command, self.fields.values(), chosen, self._running())
        ctx.meta[_META] = parameters_of(vocabulary.options)
        if not ctx.resilient_parsing:
            ctx.default_map = self._defaults(ctx, settings, vocabulary)
        words = with_values(args, self.get_params(ctx))
        ctx.allow_extra_args = True  # to refuse them in other words
        try:
            left = super().parse_args(ctx, [*words])
        except click.NoSuchOption as error:
            if any(field.chooses for field in self.fields.values()):
                explain(error.option_name.lstrip("-").replace("_", "-"), [entry for _, entry in chosen])
            raise
        except click.MissingParameter as error:
            # click reads what the line has before it looks for what it lacks, and names the first of that only.
            lacking = [parameter for parameter in self.get_params(ctx) if _is_missing(parameter, ctx)]
            if len(lacking) < 2:
                raise
            kind = "options" if all(isinstance(parameter, click.Option) for parameter in lacking) else "arguments"
            lacking.sort(key=lambda parameter: isinstance(parameter, click.Option))
            names = ", ".join(map(shown_name, lacking))
            raise click.UsageError(f"Missing {kind}: {names}.", ctx) from error
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

    def _chosen(self, args: Sequence[str]) -> tuple[Settings, list[tuple[Chooses, Registered]]]:
        """The configuration, and the providers that the line and it choose."""
        paths = words_of("config", args) if self.request.configurable else ()
        settings = Settings()
        if paths:
            tabled = tabled_names(self.fields.values())
            settings = settings_of(local_place(paths[-1]), self.name or "", COMMANDS, tabled)

        def found(name: str) -> list[str]:
            if self.fields[name].kw_only:
                return given(name, args, settings)
            return argument_of(args, flags_of(super(RequestCommand, self).get_params(click.Context(self))))

        return settings, chosen_providers(self.fields.values(), found)

    def _defaults(self, ctx: click.Context, settings: Settings, vocabulary: Vocabulary) -> dict[str, Any]:
        """The configuration by the names of the parameters, its values converted."""
        by_option = {option: str(parameter.name) for parameter, option in ctx.meta[_META]}
        defaults = {
            what.name if isinstance(what, Field) else by_option[what]: value
            for what, value in vocabulary.values(settings)
        }
        for name, parameter in self._running().items():
            if name in settings.values and parameter.name is not None:
                value = settings.values[name].value
                # There is no declaration to convert it by.
                plain_yes = isinstance(parameter, click.Option) and parameter.is_flag
                defaults[parameter.name] = bool(value) and value != "false" if plain_yes else value
        return defaults

    def _running(self) -> dict[str, click.Parameter]:
        """The options that belong to no field, by their names."""
        flags = flags_of(super().get_params(click.Context(self)))
        return {name: parameter for name, parameter in flags.items() if parameter.name not in self.fields}


def _is_missing(parameter: click.Parameter, ctx: click.Context) -> bool:
    """Whether a parameter is needed and neither the line nor the configuration has it."""
    given = ctx.params.get(str(parameter.name)) or (ctx.default_map or {}).get(str(parameter.name))
    return parameter.required and given in (None, ())


def printer_of(request: type[Request[Any]]) -> Any:
    """The module that shows what a command did; None for a command that has no more to say than JSON."""
    name = f"aframe_data.cli.{(request.printer or request.command).replace('-', '_')}"
    return import_module(name) if find_spec(name) else None


def command_of(name: str) -> RequestCommand:
    """The command of that name."""
    return RequestCommand(request_of(name))
