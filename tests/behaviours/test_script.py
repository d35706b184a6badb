"""The n-th reply to the n-th request, by URL and in Python."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from pytest_httpcodes.server import StatusServer
from pytest_httpcodes.wire.steps import Close, Reset, Stall
from tests.asking import ask
from tests.raw import Raw, exchange, message


def codes(url: str, count: int) -> list[int]:
    """Ask so often; return the codes."""
    return [ask(url).status for _ in range(count)]


def test_replies_in_order(server: StatusServer) -> None:
    """The n-th request gets the n-th reply, and all that follow get the last one."""
    url = server.script(503, 502, 200)

    assert [503, 502, 200, 200, 200] == codes(url, 5) == url.statuses


def test_why(server: StatusServer) -> None:
    """The journal has which reply it was, and why the code is what it is."""
    url = server.script(503, b"content", lambda request: Reset())
    for _ in range(2):
        ask(url)
    exchange(url, message("GET", urlsplit(url).path))

    assert [
        "reply 1 of 3 of a script: 503 was asked for (RFC 9110, 15.6.4)",
        "reply 2 of 3 of a script: 200 was asked for (RFC 9110, 15.3.1)",
        "reply 3 of 3 of a script: as the test has it",
    ] == [each.why for each in url.exchanges]


def test_paths_below(server: StatusServer) -> None:
    """A script answers at its own path and at every path below, with any query."""
    url = server.script(201, 202, 203, 204, 200)
    found = [
        ask(url + path).status for path in ("", "/", "/charges/c_1", "?times=9", "/../x?delay=z")
    ]

    assert [201, 202, 203, 204, 200] == found == url.statuses


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "BREW", "M-GET", "PROPFIND"])
def test_any_known_method(server: StatusServer, method: str) -> None:
    """A script answers any known method."""
    url = server.script(202)

    assert 202 == ask(url, method=method).status


def test_unknown_method(server: StatusServer) -> None:
    """An unknown method takes no reply out of a script."""
    url = server.script(202, 200)

    assert [501, 202] == [ask(url, method="FROB").status, ask(url).status]


def test_concurrent_requests(server: StatusServer) -> None:
    """Each reply is given to one request, however many come at once."""
    wanted = list(range(460, 492))
    url = server.script(*wanted)
    ready = threading.Barrier(len(wanted), timeout=5)
    found: list[int] = []

    def client() -> None:
        with Raw(url) as raw:
            ready.wait()
            found.append(raw.request("GET", urlsplit(url).path).status)

    run(client, len(wanted))

    assert wanted == sorted(found)


def test_concurrent_requests_by_hand(server: StatusServer) -> None:
    """Of requests that all come first, one finds the script new, and the others find that one."""
    wanted = list(range(460, 476))
    names = ",".join(map(str, wanted))
    ready = threading.Barrier(len(wanted), timeout=5)
    found: list[int] = []

    def client() -> None:
        with Raw(server.url) as raw:
            for key in range(10):
                ready.wait()
                found.append(raw.request("GET", f"/script/{names}/{key}").status)

    run(client, len(wanted))

    assert sorted(wanted * 10) == sorted(found)


def run(client: Callable[[], None], count: int) -> None:
    """Run so many clients at once, until all are done."""
    threads = [threading.Thread(target=client) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)


def test_one_connection(server: StatusServer) -> None:
    """Pipelined requests get the replies in their order."""
    url = server.script(201, 202, 203)
    with Raw(url) as raw:
        raw.send(message("GET", urlsplit(url).path) * 3)
        found = [raw.answer().status for _ in range(3)]

    assert [201, 202, 203] == found


# Options


def test_retry_after(server: StatusServer) -> None:
    """`Retry-After` goes to the codes that make a client come again, and judges who is early."""
    url = server.script(503, 429, 301, 200, retry_after=2)
    for _ in range(4):
        ask(url)

    assert ["2", "2", "2", None] == [e.response_headers.get("Retry-After") for e in url.exchanges]
    assert url.exchanges[1:] == url.early


def test_retry_after_as_a_date(server: StatusServer) -> None:
    """A date is on the server's clock, so that advancing it ends the wait."""
    url = server.script(503, 503, 200, retry_after=timedelta(minutes=5))
    ask(url)
    server.clock.advance(301)
    ask(url)
    ask(url)

    assert [url.exchanges[2]] == url.early
    assert url.exchanges[0].response_headers["Retry-After"].endswith(" GMT")


def test_retry_after_of_a_callable(server: StatusServer) -> None:
    """A code that a callable returns has the script's options as any other."""
    url = server.script(lambda request: 503, retry_after=4, headers={"X-A": "b"}, content="busy")
    answer = ask(url)

    assert (503, "4", "b") == (answer.status, answer.header("Retry-After"), answer.header("X-A"))
    assert b"busy" == answer.content


def test_times(server: StatusServer) -> None:
    """With `times`, what comes after so many requests is a 200."""
    url = server.script(503, times=2)

    assert [503, 503, 200, 200] == codes(url, 4)
    assert (
        "after the last of a script: 200 was asked for (RFC 9110, 15.3.1)" == url.exchanges[2].why
    )


def test_delay(server: StatusServer) -> None:
    """`delay` goes before every reply."""
    url = server.script(503, lambda request: 200, delay=0.05)
    codes(url, 2)
    took = [each.finished - each.started for each in url.exchanges if each.finished]

    assert 2 == len(took)
    assert all(0.05 <= seconds for seconds in took)


def test_fault(server: StatusServer) -> None:
    """`fault` breaks every reply, of whatever kind it is."""
    from werkzeug.wrappers import Response

    url = server.script(
        503, b"octets", Response("text"), lambda request: {"a": 1}, fault="reset", at="head"
    )
    ends = [exchange(url, message("GET", urlsplit(url).path))[1] for _ in range(4)]

    assert ["RST"] * 4 == ends
    assert [503, 200, 200, 200] == url.statuses


# Names


def test_names(server: StatusServer) -> None:
    """The URL says what the replies are, as far as they have names."""
    from werkzeug.wrappers import Response

    given: list[Any] = [503, (429, {}), "text", Response("x"), Reset()]
    given += [lambda request: 200, Stall(), {"a": 1}]
    url = server.script(*given)
    long = server.script(*given, 200)

    assert f"{server.url}/script/503,429,reply,reply,reset,reply,stall,reply/_1" == url
    assert f"{server.url}/script/503,429,reply,reply,reset,reply,stall,reply,.../_2" == long
    assert ([503], [503]) == (codes(url, 1), codes(long, 1))


def test_scripts_never_meet(server: StatusServer) -> None:
    """Two scripts with the same replies are two."""
    first, second = server.script(503, 200), server.script(503, 200)

    assert ([503, 200], [503]) == (codes(first, 2), codes(second, 1))


# The invitation


def waiting(raw: Raw, url: str) -> None:
    """Send a head that waits for 100."""
    fields = ("Expect: 100-continue", "Content-Length: 5")
    raw.send(message("POST", urlsplit(url).path, *fields))


@pytest.mark.parametrize("reply", [417, 301, 503, (413, {}), lambda request: 200])
def test_refusal_instead_of_invitation(server: StatusServer, reply: Any) -> None:
    """A client that waits for 100 gets the refusal at once, and the connection closes."""
    url = server.script(reply)
    with Raw(url) as raw:
        waiting(raw, url)
        answer = raw.answer()

    assert [] == answer.interim
    assert "close" == answer.header("Connection")
    assert [b""] == [exchange.content for exchange in url.exchanges]


@pytest.mark.parametrize("reply", [200, b"x", Close(), lambda request: request.get_data()])
def test_invitation(server: StatusServer, reply: Any) -> None:
    """A reply that comes after the content has the client invited, once."""
    url = server.script(reply)
    with Raw(url) as raw:
        waiting(raw, url)
        interim = raw._until(b"\r\n\r\n")
        raw.send(b"12345")
        url.wait(1)

    assert b"HTTP/1.1 100 Continue\r\n\r\n" == interim
    assert ([b"12345"], [100]) == (
        [exchange.content for exchange in url.exchanges],
        url.exchanges[0].interim,
    )


# Through clients


def test_requests_with_retries(server: StatusServer) -> None:
    """urllib3's retries see the codes in their order, and wait as they were told."""
    from requests.adapters import HTTPAdapter
    from urllib3.util import Retry

    url = server.script(503, 502, {"id": "c_1"}, retry_after=0)
    with requests.Session() as session:
        session.trust_env = False
        retry = Retry(3, status_forcelist=[502, 503], backoff_factor=0)
        session.mount("http://", HTTPAdapter(max_retries=retry))
        answer = session.get(url + "/v1/charges", timeout=5)

    assert {"id": "c_1"} == answer.json()
    assert ([503, 502, 200], []) == (url.statuses, url.early)
