"""Chains through clients, for what they do."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
import requests

from pytest_httpcodes.server import StatusServer

FOLLOWED = (301, 302, 303, 307, 308)


# What each client makes of a method at a code: its own choice where RFC 9110 leaves one.
METHODS = [
    ("GET", dict.fromkeys(FOLLOWED, "GET")),
    ("HEAD", dict.fromkeys(FOLLOWED, "HEAD")),
    ("POST", {301: "GET", 302: "GET", 303: "GET", 307: "POST", 308: "POST"}),
    ("PUT", {301: "PUT", 302: "GET", 303: "GET", 307: "PUT", 308: "PUT"}),
]


CASES = [(code, method, kept[code]) for method, kept in METHODS for code in FOLLOWED]


def with_requests(method: str, url: str, content: bytes | None) -> tuple[int, int]:
    """Follow with requests; return the last status and how many redirects there were."""
    with requests.Session() as session:
        session.trust_env = False
        answer = session.request(method, url, data=content, allow_redirects=True, timeout=5)
        return answer.status_code, len(answer.history)


def with_httpx(method: str, url: str, content: bytes | None) -> tuple[int, int]:
    """Follow with httpx; return the last status and how many redirects there were."""
    with httpx.Client(trust_env=False, follow_redirects=True) as client:
        answer = client.request(method, url, content=content)
        return answer.status_code, len(answer.history)


CLIENTS = pytest.mark.parametrize("follow", [with_requests, with_httpx])


Follow = Callable[[str, str, "bytes | None"], "tuple[int, int]"]


@CLIENTS
@pytest.mark.parametrize(("code", "method", "then"), CASES)
def test_client_follows(
    server: StatusServer, follow: Follow, code: int, method: str, then: str
) -> None:
    """A client follows the five codes, and what it sends on is seen at the end."""
    url = server.redirects(code, code)
    content = b"content" if method in ("POST", "PUT") else None
    kept = content if then == method else None

    assert (200, 2) == follow(method, url, content)
    assert [code, code, 200] == url.statuses
    assert [method, then, then] == [exchange.method for exchange in url.exchanges]
    assert kept or b"" == url.exchanges[-1].content


@CLIENTS
@pytest.mark.parametrize("code", [300, 305, 306])
def test_client_does_not_follow(server: StatusServer, follow: Follow, code: int) -> None:
    """These clients hand the other codes to their caller."""
    url = server.redirects(code)

    assert (code, 0) == follow("GET", url, None)
    assert [code] == url.statuses


@CLIENTS
def test_client_finds_the_loop(server: StatusServer, follow: Follow) -> None:
    """A client gives up on a loop by itself."""
    url = server.redirects(301, 302, loop=True)

    with pytest.raises((requests.TooManyRedirects, httpx.TooManyRedirects)):
        follow("GET", url, None)
    assert len(url.exchanges) in (21, 31)


@CLIENTS
def test_client_leaves_credentials_behind(server: StatusServer, follow: Follow) -> None:
    """At another host name, the same server is another origin to a client."""
    end = server.status(200)
    url = server.redirects(302, to=end.replace(server.url, server.localhost))
    user = url.replace("http://", "http://user:password@")

    assert (200, 1) == follow("GET", user, None)
    assert ([None], True) == (end.header("Authorization"), url.header("Authorization") != [None])


@CLIENTS
def test_client_in_the_black_hole(follow: Follow) -> None:
    """A client that follows to the 414 hands it to its caller."""
    with StatusServer(max_target=500) as server:
        url = server.redirects(302, grow=True)
        status, hops = follow("GET", url, None)

        assert (414, hops + 1) == (status, len(url.exchanges))
