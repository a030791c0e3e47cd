"""One credential, in a form that cannot be printed or stored by mistake."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from requests.auth import AuthBase

if TYPE_CHECKING:
    import requests


@dataclass(frozen=True, repr=False)
class Credential:
    """What is shown to a server; nothing at all without arguments.

    It is never pickled: a worker process finds its own.

    Attributes
    ----------
    token
        A SciToken, serialised.
    certificate
        Path of an X.509 certificate, or paths of certificate and key.
    """

    token: str | None = None
    certificate: str | tuple[str, str] | None = None

    def __repr__(self) -> str:
        return f"<credential: {self.kind}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a credential does not leave its process.")

    @property
    def kind(self) -> str:
        """What it is, in words."""
        return "a SciToken" if self.token else "an X.509 certificate" if self.certificate else "none"

    @property
    def keywords(self) -> dict[str, Any]:
        """The arguments that clients built on igwn-auth-utils take; they look for no other credential then."""
        return {"token": self.token or False, "cert": self.certificate or False}

    def attach(self, session: requests.Session) -> None:
        """Have a session of requests show it to every server that it talks to; not to those it is redirected to."""
        if self.token:
            session.auth = _Bearer(self.token)
        elif self.certificate:
            session.cert = self.certificate


ANONYMOUS = Credential()


class _Bearer(AuthBase):
    """The header of a bearer token (RFC 6750, section 2.1)."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request
