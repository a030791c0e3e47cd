"""Values on the command line: lists in three spellings, and the options that every command has."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import rich_click as click

from aframe_data.cli.report import configure_logging

Function = Callable[..., Any]

COMMON_PANEL = "Running"


class Items(click.ParamType):  # type: ignore[type-arg]  # generic since click 8.4 only
    """One item, items with commas between them, or a JSON list; becomes a tuple of strings."""

    name = "list"

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str:  # noqa: ARG002
        """Return what the help page shows."""
        return "LIST"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        """Split one value."""
        if isinstance(value, (list, tuple)):
            return tuple(str(item) for item in value)
        text = str(value).strip()
        if not text.startswith("["):
            return tuple(item.strip() for item in text.split(",") if item.strip())
        import json

        try:
            items = json.loads(text)
        except ValueError:
            self.fail(f"{text!r} begins like a JSON list and is none: {text!r}.", param, ctx)
        return tuple(str(item) for item in items)


class ByteSize(click.ParamType):  # type: ignore[type-arg]  # generic since click 8.4 only
    """A number of bytes: ``50GB``."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:  # noqa: ARG002
        """Convert one value."""
        from aframe_data.store.atomic import parse_size

        return value if isinstance(value, int) else parse_size(str(value))


def joined(_ctx: click.Context, _param: click.Parameter, values: tuple[Any, ...]) -> tuple[str, ...]:
    """Join the lists of an option that was repeated."""
    return tuple(item for value in values for item in ((value,) if isinstance(value, str) else value))


def list_option(*names: str, **settings: Any) -> Callable[[Function], Function]:
    """An option that may be repeated, and takes lists; see `Items`."""
    return click.option(*names, type=Items(), multiple=True, callback=joined, **settings)


def logging_options(function: Function) -> Function:
    """``--log-file`` and ``--debug``, handled before the command runs."""

    @click.option(
        "--log-file", type=click.Path(path_type=Path), panel=COMMON_PANEL, help="File that gets every message."
    )
    @click.option("--debug", is_flag=True, panel=COMMON_PANEL, help="Show tracebacks and more messages.")
    @functools.wraps(function)
    def wrapped(*arguments: Any, log_file: Path | None, debug: bool, **values: Any) -> Any:
        configure_logging(log_file, debug=debug)
        return function(*arguments, **values)

    return wrapped


def common_options(function: Function) -> Function:
    """``--config`` and the options of `logging_options`."""
    config = click.option(
        "--config",
        type=click.Path(path_type=Path),
        is_eager=True,
        expose_value=False,
        panel=COMMON_PANEL,
        help="TOML or YAML file with options; the command line wins over it.",
    )
    return config(logging_options(function))


def run_options(*, workers: str) -> Callable[[Function], Function]:
    """``--workers``, ``--overwrite`` and ``--dry-run``."""

    def decorate(function: Function) -> Function:
        for option in (
            click.option("--dry-run", is_flag=True, panel=COMMON_PANEL, help="Say what would be done, and do nothing."),
            click.option("--overwrite", is_flag=True, panel=COMMON_PANEL, help="Replace what is there."),
            click.option("--workers", type=click.IntRange(min=1), panel=COMMON_PANEL, help=workers),
        ):
            function = option(function)
        return function

    return decorate
