"""Units of work for the tests of the engine: plain functions that worker processes can import."""

from __future__ import annotations

import importlib
import logging
import os
import signal
import sys
import time
import uuid
from pathlib import Path

from aframe_data.work.units import advance


def square(unit: int) -> int:
    advance(1)
    return unit * unit


def draw(unit: int) -> int:
    """Draw ten, of which as many are accepted as the number of the unit says; unit 2 was done before."""
    advance(unit, 10, found=unit == 2)
    return unit


def fail_on_three(unit: int) -> int:
    if unit == 3:
        raise ValueError("three is refused")
    return unit


def abort_on_three(unit: int) -> int:
    if unit == 3:
        os.abort()
    return unit


def die_once(unit: tuple[int, str]) -> int:
    """Kill the worker the first time that unit 2 runs, as an out-of-memory killer does."""
    number, folder = unit
    marker = Path(folder) / "died"
    if number == 2 and not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def process_id(_unit: int) -> int:
    return os.getpid()


def threads(_unit: int) -> str:
    return os.environ["OMP_NUM_THREADS"]


def wait_for_the_last(unit: tuple[int, str]) -> int:
    """Unit 0 ends when unit 9 has run, or fails after a minute."""
    number, folder = unit
    last = Path(folder) / "9"
    if number == 9:
        last.touch()
    end = time.monotonic() + 60
    while number == 0 and not last.exists():
        if time.monotonic() > end:
            raise TimeoutError("unit 9 never ran")
        time.sleep(0.01)
    return number


def count_runs_and_die_once(unit: tuple[int, str]) -> int:
    """Leave a mark for each run of a unit; unit 2 kills its worker the first time."""
    number, folder = unit
    (Path(folder) / f"run-{number}-{uuid.uuid4()}").touch()
    return die_once(unit)


class TwoArgumentsError(Exception):
    """Cannot be built again from its ``args``."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__(f"{first} and {second}")


def raise_oddly(how: str) -> None:
    """What a stranger's plugin may raise."""
    if how == "two arguments":
        raise TwoArgumentsError("one", "two")
    if how == "long":
        raise TwoArgumentsError("\x1b[31m", "x" * 5000)
    if how == "exit":
        raise SystemExit(0)
    raise KeyboardInterrupt


def log_oddly(_unit: int) -> None:
    """A message longer than a pipe takes at once, in characters of many bytes, and one that does not fit."""
    logger = logging.getLogger("aframe_data.units")
    logger.warning("\U0001f600\x01" * 3000)
    logger.warning("%d of", "x")


def sleep_after_the_first(unit: tuple[int, str]) -> None:
    """Unit 0 ends when another one has begun, which leaves its process's number and does not end by itself."""
    number, folder = unit
    if number:
        (Path(folder) / f"{os.getpid()}").touch()
    while number or not any(Path(folder).iterdir()):
        time.sleep(0.01)


def process_and_modules(_unit: int) -> tuple[int, list[str]]:
    """This process, and the modules that a test has made for it."""
    return os.getpid(), [name for name in sys.modules if name == "noted"]


def process_and_number(_unit: int) -> tuple[int, float]:
    """This process, and a number that a careless plugin would draw."""
    time.sleep(0.02)  # so that both workers get some
    return os.getpid(), float(importlib.import_module("numpy").random.random())


def import_noted_on_three(unit: int) -> int:
    if unit == 3:
        importlib.import_module("noted")
    return unit


def modules(_unit: int) -> list[str]:
    return [*sys.modules]
