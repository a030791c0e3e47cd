"""How work tells of its progress: phases, each of a title and a total, and whoever watches them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeAlias


class Advance(Protocol):
    """Told how much work was done since the last call, from any thread."""

    def __call__(self, amount: float, tried: float = 0, /, *, found: bool = False) -> None:
        """Hear of it.

        Parameters
        ----------
        amount
            What was done, in the units of the total that the caller gave.
        tried
            Of how many tries that amount is what succeeded, where not each does.
        found
            Whether it was done by an earlier run, and only found.
        """
        ...


#: Told the title and the total of a phase of the work; gives what is told how it advances, from any thread.
Phase: TypeAlias = Callable[[str, float], Advance]


class Bytes(int):
    """A total of so many bytes, for whoever shows how a phase advances."""


def ignore(_amount: float, _tried: float = 0, /, *, found: bool = False) -> None:
    """The progress that nobody watches."""
    del found


def silent(_title: str, _total: float) -> Advance:
    """The phase that nobody watches."""
    return ignore
