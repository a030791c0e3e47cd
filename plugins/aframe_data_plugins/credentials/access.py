"""Asking a server that may be private: without credentials first, and with some where it refuses."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

import requests
from aframe_data.errors import AuthenticationError
from aframe_data_plugins.credentials.credential import ANONYMOUS, Credential
from aframe_data_plugins.credentials.finding import Requirement, find_credential

if TYPE_CHECKING:
    from collections.abc import Callable

Answer = TypeVar("Answer")

_REFUSALS = (requests.codes.unauthorized, requests.codes.forbidden)


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
            Told what to show to the server (`Credential.keywords` or `Credential.attach`); a refusal is an
            ``HTTPError`` with status 401 or 403. All other errors go through.

        Raises
        ------
        AuthenticationError
            There is no credential, or the server refuses that too; the message has the command that gets one.
        """
        try:
            return question(self._credential)
        except requests.HTTPError as error:
            if not is_refusal(error):
                raise
        self._require_secrecy()
        found = find_credential(self._requirement)
        if found == self._credential:
            raise self._refused(found)
        try:
            answer = question(found)
        except requests.HTTPError as error:
            if not is_refusal(error):
                raise
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


def is_refusal(error: requests.HTTPError) -> bool:
    """Whether a server wants to be shown a credential, or another one."""
    return error.response is not None and error.response.status_code in _REFUSALS


def is_loopback(host: str) -> bool:
    """Whether what is sent to a host stays on this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
