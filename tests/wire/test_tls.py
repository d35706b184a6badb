"""TLS on a connection's own thread, with a real client's handshake."""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from pytest_httpcodes import TLS, Close, HalfClose, Pause, Raw, Stall, StatusServer, Steps
from tests.raw import Raw as Client
from tests.raw import message
from tests.secure import Records, trusting

pytest.importorskip("trustme")


@pytest.fixture
def secure() -> Iterator[StatusServer]:
    """Start a server under TLS."""
    with StatusServer(tls=True, head_timeout=5.0) as server:
        yield server


@pytest.fixture
def client() -> ssl.SSLContext:
    """Return the context of a client that trusts the server."""
    return trusting()


def connect(server: StatusServer) -> socket.socket:
    """Return a plain connection to a server's port."""
    return socket.create_connection(("127.0.0.1", urlsplit(server.url).port or 0), 5)


def talk(server: StatusServer, client: ssl.SSLContext, octets: bytes) -> bytes:
    """Send octets and read until the closure alert; anything else raises `ssl.SSLError`."""
    with client.wrap_socket(
        connect(server), server_hostname="localhost", suppress_ragged_eofs=False
    ) as tls:
        tls.sendall(octets)
        received = b""
        while piece := tls.recv(65_536):
            received += piece
        return received


def test_a_request_is_answered_under_tls(secure: StatusServer, client: ssl.SSLContext) -> None:
    """And the closure alert comes before the FIN (RFC 9112, 9.8)."""
    octets = talk(secure, client, message("GET", "/status/200", "Connection: close"))

    assert secure.url.startswith("https://127.0.0.1:")
    assert secure.localhost.startswith("https://localhost:")
    assert octets.startswith(b"HTTP/1.1 200 OK\r\n")
    assert [200] == secure.journal.statuses


def test_absolute_urls_have_the_scheme(secure: StatusServer, client: ssl.SSLContext) -> None:
    """A redirect stays under TLS."""
    octets = talk(secure, client, message("GET", "/redirects/302", "Connection: close"))

    assert b"\r\nLocation: https://example.org/redirects/end\r\n" in octets


def test_large_content_passes_both_ways(secure: StatusServer, client: ssl.SSLContext) -> None:
    """Records are smaller than it."""
    content = os.urandom(3_000_000)
    endpoint = secure.script(lambda request: (200, {"Connection": "close"}, request.get_data()))
    octets = talk(secure, client, message("POST", urlsplit(endpoint).path, content=content))

    assert content == octets.partition(b"\r\n\r\n")[2]


def test_an_invitation_is_sent_under_tls(secure: StatusServer, client: ssl.SSLContext) -> None:
    """100 Continue waits until it is known that no content came with the head."""
    with client.wrap_socket(connect(secure), server_hostname="localhost") as tls:
        tls.sendall(message("POST", "/status/204", "Expect: 100-continue", "Content-Length: 1"))
        assert b"HTTP/1.1 100 Continue\r\n\r\n" == tls.recv(1000)
        tls.sendall(b"x")
        assert tls.recv(1000).startswith(b"HTTP/1.1 204 ")


def test_no_invitation_if_the_content_is_there(
    secure: StatusServer, client: ssl.SSLContext
) -> None:
    """The records behind the head are looked at."""
    octets = message(
        "POST", "/status/200", "Expect: 100-continue", "Connection: close", content=b"xyz"
    )

    assert talk(secure, client, octets).startswith(b"HTTP/1.1 200 ")
    with client.wrap_socket(connect(secure), server_hostname="localhost") as tls:
        tls.sendall(octets[:-3])
        # The kernel may or may not have both records before the server looks.
        tls.sendall(octets[-3:])
        assert b"200" in tls.recv(1000) + tls.recv(1000)
    assert b"xyz" == secure.journal[0].content


def test_a_slow_handshake_holds_up_nobody(secure: StatusServer, client: ssl.SSLContext) -> None:
    """It is done on the connection's own thread."""
    with connect(secure):
        octets = talk(secure, client, message("GET", "/status/200", "Connection: close"))

    assert octets.startswith(b"HTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize("octets", [b"\x16\x03\x01\x00\x05hello", b""])
def test_a_handshake_that_fails_ends_the_connection(secure: StatusServer, octets: bytes) -> None:
    """Garbage, or nothing at all: a client that goes on sending reads the alert before the end."""
    with Client(secure.url) as plain:
        plain.send(octets)
        if octets:
            plain.send(octets * 10_000)
        else:
            plain.sock.shutdown(socket.SHUT_WR)
        received, how = plain.end()

    assert (octets != b"", "FIN") == (received.startswith(b"\x15\x03"), how)
    assert [] == list(secure.journal)


@pytest.mark.parametrize("octets", [b"\x16\x03\x01", b""])
def test_a_handshake_that_stalls_ends_after_head_timeout(octets: bytes) -> None:
    """Silence is not waited for without end, from the start or within a record."""
    with StatusServer(tls=True, head_timeout=0.05) as server, connect(server) as plain:
        plain.sendall(octets)

        assert b"" == plain.recv(1)


def test_a_handshake_that_drips_ends_after_head_timeout(client: ssl.SSLContext) -> None:
    """It has so long as a whole, however often an octet of it comes."""
    hello = Records(client).take()
    with StatusServer(tls=True, head_timeout=0.1) as server, Client(server.url) as plain:
        sent = 0
        while plain.is_silent(0.01):
            plain.send(hello[sent : sent + 1])
            sent += 1

        assert (b"", "FIN") == plain.end()
    assert sent < len(hello)


def test_stopping_ends_a_handshake() -> None:
    """The client sees the end, and the stop does not wait for it."""
    with StatusServer(tls=True) as server:
        plain = connect(server)
        plain.sendall(b"\x16\x03\x01")
        with Client(server.url) as other:
            other.secure(server.ca_file)  # by now the first one is served, too
    with plain:
        assert b"" == plain.recv(1)


def test_a_crowd_is_refused_under_tls(client: ssl.SSLContext) -> None:
    """The answer is one that the client can read."""
    with StatusServer(tls=True, max_connections=1) as server, Client(server.url) as first:
        first.secure(server.ca_file)
        with client.wrap_socket(connect(server), server_hostname="localhost") as tls:
            assert tls.recv(1000).startswith(b"HTTP/1.1 503 ")


PLAIN = b"<center>The plain HTTP request was sent to HTTPS port</center>"


@pytest.mark.parametrize(
    ("method", "content"), [("GET", None), ("POST", b"x" * 1_000_000), ("HEAD", None)]
)
def test_plain_http_is_answered_in_clear(
    secure: StatusServer, method: str, content: bytes | None
) -> None:
    """As nginx does: a 400, and the log has 497; the resource is not asked."""
    endpoint = secure.status(200)
    with Client(secure.url) as raw:
        raw.send(message(method, urlsplit(endpoint).path, content=content))
        answer = raw.answer(method)
        assert (b"", "FIN") == raw.end()

    (found,) = endpoint.exchanges
    assert (400, 400, 497) == (answer.status, found.status, found.logged)
    assert ("close", "text/html") == (answer.header("connection"), answer.header("content-type"))
    assert (method != "HEAD") == (PLAIN in answer.content)
    assert "this port is for TLS, and the client speaks plain HTTP (RFC 9110, 4.2.2)" == found.why


def test_plain_http_octet_by_octet(secure: StatusServer) -> None:
    """The first octet tells; the rest may come later."""
    with Client(secure.url) as raw:
        for octet in message("GET", "/"):
            raw.send(bytes((octet,)))

        assert 400 == raw.answer().status
    assert [497] == [exchange.logged for exchange in secure.journal]


def test_what_is_neither_tls_nor_http(secure: StatusServer) -> None:
    """It is refused for what it is."""
    with Client(secure.url) as raw:
        raw.send(b"\x00\x01\r\n\r\n")

        assert 400 == raw.answer().status
    assert [400] == [exchange.logged for exchange in secure.journal]


@pytest.mark.parametrize(
    ("certificate", "alert"),
    [
        (None, "CERTIFICATE_REQUIRED"),
        ("expired", "CERTIFICATE_EXPIRED"),
        ("unknown-authority", "UNKNOWN_CA"),
    ],
)
def test_a_client_without_a_good_certificate_gets_an_alert(
    certificate: str | None, alert: str
) -> None:
    """It has sent its request by then, in TLS 1.3, and still reads why (RFC 8446, 6.2)."""
    octets = message("POST", "/200", content=bytes(100_000))
    with StatusServer(tls=TLS(client="required")) as server:
        context = trusting(client=certificate)
        with context.wrap_socket(connect(server), server_hostname="localhost") as tls:
            with contextlib.suppress(OSError):  # the alert may have come before all was sent
                tls.sendall(octets)
            with pytest.raises(ssl.SSLError, match=alert):
                tls.recv(1)
        assert [] == list(server.journal)


def test_a_client_with_a_good_certificate() -> None:
    """It is served."""
    octets = message("GET", "/200", "Connection: close")
    with StatusServer(tls=TLS(client="required")) as server:
        assert talk(server, trusting(client="valid"), octets).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    ("certificate", "logged", "said"),
    [
        (None, 496, b"No required SSL certificate was sent"),
        ("expired", 495, b"The SSL certificate error"),
        ("unknown-authority", 495, b"The SSL certificate error"),
        ("valid", 200, b""),
    ],
)
def test_a_client_without_a_good_certificate_gets_a_page(
    certificate: str | None, logged: int, said: bytes
) -> None:
    """As nginx does, inside TLS; only the journal tells the codes apart."""
    octets = message("GET", "/200", "Connection: close")
    with StatusServer(tls=TLS(client="nginx")) as server:
        answer = talk(server, trusting(client=certificate), octets)
        (found,) = server.journal

    status = 400 if said else 200
    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert said in answer
    assert (status, logged) == (found.status, found.logged)


@pytest.mark.parametrize("client", ["required", "nginx"])
@pytest.mark.parametrize("version", ["TLSv1.2", "TLSv1.3"])
def test_a_client_of_somebody_elses_authority(tmp_path: Path, client: str, version: str) -> None:
    """It gets an alert in either case: the library asks nobody what it should make of it."""
    import trustme

    file = tmp_path / "client.pem"
    issued = trustme.CA().issue_cert("client.example")
    file.write_bytes(issued.private_key_and_cert_chain_pem.bytes())
    context = trusting()
    context.load_cert_chain(file)
    tls = TLS(client=client, version=version)
    with StatusServer(tls=tls) as server, connect(server) as plain:
        with pytest.raises(ssl.SSLError, match="UNKNOWN_CA"):  # noqa: PT012 - either of them
            secured = context.wrap_socket(plain, server_hostname="localhost")
            with secured:
                secured.recv(1)
        assert [] == list(server.journal)


def test_a_client_that_trusts_nobody_says_so(secure: StatusServer) -> None:
    """Its alert ends the connection, and is no request."""
    with connect(secure) as plain, pytest.raises(ssl.SSLCertVerificationError):
        ssl.create_default_context().wrap_socket(plain, server_hostname="localhost")

    assert [] == list(secure.journal)


def test_a_pause_ends_when_the_client_leaves(secure: StatusServer, client: ssl.SSLContext) -> None:
    """The closure alert is seen while the answer waits."""
    endpoint = secure.status(200, delay=60)
    with client.wrap_socket(connect(secure), server_hostname="localhost") as tls:
        tls.sendall(message("GET", urlsplit(endpoint).path))
        secure.journal.settle(quiet=0.05)
        # Sent by hand: `unwrap` would wait for the server's alert, and it has no more to say.
        tls.setblocking(False)
        with contextlib.suppress(ssl.SSLError):
            tls.unwrap()

        (found,) = endpoint.wait(1)
    assert 499 == found.logged


def test_a_pause_lasts_with_a_pipelined_request(
    secure: StatusServer, client: ssl.SSLContext
) -> None:
    """Octets that come meanwhile wait for their turn."""
    endpoint = secure.script(Steps(Pause(0.1), Raw(b"late"), Close()))
    octets = message("GET", urlsplit(endpoint).path)
    with client.wrap_socket(connect(secure), server_hostname="localhost") as tls:
        tls.sendall(octets)
        secure.journal.settle(quiet=0.02)
        tls.sendall(octets)

        assert b"late" == tls.recv(1000)


def test_a_pause_ends_by_itself(secure: StatusServer, client: ssl.SSLContext) -> None:
    """The answer comes after it."""
    endpoint = secure.status(200, delay=0.02, headers={"Connection": "close"})

    assert talk(secure, client, message("GET", urlsplit(endpoint).path)).startswith(b"HTTP/1.1 200")


def test_stopping_ends_a_stall_under_tls(client: ssl.SSLContext) -> None:
    """The client sees the end, whatever it then makes of it."""
    with StatusServer(tls=True) as server:
        endpoint = server.script(Stall())
        tls = client.wrap_socket(connect(server), server_hostname="localhost")
        tls.sendall(message("GET", urlsplit(endpoint).path))
        server.journal.settle(quiet=0.02)
    with tls:
        assert b"" == tls.recv(1)


def test_a_half_close_is_said_once(secure: StatusServer, client: ssl.SSLContext) -> None:
    """The closure alert, and then only what the client still says is heard."""
    endpoint = secure.script(Steps(Raw(b"half"), HalfClose()))
    with client.wrap_socket(
        connect(secure), server_hostname="localhost", suppress_ragged_eofs=False
    ) as tls:
        tls.sendall(message("GET", urlsplit(endpoint).path))

        assert b"half" == tls.recv(1000)
        assert b"" == tls.recv(1000)


def test_the_answer_to_a_closure_alert_is_one(secure: StatusServer, client: ssl.SSLContext) -> None:
    """A client that closes first gets the server's alert all the same (RFC 9112, 9.8)."""
    endpoint = secure.script(Steps(Pause(30), Close()))
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = client.wrap_bio(incoming, outgoing, server_hostname="localhost")
    with connect(secure) as plain:
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                plain.sendall(outgoing.read())
                incoming.write(plain.recv(65_536))
        tls.write(message("GET", urlsplit(endpoint).path))
        with contextlib.suppress(ssl.SSLWantReadError):
            tls.unwrap()
        plain.sendall(outgoing.read())
        while octets := plain.recv(65_536):
            incoming.write(octets)
        incoming.write_eof()

        # An end without the alert would be an `SSLEOFError`.
        tls.unwrap()


CUT = Steps(Raw(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhalf"), Close(alert=False))


def test_a_close_without_the_closure_alert(secure: StatusServer, client: ssl.SSLContext) -> None:
    """Content that ends with the connection may have been cut off by anybody (RFC 9112, 9.8)."""
    endpoint = secure.script(CUT)
    with client.wrap_socket(
        connect(secure), server_hostname="localhost", suppress_ragged_eofs=False
    ) as tls:
        tls.sendall(message("GET", urlsplit(endpoint).path))
        assert tls.recv(1000).endswith(b"\r\n\r\nhalf")
        with pytest.raises(ssl.SSLEOFError):
            tls.recv(1)


def test_a_close_without_the_closure_alert_in_clear() -> None:
    """There is none, and nothing is left out."""
    with StatusServer() as server, Client(server.url) as raw:
        raw.send(message("GET", urlsplit(server.script(CUT)).path))

        assert (b"half", "FIN") == (raw.answer().content, raw.end()[1])
