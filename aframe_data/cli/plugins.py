"""``aframe-data plugins``: what is installed, and whether it works."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import rich_click as click

from aframe_data.cli.pages import Command, Group
from aframe_data.cli.parameters import json_option, logging_options, quiet_option
from aframe_data.cli.report import configure_logging, print_json, print_line, print_table
from aframe_data.errors import AframeDataError, MissingDependencyError, UsageError, unknown_name
from aframe_data.plugin.options import shown
from aframe_data.plugin.records import SourceKindProvider, WaveformGeneratorProvider
from aframe_data.registry.discovery import BUILT_IN, KINDS, discover
from aframe_data.registry.names import everything_registered, unusable_plugins
from aframe_data.streams import printed_aside

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aframe_data.plugin.options import OptionSpec
    from aframe_data.registry.discovery import Plugin
    from aframe_data.registry.names import Registered


class _Command(Command):
    """A command that is written by hand, with ``--json`` (its `as_json`), ``--log-file`` and ``--debug``."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.params += [json_option(), *logging_options()]

    def invoke(self, ctx: click.Context) -> Any:
        """Arrange for messages, and run."""
        configure_logging(ctx.params.pop("log_file"), debug=ctx.params.pop("debug"))
        return super().invoke(ctx)


@click.group("plugins", cls=Group, epilog="aframe-data plugins info gwosc")
def command() -> None:
    """List, check and create plugins: archives, populations, models, exports."""


def _names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:  # noqa: ARG001 - as click calls it
    """The plugins and providers that a shell completes."""
    names = {entry.key for entry in everything_registered()} | {plugin.name for plugin in discover()}
    return sorted(name for name in names if name.startswith(incomplete))


@command.command("list", cls=_Command, epilog="aframe-data plugins list --kind strain")
@click.option(
    "--kind", type=click.Choice([*KINDS]), metavar=f"[{'|'.join(KINDS)}]", help="List only providers of this kind."
)
def list_(*, kind: str | None, as_json: bool) -> None:
    """List what the installed plugins provide, one line per provider, and which plugins cannot be used."""
    entries = [entry for plugin in discover() if (entry := _describe(plugin, kind))]
    if as_json:
        print_json(entries)
        return
    rows = [
        (provider["kind"], provider["name"], f"{_unfit(provider)}{provider['summary']}{_origin(entry)}")
        for entry in entries
        for provider in entry["providers"]
    ]
    rows.sort(key=lambda row: [*KINDS].index(row[0]))
    rows += [
        ("plugin", entry["plugin"], f"{entry['status']}: {'; '.join(entry['notes'])}{_origin(entry)}")
        for entry in entries
        if not entry["providers"]
    ]
    print_table(("kind", "name", "what it gives"), rows, crop=True)
    for entry in entries:
        for note in entry["notes"]:
            print_line(f"{entry['plugin']} ({entry['distribution']}): {note}")


def _unfit(what: dict[str, Any]) -> str:
    """Why a plugin or a provider is not fit for use; nothing where it is."""
    return "" if what["status"] == "ok" else f"{what['status']}: "


def _origin(entry: dict[str, Any]) -> str:
    """Where a plugin comes from, unless it is one of ours."""
    return "" if entry["distribution"] == BUILT_IN else f" ({entry['distribution']} {entry['version']})"


def _describe(plugin: Plugin, kind: str | None) -> dict[str, Any]:
    """The plugin's entry in the list; empty where it gives nothing of the kind."""
    given = [entry for entry in everything_registered() if entry.plugin == plugin]
    entries = [entry for entry in given if kind in (None, entry.provider.kind)]
    if kind is not None and not entries and plugin.status == "ok":
        return {}
    missing = [entry for entry in entries if entry.missing]
    notes = [plugin.reason, *(entry.warning for entry in entries)]
    notes += [f"{entry.key} needs {', '.join(entry.missing)}: {entry.provider.install}" for entry in missing]
    return {
        "plugin": plugin.name,
        "distribution": plugin.distribution,
        "version": plugin.version,
        "module": plugin.module,
        "status": "missing dependency" if missing else plugin.status,
        "notes": [note for note in notes if note],
        "providers": [
            {
                "kind": entry.provider.kind,
                "name": entry.key,
                "summary": entry.provider.summary,
                "status": entry.status,
            }
            for entry in entries
        ],
    }


@command.command("info", cls=_Command, epilog="aframe-data plugins info gwosc")
@click.argument("name", metavar="NAME", shell_complete=_names, help="A plugin or a provider. (required)")
def info(name: str, *, as_json: bool) -> None:
    """Show details of a plugin or a provider: what it accepts, its options and where it comes from.

    Of a source kind, the parameters of its signals too; of a waveform generator, the source kind that it makes.
    """
    entries = _entries_named(name)
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


def _entries_named(name: str) -> list[Registered]:
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


#: What `plugins new` can begin; a test holds it to what the template has.
_NEW_KINDS = ("prior", "segment-source", "strain-fetcher", "waveform-generator")


@command.command(
    "new", cls=_Command, params=[quiet_option()], epilog="aframe-data plugins new my-bbh --kind prior -o my-bbh"
)
@click.argument("name", metavar="NAME", help="Name of the package and of its providers. (required)")
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice(_NEW_KINDS),
    metavar=f"[{'|'.join(_NEW_KINDS)}]",
    help="What the plugin provides; may be repeated. (required)",
)
@click.option("-o", "--output", metavar="FOLDER", help="Folder to write. (default: NAME in the current folder)")
def new(name: str, *, kinds: tuple[str, ...], output: str | None, quiet: bool, as_json: bool) -> None:
    """Write a small, complete plugin that works as it stands: package, tests, README and CI file."""
    from pathlib import Path

    from aframe_data.authoring.new import new_plugin

    folder = Path(output or name)
    files = new_plugin(name, kinds, folder)
    if as_json:
        print_json({"folder": str(folder), "files": [str(path) for path in files]})
    elif not quiet:
        print_table(("file",), [(str(path),) for path in files])
        print_line(f"Install it with: python -m pip install -e '{folder}[test]'")
        print_line(f"Then: aframe-data plugins check {name}, and pytest in {folder}")


@command.command("check", cls=_Command, params=[quiet_option()], epilog="aframe-data plugins check --online")
@click.argument("name", required=False, metavar="[NAME]", shell_complete=_names, help="Plugin or provider to check.")
@click.option("--online", is_flag=True, help="Also ask each archive one small question.")
def check(name: str | None, *, online: bool, quiet: bool, as_json: bool) -> int:
    """Check every provider's record, class and object, and ask those that need no archive one small question.

    The exit code is 1 if something is wrong. Missing clients of built-in providers are reported, but are not faults.
    With --online, each archive is asked for a flag or for one second of strain. An archive that fails makes the exit
    code 1; one that needs authentication does not.
    """
    with printed_aside():
        checked = [*_checked(name, online=online)]
    titles = ("kind", "name", "distribution", "result", *(("archive",) if online else ()))
    if as_json:
        print_json([{**dict(zip(titles, row.cells, strict=False)), "faults": row.faults} for row in checked])
    elif not quiet:
        print_table(titles, [row.cells[: len(titles)] for row in checked])
    return 0 if all(row.fit for row in checked) else 1


@dataclasses.dataclass(frozen=True)
class _Checked:
    """What is told of a provider, or of a plugin that failed: cells of a table, faults, and whether it can be used."""

    cells: tuple[str, ...]
    faults: list[str]
    fit: bool


def _checked(name: str | None, *, online: bool) -> Iterator[_Checked]:
    """Each provider that a name means, and each plugin that failed."""
    named = [plugin for plugin in discover() if name in (None, plugin.name, plugin.qualified_name)]
    failed = [plugin for plugin in named if plugin.status == "failed"]
    for entry in everything_registered() if name is None else [] if failed else _entries_named(name):
        yield _verdict(entry, online=online)
    for plugin in failed:
        result = f"failed: {plugin.reason}"
        yield _Checked(("plugin", plugin.name, plugin.distribution, result, ""), [plugin.reason], fit=False)


def _verdict(entry: Registered, *, online: bool) -> _Checked:
    """What is told of a provider and of its archive."""
    from aframe_data.registry.check import faults_of
    from aframe_data.registry.online import reach

    archive, fit = "", True
    try:
        faults = faults_of(entry)
    except MissingDependencyError as error:
        # A client of ours that nobody installed is no fault.
        faults, fit = [str(error)], entry.plugin.built_in
    else:
        fit = not faults
    if online and not faults:
        found = reach(entry)
        archive, fit = f"{found.verdict}: {found.reason}" if found.reason else found.verdict, found.verdict != "failed"
    result = f"{'; '.join(fault.removesuffix('.') for fault in faults)}." if faults else "ok"
    return _Checked((entry.provider.kind, entry.key, entry.plugin.distribution, result, archive), faults, fit)
