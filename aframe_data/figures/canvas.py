"""The paper that every picture is drawn on: style, colours, formats, and a file that is whole or not there.

matplotlib's global state (its settings, pyplot's list of figures) is not used and not changed, and what a user's
own settings say does not reach the pictures: the same data gives the same bytes on every account.
"""

from __future__ import annotations

import io
import re
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import matplotlib.style
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.projections import get_projection_class, register_projection
from matplotlib.scale import LogScale, ScaleBase, register_scale, scale_factory

from aframe_data.checks import require_picture_format
from aframe_data.store.atomic import replacing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: What the field paints each interferometer in.
IFO_COLOURS = {
    "G1": "#4c4c4c",
    "H1": "#ee0000",
    "I1": "#7cb342",
    "K1": "#ffb200",
    "L1": "#4ba6ff",
    "V1": "#9b59b6",
}
_OTHER_COLOURS = ("#00897b", "#8d6e63", "#d81b60", "#3949ab")
#: Of what was kept, of all that was drawn, and of a law.
ACCEPTED, DRAWN, LAW = "#00695c", "#9e9e9e", "#1a1a1a"

#: Metadata that would make two pictures of the same data differ: times, and matplotlib's version.
_LEFT_OUT: dict[str, dict[str, None]] = {
    "pdf": {"CreationDate": None},
    "png": {"Software": None},
    "svg": {"Date": None},
}

_STYLE = {
    # Both come with matplotlib; the second has the letters that a user's names may need.
    "font.family": ["STIXGeneral", "DejaVu Sans"],
    "mathtext.fontset": "stix",
    "font.size": 11,
    "axes.labelsize": 12,
    "axes.titlesize": 12,
    "figure.titlesize": 12,
    "axes.linewidth": 0.7,
    "xtick.direction": "in",
    "ytick.direction": "in",
    "xtick.top": True,
    "ytick.right": True,
    "legend.fontsize": 10,
    "legend.framealpha": 0.9,
    "legend.edgecolor": "0.85",
    "legend.fancybox": False,
    "pdf.fonttype": 42,
    "svg.hashsalt": "aframe-data",
    "savefig.dpi": 200,
}


#: In a page, greys and the colour of what was kept are the page's own, which differ by day and by night.
_PAGE_COLOURS = {
    "#000000": "currentColor",
    LAW: "currentColor",
    ACCEPTED: "var(--accepted)",
    "#ffffff": "var(--paper)",
    "#e0e0e0": "var(--shade)",
    "#d9d9d9": "var(--grid)",
    "#e6e6e6": "var(--grid)",
    "#ebebeb": "var(--grid)",
}
#: Text of a page is set at a size that a telephone shows too.
_PAGE_STYLE = {"font.size": 9, "axes.labelsize": 9.5, "axes.titlesize": 9.5, "legend.fontsize": 8.5, "savefig.dpi": 110}


@dataclass
class PagePicture:
    """A picture that is part of a page: give it in place of a path, and take the text of its ``<svg>`` after that.

    Attributes
    ----------
    name
        Begins the ids inside, so that those of two pictures of a page differ.
    svg
        The element; empty until it is drawn.
    """

    name: str
    svg: str = ""

    def keep(self, text: str) -> None:
        """Take a whole SVG file, and leave of it what stands in a page, in the page's colours."""
        element = text[text.index("<svg") :]
        element = re.sub(r"<metadata>.*?</metadata>\s*", "", element, flags=re.DOTALL)
        element = re.sub(r'\b(id="|href="#|url\(#)', rf"\g<1>{self.name}-", element)
        colours = "|".join(_PAGE_COLOURS)
        self.svg = re.sub(rf"(?<=[ :\"])({colours})\b", lambda found: _PAGE_COLOURS[found[1]], element).strip()


def ifo_colours(ifos: tuple[str, ...]) -> dict[str, str]:
    """Return the colour of each interferometer; those that the field has none for differ from each other."""
    others = [ifo for ifo in ifos if ifo not in IFO_COLOURS]
    return {ifo: IFO_COLOURS.get(ifo) or _OTHER_COLOURS[others.index(ifo) % len(_OTHER_COLOURS)] for ifo in ifos}


@contextmanager
def drawing(path: Path | PagePicture, width: float, height: float, **settings: Any) -> Iterator[Figure]:
    """Give a figure to draw on; it is at `path` when the block ends without an error.

    Parameters
    ----------
    path
        Its suffix says the format: one of `aframe_data.checks.PICTURE_FORMATS`. Or the place in a page.
    width, height
        Inches.
    **settings
        Of `matplotlib.figure.Figure`.

    Raises
    ------
    UsageError
        The suffix is not of a format that we draw.
    AframeDataError
        The file cannot be written; what was there is untouched.
    """
    kind, styles = "svg", ["default", _STYLE, _PAGE_STYLE]
    if not isinstance(path, PagePicture):
        kind, styles = require_picture_format(path), styles[:2]
    with untouched(), matplotlib.style.context(styles):
        # Where anybody has imported gwpy, plain axes and logarithmic scales are its own: legends, grids and labels of
        # another kind.
        register_projection(Axes)
        _use_scale(LogScale)
        figure = Figure(figsize=(width, height), **settings)
        yield figure
        if engine := figure.get_layout_engine():  # where it is left to savefig, that draws twice
            engine.execute(figure)
            figure.set_layout_engine("none")
        if isinstance(path, PagePicture):
            text = io.StringIO()
            figure.savefig(text, format=kind, metadata=_LEFT_OUT[kind], transparent=True)
            path.keep(text.getvalue())
            return
        with replacing(path) as temporary:
            figure.savefig(temporary, format=kind, metadata=_LEFT_OUT[kind])


def _use_scale(scale: type[ScaleBase]) -> None:
    with warnings.catch_warnings():  # of how the classes of matplotlib itself and of gwpy are made
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        register_scale(scale)


@contextmanager
def untouched() -> Iterator[None]:
    """Put matplotlib's settings, plain axes and logarithmic scales back to what they were before the block."""
    axes, scale = get_projection_class("rectilinear"), type(scale_factory("log", cast("Any", None)))
    try:
        with matplotlib.rc_context():
            yield
    finally:
        register_projection(axes)
        _use_scale(scale)


def write_names(legend: Any, names: list[str]) -> None:
    """Put names that a user chose into the first lines of a legend, as they are.

    As labels, matplotlib would leave out ``_x`` and typeset what stands between two ``$``.
    """
    for text, name in zip(legend.get_texts(), names, strict=False):
        text.set_parse_math(False)
        text.set_text(name)
