"""Asking a server that may be private: without credentials first, and with some where it refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from aframe_data.errors import AuthenticationError
from aframe_data_plugins.credentials.credential import ANONYMOUS, Credential
from aframe_data_plugins.credentials.finding import Requirement, find_credential
from aframe_data_plugins.http.address import is_loopback
from aframe_data_plugins.http.failures import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable

Answer = TypeVar("Answer")


class Access:
    """How one server is asked, for the life of a process.

    Parameters
    ----------
    server
        Its URL.
    scope, audience
        Of the SciToken that it wants where it is private; see `Requirement`.
    """

    def __init__(self, server: str, scope: str, audience: str = "") -> None:
        self._requirement = Requirement(server, scope, audience)
        self._credential = ANONYMOUS

    def ask(self, question: Callable[[Credential], Answer]) -> Answer:
        """Ask without a credential, and once more with one if the server refuses.

        A credential that was accepted is kept; when the server refuses it later, another one is looked for, since
        tokens are renewed in their files.

        Parameters
        ----------
        question
            Told what to show to the server (`Credential.keywords` or `Credential.attach`); a refusal is a
            `RefusedError`. All other errors go through.

        Raises
        ------
        AuthenticationError
            There is no credential, or the server refuses that too; the message has the command that gets one.
        """
        try:
            return question(self._credential)
        except RefusedError:
            pass
        self._require_secrecy()
        found = find_credential(self._requirement)
        if found == self._credential:
            raise self._refused(found)
        try:
            answer = question(found)
        except RefusedError:
            raise self._refused(found) from None  # the error holds the request, and that the token
        self._credential = found
        return answer

    def _require_secrecy(self) -> None:
        """Refuse to send a secret in the clear, other than to this machine."""
        parts = urlsplit(self._requirement.server)
        if parts.scheme != "https" and not is_loopback(parts.hostname or ""):
            raise AuthenticationError(
                f"{self._requirement.server} wants {self._requirement}, which is never sent over {parts.scheme}: "
                "name the server with https://."
            )

    def _refused(self, credential: Credential) -> AuthenticationError:
        wanted = self._requirement
        return AuthenticationError(
            f"{wanted.server} refuses {credential.kind} that was found; it wants {wanted}. {wanted.advice}"
        )
