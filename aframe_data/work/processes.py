"""Worker processes: the engine that takes all CPUs, and outlives the death of any of its workers.

Units run in processes even where there is one worker only, because the libraries that they call keep global state and
can abort.
"""

from __future__ import annotations

import json
import logging
import multiprocessing
import os
import threading
import time
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager
from itertools import islice
from typing import TYPE_CHECKING

from aframe_data.errors import WorkerDiedError
from aframe_data.progress import ignore
from aframe_data.work import server
from aframe_data.work.traces import claimed_traces
from aframe_data.work.units import Outcome, Result, Unit
from aframe_data.work.worker import guarded, start_worker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from multiprocessing.connection import Connection

    from aframe_data.progress import Advance

#: Units in the window of `Processes.run` for each worker: enough to keep all busy where units are alike.
_AHEAD = 2

#: How often it is looked whether a server that died is gone, and after how many seconds each.
_LOOKS, _PATIENCE = 100, 0.05

#: One thread for each worker: the workers are the parallelism.
_THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
#: Arrow, which pandas and so bilby imports, has a thread of its own from then on, unless this says otherwise.
_ARROW = {"JE_ARROW_MALLOC_CONF": "background_thread:false"}
#: What Python's tracker of semaphores says of a run that was killed: it removes them itself, or the next run does.
_QUIET = "ignore:resource_tracker:UserWarning"


class Processes:
    """Some worker processes, started at the first unit; made by `processes`."""

    def __init__(self, workers: int) -> None:
        self.workers = workers
        # Not fork: the parent has threads. Not spawn: the server has imported already.
        self._context = multiprocessing.get_context("forkserver")
        receiving, self._reports = self._context.Pipe(duplex=False)
        self._advance: Advance = ignore
        self._reader = threading.Thread(target=self._forward, args=(receiving,), daemon=True)
        self._reader.start()
        self._executor: Executor = self._new(workers)

    def _new(self, workers: int) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            workers, mp_context=self._context, initializer=start_worker, initargs=(self._reports,)
        )

    def prepare(self, modules: Iterable[str]) -> None:
        """As `aframe_data.work.engine.Engine.prepare`."""
        with _some_folder():
            server.start(modules)

    def close(self) -> None:
        """End the workers, in the middle of their work if need be."""
        _kill(self._executor)
        self._reports.close()
        self._reader.join(timeout=5)

    def run(
        self,
        function: Callable[[Unit], Result],
        units: Iterable[Unit],
        *,
        window: int | None = None,
        advance: Advance = ignore,
    ) -> Iterator[Outcome[Unit, Result]]:
        """As `aframe_data.work.engine.Engine.run`.

        A unit that kills its worker is found by running those that were under way one by one, and its outcome holds
        a `WorkerDiedError`.
        """
        self._advance = advance
        source = enumerate(units)
        window = self.workers * _AHEAD if window is None else window
        running: dict[Future[Result], tuple[int, Unit]] = {}
        finished: dict[int, Outcome[Unit, Result]] = {}
        taken = yielded = 0
        try:
            while True:
                # One more than there are workers, so that none waits for us.
                free = min(self.workers + 1 - len(running), yielded + window - taken)
                for position, unit in islice(source, max(0, free)):
                    running[_submitted(self._executor, function, unit)] = (position, unit)
                    taken += 1
                if yielded not in finished:
                    if not running:
                        return
                    wait(running, return_when=FIRST_COMPLETED)
                    finished.update(self._settle(function, running))
                while yielded in finished:
                    yield finished.pop(yielded)
                    yielded += 1
        finally:
            if running:  # nobody wants the rest: no unit writes where whoever asked for it tidies up
                _kill(self._executor)
                self._executor = self._new(self.workers)

    def _forward(self, receiving: Connection) -> None:
        """Read the workers' reports until the last of them has closed its end of the pipe."""
        with receiving, os.fdopen(os.dup(receiving.fileno()), encoding="utf-8") as lines:
            for line in lines:
                message = json.loads(line)
                if "advance" in message:
                    self._advance(message["advance"], message["tried"], found=message["found"])
                else:
                    logging.getLogger(message["name"]).log(message["level"], "%s", message["message"])

    def _settle(
        self, function: Callable[[Unit], Result], running: dict[Future[Result], tuple[int, Unit]]
    ) -> dict[int, Outcome[Unit, Result]]:
        """Take the units that are done out of `running`; all of them, where a worker died."""
        done = {future: unit for future, unit in running.items() if future.done()}
        if not any(_is_broken(future) for future in done):
            for future in done:
                del running[future]
            return {position: _outcome(unit, future) for future, (position, unit) in done.items()}
        _kill(self._executor)
        suspects = dict(running)
        running.clear()
        outcomes = {
            position: self._alone(function, unit) if not future.done() or _is_broken(future) else _outcome(unit, future)
            for future, (position, unit) in suspects.items()
        }
        self._executor = self._new(self.workers)
        return outcomes

    def _alone(self, function: Callable[[Unit], Result], unit: Unit) -> Outcome[Unit, Result]:
        executor = self._new(1)
        try:
            future = _submitted(executor, function, unit)
            for _ in range(_LOOKS):
                if not isinstance(future.exception(), _ServerDiedError):
                    break
                time.sleep(_PATIENCE)
                executor = self._new(1)
                future = _submitted(executor, function, unit)
            if _is_broken(future):
                return Outcome(unit, None, WorkerDiedError(f"the worker process died while it worked on {unit}."))
            return _outcome(unit, future)
        finally:
            _kill(executor)


class _ServerDiedError(BrokenProcessPool):
    """No worker was forked, because the server died of what it imported; there is another as soon as it is gone."""


def _submitted(executor: Executor, function: Callable[[Unit], Result], unit: Unit) -> Future[Result]:
    try:
        with _some_folder():
            return executor.submit(guarded, function, unit)
    except (BrokenProcessPool, EOFError, ConnectionError) as error:
        broken: Future[Result] = Future()
        is_of_pool = isinstance(error, BrokenProcessPool)
        broken.set_exception(error if is_of_pool else _ServerDiedError(str(error)))
        return broken


def _is_broken(future: Future[Result]) -> bool:
    """Whether a future that is done was ended by the death of a worker."""
    return future.cancelled() or isinstance(future.exception(), BrokenProcessPool)


def _outcome(unit: Unit, future: Future[Result]) -> Outcome[Unit, Result]:
    """The outcome of a future that is done; the unit's own error goes to whoever asked for the unit."""
    error = future.exception()
    if error is None:
        return Outcome(unit, future.result(), None)
    return Outcome(unit, None, error if isinstance(error, Exception) else WorkerDiedError(f"{unit}: {error!r}"))


def _kill(executor: Executor) -> None:
    # Python 3.14 has kill_workers(); until then the pool's processes are reached by a private name.
    processes = list((getattr(executor, "_processes", None) or {}).values())
    executor.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        process.kill()
    for process in processes:
        process.join()


@contextmanager
def _some_folder() -> Iterator[None]:
    """Be in a folder that is there while workers may start, who begin where we are: somebody may have deleted ours."""
    try:
        os.getcwd()  # noqa: PTH109 - it is only looked for
    except FileNotFoundError:
        deleted = os.open(".", os.O_RDONLY)
        os.chdir("/")
        try:
            yield
        finally:
            os.fchdir(deleted)
            os.close(deleted)
    else:
        yield


@contextmanager
def processes(workers: int) -> Iterator[Processes]:
    """Worker processes for the length of a ``with`` block; see `Processes`."""
    with _environment(), claimed_traces(), closing(Processes(workers)) as running:
        yield running


@contextmanager
def _environment() -> Iterator[None]:
    """Have the processes that are started in the block use one thread each, and say nothing of what a kill leaves."""
    variables = {**dict.fromkeys(_THREAD_VARIABLES, "1"), **_ARROW}
    variables["PYTHONWARNINGS"] = ",".join(filter(None, (os.environ.get("PYTHONWARNINGS"), _QUIET)))
    before = {name: os.environ[name] for name in variables if name in os.environ}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name in variables:
            os.environ.pop(name, None)
        os.environ.update(before)
