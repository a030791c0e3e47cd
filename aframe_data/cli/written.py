"""Commands that are written by hand, because there is no work to carry out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aframe_data.cli.pages import Command
from aframe_data.cli.parameters import json_option, logging_options
from aframe_data.cli.report import configure_logging

if TYPE_CHECKING:
    import rich_click as click


class WrittenCommand(Command):
    """A command that is written by hand, with ``--json`` (its `as_json`), ``--log-file`` and ``--debug``."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.params += [json_option(), *logging_options()]

    def invoke(self, ctx: click.Context) -> Any:
        """Arrange for messages, and run."""
        configure_logging(ctx.params.pop("log_file"), debug=ctx.params.pop("debug"))
        return super().invoke(ctx)
