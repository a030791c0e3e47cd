"""What a person sees: messages, tables and progress. Results go to stdout, all else to stderr."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from aframe_data.cli.pace import Pace
from aframe_data.errors import UsageError
from aframe_data.outside import outside_text
from aframe_data.redaction import redacted
from aframe_data.streams import results

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from logging import LogRecord
    from pathlib import Path

    from rich.console import Console

    from aframe_data.progress import Advance, Phase

#: Its messages are on the screen already: they go to the log file only.
_PRINTED = "aframe_data.cli.printed"
#: In a log that somebody may follow.
_SECONDS_BETWEEN_LINES = 30.0
#: Columns of a terminal that has room for all there is to say of a phase.
_WIDE = 80
#: Characters of a message, which may name all there is, and of a cell of a table: either may hold what others said.
_LONGEST_MESSAGE, _LONGEST_CELL = 20_000, 1000
#: Rows of a table that are arranged for the terminal, which takes a millisecond each.
_MOST_ROWS = 1000


def print_error(message: str) -> None:
    """One line on stderr, whatever the message holds, and in the log file."""
    _print_aside(message, "error")


def print_note(message: str) -> None:
    """One line on stderr that tells how the work goes, and in the log file."""
    _print_aside(message, "info")


def _print_aside(message: str, level: str) -> None:
    line = outside_text(message, _LONGEST_MESSAGE)
    print(f"aframe-data: {'error: ' if level == 'error' else ''}{line}", file=sys.stderr, flush=True)  # noqa: T201
    import logging

    if logging.getLogger("aframe_data").handlers:
        logging.getLogger(_PRINTED).log(getattr(logging, level.upper()), "%s", line)


def print_line(message: str) -> None:
    """One line of results, whatever the message holds."""
    print_text(outside_text(message, _LONGEST_MESSAGE))


def print_text(text: str) -> None:
    """A result as it stands, for a shell or a file: a script, a configuration, a path."""
    print(text, file=results())


def print_done(path: Path, what: str, *, present: bool) -> None:
    """What was made, or that the same command had made it before."""
    print_line(f"{path} already exists, made by the same command and intact: nothing to do" if present else what)


def print_json(value: Any, indent: int | None = 1) -> None:
    """A result for a machine; without `indent`, one of several, in a line of its own."""
    import json

    print(json.dumps(value, indent=indent, default=str), flush=True, file=results())


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, crop: bool = False) -> None:
    """A table on stdout, as wide as the terminal, or as its content where it is long; with tabs where none is.

    Parameters
    ----------
    crop
        Whether each row is one line: what the terminal has no room for is left out at its end.
    """
    rows = [[outside_text(cell, _LONGEST_CELL) for cell in row] for row in rows]
    if not results().isatty():
        for row in (columns, *rows):
            print_text("\t".join(row))
        return
    from rich.cells import cell_len
    from rich.console import Console
    from rich.table import Column, Table
    from rich.text import Text

    if len(rows) > _MOST_ROWS:
        widths = [max(map(cell_len, cells)) for cells in zip(columns, *rows, strict=True)]
        for row in (columns, *rows):
            print_text("".join(f" {cell}{' ' * (w - cell_len(cell))} " for cell, w in zip(row, widths, strict=True)))
        return
    table = Table(*(Column(column, overflow="fold") for column in columns), header_style="bold", box=None)
    console = Console(file=results())
    before = sum(max(map(cell_len, cells)) + 2 for cells in [*zip(columns, *rows, strict=True)][:-1])
    for row in rows:
        cells = [Text(cell) for cell in row]
        if crop:
            cells[-1].truncate(max(console.width - before - 2, 1), overflow="ellipsis")
        table.add_row(*cells)
    console.print(table)


def progress() -> AbstractContextManager[Phase]:
    """What advances, one for each phase of the work: bars on a terminal, else a line on stderr now and then."""
    from rich.console import Console

    console = Console(stderr=True)
    return _bars(console) if console.is_terminal else _lines()


@contextmanager
def _bars(console: Console) -> Iterator[Phase]:
    import logging

    from rich.logging import RichHandler
    from rich.progress import BarColumn, Progress, ProgressColumn, TextColumn
    from rich.table import Column

    columns: list[ProgressColumn] = [
        TextColumn("{task.description}"),
        BarColumn(bar_width=8),  # all of it fits into 80 columns
        # On a narrow one this takes two lines, and nothing is cut.
        TextColumn("{task.fields[pace].amount}", justify="right", table_column=Column(no_wrap=False)),
        TextColumn("{task.fields[pace].rate}", justify="right"),
        TextColumn("{task.fields[pace].clock}"),
    ]
    if console.width < _WIDE:
        del columns[3], columns[1]
    with Progress(*columns, console=console) as bar:
        for handler in logging.getLogger("aframe_data").handlers:
            if isinstance(handler, RichHandler):
                handler.console = bar.console  # messages go above the bar

        def phase(title: str, total: float) -> Advance:
            pace = Pace(title, total)
            task = bar.add_task(title, total=pace.total, pace=pace)

            def advance(amount: float, tried: float = 0, /, *, found: bool = False) -> None:
                pace.advance(amount, tried, found=found)
                bar.update(task, completed=pace.done)

            return advance

        yield phase


@contextmanager
def _lines() -> Iterator[Phase]:
    """Phases in a log: how far they are, with the rate and the time left, every half a minute."""
    paces: list[Pace] = []
    over = Event()

    def tell() -> None:
        told: dict[Pace, float] = {}
        while not over.wait(_SECONDS_BETWEEN_LINES):
            for pace in paces:  # which may grow meanwhile
                # What is finished or was left behind is no news; what goes on is, also where nothing came of it.
                if pace.done < pace.total and (pace is paces[-1] or pace.done != told.get(pace)):
                    told[pace] = pace.done
                    left = "" if pace.left is None else f"about {format_duration(pace.left)} left"
                    print_note(f"{pace.title}: {', '.join(filter(None, (pace.amount, pace.rate, left)))}")

    def phase(title: str, total: float) -> Advance:
        paces.append(Pace(title, total))
        return paces[-1].advance

    watch = Thread(target=tell, daemon=True, name="aframe-data-progress")
    watch.start()
    try:
        yield phase
    finally:
        over.set()
        watch.join()


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
    said: set[str] = set()

    def is_news(record: LogRecord) -> bool:
        """Whether a warning was not shown yet: plans that are made again notice the same again."""
        message = record.getMessage()
        known = record.levelno == logging.WARNING and message in said
        said.update({message} if record.levelno == logging.WARNING else ())
        return not known

    screen.addFilter(is_news)
    screen.setLevel(logging.DEBUG if debug else logging.WARNING)
    handlers: list[logging.Handler] = [screen]
    if log_file is not None:
        try:
            log_file.parent.mkdir(parents=True, exist_ok=True)
            if log_file.is_fifo():  # it would wait for a reader, perhaps for ever
                raise UsageError(f"cannot write the log file {str(log_file)!r}: Is a named pipe.")
            to_file = logging.FileHandler(log_file, encoding="utf-8")
        except OSError as error:
            raise UsageError(f"cannot write the log file {str(log_file)!r}: {error.strerror}.") from error
        to_file.handleError = _warning_once(log_file)  # type: ignore[assignment,method-assign]
        to_file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        handlers.append(to_file)
    for handler in handlers:
        handler.addFilter(_without_secrets)
    logger = logging.getLogger("aframe_data")
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    logger.handlers = handlers


def _warning_once(log_file: Path) -> Callable[[LogRecord], None]:
    """What a log file does that cannot be written to any more: it says so once, and the work goes on."""
    told = False

    def warn(_record: LogRecord) -> None:
        nonlocal told
        if not told:
            told = True
            reason = getattr(sys.exception(), "strerror", None) or "it cannot be written"
            print(f"aframe-data: WARNING: the log file {log_file} is incomplete: {reason}.", file=sys.stderr)  # noqa: T201

    return warn


def _without_secrets(record: LogRecord) -> bool:
    """Let a record pass, on one line and without the secrets that may stand in it."""
    record.msg, record.args = redacted(outside_text(record.getMessage(), _LONGEST_MESSAGE)), None
    return True


def format_duration(seconds: float) -> str:
    """``2 h 05 min``, ``3 min 20 s`` or ``12 s``."""
    whole = round(seconds)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
