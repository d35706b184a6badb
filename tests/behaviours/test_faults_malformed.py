"""Answers that are malformed as a whole: what comes, and whether the connection goes on."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from werkzeug.wrappers import Response

from pytest_httpcodes import Head, Reset, StatusServer, Steps
from tests.raw import Raw, exchange, message

DATE = b"Mon, 23 Nov 2026 01:03:38 GMT"
OWN = b"Date: " + DATE + b"\r\nServer: pytest-httpcodes\r\n"
TEXT = b"Content-Type: text/plain; charset=utf-8\r\n"
STRAY = b"stray octets"
SECOND = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 8\r\n\r\nsurplus\n"
SIZE = b"Content-Length: 10\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
CLOSE = b"Connection: close\r\n"
DIGITS = b"0123456789"
CHUNKS = b"4\r\n0123\r\n6\r\n456789\r\n0\r\n\r\n"


@pytest.fixture
def server() -> Iterator[StatusServer]:
    """Start a server whose `Date` is always the same."""
    with StatusServer() as started:
        started.date = lambda: DATE
        yield started
        started.complaints()


def respond(made: str) -> object:
    """Return an honest answer."""
    if made in ("200", "204", "304"):
        return Steps(Head(int(made)))
    length = {"own length": {"Content-Length": "10"}, "odd length": {"Content-Length": "x"}}
    pieces = [DIGITS] if made == "sized" else iter([DIGITS[:4], DIGITS[4:]])
    kind = "text/plain; charset=utf-8"
    return Response(pieces, headers=length.get(made), content_type=kind)


def head(*lines: bytes, first: bytes = TEXT, status: bytes = b"200 OK") -> bytes:
    """Return the octets of a head."""
    return b"HTTP/1.1 " + status + b"\r\n" + first + OWN + b"".join(lines) + b"\r\n"


def two(first: bytes = b"10", second: bytes = b"11") -> bytes:
    """Return two lengths."""
    return b"Content-Length: %b\r\nContent-Length: %b\r\n" % (first, second)


MANY = b"".join(b"X-Field-%d: x\r\n" % number for number in range(1, 601))
LARGE = b"X-Large: " + b"x" * 1_048_576 + b"\r\n"
FOLD = b"X-Folded: one\r\n two\r\n"
UNKNOWN = b"Transfer-Encoding: x-unknown\r\n"

UNCODED = head(CLOSE, first=TEXT + UNKNOWN)

# The kind, the answer that it is asked for, the request's method and version, and what comes.
CASES: list[tuple[str, str, str, str, bytes, str]] = [
    # Two lengths: the second one is false, and the connection closes behind the answer.
    ("two-lengths", "sized", "GET", "1.1", head(first=TEXT + two()) + DIGITS, "FIN"),
    ("two-lengths", "own length", "GET", "1.1", head(first=TEXT + two()) + DIGITS, "FIN"),
    ("two-lengths", "sized", "GET", "1.0", head(CLOSE, first=TEXT + two()) + DIGITS, "FIN"),
    ("two-lengths", "sized", "HEAD", "1.1", head(first=TEXT + two()), "open"),
    ("two-lengths", "streamed", "GET", "1.1", head(first=TEXT + two(b"0", b"1")) + DIGITS, "FIN"),
    # A chunk without a size.
    (
        "bad-chunk", "sized", "GET", "1.1",
        head(first=TEXT + CHUNKED) + b"xyz\r\na\r\n0123456789\r\n0\r\n\r\n", "FIN",
    ),
    (
        "bad-chunk", "streamed", "GET", "1.1",
        head(first=TEXT + CHUNKED) + b"xyz\r\n" + CHUNKS, "FIN",
    ),
    (
        "bad-chunk", "own length", "GET", "1.1",
        head(first=TEXT + CHUNKED) + b"xyz\r\n" + CHUNKS, "FIN",
    ),
    ("bad-chunk", "sized", "HEAD", "1.1", head(SIZE), "open"),
    ("bad-chunk", "204", "GET", "1.1", head(first=b"", status=b"204 No Content"), "open"),
    (
        "bad-chunk", "own length", "GET", "1.0",
        head(CLOSE, first=TEXT + CHUNKED) + b"xyz\r\n0123456789", "FIN",
    ),
    # Octets that belong to nothing.
    ("stray", "204", "GET", "1.1", head(first=b"", status=b"204 No Content") + STRAY, "open"),
    ("stray", "304", "GET", "1.1", head(first=b"", status=b"304 Not Modified") + STRAY, "open"),
    ("stray", "sized", "HEAD", "1.1", head(SIZE) + STRAY, "open"),
    ("stray", "sized", "GET", "1.1", head(SIZE) + DIGITS + STRAY, "open"),
    ("stray", "200", "GET", "1.1", head(b"Content-Length: 0\r\n", first=b"") + STRAY, "open"),
    ("stray", "streamed", "GET", "1.1", head(CHUNKED) + CHUNKS + STRAY, "open"),
    ("stray", "sized", "GET", "1.0", head(SIZE, CLOSE) + DIGITS + STRAY, "FIN"),
    # A second answer.
    ("surplus", "sized", "GET", "1.1", head(SIZE) + DIGITS + SECOND, "open"),
    ("surplus:0.01", "sized", "GET", "1.1", head(SIZE) + DIGITS + SECOND, "open"),
    ("surplus", "streamed", "GET", "1.1", head(CHUNKED) + CHUNKS + SECOND, "open"),
    ("surplus:0.01", "streamed", "GET", "1.1", head(CHUNKED) + CHUNKS + SECOND, "open"),
    ("surplus", "sized", "HEAD", "1.1", head(SIZE) + SECOND, "open"),
    ("surplus:0.01", "sized", "GET", "1.0", head(SIZE, CLOSE) + DIGITS + SECOND, "FIN"),
    # Heads that are odd, but can be read.
    ("fold", "sized", "GET", "1.1", head(SIZE, first=TEXT + FOLD) + DIGITS, "open"),
    ("fold", "streamed", "GET", "1.1", head(CHUNKED, first=TEXT + FOLD) + CHUNKS, "open"),
    ("no-reason", "sized", "GET", "1.1", head(SIZE, status=b"200 ") + DIGITS, "open"),
    ("no-reason", "streamed", "GET", "1.1", head(CHUNKED, status=b"200 ") + CHUNKS, "open"),
    ("many-fields", "sized", "GET", "1.1", head(SIZE, first=TEXT + MANY) + DIGITS, "open"),
    (
        "many-fields:2", "sized", "HEAD", "1.0",
        head(SIZE, CLOSE, first=TEXT + b"X-Field-1: x\r\nX-Field-2: x\r\n"), "FIN",
    ),
    ("large-field", "sized", "GET", "1.1", head(SIZE, first=TEXT + LARGE) + DIGITS, "open"),
    (
        "large-field:3", "streamed", "GET", "1.1",
        head(CHUNKED, first=TEXT + b"X-Large: xxx\r\n") + CHUNKS, "open",
    ),
    # A coding that nobody knows: the content ends with the connection.
    ("unknown-coding", "sized", "GET", "1.1", UNCODED + DIGITS, "FIN"),
    ("unknown-coding", "own length", "GET", "1.1", UNCODED + DIGITS, "FIN"),
    ("unknown-coding", "streamed", "GET", "1.1", UNCODED + DIGITS, "FIN"),
    ("unknown-coding", "sized", "HEAD", "1.1", UNCODED, "FIN"),
    ("unknown-coding", "sized", "GET", "1.0", UNCODED + DIGITS, "FIN"),
]  # fmt: skip


@pytest.mark.parametrize("reused", [False, True], ids=["fresh", "reused"])
@pytest.mark.parametrize(
    ("kind", "made", "method", "version", "octets", "how"),
    CASES,
    ids=[" ".join(case[:4]) for case in CASES],
)
def test_an_answer_is_malformed(
    server: StatusServer,
    kind: str,
    made: str,
    method: str,
    version: str,
    octets: bytes,
    how: str,
    reused: bool,
) -> None:
    """These octets come, and then another answer on the connection if it goes on."""
    url = server.script(lambda request: respond(made), fault=kind)
    with Raw(server.url) as raw:
        if reused:
            raw.request("GET", "/status/200")
        raw.send(message(method, urlsplit(url).path, version=f"HTTP/{version}"))
        if how == "open":
            assert octets == raw._exactly(len(octets))
            assert 418 == raw.request("GET", "/status/418").status
        else:
            assert (octets, how) == raw.end()

    (found,) = url.exchanges
    assert found.failure is None
    assert f"broken by {kind}" in found.why


def test_a_length_that_is_none(server: StatusServer) -> None:
    """Two others take its place."""
    url = server.script(lambda request: respond("odd length"), fault="two-lengths")
    octets, _ = exchange(server.url, message("GET", urlsplit(url).path))

    assert 2 == octets.count(b"Content-Length: ")
    assert two(b"0", b"1") in octets


def test_an_answer_without_a_head_has_nothing_to_malform(server: StatusServer) -> None:
    """A reset stays one."""
    url = server.script(Reset(), fault="fold")

    assert (b"", "RST") == exchange(server.url, message("GET", urlsplit(url).path))


def test_the_record_has_the_answer_before_its_surplus_comes(server: StatusServer) -> None:
    """A client that leaves in between has had its answer; what follows is none of it."""
    url = server.status(503, content=b"busy", fault="surplus:60")
    with Raw(server.url) as raw:
        answer = raw.request("GET", urlsplit(url).path)
        (found,) = url.wait(1)
        sent = found.sent

    assert (503, b"busy", answer.octets) == (found.status, answer.content, sent)
    server.stop()
    assert (None, sent) == (found.failure, found.sent)


def test_the_record_has_the_surplus_too(server: StatusServer) -> None:
    """Once it is sent, whenever that is."""
    for kind in ("surplus", "surplus:0.01"):
        url = server.status(503, content=b"busy", fault=kind)
        with Raw(server.url) as raw:
            answer = raw.request("GET", urlsplit(url).path)
            assert SECOND == raw._exactly(len(SECOND))

        assert answer.octets + SECOND == url.exchanges[0].sent


def test_a_surplus_at_once_is_with_the_answer(server: StatusServer) -> None:
    """In one piece, so that who reads one has the other."""
    url = server.status(503, fault="surplus")
    with Raw(server.url) as raw:
        raw.send(message("GET", urlsplit(url).path))
        octets = raw.sock.recv(65_536)

    assert octets.endswith(SECOND)
    assert octets.startswith(b"HTTP/1.1 503 ")
