"""Whether ledger files are pieces of one set, and the shape of the file that they make together.

A piece is described by its attributes, by its fields and, where this package made it, by its provenance.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from aframe_data.errors import UsageError
from aframe_data.formats import hdf5
from aframe_data.formats.ledger_source import NUM_INJECTIONS, SEGMENT_LENGTH, SEGMENT_NUM_INJECTIONS
from aframe_data.formats.record_parts import mappings_in
from aframe_data.plugin.binary import BASE_PARAMETERS
from aframe_data.store.identity import disagreement, identity_of
from aframe_data.store.wording import called

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from aframe_data.formats.ledger import Layout
    from aframe_data.formats.ledger_source import LedgerSource
    from aframe_data.store.identity import Identity

_logger = logging.getLogger(__name__)

#: Of an identity, that in which the pieces of one set agree; not seed, noise, or the times of a campaign.
_SET = ("prior", "generator", "minimum_frequency", "reference_frequency", "acceptance")
#: Of the acceptance, what does not change which signals are accepted.
_ANY_WAY = "full_evaluation"
#: What pieces may have or not: a campaign with one noise for all needs no weights.
_OPTIONAL = frozenset({f"parameters/{name}" for name in (SEGMENT_LENGTH, SEGMENT_NUM_INJECTIONS)})
#: What Aframe's readers look for: where one file has it, none may be without.
_READ = frozenset(
    {
        *(f"the attribute {name}" for name in ("sample_rate", "duration", "right_pad", NUM_INJECTIONS, "ifos")),
        *(f"parameters/{name}" for name in (*BASE_PARAMETERS, "snr", "ifo_snrs", "injection_time", "shift")),
    }
)


class _Field(NamedTuple):
    """Type and shape of a field, but for the number of rows."""

    dtype: str
    shape: tuple[int, ...]

    def __str__(self) -> str:
        return f"{np.dtype(self.dtype)} ({', '.join(map(str, ('N', *self.shape)))})"


def require_distinct(sources: Sequence[LedgerSource]) -> None:
    """Check that no file is given twice, by whatever name.

    Raises
    ------
    UsageError
        One is.
    """
    seen: dict[tuple[int, ...], Path] = {}
    for source in sources:
        same = seen.setdefault(source.state[:2], source.path)
        if same is not source.path:
            raise UsageError(f"{str(source.path)!r} is given twice: its signals would count twice.")


def require_one_set(sources: Sequence[LedgerSource]) -> None:
    """Check that files have the same attributes and fields, and by their provenance the same prior and model.

    What only files of this package, or only files without provenance have, is no difference, as long as no reader of
    Aframe looks for it; nor are fields of files without rows, and the precision of numbers.

    Raises
    ------
    UsageError
        They differ; with what, and the two values.
    """
    first = _example(sources)
    for source in sources:
        _require_alike(first, source)
    known = [(source.path, population) for source in sources if (population := _population(source.record))]
    for path, population in known[1:]:
        differs = disagreement(known[0][1], population)
        if differs:
            name, there, here = differs
            what = f"{'the content of ' if 'sha256' in name else ''}{called(name)}"
            raise _not_one_set(f"{what} is {there!r} in {known[0][0]} and {here!r} in {path}")


def joined_layout(sources: Sequence[LedgerSource]) -> Layout:
    """The shape of the file that the pieces of one set make together, with what all of them have.

    Numbers of two precisions get the higher one, and num_injections is summed.
    """
    layout, common = _example(sources).layout, _in_all(sources)
    layouts = [source.layout for source in _holding(sources)]
    attributes = {name: value for name, value in layout.attributes.items() if f"the attribute {name}" in common}
    if NUM_INJECTIONS in attributes:
        attributes[NUM_INJECTIONS] = sum(source.num_injections or 0 for source in sources)
    parameters = {name: shape for name, shape in layout.parameters.items() if f"parameters/{name}" in common}
    return replace(
        layout,
        length=sum(source.layout.length for source in sources),
        attributes=attributes,
        parameters=parameters,
        dtype=_widest(each.dtype for each in layouts),
        parameter_dtypes={name: _widest(each.parameter_dtype(name) for each in layouts) for name in parameters},
    )


def tell_what_is_left_out(sources: Sequence[LedgerSource]) -> None:
    """Warn of what some files hold and the joined one will not."""
    for source in sources:
        if source.unknown:
            _logger.warning("%s also holds %s, which is left out.", source.path, ", ".join(source.unknown))
    common = _in_all(sources)
    for source in sources:
        more = sorted(_traits(source).keys() - common)
        if more:
            _logger.warning(
                "%s and maybe others have %s, which not all files have, and which is left out.",
                source.path,
                ", ".join(more),
            )
            return


def require_same_attributes(first: LedgerSource, second: LedgerSource) -> None:
    """Check that two files agree in the attributes that both have, but for the number of injections.

    Raises
    ------
    UsageError
        They do not.
    """
    ours, theirs = _attributes(first), _attributes(second)
    for name in sorted(ours.keys() & theirs.keys()):
        _require_equal(name, first, ours[name], second, theirs[name])


def _require_alike(first: LedgerSource, second: LedgerSource) -> None:
    ours, theirs = _traits(first), _traits(second)
    if not second.layout.length:
        ours = _attributes(first)
    mixed = (first.record is None) != (second.record is None)
    for name in sorted(ours.keys() | theirs.keys()):
        if name in ours and name in theirs:
            _require_equal(name, first, ours[name], second, theirs[name])
        elif (not mixed and name not in _OPTIONAL) or name in _READ or name.startswith("waveforms/"):
            there, missing = (first, second) if name in ours else (second, first)
            raise _not_one_set(f"{name} is in {there.path} and not in {missing.path}")


def _require_equal(name: str, first: LedgerSource, ours: Any, second: LedgerSource, theirs: Any) -> None:
    if not _equal(ours, theirs):
        raise _not_one_set(f"{name} is {ours} in {first.path} and {theirs} in {second.path}")


def _not_one_set(told: str) -> UsageError:
    return UsageError(f"{told}: only files of the same kind and settings can be joined.")


def _equal(first: Any, second: Any) -> bool:
    if isinstance(first, _Field):
        floats = all(np.dtype(field.dtype).kind == "f" for field in (first, second))
        return first.shape == second.shape and (first.dtype == second.dtype or floats)
    not_a_number = first != first and second != second  # noqa: PLR0124 - NaN equals NaN here
    return not_a_number or bool(first == second)


def _widest(dtypes: Iterable[str]) -> str:
    """The type that holds all numbers; one that is the only one stays, byte order and all."""
    different = set(dtypes)
    return different.pop() if len(different) == 1 else np.result_type(*different).str


def _holding(sources: Sequence[LedgerSource]) -> Sequence[LedgerSource]:
    """The files with rows, or, if there are none, all."""
    return [source for source in sources if source.layout.length] or sources


def _example(sources: Sequence[LedgerSource]) -> LedgerSource:
    """The one to which the others are compared."""
    return _holding(sources)[0]


def _in_all(sources: Sequence[LedgerSource]) -> set[str]:
    """Names of what all files have."""
    attributes = set.intersection(*(set(_attributes(source)) for source in sources))
    return attributes | set.intersection(*(set(_fields(source)) for source in _holding(sources)))


def _traits(source: LedgerSource) -> dict[str, Any]:
    """All in which files may differ, by names for the user; nothing of the fields where there are no rows."""
    return {**_attributes(source), **(_fields(source) if source.layout.length else {})}


def _attributes(source: LedgerSource) -> dict[str, Any]:
    found = {f"the attribute {name}": hdf5.plain(value) for name, value in source.layout.attributes.items()}
    if NUM_INJECTIONS in source.layout.attributes:
        found[f"the attribute {NUM_INJECTIONS}"] = "summed"
    return found


def _fields(source: LedgerSource) -> dict[str, _Field]:
    layout = source.layout
    found = {
        f"parameters/{name}": _Field(layout.parameter_dtype(name), shape) for name, shape in layout.parameters.items()
    }
    return {**found, **{f"waveforms/{name}": _Field(layout.dtype, (size,)) for name, size in layout.waveforms.items()}}


def _population(record: Mapping[str, Any] | None) -> Identity:
    """In what a file must agree with others, as far as its provenance says so; of a joined one, what its pieces say."""
    record = record or {}
    for piece in mappings_in(record, "sources"):
        found = _population(piece.get("provenance"))
        if found:
            return found
    if not isinstance(record.get("arguments", {}), Mapping):
        return {}
    return {name: _by_content(value) for name, value in identity_of(record).items() if name in _SET}


def _by_content(value: Any) -> Any:
    """A value as identities of today have it: a provider without its version and the paths of its files."""
    if not isinstance(value, Mapping):
        return value
    if "options" not in value:
        return {name: item for name, item in value.items() if name != _ANY_WAY}
    files = value.get("sha256", {})
    options = {name: given for name, given in value["options"].items() if name not in files}
    return {**{name: item for name, item in value.items() if name != "version"}, "options": options}
