"""What a person sees: messages, tables and progress. Results go to stdout, all else to stderr."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Any

from aframe_data.errors import UsageError
from aframe_data.progress import Bytes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from aframe_data.progress import Advance, Phase


#: Its messages are on the screen already: they go to the log file only.
_PRINTED = "aframe_data.cli.printed"
#: In a log that somebody may follow.
_SECONDS_BETWEEN_LINES = 30.0
#: Rows of a table that are arranged for the terminal, which takes a millisecond each.
_MOST_ROWS = 1000


def print_error(message: str) -> None:
    """One line on stderr, whatever the message holds, and in the log file."""
    _print_aside(" ".join(message.split()), "error")


def _print_aside(line: str, level: str) -> None:
    print(f"aframe-data: {'error: ' if level == 'error' else ''}{line}", file=sys.stderr, flush=True)  # noqa: T201
    import logging

    if logging.getLogger("aframe_data").handlers:
        logging.getLogger(_PRINTED).log(getattr(logging, level.upper()), "%s", line)


def print_line(message: str) -> None:
    """One line of results."""
    print(message)  # noqa: T201


def print_json(value: Any, indent: int | None = 1) -> None:
    """A result for a machine; without `indent`, one of several, in a line of its own."""
    import json

    print(json.dumps(value, indent=indent, default=str), flush=True)  # noqa: T201


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table on stdout, as wide as the terminal, or as its content where there is none or the table is long."""
    from rich.cells import cell_len
    from rich.console import Console
    from rich.table import Column, Table
    from rich.text import Text

    if len(rows) > _MOST_ROWS:
        widths = [max(map(cell_len, cells)) for cells in zip(columns, *rows, strict=True)]
        for row in (columns, *rows):
            print_line("".join(f" {cell}{' ' * (w - cell_len(cell))} " for cell, w in zip(row, widths, strict=True)))
        return
    table = Table(*(Column(column, overflow="fold") for column in columns), header_style="bold", box=None)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console = Console()
    if not console.is_terminal:
        console.width = max(console.width, console.measure(table, options=console.options.update(width=10_000)).maximum)
    console.print(table)


@contextmanager
def progress() -> Iterator[Phase]:
    """What advances, one for each phase of the work: bars on a terminal, else a line on stderr now and then."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield _lines
        return
    import logging

    from rich.logging import RichHandler
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=16),  # all of it fits into 80 columns
        TextColumn("{task.fields[amount]}", justify="right"),
        TextColumn("{task.fields[rate]}", justify="right"),
        TimeElapsedColumn(),
        TextColumn("left:"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as bar:
        for handler in logging.getLogger("aframe_data").handlers:
            if isinstance(handler, RichHandler):
                handler.console = bar.console  # messages go above the bar

        def phase(title: str, total: float) -> Advance:
            show = _bytes_done if isinstance(total, Bytes) else _things_done
            task = bar.add_task(title, total=int(total), amount="", rate="")

            def advance(amount: float) -> None:
                # What replaces failed work comes on top of the total.
                shown = bar.tasks[task]
                bar.advance(task, min(amount, int(total) - shown.completed))
                done, rate = show(shown.completed, int(total), shown.speed)
                bar.update(task, amount=done, rate=rate)

            advance(0)
            return advance

        yield phase


def _lines(title: str, total: float) -> Advance:
    """A phase in a log: how far it is, with the rate and the time left, every half a minute at most."""
    show = _bytes_done if isinstance(total, Bytes) else _things_done
    started = told = time.monotonic()
    completed = 0.0
    lock = Lock()  # fetch advances from several threads

    def advance(amount: float) -> None:
        nonlocal told, completed
        with lock:
            completed = min(completed + amount, total)
            now = time.monotonic()
            if now - told < _SECONDS_BETWEEN_LINES or completed >= total:
                return
            told = now
            speed = completed / (now - started)
            done, rate = show(completed, int(total), speed)
            left = f", about {format_duration((total - completed) / speed)} left" if speed else ""
            _print_aside(f"{title}: {done}{rate and f', {rate}'}{left}", "info")

    return advance


def _bytes_done(completed: float, total: int, speed: float | None) -> tuple[str, str]:
    from aframe_data.sizes import format_bytes

    return f"{format_bytes(completed)} of {format_bytes(total)}", f"{format_bytes(speed)}/s" if speed else ""


def _things_done(completed: float, total: int, speed: float | None) -> tuple[str, str]:
    return f"{int(completed)}/{total}", f"{speed:.3g}/s" if speed else ""


def configure_logging(log_file: Path | None, *, debug: bool) -> None:
    """Warnings to the screen, everything to the log file.

    Raises
    ------
    UsageError
        The log file cannot be written.
    """
    import logging

    from rich.console import Console
    from rich.logging import RichHandler

    screen: logging.Handler
    if sys.stderr.isatty():
        screen = RichHandler(console=Console(stderr=True), show_time=False, show_path=False, markup=False)
    else:
        screen = logging.StreamHandler()
        screen.setFormatter(logging.Formatter("aframe-data: %(levelname)s: %(message)s"))
    screen.addFilter(lambda record: record.name != _PRINTED)
    screen.setLevel(logging.DEBUG if debug else logging.WARNING)
    handlers: list[logging.Handler] = [screen]
    if log_file is not None:
        try:
            log_file.parent.mkdir(parents=True, exist_ok=True)
            to_file = logging.FileHandler(log_file, encoding="utf-8")
        except OSError as error:
            raise UsageError(f"cannot write the log file {str(log_file)!r}: {error.strerror}.") from error
        to_file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        handlers.append(to_file)
    logger = logging.getLogger("aframe_data")
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    logger.handlers = handlers


def counted(number: int, noun: str) -> str:
    """``1 file``, ``2 files``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def format_duration(seconds: float) -> str:
    """``2 h 05 min``, ``3 min 20 s`` or ``12 s``."""
    whole = round(seconds)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
