"""A retrying transport for httpx, and the tests that a transport of one's own should pass.

httpx itself tries again only to connect. The rest is up to its user: here it is, in a few lines,
as the code under test. It waits with a function that it is given, so that the hours of a test can
pass at once: `status_server.clock.advance` moves the server's clock instead of waiting.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from email.utils import parsedate_to_datetime

import httpx
import pytest
from httpx import Client

from pytest_httpcodes import Close, Reset, Stall, StatusServer

BACKOFF = (0.05, 0.1, 0.2)  # seconds before each new try, unless the server says how long
REPEATABLE = ("GET", "HEAD", "PUT", "DELETE", "OPTIONS")


class RetryTransport(httpx.HTTPTransport):
    """Sends again what can be repeated, after a 429, a 503, or no answer at all."""

    def __init__(self, sleep: Callable[[float], None] = time.sleep) -> None:
        super().__init__()
        self.sleep = sleep

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Return the first answer that is worth returning, or the last one."""
        repeatable = request.method in REPEATABLE or "Idempotency-Key" in request.headers
        for wait in BACKOFF if repeatable else ():
            try:
                response = super().handle_request(request)
            except httpx.TransportError:
                self.sleep(wait)
                continue
            if response.status_code not in (429, 503):
                return response
            response.close()
            self.sleep(max(wait, retry_after(response.headers)))
        return super().handle_request(request)


def retry_after(headers: httpx.Headers) -> float:
    """Return how long the server asks to wait, in seconds; a date is counted from its own."""
    value = headers.get("Retry-After", "0")
    if value.isdigit():
        return float(value)
    return (parsedate_to_datetime(value) - parsedate_to_datetime(headers["Date"])).total_seconds()


@pytest.fixture
def client() -> Iterator[Client]:
    """Open the client under test."""
    with Client(transport=RetryTransport()) as client:
        yield client


@pytest.fixture
def hasty_client(status_server: StatusServer) -> Iterator[Client]:
    """Open the same, with a clock that is moved instead of waiting."""
    with Client(transport=RetryTransport(sleep=status_server.clock.advance)) as client:
        yield client


# What is tried again


@pytest.mark.parametrize("code", [429, 503])
def test_a_passing_failure_is_tried_again(
    status_server: StatusServer, client: Client, code: int
) -> None:
    """The caller sees the 200 alone."""
    endpoint = status_server.script(code, code, 200)
    response = client.get(endpoint)

    assert response.status_code == 200
    assert endpoint.statuses == [code, code, 200]


@pytest.mark.parametrize("fault", [Reset(), Close(), Stall()], ids=repr)
def test_no_answer_is_tried_again(
    status_server: StatusServer, client: Client, fault: Reset | Close | Stall
) -> None:
    """A reset, a connection closed without an answer, and silence: each is tried again."""
    endpoint = status_server.script(fault, 200)
    response = client.get(endpoint, timeout=1)

    assert response.status_code == 200
    assert endpoint.statuses == [None, 200]


def test_it_gives_up(status_server: StatusServer, client: Client) -> None:
    """After as many tries as there are waits, the next 503 is the answer."""
    endpoint = status_server.status(503)
    response = client.get(endpoint)

    assert response.status_code == 503
    assert len(endpoint.settle()) == 1 + len(BACKOFF)


def test_an_sdk_tries_again_at_its_own_paths(status_server: StatusServer, client: Client) -> None:
    """The script holds wherever an SDK appends its paths; the origin is its base URL."""
    origin = status_server.script(503, {"id": "c_1"}, everywhere=True)
    client.base_url = httpx.URL(origin)
    customer = client.get("/v1/customers/c_1").json()

    assert customer == {"id": "c_1"}
    assert [exchange.target for exchange in origin.exchanges] == ["/v1/customers/c_1"] * 2


# What is not


def test_httpx_itself_repeats_nothing_that_was_sent(status_server: StatusServer) -> None:
    """Its `retries` are for connections that cannot be made: not for a 503, nor for a reset."""
    busy, broken = status_server.script(503, 200), status_server.script(Reset(), 200)
    with Client(transport=httpx.HTTPTransport(retries=3)) as client:
        response = client.get(busy)
        with pytest.raises(httpx.ReadError):
            client.get(broken)

    assert response.status_code == 503
    assert len(busy.settle()) == len(broken.settle()) == 1


def test_a_post_is_not_repeated(status_server: StatusServer, client: Client) -> None:
    """It may have been done: the caller gets the 503, or the error, and has to decide."""
    busy, broken = status_server.script(503, 200), status_server.script(Reset(), 200)
    response = client.post(busy, content="order")
    with pytest.raises(httpx.ReadError):
        client.post(broken, content="order")

    assert response.status_code == 503
    assert len(busy.settle()) == len(broken.settle()) == 1


def test_a_post_with_a_key_is_repeated(status_server: StatusServer, client: Client) -> None:
    """Each try has the same content and the same key, so that the server can tell it is one."""
    endpoint = status_server.script(503, Reset(), 200)
    client.post(endpoint, content="order", headers={"Idempotency-Key": "k_1"})

    assert endpoint.statuses == [503, None, 200]
    assert [exchange.content for exchange in endpoint.exchanges] == [b"order"] * 3
    assert endpoint.header("Idempotency-Key") == ["k_1"] * 3


def test_a_truncated_answer_is_an_error(status_server: StatusServer, client: Client) -> None:
    """Half of the content is not taken for the whole; since its head was fine, no retry either."""
    endpoint = status_server.status(200, content=b"0123456789", fault="truncate", at="content:5")
    with pytest.raises(httpx.RemoteProtocolError):
        client.get(endpoint)

    assert len(endpoint.settle()) == 1


# When


def test_retry_after_is_kept_to(status_server: StatusServer, client: Client) -> None:
    """Told to wait a second, it does not come sooner."""
    endpoint = status_server.script(503, 200, retry_after=1)
    client.get(endpoint)

    assert endpoint.early == []
    assert endpoint.gaps[0] >= 1


@pytest.mark.parametrize("hour", [3600, timedelta(hours=1)], ids=["seconds", "date"])
def test_an_hour_is_waited_in_no_time(
    status_server: StatusServer, hasty_client: Client, hour: int | timedelta
) -> None:
    """What counts is the server's clock: an hour passed on it before each new try."""
    endpoint = status_server.script(503, 503, 200, retry_after=hour)
    hasty_client.get(endpoint)

    assert endpoint.statuses == [503, 503, 200]
    assert endpoint.early == []


def test_impatience_is_noticed(status_server: StatusServer) -> None:
    """A client that does not wait is found out: each of its new tries came too early."""
    endpoint = status_server.script(503, 503, 200, retry_after=3600)
    with Client(transport=RetryTransport(sleep=lambda seconds: None)) as client:
        client.get(endpoint)

    assert endpoint.early == endpoint.exchanges[1:]


def test_the_waits_grow(status_server: StatusServer, client: Client) -> None:
    """Without `Retry-After`, each wait is twice as long as the last one."""
    endpoint = status_server.script(503, 503, 503, 200)
    client.get(endpoint)

    assert all(gap >= wait for gap, wait in zip(endpoint.gaps, BACKOFF, strict=True))
