"""What `inspect` found, as rows of a table: the names are those of its JSON, the values are for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_UNITS = {
    **dict.fromkeys(("livetime", "shortest", "longest", "duration", "right_pad"), "s"),
    **dict.fromkeys(("sample_rate", "native_sample_rate", "frequencies"), "Hz"),
}
_INTACT = {True: "as written", False: "changed", None: "not known: no hash"}
#: Groups whose members stand in the table under their own names.
_OPEN = ("parameters",)
#: Of a list of spans, those that are shown one by one.
_SHOWN = 5


def fact_rows(facts: Mapping[str, Any], within: str = "") -> Iterator[tuple[str, str]]:
    """Name and value of each fact, nested ones with their groups before them."""
    for name, value in facts.items():
        whole = f"{within}, {name}" if within else name
        if name == "intact" and not within:
            yield "content", _INTACT[value]
        elif isinstance(value, dict) and not (text := _mapping(value)):
            yield from fact_rows(value, "" if name in _OPEN else whole)
        elif _is_spans(value):
            yield from _spans(whole, value)
        elif name != "start_utc" or value:
            unit = f" ({_UNITS[name]})" if name in _UNITS else ""
            yield f"{whole}{unit}", text if isinstance(value, dict) else _scalar(value)


def _mapping(value: Mapping[str, Any]) -> str:
    """A mapping that is one thing to a person; empty for a group of several."""
    keys = {*value}
    if keys == {"start", "stop"}:
        return f"{_scalar(value['start'])} to {_scalar(value['stop'])}"
    if {"min", "max"} <= keys <= {"min", "max", "median", "step"}:
        more = {"median": ", median {}", "step": " in steps of {}"}
        text = f"{_scalar(value['min'])} to {_scalar(value['max'])}"
        return text + "".join(form.format(_scalar(value[name])) for name, form in more.items() if name in value)
    if keys == {"asd", "frequency"}:
        return f"{value['asd']:.3g} /sqrt(Hz) at {value['frequency']:.6g} Hz"
    if keys == {"source", "active", "known", "excluded"}:
        return _flag(**value)
    if keys == {"shape", "dtype"}:
        return f"{' x '.join(map(str, value['shape']))}, {value['dtype']}"
    if keys == {"seconds", "set"}:
        return _bits(value["set"], value["seconds"])
    return ""


def _flag(source: str, active: float, known: float | None, *, excluded: bool) -> str:
    told = f"active for {_scalar(active)} s" + ("" if known is None else f" of {_scalar(known)} s known")
    return f"{told}, from {source}{', taken out' if excluded else ''}"


def _bits(seconds: Mapping[str, int], whole: int) -> str:
    """Bits of a mask: first those that are set all the time, then the others with their seconds."""
    always = [name for name, number in seconds.items() if number == whole]
    others = [f"{name} for {number} s of {whole} s" for name, number in seconds.items() if number != whole]
    return "; ".join([*([f"set throughout: {', '.join(always)}"] if always else []), *others])


def _is_spans(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)


def _spans(name: str, spans: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """One row for each of the first spans, and one for what they add up to."""
    total = sum(span["stop"] - span["start"] for span in spans)
    yield f"{name} (s)", f"{_scalar(total)} in {len(spans)} span" + "s" * (len(spans) != 1)
    for span in spans[:_SHOWN]:
        where = f"{span['ifo']} " if span.get("ifo") else ""
        why = f": {span['reason']}" if span.get("reason") else ""
        yield "", f"{where}{_scalar(span['start'])} to {_scalar(span['stop'])}{why}"
    if len(spans) > _SHOWN:
        yield "", f"and {len(spans) - _SHOWN} more: --json shows all"


def _scalar(value: Any) -> str:
    if value is None:
        return "not known"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_scalar, value))
    if isinstance(value, float):
        # GPS times keep their whole seconds, and more where they have it.
        return f"{value:.15g}" if abs(value) >= 1e6 else f"{value:.6g}"
    return str(value)
