"""Units of work: what one gives, and what may be called from inside one.

A unit is a plain function of one picklable argument: idempotent, knowing its own output, sharing no state. It can be
done by any engine, or again.
"""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar, cast

from aframe_data.outside import outside_text
from aframe_data.progress import ignore

if TYPE_CHECKING:
    from aframe_data.progress import Advance

Unit = TypeVar("Unit")
Result = TypeVar("Result")

#: Characters of an error's text, which may be a server's.
_LONGEST_TEXT = 500

#: Who is told how the units of this process advance; engines set it.
_listener: ContextVar[Advance] = ContextVar("listener", default=ignore)


@dataclass(frozen=True)
class Outcome(Generic[Unit, Result]):
    """One finished unit: its result, or the error that it ended with."""

    unit: Unit
    result: Result | None
    error: Exception | None

    @property
    def value(self) -> Result:
        """The result; raises the error where there is one."""
        if self.error is not None:
            raise self.error
        return cast("Result", self.result)


def advance(amount: float, tried: float = 0, /, *, found: bool = False) -> None:
    """Report, from inside a unit, that `amount` of its work was done: as `aframe_data.progress.Advance`."""
    _listener.get()(float(amount), float(tried), found=found)


def report_to(listener: Advance) -> None:
    """For engines: tell `listener` how the units of this process advance."""
    _listener.set(listener)


def told(error: BaseException) -> str:
    """An error of any class in one line, for those that cannot be raised again as they are."""
    text = outside_text(error, _LONGEST_TEXT)
    return f"{type(error).__name__}{': ' if text else ''}{text}"
