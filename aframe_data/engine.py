"""Running units of work, and the only place that knows what runs them.

A unit is a plain function of one picklable argument: idempotent, knowing its own output, sharing no state.
Units run in worker processes even where there is only one, because the libraries that they call keep global
state and can abort. The contract with what runs them is `concurrent.futures.Executor`: another engine takes
the place of the process pool in `Pool` and nowhere else.
"""

from __future__ import annotations

import json
import logging
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Generic, TypeVar

from aframe_data.errors import WorkerDiedError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

Unit = TypeVar("Unit")
Result = TypeVar("Result")
#: Told how much work was done since the last call, in the units of the total that the caller gave.
Advance = Callable[[float], None]
#: Told the title and the total of a phase of the work; gives what is told how it advances, from any thread.
Phase = Callable[[str, float], Advance]


def silent(_title: str, _total: float) -> Advance:
    """The phase that nobody watches."""
    return lambda _amount: None


#: Units submitted ahead of the one that is waited for, per worker: enough to keep all busy, few enough that
#: surplus work stays small when the caller stops early.
_AHEAD = 2

_LOGGER = "aframe_data"
#: Characters of a logged message, so that a report stays below the 4096 bytes that a pipe takes at once.
_LONGEST_MESSAGE = 900

#: One thread for each worker: the workers are the parallelism.
_THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


@dataclass(frozen=True)
class Outcome(Generic[Unit, Result]):
    """One finished unit: its result, or the error that it ended with."""

    unit: Unit
    result: Result | None
    error: Exception | None


def available_cpus() -> int:
    """CPUs that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


# --- inside a worker ----------------------------------------------------------------------------------


class _Worker:
    """What a worker process knows of its run: the pipe to the parent. Set once, when the worker starts."""

    reports: Connection | None = None


def _start_worker(reports: Connection) -> None:
    _Worker.reports = reports
    # Only the parent answers Ctrl-C; it then ends the workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True, name="aframe-data-parent-watch").start()
    logger = logging.getLogger(_LOGGER)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    logger.handlers = [_ToParent()]


def _end_with_parent() -> None:
    """End this worker when its parent is gone, so that a killed run leaves no process behind."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def advance(amount: float) -> None:
    """Report, from inside a unit, that `amount` of its work was done."""
    _report({"advance": float(amount)})


class _ToParent(logging.Handler):
    """Sends what a worker logs to the parent, whose handlers know the screen and the log file."""

    def emit(self, record: logging.LogRecord) -> None:
        _report({"level": record.levelno, "name": record.name, "message": record.getMessage()[:_LONGEST_MESSAGE]})


def _report(message: dict[str, float | int | str]) -> None:
    if _Worker.reports is not None:
        # A write this short to a pipe is atomic: it needs no lock, and a worker that dies cannot die holding
        # one. A pipe that is closed must not fail the work.
        with suppress(OSError):
            os.write(_Worker.reports.fileno(), json.dumps(message).encode() + b"\n")


# --- in the parent ------------------------------------------------------------------------------------


class Pool:
    """Worker processes that outlive the death of any of them; made by `pool`.

    Parameters
    ----------
    workers
        Number of processes.
    on_advance
        Called, in a thread of the parent, with what `advance` reports.
    """

    def __init__(self, workers: int, on_advance: Advance | None) -> None:
        self.workers = workers
        # Not fork: the parent has threads. Not spawn: the server starts a worker in milliseconds.
        self._context = multiprocessing.get_context("forkserver")
        receiving, self._reports = self._context.Pipe(duplex=False)
        self._reader = threading.Thread(target=_forward, args=(receiving, on_advance), daemon=True)
        self._reader.start()
        self._executor: Executor = self._new(workers)

    def _new(self, workers: int) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            workers, mp_context=self._context, initializer=_start_worker, initargs=(self._reports,)
        )

    def close(self) -> None:
        """End the workers, in the middle of their work if need be."""
        _kill(self._executor)
        self._reports.close()
        self._reader.join(timeout=5)

    def run(
        self, function: Callable[[Unit], Result], units: Iterable[Unit], *, ahead: int = _AHEAD
    ) -> Iterator[Outcome[Unit, Result]]:
        """Run `function` on each unit and yield the outcomes in the order of the units.

        Units are taken from the iterable only as workers get free, so it may be endless. An exception
        of a unit is in its outcome. A unit that kills its worker is found by running the suspects one by
        one, and its outcome holds a `WorkerDiedError`.
        """
        source = iter(units)
        waiting: deque[tuple[Unit, Future[Result]]] = deque()
        while True:
            for unit in islice(source, self.workers * ahead - len(waiting)):
                waiting.append((unit, self._submit(function, unit)))
            if not waiting:
                return
            unit, future = waiting[0]
            try:
                outcome = Outcome(unit, future.result(), None)
            except BrokenProcessPool:
                yield from self._after_death(function, waiting)
                continue
            # The unit's own error goes to whoever asked for the unit.
            except Exception as error:  # noqa: BLE001
                outcome = Outcome(unit, None, error)
            waiting.popleft()
            yield outcome

    def _submit(self, function: Callable[[Unit], Result], unit: Unit) -> Future[Result]:
        try:
            return self._executor.submit(function, unit)
        except BrokenProcessPool as error:
            broken: Future[Result] = Future()
            broken.set_exception(error)
            return broken

    def _after_death(
        self, function: Callable[[Unit], Result], waiting: deque[tuple[Unit, Future[Result]]]
    ) -> Iterator[Outcome[Unit, Result]]:
        """Settle the units that were under way when a worker died, and start new workers."""
        _kill(self._executor)
        suspects, finished = list(waiting), dict[int, Future[Result]]()
        waiting.clear()
        for position, (_, future) in enumerate(suspects):
            if future.done() and not future.cancelled() and not isinstance(future.exception(), BrokenProcessPool):
                finished[position] = future
        for position, (unit, _) in enumerate(suspects):
            if position in finished:
                error = finished[position].exception()
                yield Outcome(unit, None if error else finished[position].result(), error)  # type: ignore[arg-type]
            else:
                yield self._alone(function, unit)
        self._executor = self._new(self.workers)

    def _alone(self, function: Callable[[Unit], Result], unit: Unit) -> Outcome[Unit, Result]:
        executor = self._new(1)
        try:
            return Outcome(unit, executor.submit(function, unit).result(), None)
        except BrokenProcessPool:
            return Outcome(unit, None, WorkerDiedError(f"the worker process died while it worked on {unit}."))
        # The unit's own error goes to whoever asked for the unit.
        except Exception as error:  # noqa: BLE001
            return Outcome(unit, None, error)
        finally:
            _kill(executor)


def _forward(receiving: Connection, on_advance: Advance | None) -> None:
    """Read the workers' reports until the last of them has closed its end of the pipe."""
    with receiving, os.fdopen(os.dup(receiving.fileno())) as lines:
        for line in lines:
            message = json.loads(line)
            if "advance" not in message:
                logging.getLogger(message["name"]).log(message["level"], "%s", message["message"])
            elif on_advance is not None:
                on_advance(message["advance"])


def _kill(executor: Executor) -> None:
    # Python 3.14 has kill_workers(); until then the pool's processes are reached by a private name.
    processes = list((getattr(executor, "_processes", None) or {}).values())
    executor.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        process.kill()
    for process in processes:
        process.join()


@contextmanager
def pool(workers: int, *, on_advance: Advance | None = None) -> Iterator[Pool]:
    """Worker processes for the length of a ``with`` block; see `Pool`."""
    with _one_thread_each():
        running = Pool(workers, on_advance)
        try:
            yield running
        finally:
            running.close()


@contextmanager
def _one_thread_each() -> Iterator[None]:
    before = {name: os.environ.get(name) for name in _THREAD_VARIABLES}
    os.environ.update(dict.fromkeys(_THREAD_VARIABLES, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
