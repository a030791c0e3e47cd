"""Finding a credential: a SciToken for an audience and a scope, else an X.509 certificate, else the way to get one."""

from __future__ import annotations

import os
import re
import warnings
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import igwn_auth_utils
from igwn_auth_utils.scitokens import default_bearer_token_file

from aframe_data.errors import AuthenticationError
from aframe_data.outside import outside_text
from aframe_data_plugins.credentials.credential import Credential

_TOKEN_VARIABLES = ("SCITOKEN", "SCITOKEN_FILE", "_CONDOR_CREDS", "BEARER_TOKEN", "BEARER_TOKEN_FILE")
#: What is in these is used even where htgettoken has written a better one to its file.
_BEFORE_FILES = ("SCITOKEN", "SCITOKEN_FILE", "BEARER_TOKEN")
_REASONS = (
    (r"value of (.+) for claim 'aud'", r"it is for the audience \1"),
    (r"value of (.+) for claim 'scope'", r"its scope is \1"),
    (r"for claim 'exp'", "it expires within a minute"),
    (r"has expired", "it has expired"),
    (r"Signature verification failed", "its signature is wrong"),
    (r"not a readable format|DecodeError", "it is not a token"),
)


@dataclass(frozen=True)
class Requirement:
    """What a server wants to be shown.

    Attributes
    ----------
    server
        Its URL.
    scope
        Of the SciToken, such as ``gwdatafind.read``.
    audience
        Of the SciToken; the server's own URL, unless it is another.
    """

    server: str
    scope: str
    audience: str = ""

    @property
    def audiences(self) -> list[str]:
        """The audiences that will do: the server, with its port or without, or any."""
        if self.audience:
            return list(dict.fromkeys([self.audience, "ANY"]))
        parts = urlsplit(self.server)
        return list(dict.fromkeys([f"{parts.scheme}://{parts.hostname}", f"{parts.scheme}://{parts.netloc}", "ANY"]))

    def __str__(self) -> str:
        return f"a SciToken with scope {self.scope} and audience {self.audiences[0]}"

    @property
    def advice(self) -> str:
        """The command that gets it."""
        command = f"htgettoken -a vault.ligo.org -i igwn --scopes={self.scope} --audience={self.audiences[0]}"
        first = next((name for name in _BEFORE_FILES if os.environ.get(name)), None)
        return f"Get one: {command}" + (f" (and unset {first}, which comes first)." if first else ".")


def find_credential(requirement: Requirement) -> Credential:
    """Find what a server wants, in the places where igwn-auth-utils looks.

    Raises
    ------
    AuthenticationError
        There is neither a SciToken that will do nor an X.509 certificate; the message has the command that gets one.
    """
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        try:
            token = igwn_auth_utils.find_scitoken(requirement.audiences, requirement.scope, warn=True)
            header = igwn_auth_utils.scitoken_authorization_header(token, scheme="")
            return Credential(token=header.strip())
        # Besides its own error, what it meets on the way: no such file, an issuer that answers rubbish.
        except (igwn_auth_utils.IgwnAuthError, OSError, ValueError, KeyError):
            reason = _reason([str(warning.message) for warning in told])
        try:
            return Credential(certificate=igwn_auth_utils.find_x509_credentials(on_error="ignore"))
        except igwn_auth_utils.IgwnAuthError:
            pass
    raise AuthenticationError(f"{requirement.server} wants {requirement}; {reason}. {requirement.advice}")


def _reason(told: list[str]) -> str:
    """Say why there is no token, from what was said of those that were found."""
    for text in told:
        for pattern, words in _REASONS:
            if match := re.search(pattern, text):
                return f"one was found in {_places()}, and {match.expand(words)}"
    if told:
        return f"one was found in {_places()}, and it cannot be used: {outside_text(told[0])}"
    places = _places()
    if places:
        return f"what is in {places} cannot be verified: it cannot be read, or its issuer does not answer"
    return "none was found"


def _places() -> str:
    """Where a token may have come from, by the names of variables and files."""
    places = [name for name in _TOKEN_VARIABLES if os.environ.get(name)]
    default = default_bearer_token_file()
    if not places and Path(default).exists():
        places = [default]
    return " or ".join(places)
