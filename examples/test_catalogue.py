"""Every code that can be earned, through requests and httpx: one test over the whole catalogue.

For each code with a scenario, `trigger` are the requests that earn it, and `relief` those that get
past it. Put your own client in the place of `by_requests`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from contextlib import suppress

import httpx
import pytest
import requests

from pytest_httpcodes import Answer, Exchange, Request, StatusServer, scenarios

Element = Request | Callable[[Answer], Request]
Send = Callable[[Request], Answer]


def by_requests(request: Request) -> Answer:
    """Send a request through requests, which is to follow no redirect here."""
    found = requests.request(
        request.method,
        request.url,
        headers=dict(request.headers),
        data=content_of(request),
        proxies={"http": request.via or ""},
        allow_redirects=False,
        timeout=5,
    )
    return Answer(found.status_code, found.headers, found.content)


def by_httpx(request: Request) -> Answer:
    """Send a request through httpx."""
    found = httpx.request(
        request.method,
        request.url,
        headers=request.headers,
        content=content_of(request),
        proxy=request.via,
    )
    return Answer(found.status_code, found.headers, found.content)


def content_of(request: Request) -> bytes | Iterable[bytes] | None:
    """Return the content as these clients take it: what is to come in chunks has no length."""
    chunked = any(name.lower() == "transfer-encoding" for name, _ in request.headers)
    return iter([request.content]) if chunked else request.content or None


def is_for_clients(element: Element) -> bool:
    """Tell whether a client library sends the like: whole, by HTTP/1.1, and stays with that."""
    if callable(element):
        return True
    at_once = not (element.pause and element.content)
    stays = all(name.lower() != "upgrade" for name, _ in element.headers)
    return element.raw is None and element.version == "HTTP/1.1" and at_once and stays


def play(server: StatusServer, elements: Iterable[Element], send: Send) -> Answer:
    """Send requests one after the other; a client may complain that there is no answer."""
    answer = Answer(0, {})
    for element in elements:
        request = element(answer) if callable(element) else element
        if request.pause:
            server.clock.advance(request.pause)  # in place of a wait
        with suppress(requests.ConnectionError, httpx.RemoteProtocolError):
            answer = send(request)
    return answer


def codes(exchange: Exchange) -> set[int | None]:
    """Return what an exchange got: its status, a log's, interim ones, and those inside a 207."""
    inside = map(int, re.findall(rb"<D:status>HTTP/1.1 ([0-9]{3}) ", exchange.sent))
    return {exchange.status, exchange.logged, *exchange.interim, *inside}


@pytest.mark.parametrize("send", [by_requests, by_httpx])
@pytest.mark.parametrize("code", scenarios.codes())
def test_a_code_is_earned_and_got_past(status_server: StatusServer, code: int, send: Send) -> None:
    """The trigger earns the code; the relief does not, and is no error."""
    try:
        url = status_server.scenario(code)
    except ImportError as missing:
        pytest.skip(f"{missing}")
    if not all(map(is_for_clients, (*url.trigger, *url.relief))):
        pytest.skip("no client library sends the like")
    answer = play(status_server, url.trigger, send)
    # A proxy's answer is none of the server's.
    assert code in {*codes(url.exchanges[-1]), answer.status}

    if url.relief:
        play(status_server, url.relief, send)
        last = url.exchanges[-1]
        assert code not in codes(last)
        assert 200 <= (last.status or 0) < 400
