"""Ledgers out of others: of unfinished work, joined, and some rows of one."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from aframe_data.formats import hdf5
from aframe_data.formats.ledger import create
from aframe_data.formats.ledger_arrays import blocks, by_group, fields_of
from aframe_data.progress import ignore

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path
    from typing import Any

    from aframe_data.formats.ledger import Layout, LedgerWriter
    from aframe_data.formats.ledger_arrays import Array
    from aframe_data.progress import Advance


class Joining:
    """A ledger that is joined from others of unfinished work, in their order, as they come; made by `joining`."""

    def __init__(self, writer: LedgerWriter, length: int, columns: Mapping[str, Array]) -> None:
        self._writer, self._length, self._columns = writer, length, columns
        self._rows = 0

    def append(self, part: Path) -> int:
        """Append the rows of the next one, as far as they are wanted; give their number."""
        start = self._rows
        for parameters, waveforms in read_rows(part, self._length - start):
            stop = self._rows + len(next(iter(parameters.values())))
            parameters |= {name: values[self._rows : stop] for name, values in self._columns.items()}
            self._writer.append(parameters, waveforms)
            self._rows = stop
        return self._rows - start

    def finish(self, record: Mapping[str, Any]) -> None:
        """Write the provenance; the last call before the file is whole."""
        self._writer.finish(record)


@contextmanager
def joining(path: Path, layout: Layout, columns: Mapping[str, Array] | None = None) -> Iterator[Joining]:
    """Join ledgers, and further `columns`; the file appears when the block ends without an error."""
    with create(path, layout) as writer:
        yield Joining(writer, layout.length, columns or {})


def join(
    path: Path,
    layout: Layout,
    parts: Sequence[Path],
    record: Mapping[str, Any],
    advance: Advance = ignore,
    *,
    columns: Mapping[str, Array] | None = None,
) -> None:
    """Join ledgers of unfinished work that are all there, as `joining` does; `advance` is told the rows."""
    with joining(path, layout, columns) as joined:
        for part in parts:
            advance(joined.append(part))
        joined.finish(record)


def extract(source: Path, rows: slice, path: Path, layout: Layout, record: Mapping[str, Any]) -> None:
    """Write some rows of a ledger to one of their own."""
    with hdf5.reading(source, "a ledger file") as file, create(path, layout) as writer:
        for block in blocks(file, layout.fields, rows):
            writer.append(*by_group(block))
        writer.finish(record)


def read_rows(path: Path, most: int) -> Iterator[tuple[dict[str, Array], dict[str, Array]]]:
    """The first rows of a ledger of unfinished work, at most so many, in blocks: their parameters and waveforms."""
    with hdf5.open_part(path) as file:
        rows = min(most, int(file.attrs["length"]))
        yield from map(by_group, blocks(file, fields_of(file), slice(0, rows)))
