"""The root command, and what becomes of errors."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

import rich_click as click

from aframe_data import __version__
from aframe_data.cli import ASKED_BY_SHELL, exit_code_of
from aframe_data.cli.pages import Command, Group
from aframe_data.cli.report import print_error
from aframe_data.errors import AframeDataError, did_you_mean
from aframe_data.redaction import redacted
from aframe_data.requests import COMMAND_ALIASES, COMMANDS, canonical

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

#: Commands that are made of no request: where they are, and the first line of their help.
_OTHERS = {
    "priors": ("aframe_data.cli.priors", "List and show priors, and weight signals for another population."),
    "plugins": ("aframe_data.cli.plugins", "List, check and create plugins: archives, populations, models, exports."),
    "snakefile": (
        "aframe_data.aframe.snakefile",
        "Print the path of a Snakemake workflow that makes a whole data set.",
    ),
    "completion": ("aframe_data.cli.completion", "Print a script that sets up Tab completion in your shell."),
}

#: The first line of each command's help: the root help imports none.
SUMMARIES = {
    **{name: command.summary for name, command in COMMANDS.items()},
    **{name: summary for name, (_, summary) in _OTHERS.items()},
}

#: The commands by what they are for, in the order of the work.
PANELS = {
    "Make a data set": ("init", "build"),
    "Make data": ("query", "fetch", "psd", "waveforms", "validation-waveforms", "timeslide-waveforms", "merge"),
    "Look at data": ("inspect", "verify", "report", "priors"),
    "Use it elsewhere": ("export",),
    "Extend": ("plugins", "snakefile", "completion"),
}


class RootGroup(Group):
    """Finds commands by their own names and by the reference's, and loads the one that is run."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - the base class's signature
        """Return the names of the commands."""
        return list(SUMMARIES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Return what the root help shows of a command; `resolve_command` loads the command itself."""
        name = canonical(cmd_name)
        return Command(name=name, help=SUMMARIES[name]) if name in SUMMARIES else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Load the command that the arguments name, or say which names are near."""
        name = canonical(args[0])
        if name in SUMMARIES:
            return name, _load(name), args[1:]
        if name.startswith("-"):
            return super().resolve_command(ctx, args)
        known = sorted([*SUMMARIES, *COMMAND_ALIASES])
        raise click.UsageError(f"unknown command {args[0]!r}.{did_you_mean(args[0], known)} Known: {', '.join(known)}.")


def _load(name: str) -> click.Command:
    if name in _OTHERS:
        command: click.Command = import_module(_OTHERS[name][0]).command
        return command
    from aframe_data.cli.commands import command_of

    return command_of(name)


#: For each command.
_SETTINGS: dict[str, Any] = {
    "help_option_names": ["-h", "--help"],
    # --sample_rate is --sample-rate: the reference's scripts go on working.
    "token_normalize_func": lambda name: name.replace("_", "-"),
    "max_content_width": 110,
}


@click.group(
    cls=RootGroup,
    panels=[click.RichCommandPanel(title, [*names]) for title, names in PANELS.items()],
    epilog="aframe-data query --flags H1_DATA,L1_DATA --start 1240579783 --end 1241443783 -o segments.txt",
)
@click.version_option(__version__, prog_name="aframe-data")
def cli() -> None:
    """Make the data on which Aframe is trained and tested: segments, strain and waveforms.

    Every archive, population and waveform model is a plugin: `aframe-data plugins list` shows them.
    """


def run(arguments: Sequence[str], command: Callable[[], click.Command] | None = None) -> int:  # noqa: PLR0911
    """Run the command line, or that of one command that stands alone, and return the exit code: one for each end."""
    try:
        called = cli if command is None else command()
        if command is None and ASKED_BY_SHELL in os.environ:
            from aframe_data.cli.completion import answer

            return answer(called, _SETTINGS, os.environ[ASKED_BY_SHELL])
        name = "aframe-data" if command is None else None  # as it was called
        result = called.main(args=list(arguments), prog_name=name, standalone_mode=False, **_SETTINGS)
        sys.stdout.flush()  # what cannot be written is told below, and not lost at the end of the process
    except click.ClickException as error:
        print_error(error.format_message())
        return error.exit_code
    except AframeDataError as error:
        _show_traceback(arguments)
        print_error(str(error))
        return error.exit_code
    except (click.Abort, KeyboardInterrupt) as error:
        print_error("interrupted. Finished work is kept; run the same command again to resume.")
        return exit_code_of(error.__context__ if isinstance(error, click.Abort) else error)
    except OSError as error:
        _show_traceback(arguments)
        return _report_system_error(error)
    except SystemExit as stop:
        # click's ways to end when a reader has gone away, and when a group without arguments has shown its help;
        # anyone else's call of sys.exit is a bug.
        if isinstance(stop.__context__, BrokenPipeError):
            return 1
        if isinstance(stop.__context__, click.UsageError):
            return stop.__context__.exit_code
        return _report_bug(stop, arguments)
    # Whatever else goes wrong is a bug of ours, or of a plugin, which may raise anything.
    except BaseException as error:  # noqa: BLE001
        return _report_bug(error, arguments)
    return result if isinstance(result, int) else 0


def _report_bug(error: BaseException, arguments: Sequence[str]) -> int:
    """Say so in one line; the traceback is kept for --debug."""
    _show_traceback(arguments)
    text = redacted(" ".join(str(error).split())).rstrip(".")
    what = f"{type(error).__name__}: {text}." if text else f"{type(error).__name__}."
    print_error(f"{what} This is a bug of aframe-data or of a plugin; --debug shows more.")
    return 1


#: What Python says where the name of a socket does not fit; there is no number of such an error.
_PATH_TOO_LONG = "AF_UNIX path too long"


def _report_system_error(error: OSError) -> int:
    """What the system refuses is no bug; a reader that has gone away (``| head``) needs no words."""
    import tempfile

    try:
        sys.stdout.flush()
    except OSError:
        # What is left in the buffer of a stdout that is full or closed must not fail at the end of the process.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if isinstance(error, BrokenPipeError):
        return 1
    if str(error) == _PATH_TOO_LONG:
        print_error(
            f"{_PATH_TOO_LONG}: processes talk by a file in {tempfile.gettempdir()}; set TMPDIR to a short path."
        )
        return 1
    where = f": {error.filename}" if error.filename else ""
    print_error(f"system error: {error.strerror or error}{where}.")
    return 1


def _show_traceback(arguments: Sequence[str]) -> None:
    if "--debug" in arguments:
        import traceback

        print(redacted(traceback.format_exc()), end="", file=sys.stderr)  # noqa: T201
