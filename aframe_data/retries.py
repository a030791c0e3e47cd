"""Asking an archive again: growing pauses with jitter for what may pass, no second try for what will not."""

from __future__ import annotations

import logging
import random
from typing import TYPE_CHECKING, TypeVar

import tenacity

from aframe_data.errors import NoDataError, SourceError, TransientError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Answer = TypeVar("Answer")

ATTEMPTS = 5
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0
#: The longest ``Retry-After``, in seconds, that is waited for.
_LONGEST_WAIT = 600.0

_logger = logging.getLogger(__name__)


def _pause(state: tenacity.RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    pause = tenacity.wait_exponential_jitter(initial=_FIRST_PAUSE, max=_LONGEST_PAUSE)(state)
    if isinstance(error, TransientError) and error.retry_after is not None:
        # The archive's own word is a lower bound; a little more spreads those who wait together.
        pause = max(0.0, error.retry_after) + random.random()  # noqa: S311 - not for secrets
    return pause


def _worth_another_try(error: BaseException) -> bool:
    """Whether to ask again: an archive that wants us to stay away for long is told to the user instead."""
    return isinstance(error, TransientError) and (error.retry_after or 0.0) <= _LONGEST_WAIT


def _log(state: tenacity.RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    pause = state.next_action.sleep if state.next_action else 0.0
    _logger.warning("%s Attempt %d of %d in %.0f s.", error, state.attempt_number + 1, ATTEMPTS, pause)


def persistently(ask: Callable[[], Answer]) -> Answer:
    """Call `ask` until it answers, at most `ATTEMPTS` times; only a `TransientError` is worth another try.

    Where the archive asks to be left alone for longer than is waited for, its error says so at once.
    """
    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_exception(_worth_another_try),
        stop=tenacity.stop_after_attempt(ATTEMPTS),
        wait=_pause,
        before_sleep=_log,
        reraise=True,
        sleep=tenacity.nap.sleep,
    )
    try:
        return retrying(ask)
    except TransientError as error:
        if _worth_another_try(error):
            raise
        message = (
            f"{error} It asks to be left alone for {error.retry_after:.0f} s, and at most {_LONGEST_WAIT:.0f} s are "
            "waited for: try again then."
        )
        raise TransientError(message, error.retry_after) from error


def in_order(asks: Mapping[str, Callable[[], Answer]]) -> tuple[str, Answer]:
    """Ask one source after the other and return the name of the first that answers, with its answer.

    A source that does not know the flag or the channel (a `UsageError`) leaves the question to the next.

    Raises
    ------
    AframeDataError
        None did: see `joint_error`.
    """
    errors: dict[str, SourceError | UsageError] = {}
    for name, ask in asks.items():
        try:
            return name, persistently(ask)
        except (SourceError, UsageError) as error:
            errors[name] = error
            if len(asks) > 1:
                tell_of_next(name, error)
    raise joint_error(errors)


def tell_of_next(name: str, error: SourceError | UsageError) -> None:
    """Log why the next source is asked: that one is out of order is news, that it has no data is expected."""
    _logger.log(logging.WARNING if isinstance(error, TransientError) else logging.INFO, "%s: %s", name, error)


def joint_error(errors: Mapping[str, SourceError | UsageError]) -> SourceError | UsageError:
    """The error for a question that no source could answer.

    Parameters
    ----------
    errors
        What each source said, in the order in which they were asked; at least one.

    Returns
    -------
    AframeDataError
        That of a single source as it is. For several, one that tells what each of them said: a `NoDataError` or a
        `UsageError` if all of theirs are, else a `SourceError`.
    """
    if len(errors) == 1:
        return next(iter(errors.values()))
    message = "no source could answer. " + " ".join(f"{name}: {error}" for name, error in errors.items())
    if all(isinstance(error, NoDataError) for error in errors.values()):
        near = [segment for error in errors.values() for segment in getattr(error, "available", ())]
        return NoDataError(message, sorted(set(near)))
    if all(isinstance(error, UsageError) for error in errors.values()):
        return UsageError(message)
    return SourceError(message)
