"""TLS through real clients: whom they trust, what they show, and what they say of the rest."""

from __future__ import annotations

import asyncio
import http.client
import shutil
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import urlsplit

import httpx
import pytest
import requests
import urllib3

from pytest_httpcodes import TLS, Close, Raw, StatusServer, Steps

pytest.importorskip("trustme")

CURL = shutil.which("curl")


class Told(NamedTuple):
    """What a client made of it: a status and content, or an error."""

    status: int = 0
    content: bytes = b""
    error: str = ""


# A client asks for a URL, trusting a file, with a certificate of its own or without, and with a
# Host of its own or the URL's.
Client = Callable[[str, str, "str | None", "str | None"], Told]


def _context(ca_file: str, cert: str | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=ca_file)
    if cert:
        context.load_cert_chain(cert)
    return context


def _fields(host: str | None) -> dict[str, str]:
    return {"Host": host} if host else {}


def by_http_client(url: str, ca_file: str, cert: str | None, host: str | None) -> Told:
    """Ask through http.client."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc)
    if parts.scheme == "https":
        connection = http.client.HTTPSConnection(parts.netloc, context=_context(ca_file, cert))
    try:
        connection.request("GET", parts.path, headers=_fields(host))
        answer = connection.getresponse()
        return Told(answer.status, answer.read())
    except (http.client.HTTPException, OSError) as error:
        return Told(error=f"{error}")
    finally:
        connection.close()


def by_urllib3(url: str, ca_file: str, cert: str | None, host: str | None) -> Told:
    """Ask through urllib3."""
    with urllib3.PoolManager(ca_certs=ca_file, cert_file=cert, retries=False) as pool:
        try:
            answer = pool.request("GET", url, headers=_fields(host))
            return Told(answer.status, answer.data)
        except urllib3.exceptions.HTTPError as error:
            return Told(error=f"{error}")


def by_requests(url: str, ca_file: str, cert: str | None, host: str | None) -> Told:
    """Ask through requests."""
    with requests.Session() as session:
        session.trust_env = False
        try:
            answer = session.get(url, verify=ca_file, cert=cert, headers=_fields(host))
            return Told(answer.status_code, answer.content)
        except requests.RequestException as error:
            return Told(error=f"{error}")


def by_httpx(url: str, ca_file: str, cert: str | None, host: str | None) -> Told:
    """Ask through httpx."""
    with httpx.Client(trust_env=False, verify=_context(ca_file, cert)) as client:
        try:
            answer = client.get(url, headers=_fields(host))
            return Told(answer.status_code, answer.content)
        except httpx.HTTPError as error:
            return Told(error=f"{error}")


def by_aiohttp(url: str, ca_file: str, cert: str | None, host: str | None) -> Told:
    """Ask through aiohttp."""
    aiohttp = pytest.importorskip("aiohttp")
    if sys.version_info < (3, 11):
        pytest.skip("there, asyncio warns of a TLS transport that the server has closed")
    sockets: list[socket.socket] = []

    def made(address: tuple[int, int, int, str, object]) -> socket.socket:
        sockets.append(socket.socket(*address[:3]))
        return sockets[-1]

    async def ask() -> Told:
        context = _context(ca_file, cert)
        connector = aiohttp.TCPConnector(socket_factory=made)
        async with aiohttp.ClientSession(connector=connector) as session:
            try:
                async with session.get(url, ssl=context, headers=_fields(host)) as answer:
                    return Told(answer.status, await answer.read())
            except (aiohttp.ClientError, OSError) as error:
                return Told(error=f"{error}")

    async def ask_and_close() -> Told:
        told = await ask()
        # What TLS still has to say is said behind the session's back.
        while any(sock.fileno() >= 0 for sock in sockets):
            await asyncio.sleep(0.001)
        return told

    return asyncio.run(ask_and_close())


def by_curl(url: str, ca_file: str, cert: str | None, host: str | None) -> Told:
    """Ask through curl."""
    if CURL is None:
        pytest.skip("there is no curl here")
    command = [CURL, "-sS", "--noproxy", "*", "--tlsv1.2", "--cacert", ca_file]
    command += ["-w", "%{stderr}%{http_code}"]
    command += ["--cert", cert] if cert else []
    command += ["-H", f"Host: {host}"] if host else []
    done = subprocess.run([*command, url], capture_output=True, timeout=30, check=False)
    said = done.stderr.decode()
    if done.returncode:
        return Told(error=said)
    return Told(int(said), done.stdout)


CLIENTS = {
    "http.client": by_http_client,
    "urllib3": by_urllib3,
    "requests": by_requests,
    "httpx": by_httpx,
    "aiohttp": by_aiohttp,
    "curl": by_curl,
}


@pytest.fixture(params=CLIENTS)
def client(request: pytest.FixtureRequest) -> Client:
    """Return each client."""
    found: Client = CLIENTS[request.param]
    return found


def test_a_trusted_server(client: Client, secure_status_server: StatusServer) -> None:
    """Under its address, and under its name."""
    server = secure_status_server
    url = server.status(200, content=b"inside")
    for one in (url, url.replace(server.url, server.localhost)):
        assert Told(200, b"inside") == client(one, server.ca_file, None, None)

    assert [200, 200] == server.journal.statuses


@pytest.mark.parametrize(
    ("certificate", "said"),
    [
        ("expired", ("has expired",)),
        ("not-yet-valid", ("not yet valid",)),
        ("wrong-name", ("not valid for", "doesn't match", "does not match", "alternative")),
        ("self-signed", ("self-signed certificate", "self signed certificate")),
        ("unknown-authority", ("unable to get local issuer",)),
    ],
)
def test_a_certificate_to_be_refused(
    client: Client, certificate: str, said: tuple[str, ...]
) -> None:
    """Each client refuses it, says why, and sends no request."""
    with StatusServer(tls=certificate) as server:
        told = client(server.url, server.ca_file, None, None)

    assert 0 == told.status
    assert any(words in told.error for words in said), told.error
    assert [] == list(server.journal)


def test_no_common_version(client: Client) -> None:
    """The alert tells which side did not want to."""
    with StatusServer(tls=TLS(version="TLSv1.1")) as server:
        told = client(server.url, server.ca_file, None, None)

    assert "alert protocol version" in told.error.lower().replace("_", " ")


@pytest.mark.parametrize(("certificate", "logged"), [(None, 496), ("expired", 495), ("valid", 200)])
def test_a_page_for_a_client_without_a_good_certificate(
    client: Client, certificate: str | None, logged: int
) -> None:
    """All of them read it."""
    with StatusServer(tls=TLS(client="nginx")) as server:
        cert = server.client_file(certificate) if certificate else None
        told = client(server.status(200), server.ca_file, cert, None)
        assert [logged] == [exchange.logged for exchange in server.journal]

    assert (200 if certificate == "valid" else 400) == told.status


@pytest.mark.parametrize("version", ["TLSv1.2", "TLSv1.3"])
def test_a_demanded_certificate(client: Client, version: str) -> None:
    """Without one the handshake fails, in TLS 1.3 after the client took it for done."""
    with StatusServer(tls=TLS(client="required", version=version)) as server:
        refused = client(server.status(200), server.ca_file, None, None)
        served = client(server.status(200), server.ca_file, server.client_file(), None)

    assert (0, 200) == (refused.status, served.status)
    assert refused.error
    assert [200] == server.journal.statuses


def test_plain_http(client: Client, secure_status_server: StatusServer) -> None:
    """Whoever takes the port for one in clear gets to read what it is."""
    server = secure_status_server
    told = client(server.url.replace("https:", "http:") + "/200", server.ca_file, None, None)

    assert 400 == told.status
    assert b"The plain HTTP request was sent to HTTPS port" in told.content
    assert [497] == [exchange.logged for exchange in server.journal]


def test_another_virtual_host(client: Client, secure_status_server: StatusServer) -> None:
    """421: the handshake asked for the URL's name, and the request for another one."""
    server = secure_status_server
    made = server.scenario(421)
    url = made.replace(server.url, server.localhost)
    port = urlsplit(url).port
    told = [client(url, server.ca_file, None, host) for host in (f"b.localhost:{port}", None)]

    assert [421, 200] == [one.status for one in told]
    assert [421, 200] == made.statuses


HEAD = b"HTTP/1.1 200 OK\r\nConnection: close\r\n"


def test_content_that_was_cut_off(client: Client, secure_status_server: StatusServer) -> None:
    """Where the length was announced, everybody sees it."""
    cut = Steps(Raw(HEAD + b"Content-Length: 8\r\n\r\nhalf"), Close(alert=False))
    told = client(secure_status_server.script(cut), secure_status_server.ca_file, None, None)

    assert told.error
