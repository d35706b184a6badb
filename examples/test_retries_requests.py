"""How requests tries again with urllib3's `Retry`: what is repeated, when, and how often.

Waiting is measured where it happened: `gaps` are the seconds between an answer and the next
request, `early` are the requests that came sooner than `Retry-After` allowed.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from importlib.metadata import version

import pytest
import requests
from requests import Session
from requests.adapters import HTTPAdapter
from urllib3 import Retry

from pytest_httpcodes import Close, Reset, Stall, StatusServer

RETRY = Retry(total=3, status_forcelist=(429, 503))


def mount(session: Session, retry: Retry) -> None:
    session.mount("http://", HTTPAdapter(max_retries=retry))


@pytest.fixture
def session() -> Iterator[Session]:
    """Open the client under test; some tests mount another `Retry`."""
    with Session() as session:
        mount(session, RETRY)
        yield session


# What is tried again


@pytest.mark.parametrize("code", [429, 503])
def test_a_passing_failure_is_tried_again(
    status_server: StatusServer, session: Session, code: int
) -> None:
    """The caller sees the 200 alone."""
    endpoint = status_server.script(code, code, 200)
    response = session.get(endpoint)

    assert response.status_code == 200
    assert endpoint.statuses == [code, code, 200]


@pytest.mark.parametrize("fault", [Reset(), Close(), Stall()], ids=repr)
def test_no_answer_is_tried_again(
    status_server: StatusServer, session: Session, fault: Reset | Close | Stall
) -> None:
    """A reset, a connection closed without an answer, and silence: each is tried again."""
    endpoint = status_server.script(fault, 200)
    response = session.get(endpoint, timeout=1)

    assert response.status_code == 200
    assert endpoint.statuses == [None, 200]


def test_it_gives_up(status_server: StatusServer, session: Session) -> None:
    """With `total=3`, the fourth 503 is an error, and nothing more is sent."""
    endpoint = status_server.status(503)
    with pytest.raises(requests.exceptions.RetryError):
        session.get(endpoint)

    assert len(endpoint.settle()) == 4


def test_an_sdk_tries_again_at_its_own_paths(status_server: StatusServer, session: Session) -> None:
    """The script holds wherever an SDK appends its paths; the origin is its base URL."""
    base_url = status_server.script(503, {"id": "c_1"}, everywhere=True)
    customer = session.get(f"{base_url}/v1/customers/c_1").json()

    assert customer == {"id": "c_1"}
    assert [e.target for e in base_url.exchanges] == ["/v1/customers/c_1"] * 2


# What is not


def test_nothing_is_tried_again_unasked(status_server: StatusServer) -> None:
    """By default, a 503 is the answer."""
    endpoint = status_server.script(503, 200)
    response = requests.get(endpoint, timeout=1)

    assert response.status_code == 503
    assert len(endpoint.settle()) == 1


def test_a_post_is_not_repeated(status_server: StatusServer, session: Session) -> None:
    """It may have been done: the caller gets the 503, or the error, and has to decide."""
    busy, broken = status_server.script(503, 200), status_server.script(Reset(), 200)
    response = session.post(busy, data="order")
    with pytest.raises(requests.ConnectionError):
        session.post(broken, data="order")

    assert response.status_code == 503
    assert len(busy.settle()) == len(broken.settle()) == 1


def test_a_post_is_repeated_where_that_is_allowed(
    status_server: StatusServer, session: Session
) -> None:
    """With `allowed_methods=None` each try has the same content and the same key."""
    mount(session, RETRY.new(allowed_methods=None))
    endpoint = status_server.script(503, Reset(), 200)
    session.post(endpoint, data="order", headers={"Idempotency-Key": "k_1"})

    assert endpoint.statuses == [503, None, 200]
    assert [exchange.content for exchange in endpoint.exchanges] == [b"order"] * 3
    assert endpoint.header("Idempotency-Key") == ["k_1"] * 3


@pytest.mark.skipif(version("urllib3") < "2", reason="urllib3 1.26 takes the half for the whole")
def test_a_truncated_answer_is_an_error(status_server: StatusServer, session: Session) -> None:
    """Half of the content is not taken for the whole; since its head was fine, no retry either."""
    endpoint = status_server.status(200, content=b"0123456789", fault="truncate", at="content:5")
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="5 more expected"):
        session.get(endpoint)

    assert len(endpoint.settle()) == 1


# When


def test_retry_after_is_kept_to(status_server: StatusServer, session: Session) -> None:
    """Told to wait a second, it does not come sooner."""
    endpoint = status_server.script(503, 200, retry_after=1)
    session.get(endpoint)

    assert endpoint.early == []
    assert endpoint.gaps[0] >= 1


def test_retry_after_may_be_a_date(status_server: StatusServer, session: Session) -> None:
    """A date in the future, on the server's clock, is kept to as well."""
    endpoint = status_server.script(503, 200, retry_after=timedelta(seconds=1))
    session.get(endpoint)

    assert endpoint.statuses == [503, 200]
    assert endpoint.early == []


def test_impatience_is_noticed(status_server: StatusServer, session: Session) -> None:
    """A client that does not wait is found out: each of its new tries came too early."""
    mount(session, RETRY.new(respect_retry_after_header=False))
    endpoint = status_server.script(503, 503, 503, 200, retry_after=60)
    session.get(endpoint)

    assert endpoint.early == endpoint.exchanges[1:]


def test_the_waits_grow(status_server: StatusServer, session: Session) -> None:
    """Without `Retry-After`: no wait, then 0.2 s, then twice as long."""
    mount(session, RETRY.new(backoff_factor=0.1))
    endpoint = status_server.script(503, 503, 503, 200)
    session.get(endpoint)

    _, second, third = endpoint.gaps
    assert second >= 0.2
    assert third >= 0.4
