"""Meeting a request at the terminal: progress on stderr, what was done on stdout, and the exit code."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from aframe_data.cli.report import print_json, print_line, print_note, progress
from aframe_data.progress import silent
from aframe_data.streams import printed_aside
from aframe_data.work.carry_out import NothingToDo, carry_out, forecast
from aframe_data.work.engine import engine_for
from aframe_data.work.plan import Work

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from aframe_data.requests.request import Request
    from aframe_data.work.plan import Event, Forecast, Report

#: What is told at once of an earlier run's work, by the events.
_TAKEN_UP = {
    "resumed": "resuming: {finished} finished blocks of signals are taken from {path}",
    "present": "{files} of {of} files are already there",
}


def run(
    request: Request[Any], printer: Any, *, dry_run: bool, as_json: bool, quiet: bool, shown: Mapping[str, Any]
) -> int:
    """Meet a request, or say what would be done.

    Parameters
    ----------
    printer
        A module with ``print_report``, and where there is more to say ``print_forecast``, ``print_event`` and, for
        stderr where a machine gets the report, ``print_errors``; or None: then JSON is for people too.
    quiet
        Whether only warnings and errors are printed, and what `as_json` asks for.
    shown
        Further arguments of ``print_report``.

    Returns
    -------
    int
        The exit code.
    """
    as_json = as_json or (printer is None and not quiet)
    pictures: list[Event] = []
    tell = _teller(printer, pictures, as_json=as_json, quiet=quiet, streams=request.streams)
    with (
        printed_aside(),  # a plugin's prints are no results
        engine_for(request.processes()) as engine,
        nullcontext(silent) if quiet else progress() as phase,
    ):
        work = Work(engine, phase, tell)
        done: Report | Forecast = forecast(request, work) if dry_run else carry_out(request, work)
    if as_json and request.streams and not dry_run:
        print_json({"event": "report", **done.describe()}, indent=None)
    elif as_json:
        print_json(done.describe())
    elif dry_run and not quiet:
        _print_forecast(printer, done, request.wanted_picture())
    elif not quiet:
        printer.print_report(done, **shown)
        for picture in pictures:
            path = picture["path"]
            print_line(f"drawn in {path}" if picture["drawn"] else f"{path} already exists; --overwrite draws it again")
    if (as_json or quiet) and not dry_run and hasattr(printer, "print_errors"):
        printer.print_errors(done)
    return 0 if dry_run else done.exit_code  # type: ignore[union-attr]  # a report


def _teller(
    printer: Any, pictures: list[Event], *, as_json: bool, quiet: bool, streams: bool
) -> Callable[[Event], None]:
    """What is told of events: those of `pictures` are kept for the end."""

    def tell(event: Event) -> None:
        if event["event"] in _TAKEN_UP:
            if not quiet:
                print_note(_TAKEN_UP[event["event"]].format(**event))
        elif as_json and streams:
            print_json(event, indent=None)
        elif event["event"] == "picture":  # told after what was done
            pictures.append(event)
        elif not as_json and not quiet and hasattr(printer, "print_event"):
            printer.print_event(event)

    return tell


def _print_forecast(printer: Any, expected: Any, picture: Path | None) -> None:
    if isinstance(expected, NothingToDo):
        paths = " and ".join(str(path) for path in expected.files)
        print_line(f"{paths} already {'exists' if len(expected.files) == 1 else 'exist'}; nothing would be done.")
    else:
        printer.print_forecast(expected)
    if picture is not None:
        print_line(f"Would draw {picture}.")
