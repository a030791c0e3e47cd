"""``aframe-data plugins info``: all that is known of a plugin or a provider."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import rich_click as click

from aframe_data.cli.report import print_json, print_line, print_table
from aframe_data.cli.written import WrittenCommand
from aframe_data.errors import AframeDataError, UsageError, unknown_name
from aframe_data.plugin.options import shown
from aframe_data.plugin.records import SourceKindProvider, WaveformGeneratorProvider
from aframe_data.registry.discovery import discover
from aframe_data.registry.names import everything_registered, unusable_plugins

if TYPE_CHECKING:
    from aframe_data.plugin.options import OptionSpec
    from aframe_data.registry.names import Registered


def completed_names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:  # noqa: ARG001 - as click calls it
    """The plugins and providers that a shell completes."""
    names = {entry.key for entry in everything_registered()} | {plugin.name for plugin in discover()}
    return sorted(name for name in names if name.startswith(incomplete))


@click.command("info", cls=WrittenCommand, epilog="aframe-data plugins info gwosc")
@click.argument("name", metavar="NAME", shell_complete=completed_names, help="A plugin or a provider. (required)")
def info(name: str, *, as_json: bool) -> None:
    """Show details of a plugin or a provider: what it accepts, its options and where it comes from.

    Of a source kind, the parameters of its signals too; of a waveform generator, the source kind that it makes.
    """
    entries = entries_named(name)
    if as_json:
        print_json([_details(entry) for entry in entries])
        return
    for entry in entries:
        details = _details(entry)
        options = details.pop("options")
        rows = [(key, _text(value)) for key, value in details.items() if value not in ("", [])]
        print_table((f"{entry.provider.title} {entry.key}", ""), rows)
        if options:
            table = [(option["flag"], option["type"], option["default"], option["help"]) for option in options]
            print_table(("option", "type", "default", "meaning"), table)
        print_line("")


def entries_named(name: str) -> list[Registered]:
    """The providers of that name, and those of plugins of that name."""
    everything = everything_registered()
    found = [entry for entry in everything if name in (entry.key, entry.provider.name, *entry.provider.aliases)]
    found += [
        entry for entry in everything if name in (entry.plugin.name, entry.plugin.qualified_name) and entry not in found
    ]
    if not found:
        for plugin in discover():
            if name in (plugin.name, plugin.qualified_name):
                raise AframeDataError(f"plugin {name!r} of {plugin.distribution} cannot be used: {plugin.reason}")
        known = {entry.key for entry in everything} | {plugin.name for plugin in discover()}
        raise UsageError(f"{unknown_name('plugin or provider', name, sorted(known))}{unusable_plugins()}")
    return found


def _details(entry: Registered) -> dict[str, Any]:
    provider = entry.provider
    fields = {field.name: getattr(provider, field.name) for field in dataclasses.fields(provider)}
    return {
        "status": entry.status,
        "plugin": entry.plugin.qualified_name,
        "version": entry.plugin.version,
        "module": entry.plugin.module,
        **{
            key: [*value] if isinstance(value, tuple) else value
            for key, value in fields.items()
            if key not in {"name", "options", "requires", "install", "signals"} and value not in (None, ())
        },
        **_of_sources(entry),
        **({"needs": f"{', '.join(entry.missing)}: {provider.install}"} if entry.missing else {}),
        "options": [
            {
                "flag": f"--{spec.qualified_flag(provider.name)}",
                "type": f"{spec.type.__name__}{', several' if spec.many else ''}",
                "default": "required"
                if spec.required
                else spec.otherwise or ("-" if spec.default in (None, (), "") else shown(spec.default)),
                "help": spec.help + _notes(spec),
                "aliases": list(spec.aliases),
            }
            for spec in provider.option_specs
        ],
    }


def _of_sources(entry: Registered) -> dict[str, Any]:
    """What a kind of sources says of its signals, and which kind a waveform generator makes."""
    if not isinstance(entry.provider, (SourceKindProvider, WaveformGeneratorProvider)):
        return {}
    from aframe_data.registry.choice import Choice
    from aframe_data.registry.sources import facts_of_kind, kind_choice

    choice = Choice(entry.provider.kind, entry.key)
    try:
        if isinstance(entry.provider, SourceKindProvider):
            return facts_of_kind(choice)
        return {"source_kind": kind_choice(choice).key}
    except AframeDataError as error:
        return {"fault": str(error)}


def _text(value: Any) -> str:
    """What a person reads of one detail."""
    if isinstance(value, dict):
        return ", ".join(f"{name} = {_text(each)}" for name, each in value.items())
    if isinstance(value, list):
        items = [*map(_text, value)]
        return ("; " if any("," in item for item in items) else ", ").join(items)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _notes(spec: OptionSpec) -> str:
    """What else is to know of an option, in brackets behind its help."""
    notes = [spec.describe_range(), f"environment: {spec.env}" if spec.env else ""]
    text = "; ".join(note for note in notes if note)
    return f" ({text})" if text else ""
