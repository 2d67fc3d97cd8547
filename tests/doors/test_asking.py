"""How a provider is asked: at the address that was looked at, and for so long and so much."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pytest_django import Settings
from requests import RequestException

from ringtrace.web.sign_in import asking
from tests.doors.openid_plays import Provider, a_provider


@pytest.fixture(autouse=True)
def _inner(settings: Settings) -> None:
    settings.SSO_INNER = True


@pytest.fixture
def okta() -> Iterator[Provider]:
    with a_provider() as provider:
        yield provider


@pytest.fixture
def resolved(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every name leads to this machine; returns those that were asked for."""
    asked: list[str] = []

    def resolve(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    monkeypatch.setattr(asking, "resolve", resolve)
    return asked


def _certificate(folder: Path, name: str) -> Path:
    """A key with a certificate that it signed itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "provider.pem"
    path.write_bytes(secret + made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    return path


class _Door(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(302 if self.path == "/away" else 200)
        self.send_header("Location", "/")
        self.end_headers()
        self.wfile.write(self.headers["Host"].encode())

    def log_message(self, format: str, *_args: object) -> None:  # noqa: A002
        """Says nothing."""


@pytest.fixture
def safe_port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """HTTPS on loopback, with a certificate for idp.example that is trusted here."""
    path = _certificate(tmp_path, "idp.example")
    monkeypatch.setattr(asking, "DEFAULT_CA_BUNDLE_PATH", str(path))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    server = HTTPServer(("127.0.0.1", 0), _Door)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()
    thread.join()


def test_it_connects_to_the_very_address_that_it_looked_at(okta: Provider, resolved: list[str]) -> None:
    with asking.asking() as session:
        answer = session.get(okta.url.replace("127.0.0.1", "idp.example") + "/jwks")
    assert answer.json()["keys"][0]["kid"] == "k1"
    assert resolved == ["idp.example"]


def test_it_asks_for_the_certificate_of_the_name_and_not_of_the_address(safe_port: int, resolved: list[str]) -> None:
    with asking.asking() as session:
        assert session.get(f"https://idp.example:{safe_port}/").text == f"idp.example:{safe_port}"
        with pytest.raises(RequestException):
            session.get(f"https://other.example:{safe_port}/")
        with pytest.raises(RequestException):  # and follows nobody
            session.get(f"https://idp.example:{safe_port}/away")


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.5", "169.254.169.254", "::1", "fe80::1%eth0", "fd00::1"])
def test_it_asks_nobody_in_its_own_network(settings: Settings, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    settings.SSO_INNER = False
    monkeypatch.setattr(asking, "resolve", lambda _host, _port: ["93.184.216.34", address])
    with asking.asking() as session, pytest.raises(asking.Unasked, match="not on the open internet"):
        session.get("https://idp.example/")


def test_it_reads_no_answer_without_end(okta: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "MOST_BYTES", 100)
    with asking.asking() as session, pytest.raises(asking.Unasked, match="answers with more"):
        session.get(f"{okta.url}/jwks")


def test_it_waits_for_no_answer_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A door that takes the line and says nothing."""
    monkeypatch.setattr(asking, "LONGEST_SECS", 0.2)
    with (
        closing(socket.create_server(("127.0.0.1", 0))) as door,
        asking.asking() as session,
        pytest.raises(RequestException),
    ):
        session.get(f"http://127.0.0.1:{door.getsockname()[1]}/")
