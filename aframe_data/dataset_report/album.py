"""The pictures of the page by what they show: gathered first, and drawn at the end by the workers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aframe_data.plugin.code import loaded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aframe_data.work.plan import Work


@dataclass(frozen=True, eq=False)
class PictureUnit:
    """Pictures of one kind that one worker draws.

    Attributes
    ----------
    first
        The number of the first one, among all.
    subject, caption
        What they show: the name of a file or a folder, or a title of the album's own; and what is below each of them.
    function, arguments
        What draws one, ``package.module:function`` of the place and arguments, and the arguments for each.
    """

    first: int
    subject: str
    caption: str
    function: str
    arguments: tuple[tuple[Any, ...], ...]

    def __str__(self) -> str:
        return f"a picture of {self.subject}"


def draw_pictures(unit: PictureUnit) -> list[str]:
    """Draw them: the elements of those on which something was drawn."""
    from aframe_data.figures.canvas import PagePicture

    elements = []
    for number, arguments in enumerate(unit.arguments, unit.first):
        place = PagePicture(f"p{number}")
        loaded(unit.function)(place, *arguments)
        if place.svg:
            elements.append(place.svg)
    return elements


@dataclass
class Album:
    """The pictures by what they show.

    Attributes
    ----------
    pictures
        For each subject, in order: what is below a picture, and the element.
    """

    pictures: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    _units: list[PictureUnit] = field(default_factory=list)
    _number: int = 0

    def of(self, subject: str) -> list[tuple[str, str]]:
        """What there is of a subject."""
        return self.pictures.get(subject, [])

    def add(self, subject: str, caption: str, function: str, *arguments: Any) -> None:
        """Have one drawn: see `PictureUnit`."""
        self.add_together(subject, caption, function, [arguments])

    def add_together(self, subject: str, caption: str, function: str, arguments: Sequence[tuple[Any, ...]]) -> None:
        """Have some drawn by one worker: what draws them takes long to import."""
        self._units.append(PictureUnit(self._number + 1, subject, caption, function, tuple(arguments)))
        self._number += len(arguments)

    def draw(self, work: Work) -> None:
        """Draw all that were added, what takes longest first."""
        advance = work.phase("drawing", self._number)
        units = sorted(self._units, key=lambda unit: -len(unit.arguments))
        for outcome in work.engine.run(draw_pictures, units, window=len(units)):
            unit: PictureUnit = outcome.unit
            if outcome.value:
                self.pictures.setdefault(unit.subject, []).extend((unit.caption, svg) for svg in outcome.value)
            advance(len(unit.arguments))
