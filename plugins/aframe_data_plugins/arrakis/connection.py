"""What goes wrong between the Arrakis client and its server, in this project's words.

The client passes on the errors of Arrow Flight and of gRPC below it. Nothing is asked twice here: the core repeats a
question when it meets a `TransientError`.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pyarrow as pa
from jsonschema import ValidationError
from pyarrow import flight

from aframe_data.errors import SourceError, TransientError
from aframe_data.outside import outside_text

if TYPE_CHECKING:
    from collections.abc import Iterator

#: What gRPC and the server put around a reason.
_WRAPPING = re.compile(r"( Detail:| gRPC client debug context:).*| ?\[request: \w+\]|^Flight [\w ]+, with message: ")
#: What the client raises where an answer is none of this protocol.
_STRANGE = (pa.ArrowException, ValidationError, AssertionError, KeyError, RuntimeError, TypeError, ValueError)


class UnavailableError(TransientError):
    """Nobody answers; or the server answers that it has not what was asked for, which looks the same from here."""


class RefusedError(SourceError):
    """The server says that it does not serve this."""


class AuthenticationAskedError(SourceError):
    """The server wants to know who asks, or does not let the owner of the token that was shown."""


@contextmanager
def told(server: str, timeout: float) -> Iterator[None]:
    """Say in this project's words what goes wrong while a server is asked.

    Raises
    ------
    AuthenticationAskedError, RefusedError, UnavailableError
        See there.
    TransientError
        The server failed, or was silent for `timeout` seconds.
    SourceError
        It is no Arrakis server.
    """
    try:
        yield
    except (flight.FlightUnauthenticatedError, flight.FlightUnauthorizedError) as error:
        # Without the error itself, which may know the request and so the token.
        raise AuthenticationAskedError(f"{server} refuses: {_reason(error)}.") from None
    except flight.FlightUnavailableError as error:
        raise UnavailableError(
            f"the connection to {server} failed: {_reason(error)}. "
            "Check the network, or name another server with --arrakis-server."
        ) from error
    except (flight.FlightInternalError, flight.FlightTimedOutError, flight.FlightCancelledError) as error:
        raise TransientError(f"{server} failed: {_reason(error)}.") from error
    except flight.FlightServerError as error:
        raise RefusedError(f"{server} refuses: {_reason(error)}.") from error
    except TimeoutError as error:
        raise TransientError(
            f"{server} sent nothing for {timeout:g} s (--arrakis-timeout): it may read from tape, or hang."
        ) from error
    except OSError as error:
        # A stream that the server ends with an error may end with that, or, where its kind came too late, with this.
        raise TransientError(f"{server} failed: {_reason(error)}.") from error
    except _STRANGE as error:
        raise SourceError(
            f"{server} answers, but not as an Arrakis server does ({type(error).__name__}: {_reason(error)}): "
            "check --arrakis-server."
        ) from error


def _reason(error: Exception) -> str:
    """What is left of an error's text without what gRPC and the server put around it."""
    text = _WRAPPING.sub("", " ".join(str(error).split()))
    return outside_text(text.rpartition("last error: ")[2].rpartition(": ")[2].rstrip("]."))
