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

    from aframe_data.formats.ledger import Layout
    from aframe_data.formats.ledger_arrays import Array
    from aframe_data.progress import Advance


def join(
    path: Path,
    layout: Layout,
    parts: Sequence[Path],
    record: Mapping[str, Any],
    advance: Advance = ignore,
    *,
    columns: Mapping[str, Array] | None = None,
) -> None:
    """Join ledgers of unfinished work, in their order, and further `columns`; `advance` is told the rows."""
    start = 0
    with create(path, layout) as writer:
        for parameters, waveforms in read_rows(parts, layout.length):
            stop = start + len(next(iter(parameters.values())))
            parameters |= {name: values[start:stop] for name, values in (columns or {}).items()}
            writer.append(parameters, waveforms)
            advance(stop - start)
            start = stop
        writer.finish(record)


def extract(source: Path, rows: slice, path: Path, layout: Layout, record: Mapping[str, Any]) -> None:
    """Write some rows of a ledger to one of their own."""
    with hdf5.reading(source, "a ledger file") as file, create(path, layout) as writer:
        for block in blocks(file, layout.fields, rows):
            writer.append(*by_group(block))
        writer.finish(record)


def read_rows(paths: Sequence[Path], length: int) -> Iterator[tuple[dict[str, Array], dict[str, Array]]]:
    """The first `length` rows of some ledgers in order, in blocks: their parameters and waveforms."""
    left = length
    for path in paths:
        with hdf5.open_part(path) as file:
            rows = min(left, int(file.attrs["length"]))
            yield from map(by_group, blocks(file, fields_of(file), slice(0, rows)))
            left -= rows
        if not left:
            return
