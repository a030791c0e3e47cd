"""The engine of a build, which its stages share: workers keep what they have imported and made, a prior or a model."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from aframe_data.work.engine import engine_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aframe_data.requests.request import Request
    from aframe_data.work.engine import Engine


class StageEngines:
    """The engine of one stage after the other, until it is closed.

    It is started when the first stage asks for it, and again only for a stage that wants another number of workers.

    Parameters
    ----------
    requests
        What is to be met: what units of all of them import, the workers begin with.
    """

    def __init__(self, requests: Sequence[Request[Any]]) -> None:
        self._requests = requests
        self._running: Engine | None = None
        self._workers = max((request.processes() for request in requests), default=0)
        self._at_end = ExitStack()

    def close(self) -> None:
        """End the workers."""
        self._at_end.close()

    def of(self, request: Request[Any]) -> Engine:
        """The engine for a stage; one that has no say in the number of workers takes what there is."""
        workers = request.processes() if hasattr(request, "workers") else self._workers
        if self._running is None or workers != self._workers:
            self.close()
            self._running, self._workers = self._at_end.enter_context(engine_for(workers)), workers
            self._running.prepare(module for asked in self._requests for module in asked.planned().modules)
        return self._running
