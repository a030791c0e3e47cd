"""``aframe-data plugins``: what is installed, in a list, and a new one to begin with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import rich_click as click

from aframe_data.cli.pages import Group
from aframe_data.cli.parameters import quiet_option
from aframe_data.cli.plugins_check import check
from aframe_data.cli.plugins_info import info
from aframe_data.cli.report import print_json, print_line, print_table
from aframe_data.cli.written import WrittenCommand
from aframe_data.places import no_stream
from aframe_data.registry.discovery import BUILT_IN, KINDS, discover
from aframe_data.registry.names import everything_registered
from aframe_data.streams import results

if TYPE_CHECKING:
    from aframe_data.registry.discovery import Plugin


class _Kind(click.Choice):  # type: ignore[type-arg]  # generic since click 8.2 only
    """A kind of provider, by its short name or by what it is called: ``strain`` or ``strain-fetcher``."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the short name."""
        return super().convert(_SHORT.get(value.replace("_", "-"), value), param, ctx)


_SHORT = {record.title.replace(" ", "-"): kind for kind, record in KINDS.items()}


@click.group("plugins", cls=Group, epilog="aframe-data plugins info gwosc")
def command() -> None:
    """List, check and create plugins: archives, populations, models, exports."""


@command.command("list", cls=WrittenCommand, epilog="aframe-data plugins list --kind strain")
@click.option("--kind", type=_Kind([*KINDS]), metavar=f"[{'|'.join(KINDS)}]", help="List only providers of this kind.")
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
        # A plugin's own row has its notes, as far as a terminal has room for them.
        for note in entry["notes"] if entry["providers"] or results().isatty() else ():
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


command.add_command(info)

#: What `plugins new` can begin; a test holds it to what the template has.
_NEW_KINDS = ("prior", "segments", "strain", "waveforms")


@command.command(
    "new", cls=WrittenCommand, params=[quiet_option()], epilog="aframe-data plugins new my-bbh --kind prior -o my-bbh"
)
@click.argument("name", metavar="NAME", help="Name of the package and of its providers. (required)")
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=_Kind(_NEW_KINDS),
    metavar=f"[{'|'.join(_NEW_KINDS)}]",
    help="What the plugin provides; may be repeated. (required)",
)
@click.option("-o", "--output", metavar="FOLDER", help="Folder to write. (default: NAME in the current folder)")
def new(name: str, *, kinds: tuple[str, ...], output: str | None, quiet: bool, as_json: bool) -> None:
    """Write a small, complete plugin that works as it stands: package, tests, README and CI file."""
    from pathlib import Path

    from aframe_data.authoring.new import new_plugin

    if output == "-":
        raise no_stream("--output -")
    folder = Path(output or name)
    files = new_plugin(name, kinds, folder)
    if as_json:
        print_json({"folder": str(folder), "files": [str(path) for path in files]})
    elif not quiet:
        print_table(("file",), [(str(path),) for path in files])
        print_line(f"Install it with: python -m pip install -e '{folder}[test]'")
        print_line(f"Then: aframe-data plugins check {name}, and pytest in {folder}")


command.add_command(check)
