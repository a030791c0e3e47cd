"""``aframe-data priors``: which there are, what one of them draws, and signals in the light of another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import rich_click as click

from aframe_data.cli.commands import RequestCommand
from aframe_data.cli.pages import Group
from aframe_data.cli.report import print_json, print_table
from aframe_data.cli.written import WrittenCommand
from aframe_data.registry.names import registered
from aframe_data.requests.priors import Reweight, ShowPrior

if TYPE_CHECKING:
    from aframe_data.registry.names import Registered


@click.group("priors", cls=Group, epilog="aframe-data priors show end_o3_ratesandpops --plot population.png")
def command() -> None:
    """List and show priors, and weight signals for another population."""


@command.command("list", cls=WrittenCommand, epilog="aframe-data priors list")
def list_(*, as_json: bool) -> None:
    """List the priors that are installed: their names, the frames of their masses, and what they draw."""
    entries = registered("prior")
    if as_json:
        print_json([{"name": entry.key, "status": entry.status, **_described(entry)} for entry in entries])
        return
    rows = [(entry.key, getattr(entry.provider, "frame", None) or "-", _summary(entry)) for entry in entries]
    print_table(("name", "frame", "what it draws"), rows, crop=True)


def _described(entry: Registered) -> dict[str, str | None]:
    provider = entry.provider
    frame = getattr(provider, "frame", None)
    return {"frame": frame, "summary": provider.summary, "distribution": entry.plugin.distribution}


def _summary(entry: Registered) -> str:
    return entry.provider.summary if entry.status == "ok" else f"{entry.status}: {entry.provider.summary}"


command.add_command(RequestCommand(ShowPrior), "show")
command.add_command(RequestCommand(Reweight), "reweight")
