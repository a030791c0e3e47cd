"""A real Kerberos on loopback: MIT's key distribution centre, and what accepts its tickets for a server of the tests.

Example::

    with Kerberos(folder, "nds2") as kerberos:
        subprocess.run(command, env={**os.environ, **kerberos.ticket("albert")})
        with kerberos.accept() as exchange:
            answer, done = exchange.step(token)

The exchange is Cyrus SASL's, in a process of its own: this file, run as a program.
"""

from __future__ import annotations

import base64
import contextlib
import ctypes
import ctypes.util
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable

REALM, HOST = "TEST.LOOPBACK", "127.0.0.1"
PASSWORD = "correct horse battery staple"  # noqa: S105 - of nobody
PROGRAMS = ("krb5kdc", "kdb5_util", "kadmin.local", "kinit", "klist")
_PLUGINS = [*Path("/usr/lib").glob("*/sasl2/libgssapiv2.so")]

CLIENT = """
[libdefaults]
default_realm = {realm}
dns_lookup_kdc = false
dns_canonicalize_hostname = false
rdns = false
clockskew = 1
[realms]
{realm} = {{
  kdc = {host}:{port}
}}
[domain_realm]
{host} = {realm}
"""
CENTRE = """
[kdcdefaults]
kdc_listen = {host}:{port}
kdc_tcp_listen = {host}:{port}
[realms]
{realm} = {{
  database_name = {folder}/principal
  key_stash_file = {folder}/stash
}}
[logging]
kdc = FILE:{folder}/kdc.log
"""


def why_no_kerberos() -> str | None:
    """Say why Kerberos cannot run here, or None if it can."""
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing:
        return f"no Kerberos: {', '.join(missing)} is not installed (Debian: krb5-kdc krb5-admin-server krb5-user)"
    if not _PLUGINS:
        return "no Kerberos: Cyrus SASL has no GSSAPI plugin (Debian: libsasl2-modules-gssapi-mit)"
    return None


class Kerberos:
    """Kerberos from entering to leaving the context.

    Parameters
    ----------
    folder
        For its database and its logs.
    service
        Whose tickets are accepted.
    """

    def __init__(self, folder: Path, service: str) -> None:
        self._folder, self._service = folder, service
        with socket.socket() as free:
            free.bind((HOST, 0))
            self._port = free.getsockname()[1]
        self.environment = {
            "KRB5_CONFIG": str(folder / "krb5.conf"),
            "KRB5_KDC_PROFILE": str(folder / "kdc.conf"),
            "KRB5_KTNAME": f"FILE:{folder / 'keytab'}",
        }

    def __enter__(self) -> Self:
        names = {"realm": REALM, "host": HOST, "port": self._port, "folder": self._folder}
        (self._folder / "krb5.conf").write_text(CLIENT.format(**names))
        (self._folder / "kdc.conf").write_text(CENTRE.format(**names))
        self._run("kdb5_util", "create", "-s", "-r", REALM, "-P", PASSWORD)
        self._administer(f"addprinc -randkey {self._service}/{HOST}")
        self._administer(f"ktadd -k {self._folder / 'keytab'} {self._service}/{HOST}")
        with (self._folder / "kdc.out").open("w") as out:
            command = ["setpriv", "--pdeathsig", "KILL", "krb5kdc", "-n"]
            self._centre = subprocess.Popen(
                command, env={**os.environ, **self.environment}, stdin=subprocess.DEVNULL, stdout=out, stderr=out
            )
        self._until(self._answers, "key distribution centre")
        return self

    def __exit__(self, *_: object) -> None:
        self._centre.terminate()
        self._centre.wait()

    def ticket(self, user: str, *, seconds: int = 600) -> dict[str, str]:
        """The environment of somebody who has just said kinit."""
        environment = {**self.environment, "KRB5CCNAME": f"FILE:{self._folder / user}"}
        self._administer(f'addprinc -pw "{PASSWORD}" {user}')
        self._run("kinit", "-l", f"{seconds}s", user, said=f"{PASSWORD}\n", **environment)
        return environment

    def expired_ticket(self, user: str) -> dict[str, str]:
        """The same, long ago."""
        environment = self.ticket(user, seconds=1)
        there = ["klist", "-s"]
        self._until(
            lambda: subprocess.run(there, env={**os.environ, **environment}, check=False).returncode != 0,
            "end of the ticket",
        )
        time.sleep(1)  # for klist, a ticket is over as its last second begins; for GSSAPI, as that ends
        return environment

    def change_key(self) -> None:
        """Give the service another key, of which the server knows nothing: tickets from now on are no good there."""
        self._administer(f"cpw -randkey {self._service}/{HOST}")

    def accept(self) -> Exchange:
        """Begin an exchange, as the server."""
        return Exchange(self._service, self.environment)

    def _administer(self, query: str) -> None:
        self._run("kadmin.local", "-q", query)

    def _run(self, *command: str, said: str = "", **environment: str) -> None:
        done = subprocess.run(
            command,
            env={**os.environ, **self.environment, **environment},
            input=said,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr

    def _answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection((HOST, self._port), timeout=1):
            return True
        return False

    def _until(self, condition: Callable[[], bool], what: str, *, seconds: float = 30) -> None:
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                raise TimeoutError(f"no {what} after {seconds:g} s\n{(self._folder / 'kdc.out').read_text()}")
            time.sleep(0.05)


class Exchange:
    """The server's side of an exchange, step by step.

    Attributes
    ----------
    user
        Who it was, when it is over.
    """

    def __init__(self, service: str, environment: dict[str, str]) -> None:
        self.user = ""
        self._process = subprocess.Popen(
            [sys.executable, __file__, service],
            env={**os.environ, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def step(self, token: bytes) -> bytes | None:
        """What to answer to a token of the client; None at the end, where `user` says who it was, if anybody."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(base64.b64encode(token).decode() + "\n")
        self._process.stdin.flush()
        verdict, _, rest = self._process.stdout.readline().rstrip("\n").partition(" ")
        if verdict == "more":
            return base64.b64decode(rest)
        self.user = rest if verdict == "done" else ""
        return None


def main(service: str) -> None:
    """Read tokens from stdin, a line each, and answer with ``more TOKEN``, ``done USER`` or ``refused``."""
    library = ctypes.CDLL(ctypes.util.find_library("sasl2") or "libsasl2.so.2")
    pointer, text, number = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_uint
    library.sasl_server_new.argtypes = [*[text] * 5, pointer, number, ctypes.POINTER(pointer)]
    answer = [ctypes.POINTER(pointer), ctypes.POINTER(number)]
    library.sasl_server_start.argtypes = [pointer, text, text, number, *answer]
    library.sasl_server_step.argtypes = [pointer, text, number, *answer]
    library.sasl_getprop.argtypes = [pointer, ctypes.c_int, ctypes.POINTER(pointer)]
    library.sasl_server_init(None, b"tests")
    connection, out, size = pointer(), pointer(), number()
    library.sasl_server_new(service.encode(), HOST.encode(), *[None] * 4, 0, ctypes.byref(connection))
    for count, line in enumerate(sys.stdin):
        token = base64.b64decode(line)
        asked = (token, len(token), ctypes.byref(out), ctypes.byref(size))
        if count == 0:
            result = library.sasl_server_start(connection, b"GSSAPI", *asked)
        else:
            result = library.sasl_server_step(connection, *asked)
        if result == 1:
            said = "more " + base64.b64encode(ctypes.string_at(out, size.value) if out else b"").decode()
        elif result == 0:
            library.sasl_getprop(connection, 0, ctypes.byref(out))
            said = "done " + ctypes.string_at(out.value or 0).decode()
        else:
            said = "refused"
        sys.stdout.write(said + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
