"""What is to be had at another address: 301 302 303 307 308, and the reserved 306."""

from __future__ import annotations

import json

import httpx
import pytest
import requests

from pytest_httpcodes import Request, StatusServer
from pytest_httpcodes.behaviours.common import METHODS
from pytest_httpcodes.codes import PHRASES
from tests.asking import ask
from tests.following import arrived, location
from tests.raw import Raw, exchange, message
from tests.scenarios import SENDERS, path_of, play

CODES = (301, 302, 303, 307, 308)
SECTIONS = {301: "15.4.2", 302: "15.4.3", 303: "15.4.4", 307: "15.4.8", 308: "15.4.9"}
# A CONNECT has no resource for its target.
ANY = sorted(METHODS - {"CONNECT"})
# What a client makes of the method (RFC 9110, 15.4).
AFTER_POST = {301: "GET", 302: "GET", 303: "GET", 307: "POST", 308: "POST"}


@pytest.mark.parametrize("code", CODES)
def test_redirect(status_server: StatusServer, code: int) -> None:
    """The code comes with where the target is, and a note that links to it."""
    url = status_server.scenario(code)
    answer = ask(url)
    target = f"{url}/target"

    assert (code, PHRASES[code], target) == (answer.status, answer.reason, location(answer))
    assert "text/html; charset=utf-8" == answer.header("Content-Type")
    assert "Accept" == answer.header("Vary")
    assert f'<a href="{target}">'.encode() in answer.content
    assert ("no-store" if code == 303 else None) == answer.header("Cache-Control")
    assert url.exchanges[0].why.endswith(f"(RFC 9110, {SECTIONS[code]})")


@pytest.mark.parametrize("client", SENDERS)
@pytest.mark.parametrize("code", CODES)
def test_trigger_and_relief(status_server: StatusServer, code: int, client: str) -> None:
    """The target says which method and content arrived: those that a client goes on with."""
    url = status_server.scenario(code)
    answers = play(status_server, (*url.trigger, *url.relief), SENDERS[client])
    found = json.loads(answers[1].content)
    sent = url.exchanges[0].method

    assert [code, 200] == [answer.status for answer in answers]
    assert (AFTER_POST[code] if sent == "POST" else sent) == found["method"]
    assert ("what is sent\n" if code in (307, 308) else "") == found["content"]
    assert "this is where the redirect leads (RFC 9110, 15.4)" == url.exchanges[1].why


@pytest.mark.parametrize("code", CODES)
def test_any_method(status_server: StatusServer, code: int) -> None:
    """Any known method is redirected, and arrives at the target."""
    url = status_server.scenario(code)
    with Raw(url) as raw:
        for method in ANY:
            away = raw.request(method, path_of(url), content=b"x")
            there = raw.request(method, path_of(location(away)), content=b"x")
            found = None if method == "HEAD" else arrived(there)["method"]

            assert (code, 200) == (away.status, there.status)
            assert (None if method == "HEAD" else method) == found


@pytest.mark.parametrize("code", [*CODES, 306])
def test_head(status_server: StatusServer, code: int) -> None:
    """HEAD has the fields of GET, and nothing follows it."""
    url = status_server.scenario(code)
    with Raw(url) as raw:
        got = raw.request("GET", path_of(url))
        head = raw.request("HEAD", path_of(url))
        silent = raw.is_silent(0.01)

    assert (code, b"", True) == (head.status, head.content, silent)
    assert str(len(got.content)) == head.header("Content-Length")


@pytest.mark.parametrize("code", [*CODES, 306])
def test_note_as_json(status_server: StatusServer, code: int) -> None:
    """A client that prefers JSON gets the note as JSON, with the same address."""
    url = status_server.scenario(code)
    answer = ask(url, "Accept: application/json")
    note = json.loads(answer.content)

    assert "application/json" == answer.header("Content-Type")
    assert (code, answer.header("Location")) == (note["status"], note.get("location"))


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("field", ["Content-Length: 5", "Transfer-Encoding: chunked"])
def test_instead_of_the_invitation(status_server: StatusServer, code: int, field: str) -> None:
    """A client that waits for 100 gets the redirect at once, and the connection closes."""
    url = status_server.scenario(code)
    octets, how = exchange(url, message("POST", path_of(url), "Expect: 100-continue", field))

    assert octets.startswith(f"HTTP/1.1 {code} ".encode())
    assert b"\r\nConnection: close\r\n" in octets
    assert "FIN" == how
    assert ([], b"") == (url.exchanges[0].interim, url.exchanges[0].content)


def test_the_target_invites(status_server: StatusServer) -> None:
    """At the target the content is wanted."""
    url = f"{status_server.scenario(307)}/target"
    with Raw(url) as raw:
        raw.send(message("PUT", path_of(url), "Expect: 100-continue", "Content-Length: 2"))
        interim = raw._until(b"\r\n\r\n")
        raw.send(b"ok")
        found = arrived(raw.answer())

    assert b"HTTP/1.1 100 Continue\r\n\r\n" == interim
    assert ("PUT", "ok") == (found["method"], found["content"])


def test_content_that_was_sent_anyway(status_server: StatusServer) -> None:
    """What is sent unasked is read and noted, and the connection goes on."""
    url = status_server.scenario(307)
    with Raw(url) as raw:
        first = raw.request("POST", path_of(url), content=b"12345")
        second = raw.request("POST", path_of(url), content=b"678")

    assert (307, 307) == (first.status, second.status)
    assert [b"12345", b"678"] == [exchange.content for exchange in url.exchanges]


def test_content_that_is_malformed(status_server: StatusServer) -> None:
    """400: where the content ends, and another request may start, is not known."""
    url = status_server.scenario(302)
    octets, how = exchange(
        url, message("POST", path_of(url), "Transfer-Encoding: chunked") + b"xyz\r\n"
    )

    assert octets.startswith(b"HTTP/1.1 400 ")
    assert "FIN" == how


@pytest.mark.parametrize("code", CODES)
def test_wins_over_too_much_content(code: int) -> None:
    """A redirect comes before the refusal of content that is announced to be too large."""
    with StatusServer(max_content=4) as server:
        url = server.scenario(code)
        answers = [ask(url, method="POST", content=b"12345"[:length]) for length in (4, 5)]
        there = ask(f"{url}/target", method="POST", content=b"12345")

    assert [code, code] == [answer.status for answer in answers]
    assert 413 == there.status


def test_http_1_0(status_server: StatusServer) -> None:
    """A client that names no host is sent to the server's own address."""
    url = status_server.scenario(302)
    octets, how = exchange(url, f"GET {path_of(url)} HTTP/1.0\r\n\r\n".encode())

    assert f"\r\nLocation: {url}/target\r\n".encode() in octets
    assert "FIN" == how


def test_host_of_the_client(status_server: StatusServer) -> None:
    """The target is on the origin that the client has named."""
    path = path_of(status_server.scenario(302))

    assert f"{status_server.localhost}{path}/target" == location(
        ask(status_server.localhost + path)
    )


def test_the_query_does_not_ride_along(status_server: StatusServer) -> None:
    """Where the target is does not depend on the request's query."""
    url = status_server.scenario(301)

    assert f"{url}/target" == location(ask(f"{url}?a=b"))


# Through clients


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("method", ["GET", "POST", "HEAD", "PUT"])
def test_followed_by_httpx(status_server: StatusServer, code: int, method: str) -> None:
    """Httpx follows each, with the method that the code lets it."""
    url = status_server.scenario(code)
    with httpx.Client(trust_env=False, follow_redirects=True) as client:
        answer = client.request(method, url)

    assert ([code, 200], 200) == (url.statuses, answer.status_code)
    assert [method, _next(code, method)] == [exchange.method for exchange in url.exchanges]


def _next(code: int, method: str) -> str:
    changes = {301: ("POST",), 302: ("POST", "PUT"), 303: ("POST", "PUT")}
    return "GET" if method in changes.get(code, ()) else method


@pytest.mark.parametrize("code", [307, 308])
def test_content_is_sent_again(status_server: StatusServer, code: int) -> None:
    """Requests sends the content twice."""
    url = status_server.scenario(code)
    with requests.Session() as session:
        session.trust_env = False
        found = session.post(url, data=b"content").json()

    assert [b"content", b"content"] == [exchange.content for exchange in url.exchanges]
    assert ("POST", "content") == (found["method"], found["content"])


# 306


@pytest.mark.parametrize("client", SENDERS)
def test_306(status_server: StatusServer, client: str) -> None:
    """306: whatever is asked, the reserved code has a page and no address."""
    url = status_server.scenario(306)
    answers = [SENDERS[client](Request(method, url)) for method in ("GET", "POST", "OPTIONS")]

    assert [306] * 3 == [answer.status for answer in answers]
    assert [] == [answer for answer in answers if "Location" in answer.headers]
    assert "text/html; charset=utf-8" == answers[0].headers["Content-Type"]
    assert "(RFC 9110, 15.4.7)" in url.exchanges[0].why
    assert () == url.relief
