"""``--log-file`` and ``--debug`` of commands that are written by hand."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aframe_data.cli import parameters
from aframe_data.cli.report import configure_logging

if TYPE_CHECKING:
    from pathlib import Path

Function = Callable[..., Any]


def logging_options(function: Function) -> Function:
    """Give a function the options, handled before it runs."""

    @functools.wraps(function)
    def wrapped(*arguments: Any, log_file: Path | None, debug: bool, **values: Any) -> Any:
        configure_logging(log_file, debug=debug)
        return function(*arguments, **values)

    wrapped.__click_params__ = [  # type: ignore[attr-defined]
        *reversed(list(parameters.logging_options())),
        *getattr(function, "__click_params__", []),
    ]
    return wrapped
