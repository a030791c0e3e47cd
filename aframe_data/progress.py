"""How work tells of its progress: phases, each of a title and a total, and whoever watches them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

#: Told how much work was done since the last call, in the units of the total that the caller gave.
Advance: TypeAlias = Callable[[float], None]
#: Told the title and the total of a phase of the work; gives what is told how it advances, from any thread.
Phase: TypeAlias = Callable[[str, float], Advance]


class Bytes(int):
    """A total of so many bytes, for whoever shows how a phase advances."""


def ignore(_amount: float) -> None:
    """The progress that nobody watches."""


def silent(_title: str, _total: float) -> Advance:
    """The phase that nobody watches."""
    return ignore
