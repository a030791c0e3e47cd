"""Tokens and certificates: found where they lie, shown only where they are wanted, and never told to anybody."""

from __future__ import annotations

import datetime as dt
import logging
import pickle
from typing import TYPE_CHECKING

import pytest

import requests
from aframe_data.errors import SourceError, TransientError
from aframe_data.redaction import redacted
from aframe_data_plugins.credentials.credential import ANONYMOUS, Credential
from aframe_data_plugins.http.address import Address
from aframe_data_plugins.http.failures import RefusedError
from aframe_data_plugins.http.question import Question
from aframe_data_plugins.http.session import asking
from servers.tokens import Issuer
from servers.web import WebServer

if TYPE_CHECKING:
    from pathlib import Path

    from aframe_data_plugins.credentials.access import Access

SERVER = "https://datafind.example.org:8443"
COMMAND = r"htgettoken -a vault\.ligo\.org -i igwn --scopes=gwdatafind\.read --audience=https://datafind\.example\.org"


def find(scope: str = "gwdatafind.read") -> Credential:
    from aframe_data_plugins.credentials.finding import Requirement, find_credential

    return find_credential(Requirement(SERVER, scope))


def access_to(url: str) -> Access:
    from aframe_data_plugins.credentials.access import Access

    return Access(url, "gwdatafind.read")


def certificate(path: Path, issuer: Issuer, *, days: int = 1) -> Path:
    """Write an X.509 certificate, made by its own owner."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization

    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "somebody")])
    now = dt.datetime.now(dt.UTC)
    built = (
        x509.CertificateBuilder(name, name, issuer.key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=2))
        .not_valid_after(now + dt.timedelta(days=days))
        .sign(issuer.key, hashes.SHA256())
    )
    path.write_bytes(built.public_bytes(serialization.Encoding.PEM))
    return path


class TestFinding:
    @pytest.mark.parametrize("audience", ["https://datafind.example.org", SERVER, "ANY"])
    def test_a_token_for_the_server_or_for_any_is_found(
        self, issuer: Issuer, monkeypatch: pytest.MonkeyPatch, audience: str
    ) -> None:
        token = issuer.token(audience)
        monkeypatch.setenv("BEARER_TOKEN", token)
        assert find() == Credential(token)

    def test_a_token_in_a_file_is_found(self, issuer: Issuer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        (tmp_path / "token").write_text(issuer.token("ANY") + "\n")
        monkeypatch.setenv("BEARER_TOKEN_FILE", str(tmp_path / "token"))
        assert find().kind == "a SciToken"

    def test_one_of_many_scopes_will_do(self, issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("BEARER_TOKEN", issuer.token("ANY", "dqsegdb.read gwdatafind.read read:/frames"))
        assert find().token
        assert find("read:/frames").token

    def test_none_at_all_is_told_with_the_command_that_gets_one(self, issuer: Issuer) -> None:
        del issuer
        with pytest.raises(
            SourceError,
            match=rf"^{SERVER} wants a SciToken with scope gwdatafind\.read and audience "
            rf"https://datafind\.example\.org; none was found\. Get one: {COMMAND}\.$",
        ):
            find()

    @pytest.mark.parametrize(
        ("make", "reason"),
        [
            (lambda issuer: issuer.token("https://other.example.org"), "it is for the audience 'https://other.*'"),
            (lambda issuer: issuer.token("ANY", "gracedb.read"), r"its scope is 'gracedb\.read'"),
            (lambda issuer: issuer.token("ANY", lifetime=-10), "it has expired"),
            (lambda issuer: issuer.token("ANY", lifetime=30), "it expires within a minute"),
            (lambda issuer: issuer.forged("ANY"), "its signature is wrong"),
            (lambda _: "rubbish", "it is not a token"),
        ],
        ids=["audience", "scope", "expired", "expires", "forged", "rubbish"],
    )
    def test_one_that_will_not_do_is_told_with_the_reason(
        self, issuer: Issuer, monkeypatch: pytest.MonkeyPatch, make: object, reason: str
    ) -> None:
        token = make(issuer)  # type: ignore[operator]
        monkeypatch.setenv("BEARER_TOKEN", token)
        with pytest.raises(
            SourceError, match=rf"one was found in BEARER_TOKEN, and {reason}\. .*{COMMAND} \(and unset BEARER_TOKEN"
        ) as caught:
            find()
        assert token not in str(caught.value)
        assert "\n" not in str(caught.value)

    def test_an_issuer_whose_key_is_not_to_be_had_is_told(
        self, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        nobody = Issuer("https://127.0.0.1:1/nobody", issuer.key)
        monkeypatch.setenv("BEARER_TOKEN", nobody.token("ANY"))
        with pytest.raises(SourceError, match=r"what is in BEARER_TOKEN cannot be verified: .*issuer does not answer"):
            find()

    def test_a_certificate_serves_where_there_is_no_token(
        self, issuer: Issuer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        path = certificate(tmp_path / "proxy.pem", issuer)
        monkeypatch.setenv("X509_USER_PROXY", str(path))
        assert find() == Credential(certificate=str(path))
        monkeypatch.setenv("BEARER_TOKEN", issuer.token("ANY"))
        assert find().kind == "a SciToken"

    def test_a_certificate_that_is_too_old_is_none(
        self, issuer: Issuer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("X509_USER_PROXY", str(certificate(tmp_path / "proxy.pem", issuer, days=-1)))
        with pytest.raises(SourceError, match="none was found"):
            find()


class TestSecrecy:
    def test_a_credential_does_not_show_its_token(self, issuer: Issuer) -> None:
        token = issuer.token("ANY")
        assert f"{Credential(token)!r} {Credential(token)!s}" == "<credential: a SciToken> <credential: a SciToken>"

    def test_a_credential_cannot_be_stored(self) -> None:
        with pytest.raises(TypeError, match="does not leave its process"):
            pickle.dumps(Credential("secret"))

    def test_tokens_are_cut_out_of_texts_from_elsewhere(self, issuer: Issuer) -> None:
        token = issuer.token("ANY")
        assert redacted(f"refused: {token}, sorry") == "refused: <token>, sorry"

    def test_nothing_about_a_token_is_logged(
        self, issuer: Issuer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        token = issuer.token("ANY")
        monkeypatch.setenv("BEARER_TOKEN", token)
        with caplog.at_level(logging.DEBUG), WebServer(tmp_path, token="another") as server:  # noqa: S106
            with pytest.raises(SourceError) as caught:
                access_to(server.url).ask(lambda shown: _get(server, shown))
            assert server.authorizations == [None, f"Bearer {token}"]
        for part in (token, *token.split(".")[1:]):
            assert part not in caplog.text + repr(caught.value) + repr(caught.value.__context__)

    def test_a_token_is_not_sent_in_the_clear(self, issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("BEARER_TOKEN", issuer.token("ANY"))
        shown = []

        def question(credential: Credential) -> None:
            shown.append(credential)
            raise RefusedError("401")

        with pytest.raises(SourceError, match=r"is never sent over http: name the server with https://\."):
            access_to("http://datafind.example.org").ask(question)
        assert shown == [ANONYMOUS]


def _get(server: WebServer, credential: Credential) -> bytes:
    with asking(Question(Address(server.url), 10, ""), requests.Session()) as session:
        credential.attach(session)
        answer = session.get(f"{server.url}/file")
        answer.raise_for_status()
        return answer.content


class TestAccess:
    @pytest.fixture(autouse=True)
    def _file(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_bytes(b"content")

    def test_an_open_server_is_shown_nothing(
        self, issuer: Issuer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("BEARER_TOKEN", issuer.token("ANY"))
        with WebServer(tmp_path) as server:
            assert access_to(server.url).ask(lambda shown: _get(server, shown)) == b"content"
            assert server.authorizations == [None]

    @pytest.mark.parametrize("client", ["requests", "igwn-auth-utils"])
    def test_a_private_server_is_shown_the_token_from_then_on(
        self, issuer: Issuer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, client: str
    ) -> None:
        from igwn_auth_utils.requests import Session

        token = issuer.token("ANY")
        monkeypatch.setenv("BEARER_TOKEN", token)

        def igwn_get(credential: Credential) -> bytes:
            with asking(Question(Address(server.url), 10, ""), Session(force_noauth=True)) as session:
                return bytes(session.get(f"{server.url}/file", **credential.keywords).content)

        with WebServer(tmp_path, token=token) as server:
            access = access_to(server.url)
            for _ in range(2):
                question = igwn_get if client == "igwn-auth-utils" else lambda shown: _get(server, shown)
                assert access.ask(question) == b"content"
            assert server.authorizations == [None, f"Bearer {token}", f"Bearer {token}"]

    def test_a_private_server_without_a_token_is_asked_once(self, issuer: Issuer, tmp_path: Path) -> None:
        del issuer
        with WebServer(tmp_path, token="secret") as server:  # noqa: S106
            with pytest.raises(SourceError, match="none was found"):
                access_to(server.url).ask(lambda shown: _get(server, shown))
            assert server.authorizations == [None]

    def test_a_renewed_token_is_taken_when_the_old_one_is_refused(
        self, issuer: Issuer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        first, second = issuer.token("ANY", lifetime=600), issuer.token("ANY", lifetime=700)
        (tmp_path / "bearer").write_text(first)
        monkeypatch.setenv("BEARER_TOKEN_FILE", str(tmp_path / "bearer"))
        with WebServer(tmp_path, token=first) as server:
            access = access_to(server.url)
            access.ask(lambda shown: _get(server, shown))
            server.token = second
            with pytest.raises(SourceError, match="refuses a SciToken that was found"):
                access.ask(lambda shown: _get(server, shown))
            (tmp_path / "bearer").write_text(second)
            assert access.ask(lambda shown: _get(server, shown)) == b"content"

    def test_other_errors_go_through(self, issuer: Issuer, tmp_path: Path) -> None:
        del issuer
        with WebServer(tmp_path) as server:
            server.statuses = [503]
            with pytest.raises(TransientError, match="503"):
                access_to(server.url).ask(lambda shown: _get(server, shown))
