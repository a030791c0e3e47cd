"""The pictures of the page by what they show: gathered first, and drawn at the end by the workers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aframe_data.plugin.code import loaded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aframe_data.work.plan import Work


@dataclass(frozen=True, eq=False)
class Picture:
    """One picture that is to be drawn.

    Attributes
    ----------
    number
        Among all.
    caption
        What is below it.
    function, arguments
        What draws it, ``package.module:function`` of the place and the arguments; it gives False if it drew nothing.
    """

    number: int
    caption: str
    function: str
    arguments: tuple[Any, ...]


@dataclass(frozen=True, eq=False)
class PictureUnit:
    """Pictures that one worker draws.

    Attributes
    ----------
    subject
        What they show: the name of a file or a folder, or a title of the album's own.
    pictures
        In their order on the page.
    """

    subject: str
    pictures: tuple[Picture, ...]

    def __str__(self) -> str:
        return f"a picture of {self.subject}"


def draw_pictures(unit: PictureUnit) -> list[str]:
    """Draw them: the element of each, or nothing."""
    from aframe_data.figures.canvas import PagePicture

    elements = []
    for one in unit.pictures:
        place = PagePicture(f"p{one.number}")
        drawn = loaded(one.function)(place, *one.arguments)
        elements.append("" if drawn is False else place.svg)
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
        """Have one drawn: see `Picture`."""
        self.add_together(subject, [caption], function, [arguments])

    def add_together(
        self, subject: str, captions: Sequence[str], function: str, arguments: Sequence[tuple[Any, ...]]
    ) -> None:
        """Have some drawn by one worker: what draws them takes long to import."""
        pictures = tuple(
            Picture(number, caption, function, values)
            for number, (caption, values) in enumerate(zip(captions, arguments, strict=True), self._number + 1)
        )
        self._number += len(pictures)
        self._units.append(PictureUnit(subject, pictures))

    def draw(self, work: Work) -> None:
        """Draw all that were added, what takes longest first."""
        advance = work.phase("drawing", self._number)
        units = sorted(self._units, key=lambda unit: -len(unit.pictures))
        for outcome in work.engine.run(draw_pictures, units, window=len(units)):
            unit: PictureUnit = outcome.unit
            for picture, element in zip(unit.pictures, outcome.value, strict=True):
                if element:
                    self.pictures.setdefault(unit.subject, []).append((picture.caption, element))
            advance(len(unit.pictures))
