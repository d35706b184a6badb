"""What a connection under TLS lives through: many requests, faults, resumption, and its end."""

from __future__ import annotations

import shutil
import socket
import subprocess
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest

from pytest_httpcodes import TLS, Generated, StatusServer
from tests.raw import Raw, message, until
from tests.scenarios import path_of
from tests.secure import Inside, trusting

pytest.importorskip("trustme")

VERSIONS = ("TLSv1.2", "TLSv1.3")
OPENSSL = shutil.which("openssl")


def test_a_connection_is_kept(secure_status_server: StatusServer) -> None:
    """One handshake serves many requests; the journal tells by their numbers."""
    with Inside(secure_status_server) as raw:
        for _ in range(3):
            assert 204 == raw.request("GET", "/status/204").status
        assert 404 == raw.request("GET", "/status/404", "Connection: close").status
        assert (b"", "alert") == raw.ending()

    found = [(one.connection, one.number) for one in secure_status_server.journal]
    assert [(1, 1), (1, 2), (1, 3), (1, 4)] == found


def test_pipelined_requests(secure_status_server: StatusServer) -> None:
    """In one record or in several, they are answered in order."""
    targets = [f"/status/{code}" for code in (200, 404, 204, 301, 503)]
    with Inside(secure_status_server) as raw:
        raw.send(b"".join(message("GET", target) for target in targets[:3]))
        for target in targets[3:]:
            raw.send(message("GET", target))

        assert [200, 404, 204, 301, 503] == [raw.answer().status for _ in targets]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_large_answer(version: str) -> None:
    """Piece by piece, none is lost, and the connection goes on."""
    content = Generated(5_000_001)
    with StatusServer(tls=TLS(version=version)) as server, Inside(server) as raw:
        made = server.resource(content)
        whole = raw.request("GET", path_of(made)).content
        part = raw.request("GET", path_of(made), "Range: bytes=-3").content

    assert (content.size, b"".join(content.read(0, content.size))) == (len(whole), whole)
    assert whole[-3:] == part


@pytest.mark.parametrize("version", VERSIONS)
def test_content_behind_an_early_refusal(version: str) -> None:
    """The journal has its octets, not those of its records; and the client reads the answer."""
    content = bytes(70_000)
    with StatusServer(tls=TLS(version=version)) as server:
        made = server.scenario(413, max_octets=10)
        with Inside(server) as raw:
            raw.send(message("POST", path_of(made), f"Content-Length: {len(content)}"))
            answer = raw.answer("POST")
            # It says that it closes, and hears what is still sent.
            raw.send(content)
            raw.carried.say_goodbye()
            assert (b"", "alert") == raw.ending()
        (found,) = made.exchanges
        until(lambda: found.octets_after >= len(content))

    assert (413, "close") == (answer.status, answer.header("connection"))
    assert (len(content), b"") == (found.octets_after, found.content)


# In TLS 1.2 a session belongs to the name of its first handshake (RFC 6066, 3).
@pytest.mark.parametrize(
    ("version", "names"),
    [("TLSv1.2", ("a", "a")), ("TLSv1.3", ("a", "a")), ("TLSv1.3", ("a", "b"))],
)
def test_a_session_that_is_resumed(version: str, names: tuple[str, str]) -> None:
    """It is the same client, with its certificate, and asks for a name again."""
    context = trusting(client="valid")
    session, answers = None, []
    with StatusServer(tls=TLS(client="nginx", version=version)) as server:
        made, port = server.scenario(421), urlsplit(server.url).port or 0
        for name in names:
            host = f"{name}.localhost"
            with (
                socket.create_connection(("127.0.0.1", port), 5) as plain,
                context.wrap_socket(plain, server_hostname=host, session=session) as secured,
            ):
                secured.sendall(message("GET", path_of(made), host=f"{host}:{port}"))
                answers.append((secured.recv(65_536)[:12], secured.session_reused))
                session = secured.session

    assert [(b"HTTP/1.1 200", False), (b"HTTP/1.1 200", True)] == answers


def test_a_hundred_handshakes_that_stall(secure_status_server: StatusServer) -> None:
    """None of them is in the way of another connection, and a stop ends them all."""
    server = secure_status_server
    with ExitStack() as stack:
        stalled = [stack.enter_context(Raw(server.url)) for _ in range(100)]
        for raw in stalled:
            raw.send(b"\x16\x03\x01\x02")
        with Inside(server) as other:
            assert 200 == other.request("GET", "/200").status
        server.stop()
        assert [(b"", "FIN")] * 100 == [raw.end() for raw in stalled]

    assert [200] == server.journal.statuses


def test_an_idle_connection() -> None:
    """It is closed with the closure alert (RFC 9112, 9.8)."""
    with StatusServer(tls=True, idle_timeout=0.02) as server, Inside(server) as raw:
        assert 204 == raw.request("GET", "/status/204").status
        assert (b"", "alert") == raw.ending()


def test_an_unsolicited_answer() -> None:
    """To a connection that idles, inside TLS."""
    with StatusServer(tls=True, idle_timeout=0.02, unsolicited_408=True) as server:
        with Inside(server) as raw:
            assert 408 == raw.answer().status
        assert [] == list(server.journal)


def test_a_stop() -> None:
    """It ends connections as a server does that is killed: without the closure alert."""
    with StatusServer(tls=True) as server:
        raw = Inside(server)
        assert 204 == raw.request("GET", "/status/204").status
    with raw:
        assert (b"", "FIN") == raw.ending()


@pytest.mark.parametrize(
    ("options", "octets", "how"),
    [
        ({}, b"", "alert"),
        ({"octets": 8}, b"HTTP/1.1", "alert"),
        ({"how": "reset"}, b"", "RST"),
        ({"how": "reset", "octets": 8}, b"HTTP/1.1", "RST"),
    ],
)
def test_no_response(
    secure_status_server: StatusServer, options: dict[str, object], octets: bytes, how: str
) -> None:
    """444: the closure alert and a FIN, or an RST alone."""
    made = secure_status_server.scenario(444, **options)
    with Inside(secure_status_server) as raw:
        raw.send(message("GET", path_of(made)))

        assert (octets, how) == raw.ending()
    assert [444] == [exchange.logged for exchange in made.exchanges]


@pytest.mark.parametrize(
    ("fault", "at", "received", "how"),
    [
        ("reset", "content:3", b"abc", "RST"),
        ("close", "content:3", b"abc", "alert"),
        ("truncate", "content:3", b"abc", "alert"),
        ("half-close", "content:3", b"abc", "alert"),
        ("reset", "start", b"", "RST"),
        ("close", "end", b"abcdef", "alert"),
    ],
)
def test_faults(
    secure_status_server: StatusServer, fault: str, at: str, received: bytes, how: str
) -> None:
    """They break the content, not the records around it."""
    made = secure_status_server.status(200, content=b"abcdef", fault=fault, at=at)
    with Inside(secure_status_server) as raw:
        raw.send(message("GET", path_of(made)))
        octets, end = raw.ending()

    assert (received, how) == (octets.partition(b"\r\n\r\n")[2], end)


@pytest.mark.parametrize("at", ["request-line", "request-head", "request-content:2"])
def test_a_fault_while_the_request_is_read(secure_status_server: StatusServer, at: str) -> None:
    """An RST, and no octet before it."""
    made = secure_status_server.status(200, fault="reset", at=at)
    with Inside(secure_status_server) as raw:
        raw.send(message("POST", path_of(made), "Content-Length: 4") + b"ab")

        assert (b"", "RST") == raw.ending()


def test_a_head_that_stalls(secure_status_server: StatusServer) -> None:
    """408, as in clear."""
    made = secure_status_server.scenario(408, timeout=0.02)
    with Inside(secure_status_server) as raw:
        raw.send(b"GET %b HTTP/1.1\r\n" % path_of(made).encode())

        assert 408 == raw.answer().status
        assert (b"", "alert") == raw.ending()


@pytest.mark.parametrize("code", [102, 103])
def test_interim_responses(secure_status_server: StatusServer, code: int) -> None:
    """Each in a record of its own, at its time."""
    made = secure_status_server.scenario(code, count=2, every=0)
    with Inside(secure_status_server) as raw:
        answer = raw.request("GET", path_of(made))

    assert ([code, code], 200) == ([one.status for one in answer.interim], answer.status)


def test_a_client_that_says_goodbye(secure_status_server: StatusServer) -> None:
    """With the closure alert, it may still read (RFC 8446, 6.1)."""
    made = secure_status_server.scenario(200)
    with Inside(secure_status_server) as raw:
        raw.send(message("POST", path_of(made), "Content-Length: 4") + b"ab")
        raw.carried.say_goodbye()

        assert 400 == raw.answer().status
        assert (b"", "alert") == raw.ending()


def test_a_client_that_leaves_without_a_word(secure_status_server: StatusServer) -> None:
    """By a FIN alone: it has gone, and gets no answer."""
    made = secure_status_server.scenario(200)
    with Inside(secure_status_server) as raw:
        raw.send(message("POST", path_of(made), "Content-Length: 4") + b"ab")
        raw.plain.shutdown(socket.SHUT_WR)

        (found,) = made.wait(1)
        until(lambda: found.failure)

    assert b"ab" == found.content
    assert "the client closed the connection before it had the whole answer" == found.failure


@pytest.mark.skipif(OPENSSL is None, reason="openssl is not installed")
def test_a_second_handshake(secure_status_server: StatusServer) -> None:
    """A client that asks for one, as TLS 1.2 lets it, is told no (RFC 5246, 7.2.2)."""
    server = secure_status_server
    command = [OPENSSL or "", "s_client", "-connect", server.url.rpartition("/")[2], "-tls1_2"]
    with subprocess.Popen(
        [*command, "-CAfile", server.ca_file],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as client:
        assert client.stdin is not None
        assert client.stdout is not None
        client.stdin.write(b"R\n")
        client.stdin.flush()
        try:
            client.wait(10)
        finally:
            client.kill()
        said = client.stdout.read()

    assert b"no renegotiation" in said
