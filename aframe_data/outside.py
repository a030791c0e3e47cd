"""Texts that archives and files of others say, made fit for a terminal, a log and a message of one line."""

from __future__ import annotations

import unicodedata

#: Characters that a message shows of a text from outside.
MOST_SHOWN = 200
#: What moves a cursor, colours, turns the direction of writing or begins a line; and what is no character.
_UNPRINTABLE = frozenset({"Cc", "Cf", "Co", "Cn", "Cs", "Zl", "Zp"})


def outside_text(text: object, most: int = MOST_SHOWN) -> str:
    """A text from outside on one line, cut to a length.

    Parameters
    ----------
    text
        Text, bytes that are read as UTF-8, or what has a text, such as an error.
    most
        Characters; of a longer text the first ones are shown, and ``…``.

    Returns
    -------
    str
        With one blank for each stretch of white space, and ``?`` for each character that cannot be printed.
    """
    # Of a huge text, the beginning is enough to look at, with room for white space.
    said = text[: 8 * most].decode(errors="replace") if isinstance(text, bytes) else str(text)
    words = " ".join(said[: 8 * most].split())
    shown = "".join("?" if unicodedata.category(character) in _UNPRINTABLE else character for character in words)
    return f"{shown[: most - 1]}…" if len(shown) > most or len(said) > 8 * most else shown
