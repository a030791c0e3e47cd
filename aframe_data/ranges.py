"""Reading parts of what is far away as if it were a file here."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections import OrderedDict
    from collections.abc import Callable

    from _typeshed import WriteableBuffer

#: Bytes that are fetched at once where fewer are asked for, and how many times as many are kept. HDF5 reads metadata
#: in bits of some bytes, most of them near each other, and samples by the megabyte.
_PAGE, _PAGES = 128 * 1024, 64


class RangedFile(io.RawIOBase):
    """A file of which parts are fetched when they are read.

    Parameters
    ----------
    fetch
        Gives the bytes from a position to another one.
    size
        Bytes of the whole.
    name
        What messages call it.
    pages
        Parts of the same bytes that were fetched before, by their number; what is fetched is kept there.

    Attributes
    ----------
    error
        Why bytes could not be fetched: HDF5 tells that it could not read, and not why.
    """

    def __init__(
        self, fetch: Callable[[int, int], bytes], size: int, name: str, pages: OrderedDict[int, bytes]
    ) -> None:
        super().__init__()
        self._fetch, self._size, self._name, self._pages = fetch, size, name, pages
        self._position = 0
        self.error: Exception | None = None

    def __repr__(self) -> str:  # what h5py calls the file
        return self._name

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move the position."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Fill a buffer from the position on, as far as there is something."""
        view = memoryview(buffer).cast("B")
        start, stop = self._position, min(self._position + len(view), self._size)
        if stop <= start:
            return 0
        try:
            view[: stop - start] = self._bytes(start, stop)
        except Exception as error:
            self.error = error
            raise
        self._position = stop
        return stop - start

    def _bytes(self, start: int, stop: int) -> bytes:
        if stop - start >= _PAGE:
            return self._whole(start, stop)
        first, last = start // _PAGE, (stop - 1) // _PAGE
        found = b"".join(self._page(number) for number in range(first, last + 1))
        return found[start - first * _PAGE : stop - first * _PAGE]

    def _page(self, number: int) -> bytes:
        if number not in self._pages:
            self._pages[number] = self._whole(number * _PAGE, min((number + 1) * _PAGE, self._size))
        self._pages.move_to_end(number)
        if len(self._pages) > _PAGES:
            self._pages.popitem(last=False)
        return self._pages[number]

    def _whole(self, start: int, stop: int) -> bytes:
        found = self._fetch(start, stop)
        if len(found) != stop - start:
            raise OSError(f"{self._name} gave {len(found)} bytes where {stop - start} were asked for")
        return found
