"""``aframe-data plugins check``: whether providers are fit for use."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import rich_click as click

from aframe_data.cli.parameters import quiet_option
from aframe_data.cli.plugins_info import completed_names, entries_named
from aframe_data.cli.report import print_json, print_table
from aframe_data.cli.written import WrittenCommand
from aframe_data.errors import MissingDependencyError
from aframe_data.registry.discovery import discover
from aframe_data.registry.names import everything_registered
from aframe_data.streams import printed_aside

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aframe_data.registry.names import Registered


@click.command("check", cls=WrittenCommand, params=[quiet_option()], epilog="aframe-data plugins check --online")
@click.argument(
    "name", required=False, metavar="[NAME]", shell_complete=completed_names, help="Plugin or provider to check."
)
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
    for entry in everything_registered() if name is None else [] if failed else entries_named(name):
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
