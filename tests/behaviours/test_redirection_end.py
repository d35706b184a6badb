"""What arrives at the end of a chain, and on its way there."""

from __future__ import annotations

from hashlib import sha256
from urllib.parse import urlsplit

import pytest

from pytest_httpcodes.codes import REDIRECTS
from pytest_httpcodes.server import StatusServer
from tests.asking import ask
from tests.following import arrived, location
from tests.raw import Raw, exchange, message

SNOWMAN = "\u2603"


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "BREW"])
def test_end_says_what_arrived(server: StatusServer, method: str) -> None:
    """The end of a chain answers any method, and says which one and what content came."""
    answer = ask(
        f"{server.url}/redirects/end/k", "Content-Type: text/csv", method=method, content=b"a,b"
    )

    assert "no-store" == answer.header("Cache-Control")
    assert {
        "method": method,
        "target": "/redirects/end/k",
        "content_type": "text/csv",
        "octets": 3,
        "sha256": sha256(b"a,b").hexdigest(),
        "content": "a,b",
    } == arrived(answer)


def test_end_after_head(server: StatusServer) -> None:
    """HEAD of the end has no content, and says how much GET would have."""
    with Raw(server.url) as raw:
        answer = raw.request("HEAD", "/redirects/end")
        again = raw.request("GET", "/redirects/end")

    assert (200, b"") == (answer.status, answer.content)
    # Which says "HEAD" where this one says "GET".
    assert len(again.content) + 1 == int(answer.header("Content-Length") or 0)


def test_end_of_binary_content(server: StatusServer) -> None:
    """Content that is no UTF-8 is shown in Base64."""
    found = arrived(ask(f"{server.url}/redirects/end", method="POST", content=b"\xff\x00"))

    assert ("/wA=", None) == (found["content_base64"], found["content_type"])
    assert "content" not in found


@pytest.mark.parametrize("size", [65_536, 65_537, 3_000_000])
def test_end_of_large_content(server: StatusServer, size: int) -> None:
    """Of large content the start is shown; size and digest are of all of it."""
    content = bytes(range(32, 127)) * (size // 95 + 1)
    content = content[:size]
    found = arrived(ask(f"{server.url}/redirects/end", method="PUT", content=content))

    assert (size, sha256(content).hexdigest()) == (found["octets"], found["sha256"])
    assert content[:65_536].decode() == found["content"]


@pytest.mark.parametrize("before", range(5))
def test_end_cuts_no_character(server: StatusServer, before: int) -> None:
    """What is shown of large content ends between two characters."""
    content = b"x" * (65_536 - before) + (SNOWMAN * 9).encode()
    found = arrived(ask(f"{server.url}/redirects/end", method="POST", content=content))

    assert "x" * (65_536 - before) + SNOWMAN * (before // 3) == found["content"]


def test_end_of_large_binary_content(server: StatusServer) -> None:
    """What only looks like the inside of a character does not make the start much shorter."""
    content = b"\x80" * 70_000
    found = arrived(ask(f"{server.url}/redirects/end", method="POST", content=content))

    assert 87_380 >= len(found["content_base64"]) > 87_370


def test_end_in_chunks(server: StatusServer) -> None:
    """Content in chunks arrives whole."""
    octets = message("POST", "/redirects/end", "Transfer-Encoding: chunked")
    with Raw(server.url) as raw:
        raw.send(octets + b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
        found = arrived(raw.answer())

    assert ("abcde", 5) == (found["content"], found["octets"])


def test_end_has_options(server: StatusServer) -> None:
    """The end takes the options that every URL has, and fields."""
    url = f"{server.url}/redirects/end?delay=0&header=Cache-Control:%20private"
    octets, how = exchange(server.url, message("GET", "/redirects/end?fault=garbage"))

    assert "private" == ask(url).header("Cache-Control")
    assert b"this is no HTTP" in octets
    assert "FIN" == how


# Content on its way through a chain


@pytest.mark.parametrize("code", REDIRECTS)
def test_redirect_instead_of_invitation(server: StatusServer, code: int) -> None:
    """A client that waits for 100 gets the redirect at once, and the connection closes."""
    url = server.redirects(code)
    with Raw(url) as raw:
        fields = ("Expect: 100-continue", "Content-Length: 5")
        raw.send(message("POST", urlsplit(url).path, *fields, host=raw.host))
        answer = raw.answer()

    assert (code, [], "close") == (answer.status, answer.interim, answer.header("Connection"))
    assert url.replace(f"/{code}/", "/end/") == location(answer)


def test_end_invites(server: StatusServer) -> None:
    """The end of a chain invites the content."""
    with Raw(server.url) as raw:
        raw.send(message("POST", "/redirects/end", "Expect: 100-continue", "Content-Length: 5"))
        interim = raw._until(b"\r\n\r\n")
        raw.send(b"12345")
        found = arrived(raw.answer())

    assert b"HTTP/1.1 100 Continue\r\n\r\n" == interim
    assert "12345" == found["content"]


def test_content_that_was_sent_anyway(server: StatusServer) -> None:
    """What is sent unasked is read and noted, and the connection goes on."""
    url = server.redirects(307)
    with Raw(url) as raw:
        first = raw.request("POST", urlsplit(url).path, content=b"12345")
        second = raw.request("POST", urlsplit(location(first)).path, content=b"12345")

    assert (307, 200) == (first.status, second.status)
    assert [b"12345", b"12345"] == [exchange.content for exchange in url.exchanges]


def test_redirect_wins_over_too_much_content() -> None:
    """A redirect comes before the refusal of content that is announced to be too large."""
    with StatusServer(max_content=4) as server:
        link = server.redirects(308)
        first = ask(link, method="POST", content=b"12345")
        second = ask(location(first), method="POST", content=b"12345")

    assert (308, 413) == (first.status, second.status)
