"""What ``aframe-data build`` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aframe_data.cli.commands import printer_of
from aframe_data.cli.report import format_duration, print_json, print_line, print_table
from aframe_data.requests import request_of
from aframe_data.sizes import counted, format_bytes

if TYPE_CHECKING:
    from aframe_data.reports.build import BuildForecast, BuildReport
    from aframe_data.work.plan import Event


def print_event(event: Event) -> None:
    """A line for each stage that is whole, and for each unit that is to be made."""
    if event["event"] == "unit":
        print_json({name: value for name, value in event.items() if name != "event"}, indent=None)
    if event["event"] == "stage done":
        took = "already there" if event["present"] else format_duration(event["seconds"])
        print_line(f"{event['stage']}: {counted(event['files'], 'file')}, {format_bytes(event['nbytes'])}, {took}")


def print_report(report: BuildReport) -> None:
    """What the folder holds, and where to look at it."""
    if not report.stages:
        return
    if report.exit_code:
        printer_of(request_of(report.stages[-1].command)).print_report(report.stages[-1].report)
        return
    nbytes = sum(stage.nbytes for stage in report.stages)
    files = sum(stage.files for stage in report.stages)
    print_line(f"{report.folder}: {counted(files, 'file')}, {format_bytes(nbytes)}")
    if report.page is None:
        return
    problems = report.page.problems
    found = "" if problems is None else f"{counted(problems, 'problem')} found: " if problems else "no problem found: "
    print_line(f"{found}see {report.page.path}")


def print_errors(report: BuildReport) -> None:
    """What went wrong in a stage, as its command says it."""
    if not report.stages:
        return
    stage = report.stages[-1]
    printer = getattr(printer_of(request_of(stage.command)), "print_errors", None)
    if printer is not None:
        printer(stage.report)


def print_forecast(forecast: BuildForecast) -> None:
    """A line for each stage, and the whole."""
    rows = []
    for stage in forecast.stages:
        costs = (_bytes(stage.nbytes), _time(stage.seconds), _bytes(stage.memory))
        rows.append((stage.name, stage.state, stage.why, stage.outputs, *costs))
    print_table(("stage", "state", "why", "output", "size", "time", "memory"), rows)
    more = ", without what is not known" if any(stage.nbytes is None for stage in forecast.stages) else ""
    print_line(f"in all {format_bytes(forecast.nbytes)}, about {format_duration(forecast.seconds)}{more}")


def _bytes(nbytes: int | None) -> str:
    return "-" if nbytes is None else format_bytes(nbytes)


def _time(seconds: float | None) -> str:
    return "-" if seconds is None else format_duration(seconds)
