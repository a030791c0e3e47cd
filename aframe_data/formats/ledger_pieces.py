"""Ledgers out of others: of unfinished work, joined, and some rows of one."""

from __future__ import annotations

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


def append(writer: LedgerWriter, part: Path, columns: Mapping[str, Array] | None = None) -> int:
    """Append the rows of a ledger of unfinished work, as far as they are wanted; give their number.

    Parameters
    ----------
    columns
        Parameters that it does not have, of all rows of the whole.
    """
    start = writer.rows
    for parameters, waveforms in read_rows(part, writer.layout.length - start):
        rows = slice(writer.rows, writer.rows + len(next(iter(parameters.values()))))
        writer.append(parameters | {name: values[rows] for name, values in (columns or {}).items()}, waveforms)
    return writer.rows - start


def join(
    path: Path,
    layout: Layout,
    parts: Sequence[Path],
    record: Mapping[str, Any],
    advance: Advance = ignore,
    *,
    columns: Mapping[str, Array] | None = None,
) -> None:
    """Join ledgers of unfinished work that are all there, one by one as `append` does; `advance` is told the rows."""
    with create(path, layout) as writer:
        for part in parts:
            advance(append(writer, part, columns))
        writer.finish(record)


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
