"""Waiting for a client that has no time-outs of its own."""

from __future__ import annotations

import threading
from queue import Empty, Full, Queue
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Item = TypeVar("Item")

#: Items that may wait to be taken: a server may be faster than whoever takes them.
_AHEAD = 64
#: Seconds after which a thread whose items nobody takes looks whether somebody still waits.
_LOOK_AGAIN = 1.0


def patiently(walk: Callable[[], Iterable[Item]], seconds: float) -> Iterator[Item]:
    """Yield what an iterable gives, which is made and walked in a thread of its own.

    A thread that is given up ends with the next thing that its iterable gives or raises.

    Raises
    ------
    TimeoutError
        Nothing came for so many seconds.
    """
    came: Queue[Item | _End] = Queue(_AHEAD)
    given_up = threading.Event()
    threading.Thread(target=_walk, args=(walk, came, given_up), daemon=True).start()
    try:
        while True:
            item = came.get(timeout=seconds)
            if not isinstance(item, _End):
                yield item
            elif item.error is not None:
                raise item.error
            else:
                return
    except Empty:
        raise TimeoutError(f"nothing for {seconds:g} s") from None
    finally:
        given_up.set()


class _End:
    """After the last item: the error that ended the walk, if one did."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error


def _walk(walk: Callable[[], Iterable[Item]], came: Queue[Item | _End], given_up: threading.Event) -> None:
    def put(item: Item | _End) -> bool:
        """Wait until there is room, as long as somebody waits for it; whether somebody does."""
        while not given_up.is_set():
            try:
                came.put(item, timeout=_LOOK_AGAIN)
            except Full:
                continue
            return True
        return False

    try:
        for item in walk():
            if not put(item):
                return
    # It goes on to the thread that waits, whatever it is.
    except Exception as error:  # noqa: BLE001
        put(_End(error))
    else:
        put(_End())
