"""A gateway between client and server: what a client sees of an upstream that breaks.

Here nothing is simulated: there is an origin behind the gateway, and its answers, or the connection
to it, really break. The gateway has its exchanges in `status_server.journal`, what is behind it
in `status_server.upstream.journal`.
"""

from __future__ import annotations

import httpx
import pytest
import requests
from requests.adapters import HTTPAdapter
from urllib3 import Retry

from pytest_httpcodes import StatusServer


@pytest.mark.parametrize(
    ("upstream", "rfc", "cloudflare"),
    [
        ("refused", 502, 521),
        ("unanswered", 504, 522),
        ("close", 502, 520),
        ("garbage", 502, 520),
        ("stall", 504, 524),
        ("bad-tls", 502, 525),
    ],
)
def test_what_is_wrong_behind_a_gateway(
    status_server: StatusServer, upstream: str, rfc: int, cloudflare: int
) -> None:
    """Two codes say it, or seven where Cloudflare is in front; Proxy-Status says it by name."""
    options = {"upstream": upstream, "timeout": 0.1}
    plain = httpx.get(status_server.scenario(502, **options))
    other = httpx.get(status_server.scenario(502, personality="cloudflare", **options))

    assert (plain.status_code, other.status_code) == (rfc, cloudflare)
    assert "; error=" in plain.headers["Proxy-Status"]


def test_retries_through_a_broken_gateway(status_server: StatusServer) -> None:
    """A GET is tried again until the upstream has healed."""
    gateway = status_server.scenario(502, upstream="reset", times=2)
    with requests.Session() as session:
        session.mount("http://", HTTPAdapter(max_retries=Retry(3, status_forcelist=(502, 504))))
        response = session.get(gateway)

    assert response.status_code == 200
    assert gateway.statuses == [502, 502, 200]
    assert status_server.upstream.journal.statuses == [None, None, 200]


def test_a_post_may_have_arrived(status_server: StatusServer) -> None:
    """The 502 came afterwards, so that whoever repeats it does it twice: `Retry` does not."""
    gateway = status_server.scenario(502, upstream="close")
    with requests.Session() as session:
        session.mount("http://", HTTPAdapter(max_retries=Retry(3, status_forcelist=(502, 504))))
        response = session.post(gateway, data=b"one order")

    assert response.status_code == 502
    (arrived,) = status_server.upstream.journal
    assert arrived.content == b"one order"


def test_an_answer_that_was_begun(status_server: StatusServer) -> None:
    """It can be no 504 any more: the client gets half of a 200, and has to notice."""
    gateway = status_server.scenario(504, upstream="stall-inside", timeout=0.5)

    with pytest.raises(httpx.RemoteProtocolError, match="complete message body"):
        httpx.get(gateway)


def test_content_that_was_changed_on_the_way(status_server: StatusServer) -> None:
    """A 203 is as good as a 200, with validators of its own; no-transform asks for the original."""
    gateway = status_server.scenario(203)
    changed = httpx.get(gateway)
    original = httpx.get(gateway, headers={"Cache-Control": "no-transform"})
    known = httpx.get(gateway, headers={"If-None-Match": changed.headers["ETag"]})

    assert [r.status_code for r in (changed, original, known)] == [203, 200, 304]
    assert changed.is_success
    assert changed.text == original.text.upper()
    assert changed.headers["ETag"] != original.headers["ETag"]
