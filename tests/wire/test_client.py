"""The client of `httpcodes try`: one request out, one answer in, by RFC 9112, 6.3."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from pytest_httpcodes.wire import client
from pytest_httpcodes.wire.client import Heard, ask

HEAD = b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 4\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@contextmanager
def serving(behave: Callable[[socket.socket], object]) -> Iterator[int]:
    """Serve one connection by a function, which closes it in the end; the context is the port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def run() -> None:
            sock, _ = listening.accept()
            with sock:
                behave(sock)

        thread = threading.Thread(target=run)
        thread.start()
        yield listening.getsockname()[1]
        thread.join()


def answered(octets: bytes, method: str = "GET", timeout: float = 5.0) -> Heard:
    """Return what a client hears that gets these octets, and then the end of the connection."""

    def behave(sock: socket.socket) -> None:
        assert HEAD == sock.recv(1000)
        sock.sendall(octets)

    with serving(behave) as port:
        return ask("127.0.0.1", port, method, HEAD, timeout=timeout)


@pytest.mark.parametrize(
    ("octets", "content"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokBEHIND", b"ok"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nok", b"ok"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok", b"ok"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", b""),
        (b"HTTP/1.1 200 OK\r\n\r\nto the end", b"to the end"),
        (b"HTTP/1.0 200\r\n\r\nto the end", b"to the end"),
        (
            (
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                b'2;a="b"\r\nok\r\n01\r\n!\r\n0\r\nX-Sum: 1\r\n\r\nBEHIND'
            ),
            b"ok!",
        ),
        (
            (
                b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"
                b"2\r\nok\r\n0\r\n\r\n"
            ),
            b"ok",
        ),
        (b"HTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\n", b""),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", b""),
        (b"HTTP/1.1 101 Switching Protocols\r\n\r\nother", b""),
    ],
)
def test_framing(octets: bytes, content: bytes) -> None:
    """The content ends where the head says it does."""
    heard = answered(octets)

    assert ("", content) == (heard.failure, heard.content)
    assert octets.startswith(heard.octets)


@pytest.mark.parametrize("method", ["HEAD", "CONNECT"])
def test_methods_without_content(method: str) -> None:
    """Their answers end with the head."""
    heard = answered(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", method)

    assert (200, "", b"") == (heard.status, heard.failure, heard.content)


def test_a_refused_connect_has_content() -> None:
    """It opens no tunnel."""
    heard = answered(b"HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 2\r\n\r\nno", "CONNECT")

    assert (405, b"no") == (heard.status, heard.content)


def test_fields_and_interim_responses() -> None:
    """Those of the final response are told, and the codes of all."""
    interim = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n"
    final = b"HTTP/1.1 404 Not Found\r\nA: 1\r\nB:\r\na:\t2 \r\nContent-Length: 0\r\n\r\n"
    heard = answered(interim + final)

    assert ([103, 102], 404) == (heard.interim, heard.status)
    assert ("1, 2", "", "") == (heard.header("a"), heard.header("b"), heard.header("link"))
    assert (("A", "1"), ("B", ""), ("a", "2"), ("Content-Length", "0")) == heard.fields
    assert interim + final == heard.octets


@pytest.mark.parametrize(
    ("octets", "failure"),
    [
        (b"", "the connection ended before anything of a response came"),
        (b"HTTP/1.1 200 OK\r\n", "the connection ended within its fields"),
        (OK[:-1], "the connection ended where 1 octets of the content were still to come"),
        (b"SSH-2.0-x\r\n\r\n", "it starts with 'S', which is no status line of HTTP/1.x"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 2, 3\r\n\r\nok",
            "the Content-Length '2, 3' is not one number",
        ),
    ],
)
def test_answers_that_are_none(octets: bytes, failure: str) -> None:
    """What is wrong is told, and what came is there."""
    heard = answered(octets)

    assert (failure, octets) == (heard.failure, heard.octets)


def test_a_chunk_that_breaks_off() -> None:
    """The content is what came of it."""
    heard = answered(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n5\r\nbad")

    assert (b"okbad", 200) == (heard.content, heard.status)
    assert heard.failure.startswith("the connection ended")


def test_an_answer_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is left after so many octets."""
    monkeypatch.setattr(client, "_MOST", 1000)
    heard = answered(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 200_000)

    assert "the answer has over 1000 octets" == heard.failure


def test_silence() -> None:
    """It is a failure after a while."""
    done = threading.Event()
    with serving(lambda sock: done.wait()) as port:
        heard = ask("127.0.0.1", port, "GET", HEAD, timeout=0.05)
        done.set()

    assert ("nothing came for 0.05 s", None) == (heard.failure, heard.status)


def test_a_reset() -> None:
    """It is a failure, too."""

    def reset(sock: socket.socket) -> None:
        sock.recv(1000)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with serving(reset) as port:
        heard = ask("127.0.0.1", port, "GET", HEAD)

    assert heard.failure.startswith("the connection broke: ")


def test_no_connection() -> None:
    """That is the caller's to see."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]

    with pytest.raises(OSError, match="refused"):
        ask("127.0.0.1", port, "GET", HEAD)


@pytest.mark.parametrize("interim", [b"", b"HTTP/1.1 100 Continue\r\n\r\n"])
def test_content_that_waits(interim: bytes) -> None:
    """It is sent after a pause, or when it is invited."""
    heard_by_server: list[bytes] = []

    def behave(sock: socket.socket) -> None:
        assert POST == sock.recv(1000)
        sock.sendall(interim)
        heard_by_server.append(sock.recv(1000))
        sock.sendall(OK)

    with serving(behave) as port:
        pause = 5.0 if interim else 0.05
        heard = ask("127.0.0.1", port, "POST", POST, b"data", pause=pause)

    assert [b"data"] == heard_by_server
    assert (200, [100] if interim else []) == (heard.status, heard.interim)


def test_content_that_is_not_wanted() -> None:
    """A final response is reason not to send it."""
    heard_by_server: list[bytes] = []

    def behave(sock: socket.socket) -> None:
        sock.recv(1000)
        sock.sendall(OK)
        heard_by_server.append(sock.recv(1000))

    with serving(behave) as port:
        heard = ask("127.0.0.1", port, "POST", POST, b"data", pause=5.0)

    assert [b""] == heard_by_server
    assert 200 == heard.status


def test_an_upload_that_is_refused() -> None:
    """The answer is read though the rest of the request found no taker."""

    def behave(sock: socket.socket) -> None:
        sock.sendall(OK)
        sock.shutdown(socket.SHUT_WR)
        while sock.recv(1_000_000):
            pass

    with serving(behave) as port:
        heard = ask("127.0.0.1", port, "POST", POST, b"x" * 5_000_000)

    assert 200 == heard.status
