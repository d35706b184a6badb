"""Connections to upstreams, and the names of what goes wrong with them (RFC 9209, 2.3)."""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pytest_httpcodes import TLS, Close, HalfClose, StatusServer, Steps
from pytest_httpcodes.behaviours.forwarding import Target, forward
from pytest_httpcodes.resource import Rule, Stage
from pytest_httpcodes.wire.steps import Raw
from pytest_httpcodes.wire.stream import Stream
from pytest_httpcodes.wire.upstream import Upstream, UpstreamError, broken, connect, resolve
from tests.raw import Raw as Client
from tests.raw import message
from tests.secure import trusting
from tests.upstreams import head_of, pair, reset, rest, upstream

HEAD = b"HTTP/1.1 200 OK\r\n\r\n"


@pytest.fixture
def client() -> Iterator[Stream]:
    """Return the connection of a client."""
    ours, theirs = pair()
    stream = Stream(ours, "peer", 5.0)
    with theirs:
        yield stream
    stream.close()


def at(authority: str, context: ssl.SSLContext | None = None, timeout: float = 5.0) -> Upstream:
    """Return an upstream at an authority, of which the host is in numbers."""
    host, _, port = authority.rpartition(":")
    return Upstream(host, ((host, int(port)),), context, timeout, timeout)


def kind_of(to: Upstream, client: Stream) -> str:
    """Return what goes wrong."""
    with pytest.raises(UpstreamError) as caught:
        connect(to, client)
    assert to.name in caught.value.detail
    return caught.value.kind


def closed_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def test_an_upstream_in_clear(client: Stream) -> None:
    """Its octets come and go."""
    with upstream(lambda sock: sock.sendall(sock.recv(5))) as authority:
        made = connect(at(authority), client)
        made.send(b"hello")
        assert b"hello" == made.receive(5)
        assert b"" == made.receive(5)
        made.close()


def test_addresses_in_turn(client: Stream) -> None:
    """The first that takes the connection; without any, there is none."""
    with upstream(rest) as authority:
        port = int(authority.rpartition(":")[2])
        to = Upstream("a.example", (("127.0.0.1", closed_port()), ("127.0.0.1", port)))
        connect(to, client).close()

    assert "destination_not_found" == kind_of(Upstream("a.example", ()), client)


def test_a_refused_connection(client: Stream) -> None:
    """Nobody listens there."""
    assert "connection_refused" == kind_of(at(f"127.0.0.1:{closed_port()}"), client)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (TimeoutError(), "connection_timeout"),
        (OSError(errno.EHOSTUNREACH, "No route to host"), "destination_ip_unroutable"),
        (OSError(errno.ENETUNREACH, "Network is unreachable"), "destination_ip_unroutable"),
        (ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"),
         "connection_terminated"),
        (OSError("nothing more is known"), "connection_terminated"),
    ],
)  # fmt: skip
def test_no_connection(
    client: Stream, monkeypatch: pytest.MonkeyPatch, error: OSError, kind: str
) -> None:
    """As the system says."""

    class Refusing(socket.socket):
        def connect(self, address: Any) -> None:
            raise error

    monkeypatch.setattr(socket, "socket", Refusing)

    assert kind == kind_of(at("192.0.2.1:80"), client)


def test_a_machine_without_ipv6(client: Stream, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has no such sockets."""

    def fails(family: int) -> socket.socket:
        assert socket.AF_INET6 == family
        raise OSError(errno.EAFNOSUPPORT, "Address family not supported by protocol")

    monkeypatch.setattr(socket, "socket", fails)

    assert "connection_terminated" == kind_of(Upstream("[::1]", (("::1", 80, 0, 0),)), client)


def test_addresses_of_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each once, in their order, and an IPv4 address as one."""
    found = [("::ffff:192.0.2.1", 80, 0, 0), ("192.0.2.1", 80), ("2001:db8::1", 80, 0, 0)]
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, port, type: [(0, 0, 0, "", each) for each in found],  # noqa: A006 - its name
    )

    assert (("192.0.2.1", 80), ("2001:db8::1", 80, 0, 0)) == resolve("a.example", 80)


@pytest.mark.parametrize("certificate", ["expired", "wrong-name", "self-signed"])
def test_a_bad_certificate(client: Stream, certificate: str) -> None:
    """It is not taken."""
    with StatusServer(tls=certificate) as server:
        authority = server.url.split("/")[2]
        assert "tls_certificate_error" == kind_of(at(authority, trusting()), client)


def test_an_alert_of_the_upstream(client: Stream) -> None:
    """It has no version in common."""
    context = trusting()
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    with StatusServer(tls=TLS(version="TLSv1.2")) as server:
        authority = server.url.split("/")[2]
        assert "tls_alert_received" == kind_of(at(authority, context), client)


def _garbage(sock: socket.socket) -> None:
    sock.recv(65_536)
    sock.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    rest(sock)


def _leave(sock: socket.socket) -> None:
    sock.recv(65_536)


def _reset(sock: socket.socket) -> None:
    sock.recv(65_536)
    reset(sock)


@pytest.mark.parametrize(
    ("handler", "kind"),
    [
        (_garbage, "tls_protocol_error"),
        (_leave, "connection_terminated"),
        (_reset, "connection_terminated"),
        (rest, "connection_timeout"),
    ],
)
def test_a_handshake_that_fails(
    client: Stream, handler: Callable[[socket.socket], object], kind: str
) -> None:
    """By what the other side says, or does not."""
    with upstream(handler) as authority:
        timeout = 0.05 if handler is rest else 5.0
        assert kind == kind_of(at(authority, trusting(), timeout), client)


def test_errors_later_on() -> None:
    """What they mean, once there is a connection."""
    assert "connection_terminated" == broken("a", ConnectionResetError()).kind
    assert "connection_terminated" == broken("a", ssl.SSLEOFError()).kind
    alert = ssl.SSLError(1, "alert")
    alert.reason = "SSLV3_ALERT_BAD_CERTIFICATE"
    assert "tls_alert_received" == broken("a", alert).kind
    alert.reason = "WRONG_VERSION_NUMBER"
    assert "tls_protocol_error" == broken("a", alert).kind


def test_a_stop_ends_a_connection_that_is_being_made(client: Stream) -> None:
    """An abort of the client's connection is one of the upstream's, whichever comes first."""
    client.abort()
    with upstream(rest) as authority:
        assert "connection_terminated" == kind_of(at(authority, trusting()), client)


def secured(origin: StatusServer, server: StatusServer, path: str) -> str:
    """Return the URL of a resource that forwards to an origin under TLS."""
    authority = origin.url.split("/")[2]
    port = int(authority.rpartition(":")[2])
    to = Upstream("127.0.0.1", (("127.0.0.1", port),), trusting())
    target = Target("https", "127.0.0.1", port, authority, path)
    rule = Rule(Stage.STORAGE, lambda request: forward(request, to, target, "gateway"))
    return server.resource(None, rule, methods=("GET", "PUT")).removeprefix(server.url)


def test_forwarding_under_tls(server: StatusServer) -> None:
    """Both ways, and more than fits into what is held."""
    with StatusServer(tls=True, keep_octets=2**24) as origin, Client(server.url) as raw:
        path = secured(origin, server, origin.scenario(201).removeprefix(origin.url) + "/one")
        answer = raw.request("PUT", path, content=b"x" * 2**22)
        again = raw.request("PUT", path, content=b"y" * 100_000)

    assert (201, 204) == (answer.status, again.status)
    assert [b"x" * 2**22, b"y" * 100_000] == [exchange.content for exchange in origin.journal]


@pytest.mark.parametrize(
    ("steps", "complete"),
    [
        (Steps(Raw(HEAD + b"yes"), Close()), True),
        (Steps(Raw(HEAD + b"yes"), Close(alert=False)), False),
        (Steps(Raw(HEAD + b"yes"), HalfClose()), True),
    ],
)
def test_an_end_without_the_closure_alert(
    server: StatusServer, steps: Steps, complete: bool
) -> None:
    """It may be anybody's, and so the content is not complete (RFC 9112, 9.8)."""
    with StatusServer(tls=True) as origin, Client(server.url) as raw:
        path = secured(origin, server, origin.script(steps).removeprefix(origin.url))
        raw.send(message("PUT", path, content=b""))
        head_of(raw.sock)
        octets = raw._exactly(8)
        if complete:
            assert b"0\r\n\r\n" == raw._exactly(5)
        else:
            assert (b"", "FIN") == raw.end()

    assert b"3\r\nyes\r\n" == octets
