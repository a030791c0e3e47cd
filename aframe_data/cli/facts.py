"""What `inspect` found, as rows of a table: the names are those of its JSON, the values are for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aframe_data.sizes import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

_UNITS = {
    **dict.fromkeys(("livetime", "shortest", "longest", "duration", "right_pad"), "s"),
    **dict.fromkeys(("sample_rate", "native_sample_rate", "frequencies"), "Hz"),
}
_INTACT = {True: "as written", False: "changed", None: "not known: no hash"}
#: Groups whose members stand in the table under their own names.
_OPEN = ("parameters",)
#: Of a list of spans or flags, those that are shown one by one.
_SHOWN = 5


def fact_rows(facts: Mapping[str, Any], within: str = "") -> Iterator[tuple[str, str]]:
    """Name and value of each fact, nested ones with their groups before them."""
    for name, value in facts.items():
        whole = f"{within}, {name}" if within else name
        if name == "intact" and not within:
            yield "content", _INTACT[value]
        elif isinstance(value, dict) and not (text := _mapping(value)):
            yield from fact_rows(value, "" if name in _OPEN else whole)
        elif name == "flags":
            yield from _some((f"flag {flag['flag']}", _flag(flag)) for flag in value)
        elif _is_spans(value):
            yield from _spans(whole, value)
        elif name != "start_utc" or value:
            unit = f" ({_UNITS[name]})" if name in _UNITS else ""
            yield f"{whole}{unit}", text if isinstance(value, dict) else _scalar(value)


def _mapping(value: Mapping[str, Any]) -> str:
    """A mapping that is one thing to a person; empty for a group of several."""
    form = _FORMS.get(frozenset(value))
    return form(**value) if form else ""


def _span(start: float, stop: float) -> str:
    return f"{_scalar(start)} to {_scalar(stop)}"


def _range(**ends: float | None) -> str:
    low, high = _scalar(ends["min"]), _scalar(ends["max"])
    more = {"median": ", median {}", "step": " in steps of {}"}
    return f"{low} to {high}" + "".join(form.format(_scalar(ends[name])) for name, form in more.items() if name in ends)


def _asd(asd: float, frequency: float) -> str:
    return f"{asd:.3g} /sqrt(Hz) at {frequency:.6g} Hz"


def _array(shape: Sequence[int], dtype: str) -> str:
    return f"{' x '.join(map(str, shape))}, {dtype}"


def _flag(flag: Mapping[str, Any]) -> str:
    known = "" if flag["known"] is None else f" of {_scalar(flag['known'])} s known"
    taken = ", excluded" if flag["excluded"] else ""
    return f"active for {_scalar(flag['active'])} s{known}, from {flag['source']}{taken}"


def _bits(seconds: int, **mask: Mapping[str, int]) -> str:
    """Bits of a mask, by how long they are set: those that are all the time first."""
    names: dict[int, list[str]] = {}
    for name, number in mask["set"].items():
        names.setdefault(number, []).append(name)
    said = {seconds: "set throughout", 0: "never"}
    return "; ".join(
        f"{said.get(number, f'for {number} s of {seconds} s')}: {', '.join(names[number])}"
        for number in sorted(names, reverse=True)
    )


#: What is one thing to a person, by the names in it.
_FORMS: dict[frozenset[str], Callable[..., str]] = {
    frozenset({"start", "stop"}): _span,
    **{frozenset({"min", "max", *more}): _range for more in ((), ("median",), ("step",))},
    frozenset({"asd", "frequency"}): _asd,
    frozenset({"shape", "dtype"}): _array,
    frozenset({"seconds", "set"}): _bits,
}


def _is_spans(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)


def _spans(name: str, spans: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """What some spans add up to, and the first ones."""
    total = sum(span["stop"] - span["start"] for span in spans)
    yield f"{name} (s)", f"{_scalar(total)} in {counted(len(spans), 'span')}"
    yield from _some(("", _told(span)) for span in spans)


def _told(span: Mapping[str, Any]) -> str:
    where = f"{span['ifo']} " if span.get("ifo") else ""
    why = f": {span['reason']}" if span.get("reason") else ""
    return f"{where}{_scalar(span['start'])} to {_scalar(span['stop'])}{why}"


def _some(rows: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """The first rows, and how many more there are."""
    rows = list(rows)
    yield from rows[:_SHOWN]
    if len(rows) > _SHOWN:
        yield "", f"and {len(rows) - _SHOWN} more: --json shows all"


def _scalar(value: Any) -> str:
    if value is None:
        return "not known"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_scalar, value))
    if isinstance(value, float):
        # GPS times keep their whole seconds, and more where they have it.
        return f"{value:.15g}" if abs(value) >= 1e6 else f"{value:.6g}"
    return str(value)
