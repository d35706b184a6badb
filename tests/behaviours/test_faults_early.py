"""Faults before the request is read whole: behind its line, its head, or some of its content."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from pytest_httpcodes import Endpoint, Fault, Generated, Received, Stage, StatusServer, rule
from pytest_httpcodes.behaviours.faults import GARBAGE
from pytest_httpcodes.exchange import Exchange
from tests.raw import Raw, exchange, message, until

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
ENDS = {"close": "FIN", "half-close": "FIN", "reset": "RST", "stall": "open", "garbage": "FIN"}
# What breaks has to be the same wherever it is asked for.
MADE: dict[str, Callable[..., Endpoint]] = {
    "status": lambda server, **given: server.status(503, **given),
    "redirects": lambda server, **given: server.redirects(302, **given),
    "script": lambda server, **given: server.script(503, **given),
    "scenario": lambda server, **given: server.scenario(411, **given),
    "resource": lambda server, **given: server.resource("content", **given),
}
BY_HAND = ["/", "/journal", "/status/503/k", "/411/k", "/redirects/302/k", "/redirects/end/k"]


def how(raw: Raw, kind: str) -> str:
    """Return how a connection ends, before which nothing comes but garbage."""
    if kind == "stall":
        return "open" if raw.is_silent(0.02) else "more"
    octets, end = raw.end()
    assert (GARBAGE if kind == "garbage" else b"") == octets
    return end


@pytest.mark.parametrize("reused", [False, True], ids=["fresh", "reused"])
@pytest.mark.parametrize("kind", ENDS)
@pytest.mark.parametrize("made", MADE)
def test_behind_the_request_line(server: StatusServer, made: str, kind: str, reused: bool) -> None:
    """As soon as that is there, and not before; no field has to come."""
    url = MADE[made](server, fault=kind, at="request-line")
    with Raw(server.url) as raw:
        if reused:
            raw.request("GET", "/status/200")
        raw.send(f"POST {urlsplit(url).path}".encode())
        assert raw.is_silent(0.01)
        raw.send(b" HTTP/1.1\r\n")

        assert ENDS[kind] == how(raw, kind)
        until(lambda: now(url))
        found = now(url)

    assert 1 == len(found)
    assert ("POST", "HTTP/1.1", []) == (found[0].method, found[0].version, list(found[0].headers))
    assert f"broken by {kind} at request-line" in found[0].why
    assert found[0].status is None


@pytest.mark.parametrize("place", ["request-line", "request-head", "request-content:0"])
@pytest.mark.parametrize("kind", ENDS)
@pytest.mark.parametrize("made", MADE)
def test_behind_the_head(server: StatusServer, made: str, kind: str, place: str) -> None:
    """Without any of the content, for which nobody is invited; a whole head has its line, too."""
    url = MADE[made](server, fault=kind, at=place)
    for field in ("Expect: 100-continue", "Expect: nothing"):
        with Raw(server.url) as raw:
            raw.send(message("POST", urlsplit(url).path, "Content-Length: 9", field))

            assert ENDS[kind] == how(raw, kind)

    found = url.wait(2)
    assert [b"", b""] == [exchange.content for exchange in found]
    assert [None, None] == [exchange.status for exchange in found]
    assert all(f"broken by {kind} at {place}" in exchange.why for exchange in found)


@pytest.mark.parametrize("framing", ["Content-Length: 10", "Transfer-Encoding: chunked"])
@pytest.mark.parametrize("kind", ENDS)
@pytest.mark.parametrize("made", MADE)
def test_in_the_content(server: StatusServer, made: str, kind: str, framing: str) -> None:
    """Once so many octets of it have come, for which the client is invited."""
    url = MADE[made](server, fault=kind, at="request-content:4")
    chunked = framing.startswith("Transfer")
    with Raw(server.url) as raw:
        raw.send(message("POST", urlsplit(url).path, framing, "Expect: 100-continue"))
        assert CONTINUE == raw._until(b"\r\n\r\n")
        raw.send(b"3\r\n012\r\n" if chunked else b"012")
        assert raw.is_silent(0.01)
        raw.send(b"7\r\n3" if chunked else b"3")

        assert ENDS[kind] == how(raw, kind)

    (found,) = url.wait(1)
    assert (b"0123", [100], None) == (found.content, found.interim, found.status)
    assert f"broken by {kind} at request-content:4" in found.why


@pytest.mark.parametrize(
    ("framing", "before", "last"),
    [
        ("Content-Length: 9", b"012", b"3"),
        ("Transfer-Encoding: chunked", b"9\r\n", b"0"),
        ("Content-Length: 1", b"", b""),
        ("Content-Length: 0", b"", b""),
        ("Accept: */*", b"", b""),
    ],
)
def test_in_the_middle_of_the_content(
    server: StatusServer, framing: str, before: bytes, last: bytes
) -> None:
    """Half of it; of that whose length is not announced its first piece, of none nothing."""
    url = server.status(200, fault="close", at="request-content")
    with Raw(server.url) as raw:
        raw.send(message("POST", urlsplit(url).path, framing) + before)
        assert not last or raw.is_silent(0.01)
        raw.send(last)

        assert (b"", "FIN") == raw.end()


def test_content_that_is_too_short(server: StatusServer) -> None:
    """It breaks behind all of it."""
    url = server.status(200, fault="reset", at="request-content:99")
    octets = message("POST", urlsplit(url).path, content=b"0123456789")

    assert (b"", "RST") == exchange(server.url, octets)
    assert b"0123456789" == url.exchanges[0].content


def test_content_that_is_too_long(server: StatusServer) -> None:
    """What is there of it is not read any further, and the connection is not drained either."""
    url = server.resource(None, fault="close", at="request-content:4")
    path = urlsplit(url).path
    octets, end = exchange(server.url, message("PUT", path, content=bytes(100_000)) * 3)

    assert (b"", "FIN") == (octets, end)
    assert 1 == len(url.wait(1))
    assert 4 <= len(url.exchanges[0].content) < 100_000


def test_malformed_content_is_refused_before_it_breaks(server: StatusServer) -> None:
    """Since so much of it never comes."""
    for made in MADE.values():
        url = made(server, fault="reset", at="request-content:4")
        with Raw(server.url) as raw:
            raw.send(message("POST", urlsplit(url).path, "Transfer-Encoding: chunked") + b"x\r\n")
            answer = raw.answer()

        assert (400, [400]) == (answer.status, url.statuses)
        assert "broken" not in url.exchanges[0].why


def test_the_resource_is_not_asked(server: StatusServer) -> None:
    """Nothing is stored of a request that is not read."""
    asked: list[Received] = []

    @rule(Stage.CONNECTION)
    def ask(request: Received) -> None:
        asked.append(request)

    for at in ("request-line", "request-head", "request-content:4"):
        url = server.resource("before", ask, fault="close", at=at)
        octets = message("PUT", urlsplit(url).path, content=b"0123456789")
        assert (b"", "FIN") == exchange(server.url, octets)

    assert [] == asked


@pytest.mark.parametrize("path", BY_HAND)
@pytest.mark.parametrize("place", ["request-line", "request-head", "request-content"])
def test_by_hand(server: StatusServer, path: str, place: str) -> None:
    """Whatever a URL names breaks so; the catalogue and the journal too."""
    target = f"{path}?fault=reset&at={place}"
    with Raw(server.url) as raw:
        start = message("GET", target)
        raw.send(start[:-4])
        assert place == "request-line" or raw.is_silent(0.01)
        if place != "request-line":
            raw.send(start[-4:])

        assert (b"", "RST") == raw.end()


def test_a_redirect_and_its_end_break_by_themselves(server: StatusServer) -> None:
    """What is asked of the links is none of the end's."""
    url = server.redirects(302, fault="close", at="request-line")
    link = urlsplit(url).path
    with Raw(server.url) as raw:
        end = message("GET", link.replace("/302/", "/end/"))
        raw.send(end[:-2])
        assert raw.is_silent(0.01)
        raw.send(end[-2:])

        assert 200 == raw.answer().status


def test_times(server: StatusServer) -> None:
    """The first requests break, and what comes after them is a 200, however it arrives."""
    url = server.status(503, times=2, fault="close", at="request-line")
    octets = message("GET", urlsplit(url).path)
    found: list[object] = []
    for cut in (-2, None, -2, None):
        with Raw(server.url) as raw:
            raw.send(octets[:cut])
            if len(found) >= 2 and cut:
                assert raw.is_silent(0.01)
                raw.send(octets[cut:])
            found.append(raw.answer().status if len(found) >= 2 else raw.end()[1])

    assert ["FIN", "FIN", 200, 200] == found
    assert [None, None, 200, 200] == url.statuses


def test_a_script_has_a_turn_for_it(server: StatusServer) -> None:
    """A reply that breaks so early is used up by the request line, and no other one is."""
    url = server.script(201, Fault("reset", at="request-line"), 202, exact=True)
    octets = message("GET", urlsplit(url).path)
    found: list[object] = []
    for breaks in (False, True, False):
        with Raw(server.url) as raw:
            raw.send(octets[:-2])
            if breaks:
                found.append(raw.end()[1])
                continue
            assert raw.is_silent(0.02)
            raw.send(octets[-2:])
            found.append(raw.answer().status)

    assert [201, "RST", 202] == found
    assert [201, None, 202] == url.statuses
    assert "reply 2 of 3 of a script: broken by reset at request-line" == url.exchanges[1].why
    assert [] == server.complaints()


def test_a_delay_comes_first(server: StatusServer) -> None:
    """Before what breaks, whatever that is."""
    for place in ("request-line", "request-head", "request-content"):
        url = server.status(503, delay=0.05, fault="reset", at=place)
        with Raw(server.url) as raw:
            octets = message("POST", urlsplit(url).path, content=b"0123456789")
            raw.send(octets[:40] if place == "request-line" else octets)

            assert (b"", "RST") == raw.end()
        (found,) = url.wait(1)
        assert found.finished is not None
        assert 0.05 <= found.finished - found.started


def test_generated_content_is_not_made(
    server: StatusServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of an answer that nobody asks for."""
    monkeypatch.setattr(Generated, "read", None)
    url = server.resource(Generated(16 * 1024**3), fault="reset", at="request-head")

    assert (b"", "RST") == exchange(server.url, message("GET", urlsplit(url).path))


def now(url: Endpoint) -> list[Exchange]:
    """Return an endpoint's exchanges as they are."""
    return url._selection().now()
