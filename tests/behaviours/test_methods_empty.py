"""What methods do when all is well, and there is nothing to say: 204 205."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from pytest_httpcodes import Request, StatusServer
from pytest_httpcodes.behaviours.common import METHODS
from tests.asking import ask
from tests.raw import Raw, exchange, message
from tests.scenarios import SENDERS, path_of, play

# A CONNECT has no resource for its target.
ANY = sorted(METHODS - {"CONNECT"})


# 204


@pytest.mark.parametrize("method", ANY)
def test_204(status_server: StatusServer, method: str) -> None:
    """204: any known method has neither content nor a field that frames it."""
    url = status_server.scenario(204)
    with Raw(url) as raw:
        raw.send(message(method, path_of(url), content=b"content"))
        first = raw.answer(method)
        silent = raw.is_silent(0.01)
        again = raw.request(method, path_of(url))
    names = {name.lower() for name, _ in first.fields}

    assert (204, 204, True) == (first.status, again.status, silent)
    assert set() == names & {"content-length", "transfer-encoding", "content-type"}
    assert first.octets.endswith(b"\r\n\r\n")
    assert "done, and there is nothing to say (RFC 9110, 15.3.5)" == url.exchanges[0].why


@pytest.mark.parametrize("client", SENDERS)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_204_of_clients(status_server: StatusServer, method: str, client: str) -> None:
    """No client waits for content."""
    answer = SENDERS[client](Request(method, status_server.scenario(204)))

    assert (204, b"") == (answer.status, answer.content)


def test_204_to_http_1_0(status_server: StatusServer) -> None:
    """The connection ends behind the head."""
    url = status_server.scenario(204)
    octets, how = exchange(url, f"GET {path_of(url)} HTTP/1.0\r\n\r\n".encode())

    assert b"HTTP/1.1 204 No Content\r\n" == octets[: octets.index(b"\n") + 1]
    assert octets.endswith(b"\r\n\r\n")
    assert "FIN" == how


def test_204_to_options(status_server: StatusServer) -> None:
    """OPTIONS says that any method is allowed."""
    allowed = (ask(status_server.scenario(204), method="OPTIONS").header("Allow") or "").split(", ")

    assert [method for method in ANY if not method.startswith("M-")] == sorted(allowed)


def test_204_to_an_unknown_method(status_server: StatusServer) -> None:
    """501: which no resource has."""
    assert 501 == ask(status_server.scenario(204), method="FROB").status


@pytest.mark.parametrize(
    ("method", "field", "expected"),
    [
        ("PUT", 'If-Match: "stale"', 412),
        ("PUT", "If-Match: *", 204),
        ("PUT", "If-None-Match: *", 412),
        ("GET", "If-None-Match: *", 304),
        ("GET", 'If-None-Match: "other"', 204),
        ("OPTIONS", 'If-Match: "stale"', 204),
        ("GET", "Range: bytes=0-0", 204),
    ],
)
def test_204_to_a_condition(
    status_server: StatusServer, method: str, field: str, expected: int
) -> None:
    """Nothing succeeds that was not to; there is something, of which nobody knows the tag."""
    assert expected == ask(status_server.scenario(204), field, method=method).status


def test_nothing_is_below_204(status_server: StatusServer) -> None:
    """404: what a PUT has not created is not there."""
    url = status_server.scenario(204)

    assert 404 == ask(f"{url}/x", method="PUT").status


# 205


class Form(HTMLParser):
    """What a page has of a form: its attributes, and the names of its controls."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.forms: list[dict[str, str | None]] = []
        self.controls: list[str | None] = []
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "form":
            self.forms.append(dict(attrs))
        if tag == "input":
            self.controls.append(dict(attrs).get("name"))


@pytest.mark.parametrize("client", SENDERS)
def test_205(status_server: StatusServer, client: str) -> None:
    """205: the form is taken, and is the same as before."""
    url = status_server.scenario(205)
    send = SENDERS[client]
    before = play(status_server, url.relief, send)[-1]
    answer = play(status_server, url.trigger, send)[-1]
    after = play(status_server, url.relief, send)[-1]

    assert (205, b"", "0") == (answer.status, answer.content, answer.headers["Content-Length"])
    assert (200, before.content) == (after.status, after.content)
    assert ["text=something"] == [e.content.decode() for e in url.exchanges if e.status == 205]
    assert "(RFC 9110, 15.3.6)" in url.exchanges[1].why


def test_205_on_the_wire(status_server: StatusServer) -> None:
    """It says that its length is zero, has no other framing, and nothing follows."""
    url = status_server.scenario(205)
    with Raw(url) as raw:
        raw.send(message("POST", path_of(url), content=b""))
        answer = raw.answer()
        silent = raw.is_silent(0.01)
        again = raw.request("GET", path_of(url))
    framing = [f for f in answer.fields if f[0].lower() in ("content-length", "transfer-encoding")]

    assert (205, [("Content-Length", "0")], True) == (answer.status, framing, silent)
    assert (None, 200) == (answer.header("Content-Type"), again.status)


def test_205_has_a_form(status_server: StatusServer) -> None:
    """GET is the form itself, as HTML, which is sent to where it came from."""
    answer = ask(status_server.scenario(205))
    form = Form(answer.content)

    assert "text/html; charset=utf-8" == answer.header("Content-Type")
    assert answer.content.startswith(b"<!doctype html>")
    assert ([{"method": "post"}], ["text"]) == (form.forms, form.controls)


def test_205_to_other_methods(status_server: StatusServer) -> None:
    """A GET or HEAD never resets; a form cannot be replaced."""
    url = status_server.scenario(205)
    found = [
        ask(url, method=method).status
        for method in ("GET", "HEAD", "POST", "OPTIONS", "TRACE", "PUT", "DELETE")
    ]

    assert [200, 200, 205, 200, 200, 405, 405] == found
