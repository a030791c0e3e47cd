"""The few elements that the page is made of. Whatever is not `Html` is text, and is escaped: files may say anything."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

from aframe_data.outside import outside_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

#: Characters of a text that a page shows.
_LONGEST = 4000
#: The class of cells whose words are never broken, and the characters that they have at most.
_SHORT, _FEW = "short", 24


class Html(str):
    """A part of a page, as it is."""

    __slots__ = ()


def text(value: Any) -> Html:
    """A value as text: on one line, and without what moves a cursor or turns the direction of writing."""
    return value if isinstance(value, Html) else Html(html.escape(outside_text(value, _LONGEST)))


def lines(value: str) -> Html:
    """A text of several lines, each as `text` has it, for what is preformatted."""
    shown = (" " * (len(line) - len(line.lstrip(" "))) + outside_text(line, _LONGEST) for line in value.splitlines())
    return Html(html.escape("\n".join(shown)))


def element(tag: str, *children: Any, **attributes: str) -> Html:
    """An element; ``class_`` is the attribute ``class``."""
    given = "".join(f' {name.rstrip("_").replace("_", "-")}="{text(value)}"' for name, value in attributes.items())
    return Html(f"<{tag}{given}>{join(children)}</{tag}>")


def join(parts: Iterable[Any]) -> Html:
    """Parts one after the other."""
    return Html("".join(map(text, parts)))


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]], numbers: Sequence[int] = ()) -> Html:
    """A table; where there is little room, each row becomes a block in which every value has its column's name.

    Parameters
    ----------
    numbers
        Indices of columns of numbers, which end at the right.
    """
    kinds = ["number" if index in numbers else "" for index in range(len(columns))]
    head = join(element("th", name, scope="col", **_classes(kind)) for name, kind in zip(columns, kinds, strict=True))
    body = join(
        element(
            "tr",
            *(
                element("td", value, data_label=name, **_classes(kind, _SHORT * (len(text(value)) <= _FEW)))
                for name, value, kind in zip(columns, row, kinds, strict=True)
            ),
        )
        for row in rows
    )
    return element("table", element("thead", element("tr", head)), element("tbody", body))


def _classes(*names: str) -> dict[str, str]:
    told = " ".join(filter(None, names))
    return {"class_": told} if told else {}


def facts(rows: Iterable[tuple[str, Any]]) -> Html:
    """Names and values; what is None or empty is left out."""
    shown = [(name, value) for name, value in rows if value not in (None, "", ())]
    return element("dl", *(element("div", element("dt", name), element("dd", value)) for name, value in shown))


def details(summary: Any, *children: Any) -> Html:
    """What is shown when somebody asks for it."""
    return element("details", element("summary", summary), *children)


def figures(pictures: Iterable[tuple[str, str]]) -> Html:
    """Pictures side by side, each with what is below it."""
    shown = [
        element(
            "figure",
            Html(svg.replace("<svg ", f'<svg role="img" aria-label="{text(caption)}" ', 1)),
            element("figcaption", caption),
        )
        for caption, svg in pictures
    ]
    return element("div", *shown, class_="figures") if shown else Html("")
