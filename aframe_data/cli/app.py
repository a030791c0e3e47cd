"""The root command, and what becomes of errors."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING

import rich_click as click

from aframe_data import __version__
from aframe_data.cli import fetch, inspect, plugins, query, waveforms
from aframe_data.cli.report import print_error
from aframe_data.errors import AframeDataError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Names that the reference's scripts use.
COMMAND_ALIASES = {"training-waveforms": "waveforms"}


class RootGroup(click.RichGroup):
    """Finds commands by their own names and by the reference's."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by name or alias, with dashes or underscores."""
        name = cmd_name.replace("_", "-")
        return super().get_command(ctx, COMMAND_ALIASES.get(name, name))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that the arguments name, or say which names are near."""
        name = args[0]
        if self.get_command(ctx, name) is None and not name.startswith("-"):
            known = [*self.list_commands(ctx), *COMMAND_ALIASES]
            raise click.UsageError(
                f"unknown command {name!r}.{did_you_mean(name, known)} Known: {', '.join(sorted(known))}."
            )
        return super().resolve_command(ctx, args)


@click.group(
    cls=RootGroup,
    context_settings={
        "help_option_names": ["-h", "--help"],
        # --sample_rate is --sample-rate: the reference's scripts go on working.
        "token_normalize_func": lambda name: name.replace("_", "-"),
        "max_content_width": 110,
    },
)
@click.version_option(__version__, prog_name="aframe-data")
def cli() -> None:
    """Make the data on which Aframe is trained and tested: segments, strain and waveforms.

    Every archive, population and waveform model is a plugin: `aframe-data plugins list` shows them.
    """


for command in (query.command, fetch.command, waveforms.command, inspect.command, plugins.group):
    cli.add_command(command)


def run(arguments: Sequence[str]) -> int:
    """Run the command line and return the exit code."""
    try:
        result = cli.main(args=list(arguments), prog_name="aframe-data", standalone_mode=False)
    except click.ClickException as error:
        print_error(error.format_message())
        return error.exit_code
    except AframeDataError as error:
        _show_traceback(arguments)
        print_error(str(error))
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        print_error("interrupted. What is finished is kept; the same command goes on from there.")
        return 1
    # Whatever else goes wrong is a bug of ours: say so in one line, and keep the traceback for --debug.
    except Exception as error:  # noqa: BLE001
        _show_traceback(arguments)
        text = " ".join(str(error).split())
        print_error(f"{type(error).__name__}: {text} This is a bug of aframe-data or of a plugin; --debug shows more.")
        return 1
    return result if isinstance(result, int) else 0


def _show_traceback(arguments: Sequence[str]) -> None:
    if "--debug" in arguments:
        traceback.print_exc()
