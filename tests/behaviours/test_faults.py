"""Answers that break: the octets that come, and how the connection ends, for each place."""

from __future__ import annotations

import re

import pytest

from pytest_httpcodes.behaviours.faults import GARBAGE, KINDS, Fault
from pytest_httpcodes.server import StatusServer
from pytest_httpcodes.wire.steps import Close, Content, End, Head, Interim, Raw, Reset, Stall
from tests.raw import Raw as RawClient
from tests.raw import message

CONTENT = "0123456789"
HEAD = re.compile(
    rb"HTTP/1\.1 (?P<code>[0-9]{3}) [\w ]*\r\n(?:[\w-]+: [^\r\n]+\r\n)*\r\n", re.DOTALL
)
# How the connection ends: with a FIN or RST, or not at all.
ENDS = {"close": "FIN", "reset": "RST", "stall": "open", "truncate": "FIN", "garbage": "FIN"}
# How much of CONTENT comes first at each place; None where not even the head does.
PLACES = {
    "start": None,
    "head": 0,
    "content:0": 0,
    "content:3": 3,
    "content:10": 10,
    "content:999": 10,
}


def broken(
    raw: RawClient, request: bytes, kind: str, count: int | None = None
) -> tuple[bytes, str]:
    """Send a request; return all that comes, and how the connection ended, or that it did not.

    Of an answer that stalls, a head and `count` octets are waited for, nothing if it is None.
    """
    raw.send(request)
    if kind != "stall":
        return raw.end()
    octets = end = content = b""
    while count is not None and (not end or len(content) < count):
        octets += raw.sock.recv(65_536)
        _, end, content = octets.partition(b"\r\n\r\n")
    return octets, "open" if raw.is_silent(0.05) else "more"


def expected(kind: str, place: str, method: str) -> tuple[int | None, bytes]:
    """Return how many octets of content come, None without a head, and what comes behind them."""
    behind = GARBAGE if kind == "garbage" else b""
    count = PLACES[place]
    if count is None:
        return None, behind
    if kind == "truncate":
        count = min(count, 9)
    return (0 if method == "HEAD" else count), behind


@pytest.mark.parametrize("reused", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_an_answer_breaks_at_its_place(server: StatusServer, kind: str, reused: bool) -> None:
    """At the start, behind the head, in the content: GET and HEAD, a fresh connection or not."""
    places = [p for p in PLACES if kind != "truncate" or p.startswith("content")]
    for place in places:
        url = server.status(503, content=CONTENT, fault=kind, at=place)
        for method in ("GET", "HEAD"):
            with RawClient(server.url) as raw:
                if reused:
                    assert 204 == raw.request("GET", "/status/204").status
                count, behind = expected(kind, place, method)
                request = message(method, url.removeprefix(server.url))
                octets, how = broken(raw, request, kind, count)

            assert ENDS[kind] == how
            if count is None:
                assert behind == octets
                continue
            head = HEAD.match(octets)
            assert head is not None
            assert b"503" == head["code"]
            assert b"\r\nContent-Length: 10\r\n" in head[0]
            assert b"Connection: close" not in head[0]
            assert CONTENT[:count].encode() + behind == octets[head.end() :]


@pytest.mark.parametrize("kind", KINDS)
def test_a_url_breaks_an_answer_too(server: StatusServer, kind: str) -> None:
    """`at` is optional: the start, or the middle of what is truncated; a script has the word."""
    for path in (f"/status/200?content={CONTENT}&fault={kind}", f"/script/{kind},204"):
        with RawClient(server.url) as raw:
            octets, how = broken(raw, message("GET", path), kind)

        assert ENDS[kind] == how
        if kind == "truncate":
            head = HEAD.match(octets)
            assert head is not None
            length = int(re.findall(rb"Content-Length: ([0-9]+)", head[0])[0])
            assert length // 2 == len(octets) - head.end()
        else:
            assert (GARBAGE if kind == "garbage" else b"") == octets


@pytest.mark.parametrize("code", [204, 205, 304])
@pytest.mark.parametrize("kind", ["close", "reset", "stall", "garbage"])
def test_a_code_without_content_breaks_behind_its_head(
    server: StatusServer, code: int, kind: str
) -> None:
    """Its head is what it always is, and no length is made up for it."""
    url = server.status(code, fault=kind, at="head")
    with RawClient(server.url) as raw:
        octets, how = broken(raw, message("GET", url.removeprefix(server.url)), kind, 0)
    head = HEAD.match(octets)

    assert ENDS[kind] == how
    assert head is not None
    assert (code == 205) is (b"\r\nContent-Length: 0\r\n" in head[0])
    assert (GARBAGE if kind == "garbage" else b"") == octets[head.end() :]


@pytest.mark.parametrize("kind", ["close", "reset", "stall", "garbage"])
def test_444_breaks_at_its_start(server: StatusServer, kind: str) -> None:
    """Silence that ends in another way."""
    url = server.status(444, fault=kind, at="start")
    with RawClient(server.url) as raw:
        octets, how = broken(raw, message("GET", url.removeprefix(server.url)), kind)

    assert (GARBAGE if kind == "garbage" else b"", ENDS[kind]) == (octets, how)


def test_an_interim_response_comes_before_what_breaks(server: StatusServer) -> None:
    """It is no part of the final answer; a fault at the start comes before it as well."""
    for place, start in (("start", b""), ("head", b"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200")):
        url = server.status(102, fault="close", at=place)
        with RawClient(server.url) as raw:
            octets, how = broken(raw, message("GET", url.removeprefix(server.url)), "close")

        assert "FIN" == how
        assert octets.startswith(start)
        assert bool(octets) is bool(start)


def test_content_of_nothing_can_be_truncated(server: StatusServer) -> None:
    """It announces an octet that never comes."""
    url = server.status(200, content=b"", fault="truncate")
    with RawClient(server.url) as raw:
        octets, how = broken(raw, message("GET", url.removeprefix(server.url)), "truncate")

    assert "FIN" == how
    assert b"\r\nContent-Length: 1\r\n" in octets
    assert octets.endswith(b"\r\n\r\n")


def test_http_1_0_gets_the_same_fault(server: StatusServer) -> None:
    """Its length is announced, so that what is missing can be noticed."""
    url = server.status(200, content=CONTENT, fault="truncate", at="content:3")
    request = message("GET", url.removeprefix(server.url), version="HTTP/1.0")
    with RawClient(server.url) as raw:
        octets, how = broken(raw, request, "truncate")

    assert "FIN" == how
    assert b"\r\nContent-Length: 10\r\n" in octets
    assert octets.endswith(b"\r\n\r\n012")


def test_a_fault_ends_with_its_times(server: StatusServer) -> None:
    """The first requests see it, later ones a plain 200; the journal says what was broken."""
    url = server.status(503, fault="reset", times=1)
    target = url.removeprefix(server.url)
    with RawClient(server.url) as raw:
        assert (b"", "RST") == broken(raw, message("GET", target), "reset")
    with RawClient(server.url) as raw:
        assert b"200 OK\n" == raw.request("GET", target).content

    assert [None, 200] == url.statuses
    assert "503 was asked for, broken by reset at start (RFC 9110, 15.6.4)" == server.journal[0].why


@pytest.mark.parametrize(
    ("text", "kind", "at"),
    [
        ("close at start", "close", None),
        ("truncate at content", "truncate", None),
        ("stall at head", "stall", "head"),
        ("reset at content:500", "reset", "content:500"),
    ],
)
def test_a_fault_says_what_it_is(text: str, kind: str, at: str | None) -> None:
    """In the words that it is asked for with."""
    assert text == str(Fault.parse(kind, at))


@pytest.mark.parametrize(
    ("steps", "fault", "given"),
    [
        # Without a head, there is nothing to break but the answer.
        ((Stall(),), Fault("stall", "head"), (Close(),)),
        ((Raw(GARBAGE), Close()), Fault("garbage", "content", 3), (Reset(),)),
        # What says how it is framed, or is framed by its code, stays as it is.
        (
            (Head(200, (("content-length", "7"),)), Content(b"ab"), Reset()),
            Fault("reset", "content", 2),
            (Head(200, (("content-length", "7"),)), Content(b"abc"), End()),
        ),
        (
            (Head(200, (("Transfer-Encoding", "chunked"),)), Close()),
            Fault("close", "head"),
            (Head(200, (("Transfer-Encoding", "chunked"),)), Content(b"abc"), End()),
        ),
        ((Head(204), Content(b""), Close()), Fault("close", "content", 1), (Head(204), End())),
        # Content in pieces is taken as a whole, and a phrase is kept.
        (
            (Interim(103), Head(200, (("Content-Length", "4"),), "Fine"), Content(b"abc"), Stall()),
            Fault("stall", "content", 3),
            (Interim(103), Head(200, (), "Fine"), Content(b"ab"), Content(b"cd"), End()),
        ),
    ],
)
def test_any_steps_can_break(
    steps: tuple[object, ...], fault: Fault, given: tuple[Head | Content | End, ...]
) -> None:
    """Whatever a script made of them."""
    assert steps == fault.apply(given)
