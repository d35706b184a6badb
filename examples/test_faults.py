"""A client that tries again, against every way in which an answer can break.

The client is a few lines on httpx, as the code under test. A fault is a value: it is given to any
endpoint, or stands among the replies of a script. `at` says where it breaks: before the answer, at
an octet of it, behind it, or while the request is still being sent.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx
import pytest

from pytest_httpcodes import Fault, StatusServer, flaky

CONTENT = b"0123456789" * 100
# What breaks an answer so that nobody can take it for a whole one.
BREAKING = [
    Fault("reset"),  # a RST instead of an answer
    Fault("close"),  # a FIN instead of one
    Fault("garbage"),  # octets that are no HTTP
    Fault("stall"),  # silence
    Fault("close", at="status-line"),  # "HTTP/1.1 2", and no more
    Fault("reset", at="field"),  # half of a field
    Fault("close", at="head"),  # a head that announces what does not come
    Fault("truncate"),  # half of the content
    Fault("reset", at="content:500"),  # a RST behind 500 octets of it
    Fault("stall", at="content:999"),  # all but one octet
    Fault("half-close", at="content:500"),  # a FIN, and still the server reads
    Fault("close", at="chunk"),  # within a chunk
    Fault("close", at="last-chunk"),  # all chunks but the empty one, which says that they are all
    Fault("bad-chunk"),  # a chunk whose size is no number
    Fault("two-lengths"),  # two lengths that differ
    Fault("unknown-coding"),  # a transfer coding that nobody knows
    Fault("large-field"),  # a field of 1 MiB
]
# What is odd, and still an answer.
HARMLESS = [
    Fault("drip:5000"),  # 5,000 octets a second
    Fault("drip:2000", at="content:800"),  # slow towards the end
    Fault("fold"),  # a field on two lines, which was allowed long ago
    Fault("no-reason"),  # "HTTP/1.1 200 " without "OK"
    Fault("many-fields"),  # 600 of them
    Fault("stray"),  # octets behind the answer
    Fault("surplus:0.1"),  # a second answer, a moment later
    Fault("close", at="end"),  # a connection that was to go on, and does not
]


class Fetcher:
    """Gets what is at a URL, on connections that it keeps; what breaks is asked for again."""

    def __init__(self, client: httpx.Client, tries: int = 4) -> None:
        self.client = client
        self.tries = tries

    def get(self, url: str) -> bytes:
        """Return the content; raises what broke the last try."""
        for _ in range(self.tries - 1):
            try:
                return self._try(url)
            except httpx.TransportError:
                continue
        return self._try(url)

    def _try(self, url: str) -> bytes:
        return self.client.get(url).raise_for_status().content


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    """Open the client under test."""
    with httpx.Client(timeout=1) as client:
        yield Fetcher(client)


@pytest.mark.parametrize("fault", BREAKING, ids=str)
def test_what_breaks_is_asked_for_again(
    status_server: StatusServer, fetcher: Fetcher, fault: Fault
) -> None:
    """The caller gets the content, whatever happened before, and at the second try."""
    endpoint = status_server.script(fault, 200, content=CONTENT)
    assert fetcher.get(endpoint) == CONTENT
    assert len(endpoint.exchanges) == 2
    assert f"broken by {fault}" in endpoint.exchanges[0].why


@pytest.mark.parametrize("fault", HARMLESS, ids=str)
def test_what_is_whole_is_not(status_server: StatusServer, fetcher: Fetcher, fault: Fault) -> None:
    """An odd answer is an answer."""
    endpoint = status_server.script(fault, 204, content=CONTENT)
    assert fetcher.get(endpoint) == CONTENT
    assert endpoint.statuses == [200]


def test_it_gives_up(status_server: StatusServer, fetcher: Fetcher) -> None:
    """After its last try, the caller gets what broke that one."""
    endpoint = status_server.status(200, fault="truncate")
    with pytest.raises(httpx.RemoteProtocolError):
        fetcher.get(endpoint)

    assert endpoint.statuses == [200] * fetcher.tries


def test_a_drip_takes_its_time(status_server: StatusServer, fetcher: Fetcher) -> None:
    """A timeout of a second is for silence; an answer may take longer, octet by octet."""
    endpoint = status_server.status(200, content=b"0123456789abc", fault="drip:10", at="head")
    start = time.monotonic()

    assert fetcher.get(endpoint) == b"0123456789abc"
    assert time.monotonic() - start > 1


# Where it breaks


def test_a_connection_that_is_kept_may_be_gone(
    status_server: StatusServer, fetcher: Fetcher
) -> None:
    """The server said nothing of closing it, and then did: the next answer is on another one."""
    endpoint = status_server.status(200, fault="close", at="end")
    fetcher.get(endpoint)
    fetcher.get(endpoint)

    assert [exchange.connection for exchange in endpoint.exchanges] == [1, 2]


def test_an_upload_that_breaks_is_not_repeated(status_server: StatusServer) -> None:
    """It may have been stored, or part of it: here it broke after 500 octets, and nothing was."""
    upload = status_server.resource(None, fault="reset", at="request-content:500")
    with httpx.Client() as client, pytest.raises(httpx.TransportError):
        client.put(upload, content=CONTENT)

    (exchange,) = upload.exchanges
    assert exchange.status is None
    assert len(exchange.content) >= 500


def test_a_broken_download_of_a_range(status_server: StatusServer) -> None:
    """Any resource breaks: the rest of this one is to be had with a Range request."""
    resource = status_server.resource(CONTENT, fault="close", at="content:600")
    received = b""
    with httpx.Client() as client:
        while len(received) < len(CONTENT):
            fields = {"Range": f"bytes={len(received)}-"} if received else {}
            try:
                with client.stream("GET", resource, headers=fields) as response:
                    for piece in response.iter_raw():
                        received += piece
            except httpx.RemoteProtocolError:
                continue

    assert received == CONTENT
    assert resource.statuses == [200, 206]


# Now and then


def test_one_answer_in_three_breaks(status_server: StatusServer, fetcher: Fetcher) -> None:
    """At random, and yet the same ones in each run: the seed says which."""
    endpoint = status_server.status(200, content=CONTENT, fault=flaky(0.3, seed=7))
    for _ in range(20):
        assert fetcher.get(endpoint) == CONTENT

    broken = [exchange for exchange in endpoint.exchanges if "broken by" in exchange.why]
    assert len(endpoint.exchanges) == 20 + len(broken)
    assert len(broken) == 16


def test_the_same_in_a_url(status_server: StatusServer, fetcher: Fetcher) -> None:
    """For clients in any language: the first request of each key breaks, and then none."""
    url = status_server.url_for("/status/200/mine?fault=reset&at=content:3&times=1")

    assert fetcher.get(url) == b"200 OK\n"
    assert status_server.journal.statuses == [200, 200]
