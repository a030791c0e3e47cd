"""Tables of signals in files of several formats: columns by the names that the files give them.

Read are ledger files of ours and of Aframe, the search sensitivity files of LIGO-Virgo-KAGRA (O3's group
``injections``, O4's table ``events``), pycbc's injection files, JSON of bilby (injections, posteriors), and text with a
line of names.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np

from aframe_data.errors import UsageError
from aframe_data.formats import foreign
from aframe_data.formats import record as records
from aframe_data.formats.opening import is_hdf5
from aframe_data.outside import outside_text
from aframe_data.plugin.kinds import NOT_DRAWN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from aframe_data.types import FloatArray

TIME = "injection_time"
#: What ledger files have that is no property of a source, besides the time.
NO_SOURCE = NOT_DRAWN - {TIME}
_NUMBERS = "biuf"
#: Bytes of text that is read as a table or as JSON.
_MOST_TEXT = 2**31


@dataclass(frozen=True, eq=False)
class Table:
    """Signals of a file.

    Attributes
    ----------
    path
        The file.
    columns
        Name and values, (n,) float64.
    complete
        Whether they are what a draw has, as in our files.
    celestial
        Whether ``ra`` is a right ascension, and not a longitude fixed to the Earth.
    cosmology
        The one that the file says, if it does.
    times
        GPS seconds of each signal, (n,); None where the file has none.
    """

    path: Path
    columns: Mapping[str, FloatArray]
    complete: bool = False
    celestial: bool = True
    cosmology: str | None = None
    times: FloatArray | None = field(default=None)

    @property
    def length(self) -> int:
        """How many signals there are."""
        return len(next(iter(self.columns.values()), ()))

    def with_columns(self, columns: Mapping[str, FloatArray]) -> Table:
        """The same with further or other columns."""
        return replace(self, columns={**self.columns, **columns})


def read_table(path: Path) -> Table:
    """The signals of a file, by the names that it has.

    Raises
    ------
    UsageError
        It cannot be read as one of the formats.
    """
    path = path.expanduser()
    try:
        if is_hdf5(path):
            with foreign.opened(path) as file:
                return _of_hdf5(path, file)
        if path.stat().st_size > _MOST_TEXT:
            raise UsageError(f"{str(path)!r} is not read: it has more than 2 GiB of text.")
        text = path.read_text(encoding="utf-8")
        columns = _of_json(text) if text.lstrip()[:1] in ("{", "[") else _of_text(text)
    except foreign.ForeignFileError as error:
        raise UsageError(f"{str(path)!r} cannot be read as a file of signals: {error}.") from error
    except RecursionError as error:
        raise UsageError(f"{str(path)!r} cannot be read as a file of signals: it is nested too deeply.") from error
    except (OSError, RuntimeError, ValueError, TypeError, LookupError) as error:
        raise UsageError(f"{str(path)!r} cannot be read as a file of signals: {outside_text(error)}.") from error
    return _timed(Table(path, columns))


def _timed(table: Table) -> Table:
    """The table with its times apart, by whatever name."""
    for name in (TIME, "geocent_time", "tc", "gps_time", "time_geocenter"):
        if name in table.columns:
            columns = {other: values for other, values in table.columns.items() if other != name}
            return replace(table, columns=columns, times=table.columns[name])
    return table


def _of_hdf5(path: Path, file: h5py.File) -> Table:
    if isinstance(file.get("parameters"), h5py.Group):
        return _of_ledger(path, file)
    group = file.get("injections")
    if isinstance(group, h5py.Group):
        return _timed(Table(path, _of_group(group)))
    events = file.get("events")
    if isinstance(events, h5py.Group):
        return _timed(Table(path, _of_group(events)))
    if isinstance(events, h5py.Dataset) and events.dtype.names:
        names = [name for name in events.dtype.names if events.dtype[name].kind in _NUMBERS]
        return _timed(Table(path, _columns({name: events[name] for name in names})))
    return _timed(Table(path, _of_group(file)))


def _of_ledger(path: Path, file: h5py.File) -> Table:
    record = records.read(file) or {}
    arguments = record.get("arguments", {})
    columns = {name: values for name, values in _of_group(file["parameters"]).items() if name not in NO_SOURCE}
    cosmology = record.get("cosmology")
    return _timed(
        Table(
            path,
            columns,
            complete=True,
            celestial=bool(arguments.get("true_right_ascension")),
            cosmology=cosmology if isinstance(cosmology, str) else None,
        )
    )


def _of_group(group: h5py.Group) -> dict[str, FloatArray]:
    """The columns of numbers of a group, and those of its attributes that pycbc says stand for a column each."""
    found = {name: item[()] for name, item in group.items() if _is_column(item)}
    constants = [_text(name) for name in np.atleast_1d(group.attrs.get("static_args", ()))]
    columns = _columns(found)
    length = len(next(iter(columns.values()), ()))
    for name in constants:
        value = np.asarray(group.attrs.get(name))
        if value.ndim == 0 and value.dtype.kind in _NUMBERS:
            columns[name] = np.full(length, float(value))
    return columns


def _is_column(item: Any) -> bool:
    return isinstance(item, h5py.Dataset) and item.ndim == 1 and item.dtype.kind in _NUMBERS


def _text(value: Any) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def _columns(found: Mapping[str, Any]) -> dict[str, FloatArray]:
    """Columns of numbers, as float64; they are of one length."""
    columns: dict[str, FloatArray] = {str(name): np.asarray(values, dtype=np.float64) for name, values in found.items()}
    if not columns:
        raise ValueError("it has no columns of numbers")
    lengths = {len(values) for values in columns.values()}
    if len(lengths) != 1:
        raise ValueError(f"its columns have different lengths: {', '.join(map(str, sorted(lengths)))}")
    return columns


def _of_json(text: str) -> dict[str, FloatArray]:
    """What bilby writes: ``injections`` or ``posterior``, or names and lists at the top."""
    found = json.loads(text)
    for name in ("injections", "posterior"):
        if isinstance(found, dict) and isinstance(found.get(name), (dict, list)):
            found = found[name]
            break
    found = _unwrapped(found)
    if isinstance(found, list):  # a mapping for each signal
        if not found or not all(isinstance(row, dict) for row in found):
            raise ValueError("it is not a list of objects with names and values")
        found = {name: [row.get(name) for row in found] for name in found[0]}
    if not isinstance(found, dict):
        raise TypeError("it has no names and values")
    return _columns(dict(_numbers(found)))


def _numbers(found: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Those of some values that are numbers, or lists of numbers."""
    for name, value in found.items():
        values = np.atleast_1d(np.asarray(_unwrapped(value)))
        if values.ndim == 1 and values.dtype.kind in _NUMBERS:
            yield name, values


def _unwrapped(value: Any) -> Any:
    """The content of what bilby's encoder marks: ``{"__dataframe__": true, "content": …}``."""
    if isinstance(value, dict) and "content" in value and any(str(name).startswith("__") for name in value):
        return value["content"]
    return value


def _of_text(text: str) -> dict[str, FloatArray]:
    """Columns with commas or blanks between them, below a line of names that may begin with ``#``."""
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        raise ValueError("it is empty")
    comma = "," in lines[0]
    names = [name.strip() for name in (lines[0].lstrip("# ").split("," if comma else None))]
    if len(set(names)) != len(names):
        raise ValueError("its first line names a column twice")
    if all(_is_number(name) for name in names):
        raise ValueError("its first line has no names of columns")
    rows = [line.split("," if comma else None) for line in lines[1:] if not line.startswith("#")]
    for number, row in enumerate(rows, 2):
        if len(row) != len(names):
            raise ValueError(f"line {number} has {len(row)} values, and the first line names {len(names)} columns")
    table = list(zip(*rows, strict=True)) or [()] * len(names)
    # A column of names, of waveform models for example, is none of numbers.
    return _columns(
        {
            name: [float(value) for value in values]
            for name, values in zip(names, table, strict=True)
            if all(map(_is_number, values))
        }
    )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
