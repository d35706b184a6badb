"""A request as a value: its octets are what h11 takes them for."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import FrozenInstanceError, replace
from typing import Any

import h11
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_httpcodes import Answer, Request, StatusServer
from tests.scenarios import by_raw

URL = "http://user:pw@example.org:8080/a%20b?c=d&e#f"
# RFC 9110, 5.6.2 and 5.5: what a method, a name and a value are made of.
TOKEN = st.from_regex(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", fullmatch=True)
VALUE = st.from_regex(r"(?:[!-~](?:[ \t!-~]*[!-~])?)?", fullmatch=True)
WRONG: list[Any] = ["text", None]
FRAMING = ("content-length", "transfer-encoding", "host", "expect", "connection")


def parsed(request: Request) -> tuple[h11.Request, bytes]:
    """Return what a server takes a request for: its head and its content, and nothing behind it."""
    connection = h11.Connection(h11.SERVER)
    connection.receive_data(request.octets)
    head = connection.next_event()
    assert isinstance(head, h11.Request)
    content = b""
    while not isinstance(event := connection.next_event(), h11.EndOfMessage):
        assert isinstance(event, h11.Data)
        content += event.data
    assert (b"", False) == connection.trailing_data
    return head, content


@settings(deadline=None)
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "M-GET", "x"]),
    headers=st.lists(st.tuples(TOKEN, VALUE).filter(lambda f: f[0].lower() not in FRAMING)),
    content=st.binary(max_size=50),
)
def test_octets(method: str, headers: list[tuple[str, str]], content: bytes) -> None:
    """Method, target, fields and content are what they were, and the framing is added."""
    head, found = parsed(Request(method, URL, headers, content))
    expected = [(b"host", b"example.org:8080")]
    expected += [(name.lower().encode(), value.encode()) for name, value in headers]
    if content or method in ("POST", "PUT", "PATCH"):
        expected.append((b"content-length", b"%d" % len(content)))

    assert (method.encode(), b"/a%20b?c=d&e", b"1.1") == (
        head.method,
        head.target,
        head.http_version,
    )
    assert expected == list(head.headers)
    assert content == found


@given(st.binary(max_size=50))
def test_chunks(content: bytes) -> None:
    """Where the content is to come in chunks, it does; no length is said."""
    head, found = parsed(Request("POST", URL, {"Transfer-Encoding": "chunked"}, content))

    assert content == found
    assert b"content-length" not in dict(head.headers)


@pytest.mark.parametrize(
    ("url", "target", "host"),
    [
        ("http://a.example", "/", "a.example"),
        ("http://a.example/", "/", "a.example"),
        ("http://a.example?b", "/?b", "a.example"),
        ("http://a.example:81/b/#c?d", "/b/", "a.example:81"),
        ("http://a.example//b", "//b", "a.example"),
        ("http://[::1]:81/b?c?d", "/b?c?d", "[::1]:81"),
        ("http://u@a.example/b@c", "/b@c", "a.example"),
        ("http://u:p%40@a.example/", "/", "a.example"),
    ],
)
def test_target(url: str, target: str, host: str) -> None:
    """The target is the path and the query; the fragment and the user are not sent."""
    direct = parsed(Request("GET", url))[0]
    through = parsed(Request("GET", url, via="http://proxy.example:3128"))[0]

    assert (target, host) == (direct.target.decode(), dict(direct.headers)[b"host"].decode())
    assert (f"http://{host}{target}", host) == (
        through.target.decode(),
        dict(through.headers)[b"host"].decode(),
    )


@pytest.mark.parametrize(
    ("headers", "absent"),
    [
        ({"Content-Length": "3"}, None),
        ({"content-length": "99"}, None),
        ({"HOST": "other.example"}, "example.org:8080"),
    ],
)
def test_fields_of_ones_own(headers: dict[str, str], absent: str | None) -> None:
    """A field that is given is sent as it is, and no other one of its name."""
    octets = Request("POST", URL, headers, b"abc").octets
    (line,) = [f"{name}: {value}".encode() for name, value in headers.items()]

    assert line in octets.split(b"\r\n")
    assert 1 == octets.lower().count(next(iter(headers)).lower().encode() + b":")
    assert absent is None or absent.encode() not in octets


def test_order_and_spelling() -> None:
    """Lines are in the order and the spelling in which they are given; obs-text is octets."""
    headers = [("b", "1"), ("A", "caf\xe9"), ("b", "2")]
    octets = Request("GET", "http://x.example/", headers, version="HTTP/1.0").octets

    assert b"GET / HTTP/1.0\r\nHost: x.example\r\nb: 1\r\nA: caf\xe9\r\nb: 2\r\n\r\n" == octets


def test_raw() -> None:
    """Octets that no client can send are sent instead."""
    assert b"GET" == Request("GET", URL, {"A": "b"}, b"c", raw=b"GET").octets
    assert b"" == Request("GET", URL, raw=b"").octets


def test_a_value() -> None:
    """A request is a value: equal to another one with the same parts, and never changed."""
    first = Request("GET", "http://x.example/", {"A": "b"})
    second = Request("GET", "http://x.example/", [("A", "b")])

    assert first == second
    assert 1 == len({first, second})
    assert first == pickle.loads(pickle.dumps(second))  # noqa: S301 - our own
    assert (("A", "b"),) == replace(first, method="PUT").headers
    with pytest.raises(FrozenInstanceError):
        first.method = "PUT"  # type: ignore[misc]
    assert b"" == first.content
    assert (None, None, None, "HTTP/1.1") == (first.via, first.pause, first.raw, first.version)


def test_url_of_an_endpoint(server: StatusServer) -> None:
    """An endpoint is as good a URL as any, and a plain str afterwards."""
    endpoint = server.status(204)
    request = Request("GET", endpoint)

    assert (str, 204) == (type(request.url), by_raw(request).status)
    assert [204] == endpoint.statuses


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Request("GET", URL, {"A": "b\r\nc"}), ValueError, "the value of A"),
        (lambda: Request("GET", URL, {"A b": "c"}), ValueError, "is no field name"),
        (lambda: Request("PUT", URL, (), WRONG[0]), TypeError, "content='text' is none; use bytes"),
        (lambda: Request("PUT", URL, (), WRONG[1]), TypeError, "content=None is none; use bytes"),
    ],
)
def test_wrong(make: Callable[[], Any], error: type[Exception], message: str) -> None:
    """What could not be sent fails at once."""
    with pytest.raises(error, match=message):
        make()


def test_answer() -> None:
    """An answer is what the next request may depend on."""
    assert (200, {"A": "b"}, b"") == Answer(200, {"A": "b"})
    assert b"x" == Answer(200, {}, b"x").content
