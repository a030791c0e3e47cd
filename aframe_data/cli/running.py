"""Meeting a request at the terminal: progress on stderr, what was done on stdout, and the exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aframe_data.cli.report import print_json, print_line, progress
from aframe_data.work.carry_out import NothingToDo, carry_out, forecast
from aframe_data.work.engine import engine_for
from aframe_data.work.plan import Work

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from aframe_data.requests.request import Request
    from aframe_data.work.plan import Event, Forecast, Report


def run(request: Request[Any], printer: Any, *, dry_run: bool, as_json: bool, shown: Mapping[str, Any]) -> int:
    """Meet a request, or say what would be done.

    Parameters
    ----------
    printer
        A module with ``print_report``, and where there is more to say ``print_forecast``, ``print_event`` and, for
        stderr where a machine gets the report, ``print_errors``.
    shown
        Further arguments of ``print_report``.

    Returns
    -------
    int
        The exit code.
    """
    watching = _Watching(request, printer, as_json=as_json)
    with engine_for(request.processes()) as engine, progress() as phase:
        work = Work(engine, phase, watching.tell)
        done: Report | Forecast = forecast(request, work) if dry_run else carry_out(request, work)
    if not as_json:
        if dry_run:
            _print_forecast(printer, done, request.wanted_picture())
        else:
            printer.print_report(done, **shown)
        watching.print_pictures()
    elif request.streams and not dry_run:
        print_json({"event": "report", **done.describe()}, indent=None)
    else:
        print_json(done.describe())
    if as_json and not dry_run and hasattr(printer, "print_errors"):
        printer.print_errors(done)
    return 0 if dry_run else done.exit_code  # type: ignore[union-attr]  # a report


class _Watching:
    """Prints what happens while it happens; of pictures, after what was done."""

    def __init__(self, request: Request[Any], printer: Any, *, as_json: bool) -> None:
        self._streams_json = as_json and request.streams
        self._print_event = None if as_json else getattr(printer, "print_event", None)
        self._pictures: list[Event] = []

    def tell(self, event: Event) -> None:
        if self._streams_json:
            print_json(event, indent=None)
        elif event["event"] == "picture":
            self._pictures.append(event)
        elif self._print_event is not None:
            self._print_event(event)

    def print_pictures(self) -> None:
        for event in self._pictures:
            path = event["path"]
            print_line(f"drawn in {path}" if event["drawn"] else f"{path} is there already; --overwrite draws it again")


def _print_forecast(printer: Any, expected: Any, picture: Path | None) -> None:
    if isinstance(expected, NothingToDo):
        paths = " and ".join(str(path) for path in expected.paths)
        print_line(f"{paths} {'is' if len(expected.paths) == 1 else 'are'} there already; nothing would be done.")
    else:
        printer.print_forecast(expected)
    if picture is not None:
        print_line(f"Would draw {picture}.")
