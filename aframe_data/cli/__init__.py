"""The command line: thin. It parses, calls the library, and reports; errors are one line."""

from __future__ import annotations

import io
import os
import sys

TYPE_CHECKING = False  # nothing is imported here that Python has not loaded anyway: Ctrl-C may come at once
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import rich_click as click


#: The environment variable by which a shell that completes a line asks, as click names it.
ASKED_BY_SHELL = "_AFRAME_DATA_COMPLETE"
#: Seconds until a command is interrupted again.
_MOMENT = 0.01


def main(arguments: Sequence[str] | None = None, *, command: Callable[[], click.Command] | None = None) -> None:
    """Run ``aframe-data``, or another command, and exit: 0 done, 1 failed, 2 wrong usage, 130 and 143 interrupted."""
    try:
        import signal

        from aframe_data.streams import move_results

        _open_standard_streams()
        move_results()
        # A batch system ends a job in this way: it is an interruption like another, and workers are ended in order.
        signal.signal(signal.SIGTERM, _interrupt)
        sys.unraisablehook = _interrupt_again
        from aframe_data.cli.app import run

        code = run(sys.argv[1:] if arguments is None else list(arguments), command)
    except (KeyboardInterrupt, RuntimeError) as error:  # while modules are imported; the rest is the business of `run`
        # Before 3.12, Python makes another error of an interruption in the middle of a class.
        interruption = error.__cause__ if isinstance(error, RuntimeError) else error
        if not isinstance(interruption, KeyboardInterrupt):
            raise
        print("aframe-data: error: interrupted before any work.", file=sys.stderr)  # noqa: T201
        code = exit_code_of(interruption)
    sys.exit(code)


def _interrupt(number: int, _frame: object) -> None:
    raise KeyboardInterrupt(number)


def _interrupt_again(lost: sys.UnraisableHookArgs) -> None:
    """Interrupt once more where a callback of a library was interrupted, of which Python ignores all errors.

    h5py has such callbacks, for each object that it forgets. A moment later, another place is interrupted.
    """
    if not isinstance(lost.exc_value, KeyboardInterrupt):
        sys.__unraisablehook__(lost)
    elif not sys.is_finalizing():
        import threading

        again = threading.Timer(_MOMENT, os.kill, (os.getpid(), _signal_of(lost.exc_value)))
        again.daemon = True
        again.start()


def exit_code_of(interruption: BaseException | None) -> int:
    """What a shell expects of a command that a signal ended: 128 and its number."""
    return 128 + _signal_of(interruption)


def _signal_of(interruption: BaseException | None) -> int:
    """The number that an interruption says, or Ctrl-C's."""
    import signal

    return interruption.args[0] if interruption is not None and interruption.args else signal.SIGINT


def _open_standard_streams() -> None:
    """Open what the caller closed: a data file must not get the number of stdout, to which libraries print."""
    for descriptor, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest free number is this one
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(descriptor, "r" if name == "stdin" else "w", encoding="utf-8"))
    if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.errors == "strict":
        sys.stdout.reconfigure(errors="backslashreplace")  # as stderr has it: a sign that a terminal lacks is no fault
