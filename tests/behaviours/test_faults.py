"""Answers that break: the octets that come, and how the connection ends, for each place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest
from werkzeug.wrappers import Response

from pytest_httpcodes.behaviours.faults import GARBAGE
from pytest_httpcodes.server import StatusServer
from pytest_httpcodes.wire import connection
from tests.raw import Raw, exchange, message

DATE = b"Mon, 23 Nov 2026 01:03:38 GMT"
OWN = b"Date: " + DATE + b"\r\nServer: pytest-httpcodes\r\n"
DIGITS = b"0123456789"
TEXT = b"Content-Type: text/plain; charset=utf-8\r\n"
# How the connection ends: with a FIN or RST, or not at all.
ENDS = {"close": "FIN", "half-close": "FIN", "reset": "RST", "stall": "open", "garbage": "FIN"}


@pytest.fixture
def server() -> Iterator[StatusServer]:
    """Start a server whose `Date` is always the same."""
    with StatusServer() as started:
        started.date = lambda: DATE
        yield started
        started.complaints()


class Honest(NamedTuple):
    """An answer that is to break: its request, and what comes of it in front of each place."""

    method: str
    version: str
    made: str
    whole: bytes
    places: dict[str, bytes]


def head(*lines: bytes, status: bytes = b"200 OK", own: bytes = OWN) -> bytes:
    """Return the octets of a head: its own field first, then what every answer has."""
    return b"HTTP/1.1 " + status + b"\r\n" + TEXT + own + b"".join(lines) + b"\r\n"


def in_head(octets: bytes) -> dict[str, bytes]:
    """Return what comes of a head with `TEXT` in front of each place in it."""
    line = octets[: octets.index(TEXT)]
    return {
        "status-line": b"HTTP/1.1 2",
        "field": line + TEXT[: (len(line) + len(line + TEXT)) // 2 - len(line)],
        "field-line": line + TEXT,
        "head": octets,
    }


SIZED = head(b"Content-Length: 10\r\n")
CHUNKED = head(b"Transfer-Encoding: chunked\r\n")
OLD = head(b"Content-Length: 10\r\nConnection: close\r\n")
ENDLESS = head(b"Connection: close\r\n")
EMPTY = b"HTTP/1.1 204 No Content\r\n" + OWN + b"\r\n"
COUNTED = {
    "content:0": b"",
    "content:3": b"012",
    "content": b"01234",
    "content:10": DIGITS,
    "content:999": DIGITS,
    "end": DIGITS,
}
NOTHING = dict.fromkeys((*COUNTED, "chunk", "last-chunk"), b"")


def behind(start: bytes, places: dict[str, bytes]) -> dict[str, bytes]:
    """Return what comes in front of each place, where all have the same octets before it."""
    return {place: start + octets for place, octets in places.items()}


HONEST = {
    "with its length": Honest(
        "GET",
        "HTTP/1.1",
        "sized",
        SIZED + DIGITS,
        {
            **in_head(SIZED),
            **behind(SIZED, COUNTED),
            # There are chunks for those who want to break them.
            **behind(CHUNKED, {"chunk": b"a\r\n01234", "last-chunk": b"a\r\n0123456789\r\n"}),
        },
    ),
    "in chunks": Honest(
        "GET",
        "HTTP/1.1",
        "streamed",
        CHUNKED + b"4\r\n0123\r\n6\r\n456789\r\n0\r\n\r\n",
        {
            **in_head(CHUNKED),
            **behind(
                CHUNKED,
                {
                    "content:0": b"",
                    "content:3": b"4\r\n012",
                    "content:4": b"4\r\n0123",
                    "content:5": b"4\r\n0123\r\n6\r\n4",
                    "content": b"4\r\n01",  # of what is known by then
                    "content:10": b"4\r\n0123\r\n6\r\n456789",
                    "content:999": b"4\r\n0123\r\n6\r\n456789\r\n",
                    "chunk": b"4\r\n01",
                    "last-chunk": b"4\r\n0123\r\n6\r\n456789\r\n",
                    "end": b"4\r\n0123\r\n6\r\n456789\r\n0\r\n\r\n",
                },
            ),
        },
    ),
    "to HTTP/1.0": Honest(
        "GET",
        "HTTP/1.0",
        "sized",
        OLD + DIGITS,
        {
            **in_head(OLD),
            **behind(OLD, COUNTED),
            # It has no chunks: what would be in them is at the end.
            **behind(OLD, {"chunk": DIGITS, "last-chunk": DIGITS}),
        },
    ),
    "to HTTP/1.0, without its length": Honest(
        "GET",
        "HTTP/1.0",
        "streamed",
        ENDLESS + DIGITS,
        {
            **in_head(ENDLESS),
            **behind(ENDLESS, {**COUNTED, "content": b"01", "chunk": DIGITS, "last-chunk": DIGITS}),
        },
    ),
    "to HEAD": Honest(
        "HEAD",
        "HTTP/1.1",
        "sized",
        SIZED,
        {
            **in_head(SIZED),
            **behind(SIZED, NOTHING),
            **behind(CHUNKED, {"chunk": b"", "last-chunk": b""}),
        },
    ),
    "without content": Honest(
        "GET",
        "HTTP/1.1",
        "empty",
        EMPTY,
        {
            "status-line": b"HTTP/1.1 2",
            "field": EMPTY[: 25 + len(b"Date: " + DATE + b"\r\n") // 2],
            "field-line": EMPTY[: 25 + len(b"Date: " + DATE + b"\r\n")],
            "head": EMPTY,
            **behind(EMPTY, NOTHING),
        },
    ),
}


def respond(made: str) -> Response | int:
    """Return an honest answer."""
    if made == "empty":
        return 204
    content = {"sized": [DIGITS], "streamed": iter([DIGITS[:4], DIGITS[4:]]), "nothing": []}[made]
    return Response(content, content_type="text/plain; charset=utf-8")


def broken(server: StatusServer, made: str, kind: str | None, at: str | None = None) -> str:
    """Make an endpoint whose answers break; return its path."""
    return urlsplit(server.script(lambda request: respond(made), fault=kind, at=at)).path


def stays_open(raw: Raw, octets: bytes) -> bool:
    """Tell whether these octets come, and then nothing: neither more, nor an end."""
    found = b""
    while len(found) < len(octets):
        found += raw.sock.recv(65_536)

    assert octets == found
    return raw.is_silent(0.02)


def is_whole(server: StatusServer, honest: Honest, path: str, place: str = "start") -> bool:
    """Tell whether an answer comes as it is to, on a connection that goes on as it is to."""
    octets = honest.whole
    if place in ("chunk", "last-chunk") and octets.startswith(SIZED):
        octets = CHUNKED + (b"a\r\n0123456789\r\n0\r\n\r\n" if honest.method == "GET" else b"")
    with Raw(server.url) as raw:
        raw.send(message(honest.method, path, version=honest.version))
        if honest.version == "HTTP/1.0":
            return (octets, "FIN") == raw.end()
        return stays_open(raw, octets)


def test_whole_answers(server: StatusServer) -> None:
    """What breaks below is this, if it does not."""
    for honest in HONEST.values():
        assert is_whole(server, honest, broken(server, honest.made, None))


@pytest.mark.parametrize("reused", [False, True], ids=["fresh", "reused"])
@pytest.mark.parametrize("name", HONEST)
@pytest.mark.parametrize("kind", ENDS)
def test_an_answer_breaks_at_its_place(
    server: StatusServer, kind: str, name: str, reused: bool
) -> None:
    """Exactly these octets come, and then what breaks; on a connection that had an answer, too."""
    honest = HONEST[name]
    tail = GARBAGE if kind == "garbage" else b""
    for place, octets in {"start": b"", **honest.places}.items():
        path = broken(server, honest.made, kind, place)
        with Raw(server.url) as raw:
            if reused:
                assert 200 == raw.request("GET", "/status/200").status
            raw.send(message(honest.method, path, version=honest.version))
            if kind == "stall":
                assert stays_open(raw, octets), place
            else:
                assert (place, octets + tail, ENDS[kind]) == (place, *raw.end())


@pytest.mark.parametrize("name", HONEST)
def test_an_answer_that_drips_is_whole(server: StatusServer, name: str) -> None:
    """From a place on it comes slowly, in whatever framing; then the connection goes on."""
    honest = HONEST[name]
    for place in ("start", *(place for place in honest.places if place != "end")):
        path = broken(server, honest.made, "drip:100000", place)

        assert is_whole(server, honest, path, place), place


@pytest.mark.parametrize(
    ("at", "octets"),
    [
        (None, b"01234"),
        ("content:0", b""),
        ("content:3", b"012"),
        ("content:9", DIGITS[:9]),
        ("content:10", DIGITS[:9]),
        ("content:999", DIGITS[:9]),
    ],
)
def test_truncated_content_is_short(server: StatusServer, at: str | None, octets: bytes) -> None:
    """At least its last octet is missing from what was announced."""
    for version, start in (("HTTP/1.1", SIZED), ("HTTP/1.0", OLD)):
        path = broken(server, "sized", "truncate", at)

        assert (start + octets, "FIN") == exchange(
            server.url, message("GET", path, version=version)
        )


def test_content_of_nothing_can_be_truncated(server: StatusServer) -> None:
    """It announces an octet that never comes."""
    path = broken(server, "nothing", "truncate")

    assert (head(b"Content-Length: 1\r\n"), "FIN") == exchange(server.url, message("GET", path))


def test_truncated_chunks_have_no_last_one(server: StatusServer) -> None:
    """However far they go."""
    for at, octets in (("content:3", b"4\r\n012"), ("content:99", b"4\r\n0123\r\n6\r\n456789\r\n")):
        path = broken(server, "streamed", "truncate", at)

        assert (CHUNKED + octets, "FIN") == exchange(server.url, message("GET", path))


def test_an_interim_response_comes_before_what_breaks(server: StatusServer) -> None:
    """It is no part of the final answer; a fault at the start comes before it as well."""
    interim = b"HTTP/1.1 102 Processing\r\n\r\n"
    for place, octets in (("start", b""), ("status-line", interim + b"HTTP/1.1 2")):
        url = server.status(102, fault="close", at=place)

        assert (octets, "FIN") == exchange(server.url, message("GET", urlsplit(url).path))


def test_a_half_close_goes_on_reading(
    server: StatusServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a close, once the client has had time to read the answer, refuses what is sent."""
    monkeypatch.setattr(connection, "LINGER", 0.0)
    path = broken(server, "sized", "half-close", "content:3")
    with Raw(server.url) as raw:
        raw.send(message("GET", path))
        assert (SIZED + b"012", "FIN") == raw.end()
        raw.send(bytes(100_000_000))
    path = broken(server, "sized", "close", "content:3")
    with Raw(server.url) as raw:
        raw.send(message("GET", path))
        assert (SIZED + b"012", "FIN") == raw.end()
        with pytest.raises(ConnectionError):
            raw.send(bytes(100_000_000))


def test_an_answer_ends_before_its_connection_does(server: StatusServer) -> None:
    """At the end: what is announced is a connection that goes on, and then it does not."""
    path = broken(server, "sized", "close", "end")
    with Raw(server.url) as raw:
        answer = raw.request("GET", path)
        found = answer.content, answer.header("connection"), raw.end()

    assert (DIGITS, None, (b"", "FIN")) == found


def test_a_pipelined_request_gets_no_answer(server: StatusServer) -> None:
    """Which came before the fault; a client has to send it again."""
    path = broken(server, "sized", "close", "end")
    octets, how = exchange(server.url, message("GET", path) + message("GET", "/status/204"))

    assert (SIZED + DIGITS, "FIN") == (octets, how)
    assert [200] == server.journal.statuses
