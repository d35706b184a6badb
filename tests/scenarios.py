"""Sends the requests of a scenario, as octets and through real clients."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from urllib.parse import urlsplit

import httpx
import requests
from requests.structures import CaseInsensitiveDict

from pytest_httpcodes import Endpoint, Journal, StatusServer
from pytest_httpcodes.request import Answer, Element, Request
from tests import raw as wire
from tests.raw import Raw

Send = Callable[[Request], Answer]


def by_raw(request: Request) -> Answer:
    """Send a request's octets on a connection of their own."""
    with Raw(request.via or request.url) as raw:
        if request.pause and request.content:
            raw.send(request.octets.removesuffix(request.content))
            if raw.is_silent(request.pause) or raw.is_interim():
                raw.send(request.content)
        else:
            raw.send(request.octets)
        found = raw.answer(request.method)
        if found.status == 101 and (found.header("upgrade") or "").startswith("TLS/"):
            raw.secure(StatusServer().ca_file)
            found = raw.answer(request.method)
        return answer_of(found)


def answer_of(found: wire.Answer) -> Answer:
    """Return an answer as the next request may depend on it."""
    headers: CaseInsensitiveDict[str] = CaseInsensitiveDict()
    for name, _ in found.fields:
        headers[name] = found.header(name) or ""
    return Answer(found.status, headers, found.content)


def by_requests(request: Request) -> Answer:
    """Send a request through requests, which follows no redirect here."""
    with requests.Session() as session:
        session.trust_env = False
        found = session.request(
            request.method,
            request.url,
            headers=dict(request.headers),
            data=_content(request),
            allow_redirects=False,
            proxies={"http": request.via or ""},
        )
    return Answer(found.status_code, found.headers, found.content)


def by_httpx(request: Request) -> Answer:
    """Send a request through httpx, which follows no redirect here."""
    with httpx.Client(trust_env=False, proxy=request.via) as client:
        found = client.request(
            request.method, request.url, headers=request.headers, content=_content(request)
        )
    return Answer(found.status_code, found.headers, found.content)


SENDERS = {"raw": by_raw, "requests": by_requests, "httpx": by_httpx}


def expressible(element: Element) -> bool:
    """Tell whether a client library can send a request."""
    if callable(element):
        return True
    plain = element.raw is None and element.version == "HTTP/1.1"
    # None of them goes on under TLS on the same connection.
    plain = plain and ("Upgrade", "TLS/1.0") not in element.headers
    return plain and not (element.pause and element.content)


def play(server: StatusServer, elements: Iterable[Element], send: Send = by_raw) -> list[Answer]:
    """Send requests one after the other; return the answers, status 0 for none at all.

    Where one is to wait before it is sent, the server's clock is advanced.
    """
    answers: list[Answer] = []
    for element in elements:
        request = element(answers[-1]) if callable(element) else element
        if request.pause and not request.content:
            server.clock.advance(request.pause)
        try:
            answers.append(send(request))
        except (EOFError, requests.ConnectionError, httpx.RemoteProtocolError):
            answers.append(Answer(0, {}))
    return answers


def earned(made: Endpoint | Journal, answers: Sequence[Answer] = ()) -> set[int | None]:
    """Return what the last exchange got: a status, a log's, interim ones, those inside a 207.

    The last of the `answers` may be a proxy's, of which the origin knows nothing.
    """
    last = made.exchanges[-1]
    inside = map(int, re.findall(rb"<D:status>HTTP/1.1 ([0-9]{3})", last.sent))
    outside = (answer.status for answer in answers[-1:])
    return {last.status, last.logged, *last.interim, *inside, *outside}


def path_of(url: str) -> str:
    """Return the path of a URL."""
    return urlsplit(url).path


def _content(request: Request) -> bytes | Iterable[bytes] | None:
    # Without a length, a client sends chunks.
    if any(name.lower() == "transfer-encoding" for name, _ in request.headers):
        return iter([request.content])
    return request.content or None
