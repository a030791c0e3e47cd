"""In what two requests differ, in the user's words: names of options and values as they are typed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: Differences that a message names.
_SHOWN = 3
#: Characters of a value that a message shows.
_LONGEST = 60

#: What names of an identity are called that do not end with the option's own, the more special first.
_CALLED = tuple(
    (re.compile(pattern), word)
    for pattern, word in (
        (r"(request|times)\.duration", "waveform_duration"),
        (r"(prior|generator)\.(name|sha256\..*)", r"\1"),
        (r"(prior|generator)\.distribution", r"package of the \1"),
        (r"sources\.(number|\d+\.name)", "source"),
        (r"sources\.\d+\.distribution", "package of the source"),
        (r"sources\.\d+\.sha256\.(.*)", r"\1"),
        (r"noise\.(\w+)\..*", r"\1"),
        (r"times\.segments|noise\.background", "background"),
        (r"strain\..*|method\.segments", "set of files"),
        (r"veto_definer\..*", "veto_definer"),
        (r"share", "part"),
        (r"recipe", "version of the recipe"),
        (r".*?(\w+)", r"\1"),
    )
)
#: What follows from options, and is told only where nothing else is.
_DERIVED = frozenset({"batch", "part", "recipe", "stream", "unit_size"})

#: Defaults that an identity does not say.
_UNSAID = {"times.grid": "windows"}

#: Beginnings of names that tell of files, and not of what was typed.
_OF_FILES = ("noise.", "strain.", "method.")


def in_words(there: Mapping[str, Any], now: Mapping[str, Any], names: Sequence[str]) -> str:
    """``sample_rate = 2048, not 4096; another background``.

    Parameters
    ----------
    there, now
        Values by the dotted names of two identities; what is not named is None.
    names
        Those that differ.
    """
    # Where there is another provider, its options are others anyway.
    providers = tuple(name.removesuffix("name") for name in names if name.endswith(".name"))
    telling = [name for name in names if name.endswith(".name") or not name.startswith(providers)]
    telling = [name for name in telling if name not in _DERIVED] or telling
    words: dict[str, str] = {}
    for name in telling:
        word = called(name)
        values = [_UNSAID.get(name) if value is None else value for value in (there.get(name), now[name])]
        typed = [_typed(value) for value in values]
        if None in typed or "sha256" in name or name.startswith(_OF_FILES):
            when = next((when for when, value in zip(("then", "now"), values, strict=True) if value is None), None)
            words.setdefault(word, f"no {word} {when}" if when else f"another {word}")
        else:
            words.setdefault(word, f"{word} = {typed[0]}, not {typed[1]}")
    told = list(words.values())
    return "; ".join([*told[:_SHOWN], *(["…"] if len(told) > _SHOWN else [])])


def called(name: str) -> str:
    """What a user calls a name of an identity: the option, where there is one."""
    return next(match.expand(word) for pattern, word in _CALLED if (match := pattern.fullmatch(name)))


def _typed(value: Any) -> str | None:
    """A value as a person types it; None where it is long, or nothing that can be typed."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        items = [_typed(item) for item in value]
        text = None if any(item is None or "," in item for item in items) else ",".join(map(str, items)) or "none"
    elif isinstance(value, dict):
        return None
    else:
        text = f"{value:.15g}" if isinstance(value, float) else str(value)
    return text if text is not None and len(text) <= _LONGEST else None
