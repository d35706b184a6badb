"""A script for every path of an origin, and one that is to be used up exactly."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from pytest_httpcodes.server import StatusServer
from tests.asking import ask
from tests.raw import Raw, exchange


def codes(url: str, count: int) -> list[int]:
    """Ask so often; return the codes."""
    return [ask(url).status for _ in range(count)]


def test_everywhere(server: StatusServer) -> None:
    """A script everywhere takes all paths, the catalogue's and the journal's too."""
    url = server.script(201, 202, 203, 206, 207, 200, everywhere=True)
    paths = ("", "/v1/charges", "/journal", "/status/404", "/418?a=b", "/redirects/301/_9")

    assert server.url == url
    assert [201, 202, 203, 206, 207, 200] == [ask(url + path).status for path in paths]
    assert ["/", *paths[1:]] == [exchange.target for exchange in url.exchanges]


@pytest.mark.parametrize("first", [True, False])
def test_everywhere_leaves_others(server: StatusServer, first: bool) -> None:
    """Other endpoints of the test keep their paths, whichever was made first."""
    made: dict[str, Any] = {}
    for name in ("all", "own") if first else ("own", "all"):
        if name == "all":
            made[name] = server.script(503, 200, everywhere=True)
        else:
            made[name] = [server.status(404), server.redirects(302), server.script(429)]
    found = [ask(url).status for url in made["own"]]

    assert [404, 302, 429] == found
    assert [503, 200] == [ask(f"{server.url}/x").status, ask(server.url).status]
    assert [503, 200] == made["all"].statuses


def test_everywhere_after_requests(server: StatusServer) -> None:
    """A path that was asked for before is the script's from then on."""
    before = [ask(f"{server.url}/status/404").status, ask(f"{server.url}/x").status]
    server.script(201, everywhere=True)
    after = [ask(f"{server.url}/status/404").status, ask(f"{server.url}/x").status]

    assert [404, 404, 201, 201] == before + after


def test_everywhere_and_what_is_no_path(server: StatusServer) -> None:
    """`OPTIONS *` and CONNECT are no paths; an absolute target has one."""
    url = server.script(201, everywhere=True)
    with Raw(url) as raw:
        whole = raw.request("OPTIONS", "*").status
        absolute = raw.request("GET", "http://example.org/x").status
        tunnel = raw.request("CONNECT", "example.org:443").status

    assert [204, 201, 405] == [whole, absolute, tunnel]


def test_everywhere_twice(server: StatusServer) -> None:
    """A second script everywhere is refused, and says what to do; the first one stays."""
    url = server.script(201, everywhere=True)

    with pytest.raises(ValueError, match=r"origin\(\) opens another one"):
        server.script(202, everywhere=True, exact=True)
    assert [201] == codes(url, 1)
    assert [] == server.complaints()
    assert [202] == codes(server.origin().script(202, everywhere=True), 1)


def test_everywhere_of_a_refusal(server: StatusServer) -> None:
    """A request that is malformed somewhere below belongs to the script too."""
    url = server.script(201, everywhere=True)
    exchange(url, b"GET /x HTTP/1.1\r\nbad line\r\n\r\n")

    assert [400] == url.statuses


# Exact


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (0, "did not use it up: the script /script/503,200/_1 has 2 replies and got 0 requests"),
        (1, "did not use it up: the script /script/503,200/_1 has 2 replies and got 1 request$"),
        (3, "asked for more than it has: the script /script/503,200/_1 has 2 replies and got 3"),
    ],
)
@pytest.mark.parametrize("everywhere", [True, False])
def test_exact(server: StatusServer, count: int, expected: str, everywhere: bool) -> None:
    """A script that was to be used up exactly, and was not, fails the test, once."""
    url = server.script(503, 200, exact=True, everywhere=everywhere)
    codes(url, count)

    with pytest.raises(AssertionError, match=expected):
        server.check()
    server.check()


def test_exact_and_used_up(server: StatusServer) -> None:
    """A script that was used up exactly is no complaint, and neither is one that need not be."""
    url = server.script(200, exact=True)
    server.script(503, 200)
    codes(url, 1)
    server.check()

    assert [200] == url.statuses


def test_exact_at_the_end() -> None:
    """Leaving the context manager checks the script."""
    server = StatusServer()

    with pytest.raises(AssertionError, match="has 1 reply and got 0 requests"), server:
        server.script(200, exact=True)


def test_httpx_with_a_base(server: StatusServer) -> None:
    """A client that appends its own paths is served everywhere."""
    url = server.script({"id": "c_1"}, 204, everywhere=True)
    with httpx.Client(base_url=url, trust_env=False) as client:
        made = client.post("/v1/charges", json={"amount": 1}).json()
        gone = client.delete(f"/v1/charges/{made['id']}").status_code

    assert ("c_1", 204) == (made["id"], gone)
    assert [("POST", "/v1/charges"), ("DELETE", "/v1/charges/c_1")] == [
        (exchange.method, exchange.target) for exchange in url.exchanges
    ]
