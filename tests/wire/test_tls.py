"""TLS on a connection's own thread, with a real client's handshake."""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from pytest_httpcodes import Close, HalfClose, Pause, Raw, Stall, StatusServer, Steps, authority
from pytest_httpcodes.wire.tls import SecureStream
from tests.raw import message

pytest.importorskip("trustme")


@pytest.fixture(scope="module")
def contexts() -> Iterator[tuple[ssl.SSLContext, ssl.SSLContext]]:
    """Return a context for the server, and one for a client that trusts it."""
    server, ca_file = authority.throwaway("localhost", "127.0.0.1")
    yield server, ssl.create_default_context(cafile=ca_file)
    os.remove(ca_file)


@pytest.fixture
def secure(contexts: tuple[ssl.SSLContext, ssl.SSLContext]) -> Iterator[StatusServer]:
    """Start a server under TLS."""
    with StatusServer(tls=contexts[0], head_timeout=5.0) as server:
        yield server


@pytest.fixture
def client(contexts: tuple[ssl.SSLContext, ssl.SSLContext]) -> ssl.SSLContext:
    """Return the context of a client that trusts the server."""
    return contexts[1]


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


@pytest.mark.parametrize("octets", [b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b""])
def test_a_handshake_that_fails_ends_the_connection(secure: StatusServer, octets: bytes) -> None:
    """Plain HTTP, or nothing at all."""
    with connect(secure) as plain:
        plain.sendall(octets)
        if not octets:
            plain.shutdown(socket.SHUT_WR)
        while plain.recv(1000):
            pass

    assert [] == list(secure.journal)


def test_a_handshake_that_stalls_ends_after_head_timeout(
    contexts: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    """Silence is not waited for without end."""
    with StatusServer(tls=contexts[0], head_timeout=0.05) as server, connect(server) as plain:
        assert b"" == plain.recv(1)


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


def test_stopping_ends_a_stall_under_tls(
    contexts: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    """The client sees the end, whatever it then makes of it."""
    with StatusServer(tls=contexts[0]) as server:
        endpoint = server.script(Stall())
        tls = contexts[1].wrap_socket(connect(server), server_hostname="localhost")
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


def test_octets_that_were_looked_at_are_received_later(
    contexts: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    """Looking whether there are any takes none away."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        theirs = socket.create_connection(listening.getsockname(), 5)
        ours, _ = listening.accept()
    stream = SecureStream(ours, "", 5.0, contexts[0])
    handshake = threading.Thread(target=stream.handshake, args=(5.0,))
    handshake.start()
    with contexts[1].wrap_socket(theirs, server_hostname="localhost") as tls:
        handshake.join()
        assert not stream.has_octets()
        tls.sendall(b"x")
        while not stream.has_octets():
            pass

        assert stream.has_octets()
        assert b"x" == stream.receive(5.0)
        stream.close()
