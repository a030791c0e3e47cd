"""What each command can be asked for; light, so that help and completion read nothing else.

A command is a record here, a plan in the room that does it, and, if it wants one, a printer in `aframe_data.cli`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, cast

if TYPE_CHECKING:
    from aframe_data.requests.request import Request


class Command(NamedTuple):
    """A command: where its request is, and the first line of its help."""

    request: str
    summary: str


#: The group of fields, and the panel of a help page, that stands last: how the work is run.
RUNNING = "Running"

#: By the names of the commands, in the order of the work.
COMMANDS = {
    "init": Command("init:Init", "Write a commented configuration for `aframe-data build`."),
    "build": Command("build:Build", "Make a whole data set from one configuration file."),
    "query": Command("query:Query", "Find the times when detectors took science data."),
    "fetch": Command("fetch:Fetch", "Fetch strain and write background files."),
    "psd": Command("psd:EstimatePsd", "Estimate power spectral densities from background files."),
    "waveforms": Command("waveforms:TrainingWaveforms", "Generate training waveforms from a prior."),
    "validation-waveforms": Command(
        "validation:ValidationWaveforms",
        "Generate validation signals above an SNR threshold.",
    ),
    "timeslide-waveforms": Command(
        "campaign:TimeslideWaveforms", "Generate a campaign of injections over time-shifted background."
    ),
    "merge": Command("merge:Merge", "Join files that were made in pieces."),
    "inspect": Command("inspect:Inspect", "Show what a file holds, whether it is intact, and how it was made."),
    "verify": Command("verify:Verify", "Check a folder of background files."),
    "report": Command("report:Report", "Write a page about a data set."),
    "export": Command("export:Export", "Convert finished files for another tool."),
}

#: Names that Aframe's scripts use.
COMMAND_ALIASES = {"testing-waveforms": "timeslide-waveforms", "training-waveforms": "waveforms"}


def canonical(command: str) -> str:
    """A command's own name, by any of its names."""
    name = command.replace("_", "-")
    return COMMAND_ALIASES.get(name, name)


def request_of(command: str) -> type[Request[Any]]:
    """The request of a command, by the command's name."""
    from aframe_data.plugin.code import loaded  # which the root help does without

    return cast("type[Request[Any]]", loaded(f"{__name__}.{COMMANDS[command].request}"))
