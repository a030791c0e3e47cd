"""One question to a server: what it is, for messages, and what its answer may cost."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aframe_data.errors import SourceError, TransientError
from aframe_data.sizes import format_bytes

if TYPE_CHECKING:
    from aframe_data_plugins.http.address import Address

#: Bytes of a list, all its pages together, and seconds that they may take.
LIST_BYTES, LIST_SECONDS = 16 * 10**6, 600.0
#: Values in one answer of JSON: a list of a few bytes each takes much more memory than its text.
LIST_VALUES = 2 * 10**6
#: Bytes a second, over as many seconds as the user waits for a server to go on.
LEAST_RATE = 1000


@dataclass(frozen=True)
class Question:
    """What a session with a server is about.

    Attributes
    ----------
    server
        That the user named. Nobody else is asked for lists. A file may be elsewhere, though not on this machine
        or its link unless this server is.
    timeout
        Seconds in which nothing may come.
    advice
        What the user can do where the server is not to be reached, a sentence.
    what
        Is asked for, for messages.
    asked
        Who is asked, for messages; the server, unless it is another one.
    most_bytes, most_seconds
        Of all answers together; None where the rate says how long an answer may take.
    download
        Whether it is a file that is asked for.
    """

    server: Address
    timeout: float
    advice: str
    what: str = "its answer"
    asked: str = ""
    most_bytes: int = LIST_BYTES
    most_seconds: float | None = LIST_SECONDS
    download: bool = False

    @property
    def host(self) -> str:
        """Who is asked, for messages."""
        return self.asked or self.server.url


@dataclass
class Budget:
    """What is left of what the answers to a question may cost; told each time that something came."""

    question: Question
    received: int = 0
    deadline: float | None = None
    _mark: tuple[float, int] | None = field(default=None, repr=False)

    def begin(self) -> None:
        """Note that an answer is waited for."""
        self._mark = None
        if self.deadline is None and self.question.most_seconds is not None:
            self.deadline = time.monotonic() + self.question.most_seconds

    def announce(self, length: str) -> None:
        """Note how long an answer says it is; errors as `spend`."""
        if length.isdecimal() and int(length) > self.question.most_bytes - self.received:
            raise self._too_much()

    def spend(self, nbytes: int) -> None:
        """Note that some bytes came.

        Raises
        ------
        SourceError
            They are more than the answer may have.
        TransientError
            They come too slowly.
        """
        question, now = self.question, time.monotonic()
        self.received += nbytes
        if self.received > question.most_bytes:
            raise self._too_much()
        if self.deadline is not None and now > self.deadline:
            raise TransientError(
                f"{question.host} did not finish sending {question.what} within {question.most_seconds:g} s."
            )
        since, before = self._mark = self._mark or (now, self.received - nbytes)
        if now - since >= question.timeout:
            came = self.received - before
            if came < LEAST_RATE * (now - since):
                raise TransientError(
                    f"{question.host} sent {came} bytes of {question.what} in {now - since:.3g} s, which is too slow "
                    "to wait for."
                )
            self._mark = (now, self.received)

    def _too_much(self) -> SourceError:
        question = self.question
        return SourceError(
            f"{question.host} sends more than the {format_bytes(question.most_bytes)} that {question.what} may have: "
            "it was not read."
        )
