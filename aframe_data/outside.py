"""Texts from elsewhere, such as an archive's answers and the content of files, as they may be shown to a person."""

from __future__ import annotations

#: Characters after which a text from elsewhere is cut.
LONGEST = 200


def outside_text(text: object, longest: int = LONGEST) -> str:
    """A text from elsewhere on one line, without control characters, and cut to a length.

    Parameters
    ----------
    text
        Whatever was there; what is no text is shown as Python shows it.
    longest
        Most characters that are kept; where more are there, the last one is an ellipsis.
    """
    # What is far too long is cut before it is looked at.
    line = " ".join(str(text)[: 4 * longest].split())
    shown = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in line)
    return shown if len(shown) <= longest else f"{shown[: longest - 1]}…"
