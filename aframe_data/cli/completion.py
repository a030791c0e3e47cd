"""``aframe-data completion``: the script for a shell; and the answers when the shell asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import rich_click as click
from click.shell_completion import BashComplete, FishComplete, ZshComplete

from aframe_data.cli import ASKED_BY_SHELL
from aframe_data.cli.pages import ARGUMENTS
from aframe_data.cli.report import print_json, print_text
from aframe_data.cli.written import WrittenCommand

if TYPE_CHECKING:
    from collections.abc import Mapping

    from click.shell_completion import ShellComplete

SHELLS = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}
#: What ends a word for bash, which then sees three of ``--prior=end``.
_BREAKS = "=:"


@click.command("completion", cls=WrittenCommand, epilog="source <(aframe-data completion bash)")
@click.argument(
    "shell",
    type=click.Choice([*SHELLS]),
    metavar=f"[{'|'.join(SHELLS)}]",
    help="The shell. (required)",
    panel=ARGUMENTS,
)
def command(shell: str, *, as_json: bool) -> None:
    """Print a script that sets up Tab completion in your shell.

    For bash, put the line below into ~/.bashrc. For zsh, put the same line with zsh into ~/.zshrc, after compinit. For
    fish, save the output as ~/.config/fish/completions/aframe-data.fish.
    """
    script = _script(_completer(shell, click.Command("aframe-data"), {}))
    if as_json:
        print_json({"shell": shell, "script": script})
    else:
        print_text(script)


def _script(completer: ShellComplete) -> str:
    # Of what fish is told, click's script takes what stands before the second comma; our values have commas.
    return completer.source().replace('string split ","', 'string split --max 1 ","')


def answer(root: click.Command, settings: Mapping[str, Any], instruction: str) -> int:
    """Answer a shell, and return the exit code; what is wrong with its line has no answer.

    Parameters
    ----------
    instruction
        As click's scripts have it: ``bash_complete`` for the line in the environment, ``bash_source`` for the script.
    """
    shell, _, wanted = instruction.partition("_")
    if shell not in SHELLS:
        return 1
    completer = _completer(shell, root, settings)
    try:
        lines = [_script(completer)] if wanted == "source" else _answers(completer)
    # A shell that completes is not a place for errors: the command tells them when it is run.
    except Exception:  # noqa: BLE001
        return 1
    for line in lines:
        print_text(line)
    return 0


def _answers(completer: ShellComplete) -> list[str]:
    """What the last word may become, as the shell's script reads it."""
    args, incomplete = completer.get_completion_args()
    in_bash = completer.name == "bash"
    if in_bash:
        *args, incomplete = _joined([*args, incomplete])
    flag, equals, value = incomplete.partition("=") if incomplete.startswith("-") else ("", "", incomplete)
    # A shell puts an answer in the place of the word: of all of it, or of what stands behind bash's last sign.
    before = f"{flag}=" if equals and not in_bash else ""
    cut = value[: max(map(value.rfind, _BREAKS)) + 1] if in_bash else ""
    args = [word.replace("_", "-") if word.startswith("--") and "=" not in word else word for word in args]
    items = completer.get_completions(args, incomplete)
    for item in items:
        item.value = before + item.value.removeprefix(cut)
    return [completer.format_completion(item) for item in items]


def _completer(shell: str, root: click.Command, settings: Mapping[str, Any]) -> ShellComplete:
    return SHELLS[shell](root, dict(settings), "aframe-data", ASKED_BY_SHELL)


def _joined(words: list[str]) -> list[str]:
    """The words as they stand on the line: bash has broken them at signs, which are words too."""
    whole: list[str] = []
    behind_sign = False
    for word in words:
        sign = bool(word) and not word.strip(_BREAKS)
        if whole and (sign or behind_sign):
            whole[-1] += word
        else:
            whole.append(word)
        behind_sign = sign
    return whole
