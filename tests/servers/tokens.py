"""An issuer of SciTokens that nobody has to ask: its key lies in the cache in which clients and servers look first."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import pytest
    from cryptography.hazmat.primitives.asymmetric import ec

_KEY_ID = "test"
#: What igwn-auth-utils and scitokens read.
VARIABLES = (
    "SCITOKEN", "SCITOKEN_FILE", "_CONDOR_CREDS", "BEARER_TOKEN", "BEARER_TOKEN_FILE",
    "X509_USER_PROXY", "X509_USER_CERT", "X509_USER_KEY", "IGWN_AUTH_UTILS_FIND_X509", "IGWN_AUTH_UTILS_FIND_SCITOKEN",
)  # fmt: skip


def _new_key() -> ec.EllipticCurvePrivateKey:
    from cryptography.hazmat.primitives.asymmetric import ec

    return ec.generate_private_key(ec.SECP256R1())


@dataclass
class Issuer:
    """Makes tokens, which can be verified without a network once `publish` was called."""

    url: str = "https://issuer.example.org/igwn"
    key: ec.EllipticCurvePrivateKey = field(default_factory=_new_key)

    def publish(self) -> None:
        """Put the key into scitokens' cache, below XDG_CACHE_HOME."""
        from scitokens.utils import keycache

        keycache.KeyCache.getinstance().addkeyinfo(self.url, _KEY_ID, self.key.public_key(), cache_timer=3600)

    def token(self, audience: str, scope: str = "gwdatafind.read", *, lifetime: int = 600) -> str:
        """Make a token, serialised."""
        return self._signed(self.key, audience, scope, lifetime)

    def forged(self, audience: str, scope: str = "gwdatafind.read") -> str:
        """Make a token that claims to be of this issuer, and is not signed by it."""
        return self._signed(_new_key(), audience, scope, 600)

    def _signed(self, key: ec.EllipticCurvePrivateKey, audience: str, scope: str, lifetime: int) -> str:
        import scitokens

        token = scitokens.SciToken(key=key, key_id=_KEY_ID)
        token.update_claims({"sub": "somebody", "aud": audience, "scope": scope})
        text: str = token.serialize(issuer=self.url, lifetime=lifetime).decode()
        return text


def isolate(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Let nothing of the user's own credentials into a test."""
    from scitokens.utils import keycache

    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    for name in ("XDG_CACHE_HOME", "XDG_RUNTIME_DIR", "HOME"):
        (folder / name).mkdir(exist_ok=True)
        monkeypatch.setenv(name, str(folder / name))
    monkeypatch.setattr(keycache, "KEYCACHE_INSTANCE", None)  # it knows its folder for the life of the process
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
