"""The real gwdatafind-server in the test's own process, on loopback, over http or over TLS with SciTokens.

Example::

    with DatafindServer(folder) as server:  # knows what the *.ffl files in the folder list
        gwdatafind.find_types("H", host=server.url)
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import logging
from typing import TYPE_CHECKING, Any

import gwdatafind_server
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from gwdatafind_server import urls
from gwdatafind_server.api import v1
from werkzeug.serving import WSGIRequestHandler, make_server

from servers.loopback import Loopback

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from servers.tokens import Issuer

_SECONDS_BETWEEN_UPDATES = 3600


def list_frames(folder: Path, frames: Iterable[Path], name: str = "test") -> None:
    """Write an FFL for a server that starts later."""
    lines = []
    for path in frames:
        _, _, start, duration = path.stem.split("-")
        lines.append(f"{path} {start} {duration} 0 0")
    (folder / f"{name}.ffl").write_text("\n".join(lines) + "\n")


class DatafindServer(Loopback):
    """Serves at `url` from entering to leaving the context; on 127.0.0.1, on a free port.

    Parameters
    ----------
    folder
        Of FFLs.
    ways
        Scheme and URL that the folder of frames has there (``{"https": "https://example.org/data"}``), besides
        ``file``; `frames` is that folder.
    issuer
        Of the tokens that are wanted; with one, the server speaks TLS, by the certificate `certificate`.
    """

    def __init__(
        self,
        folder: Path,
        *,
        frames: Path | None = None,
        ways: dict[str, str] | None = None,
        issuer: Issuer | None = None,
    ) -> None:
        for cached in (urls.get_transforms, urls.transform_url, v1._get_filter_preference):
            cached.cache_clear()  # they forget which server they were asked by
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self._app = gwdatafind_server.create_app(config=_config(folder, frames or folder, ways or {}, issuer))
        self.certificate = folder / "server.pem"
        secrets = None if issuer is None else _certificate(folder)
        super().__init__(
            make_server("127.0.0.1", 0, self._app, threaded=True, request_handler=_Quiet, ssl_context=secrets)
        )
        self._scheme = "http" if issuer is None else "https"
        self.asked: list[str] = []
        self._app.before_request(self._note)

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self.port}"

    def __exit__(self, *_: object) -> None:
        super().__exit__()
        self._app.shutdown()

    def _note(self) -> None:
        from flask import request

        self.asked.append(request.path)


class _Quiet(WSGIRequestHandler):
    def log(self, *_: object) -> None:
        """Say nothing."""


def _config(folder: Path, frames: Path, ways: dict[str, str], issuer: Issuer | None) -> dict[str, Any]:
    config: dict[str, Any] = {
        "input": {"source": [{"type": "ffl", "path": str(folder), "interval": _SECONDS_BETWEEN_UPDATES}]},
        "url": {
            "transform": [
                {"scheme": scheme, "search": f"^file://localhost{frames}", "replace": base}
                for scheme, base in ways.items()
            ]
        },
    }
    if issuer is not None:
        config["auth"] = {
            "authorization": "scitoken",
            "scitoken": {"issuer": issuer.url, "audience": ["https://127.0.0.1"], "scope": "gwdatafind.read"},
        }
    return config


def _certificate(folder: Path) -> tuple[str, str]:
    """Make a certificate for this machine, which is its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "loopback")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "server.pem", folder / "server.key"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return str(paths[0]), str(paths[1])
