"""Every error that this package raises on purpose, and the exit code that each one means.

A message is one line, written for the person at the terminal: what was wrong, what is allowed, what to do
next. Errors cross process borders, so each of them can be pickled: ``args`` always rebuilds the error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aframe_data.outside import outside_text
from aframe_data.redaction import redacted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from aframe_data.types import Segment


#: Of more names than this, a message shows the nearest few.
_MOST_SHOWN, _SHOWN_OF_MANY = 40, 10


class AframeDataError(Exception):
    """Something failed; the message says what, and what to do next."""

    exit_code = 1

    def __str__(self) -> str:
        """The message, without secrets that may be part of a URL in it."""
        return redacted(str(self.args[0])) if self.args else ""


class UsageError(AframeDataError, ValueError):
    """An argument is wrong. Raised before any work is done."""

    exit_code = 2


class OutputExistsError(UsageError):
    """The output already exists and holds something other than what was asked for."""


class MissingDependencyError(AframeDataError):
    """A provider needs a package that is not installed; the message has the command that installs it."""


class PluginError(AframeDataError):
    """A plugin cannot be used: it does not load, or it breaks the contract of its hook."""


class SourceError(AframeDataError):
    """An archive answered no, and asking again will not change that."""


class NoDataError(SourceError):
    """An archive holds nothing for (part of) the span.

    Parameters
    ----------
    message
        One line for the user.
    available
        What the archive has near the span, if it knows.
    """

    def __init__(self, message: str, available: Iterable[Segment] = ()) -> None:
        self.available: tuple[Segment, ...] = tuple(available)
        super().__init__(message, self.available)


class TransientError(SourceError):
    """An archive could not answer now; the core asks again, with growing pauses.

    Parameters
    ----------
    message
        One line for the user; it names the host.
    retry_after
        Seconds the archive asked to wait (HTTP ``Retry-After``), or None.
    """

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        self.retry_after = retry_after
        super().__init__(message, retry_after)


class AuthenticationError(SourceError):
    """An archive requires authentication: no credential was found, or the one that was sent is refused.

    The message says what is missing and the command that gets it, and never holds a credential.
    """


class StoreError(AframeDataError):
    """An object store refuses, or cannot be reached; what is in it may be intact."""


class DataQualityError(AframeDataError):
    """The strain that arrived is not what was asked for: missing seconds, NaN, a wrong rate."""


class WaveformError(AframeDataError):
    """Waveforms could not be generated, or too many of them failed."""


class WorkerDiedError(AframeDataError):
    """A worker process ended in the middle of a unit of work (an abort in a C library, or no memory)."""


def did_you_mean(name: str, existing: Iterable[str]) -> str:
    """``" Did you mean 'X'?"`` for the names nearest to `name`, or an empty string."""
    from difflib import get_close_matches

    squashed = {_squash(candidate): candidate for candidate in existing}
    wanted = _squash(name)
    near = get_close_matches(wanted, squashed, n=3, cutoff=0.6)
    # The beginning of a long name is far from it by edits, and plainly meant for it.
    near = near or [candidate for candidate in squashed if len(wanted) > 2 and candidate.startswith(wanted)][:3]
    *others, last = [repr(squashed[match]) for match in near] or [""]
    return last and f" Did you mean {', '.join(others)}{' or ' if others else ''}{last}?"


def unknown_name(what: str, name: str, existing: Sequence[str]) -> UsageError:
    """The error for a name that is not among the `existing` ones: the nearest names, then all, or some of very many."""
    shown = sorted({outside_text(known) for known in existing})
    message = f"unknown {what} {outside_text(name)!r}.{did_you_mean(name, shown)}"
    if len(shown) > _MOST_SHOWN:
        from difflib import SequenceMatcher

        nearest = sorted(shown, key=lambda known: SequenceMatcher(None, _squash(name), _squash(known)).ratio())
        shown = [*sorted(nearest[-_SHOWN_OF_MANY:]), f"… and {len(shown) - _SHOWN_OF_MANY} more"]
    return UsageError(f"{message} Known: {', '.join(shown) or 'none'}.")


def _squash(name: str) -> str:
    return "".join(character for character in name.lower() if character.isalnum())
