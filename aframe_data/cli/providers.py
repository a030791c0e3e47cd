"""Commands whose options depend on the providers that the user chose.

``fetch --source nds2`` has the options of nds2: this module looks for the choice before the line is parsed,
adds the options that the chosen providers declare, and hands their values to the command in one mapping for
each kind of provider.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import rich_click as click

from aframe_data.cli.config import Config, read_config
from aframe_data.cli.parameters import COMMON_PANEL, Items, joined
from aframe_data.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from aframe_data.plugin.options import OptionSpec
    from aframe_data.registry.names import Registered

AUTO = "auto"
_META = "aframe_data.provider_options"


class Selector(NamedTuple):
    """An option of a command that chooses providers.

    Attributes
    ----------
    option
        The option, without dashes: ``source``.
    kind
        Of the providers: a key of `aframe_data.registry.discovery.KINDS`.
    argument
        The keyword argument of the command that gets the values of the chosen providers' options.
    automatic
        Whether the option may be left out, or say ``auto``.
    wanted
        Options whose values are flags or channels: ``auto`` means the providers that accept one of them.
    more_wanted
        Options with which nobody knows yet what else is wanted.
    """

    option: str
    kind: str
    argument: str
    automatic: bool = True
    wanted: tuple[str, ...] = ()
    more_wanted: tuple[str, ...] = ()


class ProviderOption(NamedTuple):
    """One option of a chosen provider, as a parameter of the command."""

    selector: Selector
    entry: Registered
    spec: OptionSpec
    parameter: click.RichOption


class ProviderCommand(click.RichCommand):
    """A command with `Selector` options, and with a configuration file."""

    def __init__(self, *arguments: Any, selectors: Sequence[Selector] = (), **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.selectors = tuple(selectors)

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the command's own parameters and those of the chosen providers."""
        added: list[ProviderOption] = ctx.meta.get(_META, [])
        own = super().get_params(ctx)
        return [*own[:-1], *(option.parameter for option in added), *own[-1:]]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Find the chosen providers, read the configuration, and parse with all options that there are."""
        config = self._read_config(ctx, args)
        entries = [(selector, entry) for selector in self.selectors for entry in self._chosen(selector, args, config)]
        ctx.meta[_META] = list(_provider_options(entries, taken=_flags(super().get_params(ctx))))
        titles = dict.fromkeys(option.parameter.panel for option in ctx.meta[_META])
        self.panels = [click.RichOptionPanel(title) for title in ("Options", *titles, COMMON_PANEL)]
        ctx.default_map = self._defaults(ctx, config)
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            self._explain(error.option_name.lstrip("-").replace("_", "-"), [entry for _, entry in entries])
            raise

    def invoke(self, ctx: click.Context) -> Any:
        """Collect the values of the providers' options, and run."""
        values: dict[str, dict[str, Any]] = {selector.argument: {} for selector in self.selectors}
        for option in ctx.meta.get(_META, []):
            value = ctx.params.pop(option.parameter.name)
            if value is not None and value != ():
                values[option.selector.argument][option.spec.qualified_flag(option.entry.provider.name)] = value
        ctx.params.update(values)
        return super().invoke(ctx)

    def _read_config(self, ctx: click.Context, args: Sequence[str]) -> Config:
        paths = _values_of("config", args)
        if not paths:
            return Config()
        root = ctx.find_root().command
        commands = root.list_commands(ctx) if isinstance(root, click.Group) else []
        return read_config(Path(paths[-1]), self.name or "", commands)

    def _chosen(self, selector: Selector, args: Sequence[str], config: Config) -> Sequence[Registered]:
        from aframe_data.registry.candidates import accepts
        from aframe_data.registry.names import match, registered

        names = _given(selector.option, args, config) or [AUTO]
        if names == [AUTO]:
            able = [entry for entry in registered(selector.kind) if selector.automatic and entry.provider.automatic]
            if any(_given(option, args, config) for option in selector.more_wanted):
                return able
            wanted = [item for option in selector.wanted for item in _given(option, args, config)]
            # Of what nobody accepts the library tells more, and then all options may as well be known.
            return [entry for entry in able if any(accepts(entry, item) for item in wanted)] or able
        found = [match(selector.kind, name)[0] for name in names]
        return list({entry.key: entry for entry in found}.values())

    def _defaults(self, ctx: click.Context, config: Config) -> dict[str, Any]:
        """The configuration by the names of the parameters."""
        by_flag = {
            flag: parameter for parameter in self.get_params(ctx) for flag in _flags([parameter]) if parameter.name
        }
        defaults = {}
        for name, value in config.values.items():
            parameter = by_flag.get(name)
            if parameter is None and name in config.shared and self._is_of_another_command(ctx, name):
                continue
            if parameter is None or parameter.name is None:
                self._explain(name, [option.entry for option in ctx.meta[_META]])
                raise UsageError(
                    f"{name!r} in the configuration is no option of {self.name}.{did_you_mean(name, by_flag)}"
                )
            takes_many = parameter.nargs == -1 or (isinstance(parameter, click.Option) and parameter.multiple)
            if isinstance(value, list) and not takes_many:
                raise UsageError(f"{name!r} in the configuration is a list; it takes one value.")
            many = takes_many and isinstance(value, str)
            defaults[parameter.name] = [value] if many else value
        return defaults

    def _is_of_another_command(self, ctx: click.Context, name: str) -> bool:
        root = ctx.find_root().command
        if not isinstance(root, click.Group):
            return False
        others = (root.resolve_command(ctx, [other])[1] for other in root.list_commands(ctx) if other != self.name)
        return any(name in _flags(other.params) for other in others if other is not None)

    def _explain(self, name: str, entries: Sequence[Registered]) -> None:
        """Raise a better error than "no such option" where the option is some provider's."""
        from aframe_data.registry.discovery import KINDS
        from aframe_data.registry.names import registered
        from aframe_data.registry.ownership import owner_of

        known = {
            flag
            for kind in KINDS
            for entry in registered(kind)
            for spec in entry.provider.option_specs
            for flag in _spellings(entry, spec)
        }
        if self.selectors and name in known:
            owner_of(entries, name)


def _provider_options(entries: Sequence[tuple[Selector, Registered]], taken: set[str]) -> Iterator[ProviderOption]:
    """The parameters for the options of the chosen providers; a bare name only where it is unambiguous."""
    bare = [flag for _, entry in entries for spec in entry.provider.option_specs for flag in spec.spellings]
    for number, (selector, entry) in enumerate(entries):
        hidden = getattr(entry.provider, "pattern_option", None)
        for spec in entry.provider.option_specs:
            if spec.name == hidden:
                continue
            prefixed, *others = _spellings(entry, spec)
            flags = [prefixed, *(flag for flag in others if bare.count(flag) == 1 and flag not in taken)]
            parameter = _parameter(f"provider_{number}_{spec.name}", flags, entry, spec)
            yield ProviderOption(selector, entry, spec, parameter)


def _spellings(entry: Registered, spec: OptionSpec) -> list[str]:
    """The flag that only this option has, and then those that others may have too."""
    qualified = spec.qualified_flag(entry.provider.name)
    return [qualified, *(flag for flag in spec.spellings if flag != qualified)]


def _parameter(name: str, flags: Sequence[str], entry: Registered, spec: OptionSpec) -> click.RichOption:
    notes = []
    if spec.required:
        notes.append("required")
    elif spec.default not in (None, (), ""):
        default = ",".join(map(str, spec.default)) if isinstance(spec.default, tuple) else str(spec.default)
        notes.append(f"default: {default}")
    if spec.describe_range():
        notes.append(spec.describe_range())
    if spec.env:
        notes.append(f"environment: {spec.env}")
    settings: dict[str, Any] = {
        "help": spec.help + (f" ({'; '.join(notes)})" if notes else ""),
        "panel": f"Options of {entry.key}",
        "default": None,
    }
    if spec.type is bool:
        return click.RichOption([name, *(f"--{flag}/--no-{flag}" for flag in flags)], **settings)
    if spec.many:
        settings.update(type=Items(), multiple=True, callback=joined, default=())
        return click.RichOption([name, *(f"--{flag}" for flag in flags)], **settings)
    return click.RichOption(
        [name, *(f"--{flag}" for flag in flags)], type=_SpecType(spec, entry.provider.name), **settings
    )


class _SpecType(click.ParamType):  # type: ignore[type-arg]  # generic since click 8.4 only
    """The type of a provider's option: `aframe_data.plugin.options` converts and checks it."""

    def __init__(self, spec: OptionSpec, owner: str) -> None:
        self.spec, self.owner = spec, owner
        names = {str: "text", int: "integer", float: "float", Path: "path"}
        self.name = names.get(spec.type, spec.type.__name__)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ARG002
        """Convert one value."""
        from aframe_data.plugin.options import convert, subject_of  # the root help does without

        return convert(self.spec, value, subject_of(self.spec, self.owner))


def _flags(parameters: Sequence[click.Parameter]) -> set[str]:
    return {
        flag.lstrip("-")
        for parameter in parameters
        for flag in (*parameter.opts, *parameter.secondary_opts)
        if flag.startswith("--") or isinstance(parameter, click.Argument)
    }


def _given(option: str, args: Sequence[str], config: Config) -> list[str]:
    """The items of a list that the line or, where it is silent, the configuration gives."""
    given: Any = _values_of(option, args) or config.values.get(option, ())
    return [item for value in ([given] if isinstance(given, str) else given) for item in Items()(value)]


def _values_of(option: str, args: Sequence[str]) -> list[str]:
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
