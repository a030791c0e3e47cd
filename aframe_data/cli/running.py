"""Meeting a request at the terminal: progress on stderr, what was done on stdout, and the exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aframe_data.cli.report import print_json, print_json_line, print_line, progress
from aframe_data.work.carry_out import NothingToDo, carry_out, forecast
from aframe_data.work.engine import engine_for
from aframe_data.work.plan import Work

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aframe_data.requests.request import Request
    from aframe_data.work.plan import Event


def run(request: Request[Any], printer: Any, *, dry_run: bool, as_json: bool, shown: Mapping[str, Any]) -> int:
    """Meet a request, or say what would be done.

    Parameters
    ----------
    printer
        A module with ``print_report``, and where there is more to say ``print_forecast`` and ``print_event``.
    shown
        Further arguments of ``print_report``.

    Returns
    -------
    int
        The exit code.
    """
    pictures: list[Event] = []

    def tell(event: Event) -> None:
        if as_json and request.streams:
            print_json_line(event)
        elif event["event"] == "picture":
            pictures.append(event)
        elif not as_json and hasattr(printer, "print_event"):
            printer.print_event(event)

    with engine_for(request.processes()) as engine, progress(in_bytes=request.streams) as phase:
        work = Work(engine, phase, tell)
        if dry_run:
            expected = forecast(request, work)
        else:
            report = carry_out(request, work)
    if dry_run:
        if as_json:
            print_json(expected.describe())
        elif isinstance(expected, NothingToDo):
            paths = " and ".join(str(path) for path in expected.paths)
            print_line(f"{paths}: there already; nothing would be done.")
        else:
            printer.print_forecast(expected)
        return 0
    if not as_json:
        printer.print_report(report, **shown)
        for picture in pictures:
            _print_picture(picture)
    elif request.streams:
        print_json_line({"event": "report", **report.describe()})
    else:
        print_json(report.describe())
    exit_code: int = report.exit_code
    return exit_code


def _print_picture(event: Event) -> None:
    path = event["path"]
    print_line(f"drawn in {path}" if event["drawn"] else f"{path} is there already; --overwrite draws it again")
