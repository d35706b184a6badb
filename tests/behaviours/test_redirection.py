"""Chains, loops and the black hole, octet by octet and through clients."""

from __future__ import annotations

import json
from datetime import timedelta
from http import HTTPStatus
from urllib.parse import parse_qsl, urlsplit

import pytest

from pytest_httpcodes.codes import PHRASES, REDIRECTS
from pytest_httpcodes.server import StatusServer
from tests.asking import ask
from tests.following import location, walk
from tests.raw import Raw, exchange, message


@pytest.mark.parametrize("code", REDIRECTS)
def test_one_link(server: StatusServer, code: int) -> None:
    """A link answers its code, where the next one is, and a note that links to it."""
    url = server.redirects(code)
    answer = ask(url)
    end = url.replace(f"/{code}/", "/end/")

    assert (code, PHRASES[code]) == (answer.status, answer.reason)
    assert end == location(answer)
    assert "text/html; charset=utf-8" == answer.header("Content-Type")
    assert "Accept" == answer.header("Vary")
    assert f'<a href="{end}">'.encode() in answer.content
    assert ("no-store" if code == 303 else None) == answer.header("Cache-Control")
    assert answer.header("Date")


@pytest.mark.parametrize("code", REDIRECTS)
def test_note_as_json(server: StatusServer, code: int) -> None:
    """A client that prefers JSON gets the note as JSON, with the same address."""
    answer = ask(server.redirects(code), "Accept: application/json")
    note = json.loads(answer.content)

    assert "application/json" == answer.header("Content-Type")
    assert (code, location(answer)) == (note["status"], note["location"])


@pytest.mark.parametrize("code", REDIRECTS)
def test_head(server: StatusServer, code: int) -> None:
    """HEAD gets the fields of GET and nothing after them, and the connection goes on."""
    url = server.redirects(code)
    target = urlsplit(url).path
    with Raw(url) as raw:
        whole = raw.request("GET", target)
        bare = raw.request("HEAD", target)
        again = raw.request("HEAD", target)

    assert whole.header("Content-Length") == bare.header("Content-Length")
    assert (code, code, b"") == (bare.status, again.status, bare.content)


def test_chain(server: StatusServer) -> None:
    """A chain goes through its codes in order, ends in a 200, and is one endpoint."""
    url = server.redirects(*REDIRECTS)
    hops = walk(url)

    assert [*REDIRECTS, 200] == [code for code, _ in hops] == url.statuses
    assert [address for _, address in hops] == [
        server.url + exchange.target for exchange in url.exchanges
    ]
    assert "a link of a chain with 7 more (RFC 9110, 15.4.1)" == url.exchanges[0].why
    assert "the last link of a chain (RFC 9110, 15.4.9)" == url.exchanges[-2].why
    assert "the end of a chain (RFC 9110, 15.4)" == url.exchanges[-1].why


def test_chain_of_the_standard_library(server: StatusServer) -> None:
    """The codes may be those of `HTTPStatus`."""
    url = server.redirects(HTTPStatus.FOUND, HTTPStatus.SEE_OTHER)

    assert url.startswith(f"{server.url}/redirects/302,303/")
    assert [302, 303, 200] == [code for code, _ in walk(url)]


def test_chains_never_meet(server: StatusServer) -> None:
    """Two chains with the same codes are two endpoints."""
    first, second = server.redirects(302), server.redirects(302)
    walk(first)

    assert ([302, 200], []) == (first.statuses, second.statuses)


def test_chain_by_hand(server: StatusServer) -> None:
    """A list in a URL is a chain; percent-encoded commas are commas."""
    hops = walk(f"{server.url}/redirects/301%2C307")

    assert [
        (301, f"{server.url}/redirects/301%2C307"),
        (307, f"{server.url}/redirects/307"),
        (200, f"{server.url}/redirects/end"),
    ] == hops


@pytest.mark.parametrize(
    "key", ["k", "a%2Fb", "%E2%98%83", "%FF", "a%20b%3F%23", "...", "%2e%2e%2e", "a+b", ":"]
)
def test_key_is_kept(server: StatusServer, key: str) -> None:
    """A KEY, whatever octets it has, is that of all hops."""
    hops = walk(f"{server.url}/redirects/301,302/{key}")
    ends = [address.rpartition("/")[2] for _, address in hops]

    assert [301, 302, 200] == [code for code, _ in hops]
    assert ends[1] == ends[2]
    assert {server.journal[0].key} == {exchange.key for exchange in server.journal}


@pytest.mark.parametrize("key", ["", "/", "/k"])
def test_options_ride_along(server: StatusServer, key: str) -> None:
    """Every link has the options of the first, up to the end, which has none."""
    query = "header=X-Why:%20caf%C3%A9%26&retry_after=0&content=moved&delay=0&loop=0"
    hops = walk(f"{server.url}/redirects/301,302,308{key}?{query}")
    found = [exchange.response_headers for exchange in server.journal]

    assert [301, 302, 308, 200] == [code for code, _ in hops]
    assert ["caf\xe9&"] * 3 + [None] == [fields.get("X-Why") for fields in found]
    assert ["0"] * 3 + [None] == [fields.get("Retry-After") for fields in found]
    assert server.journal[2].sent.endswith(b"moved")
    assert parse_qsl(query) == parse_qsl(urlsplit(hops[2][1]).query)
    assert "" == urlsplit(hops[3][1]).query


def test_options_of_a_test(server: StatusServer) -> None:
    """Options given in Python are those of each link, and not in its URL."""
    url = server.redirects(
        301, 302, headers={"Cache-Control": "max-age=9"}, retry_after=7, content=b"moved"
    )
    walk(url)
    first, second, end = url.exchanges

    for link in (first, second):
        assert ("max-age=9", "7") == (
            link.response_headers["Cache-Control"],
            link.response_headers["Retry-After"],
        )
        assert link.sent.endswith(b"\r\n\r\nmoved")
    assert "Retry-After" not in end.response_headers
    assert all("?" not in exchange.target for exchange in url.exchanges)


def test_field_of_a_test_wins(server: StatusServer) -> None:
    """A `Location` of the test's own replaces that of the chain."""
    answer = ask(server.redirects(303, headers={"location": "/x", "Cache-Control": "private"}))

    assert "/x" == answer.header("Location")
    assert "private" == answer.header("Cache-Control")


def test_retry_after_as_a_date(server: StatusServer) -> None:
    """A date in a chain is on the server's clock, as every other."""
    url = server.redirects(302, retry_after=timedelta(hours=1))
    ask(url)
    ask(url)

    assert [url.exchanges[1]] == url.early
    server.clock.advance(3601)
    ask(url)
    assert [url.exchanges[1]] == url.early


def test_fault_in_a_link(server: StatusServer) -> None:
    """A chain may break at each of its links."""
    url = server.redirects(302, 301, fault="close", at="content:5")
    octets, how = exchange(url, message("GET", urlsplit(url).path))
    head, _, content = octets.partition(b"\r\n\r\n")

    assert b"Location: " in head
    assert (5, "FIN") == (len(content), how)
