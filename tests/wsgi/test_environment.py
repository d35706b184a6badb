"""A WSGI environment as a request: target, fields, and content when it is asked for."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest

from pytest_httpcodes import Request
from pytest_httpcodes.wsgi import make_app
from pytest_httpcodes.wsgi.environment import base_of, head_of
from tests.wsgi.asking import ROOT, Application, ask, environ, get


class Blocking(BytesIO):
    """An input that nobody may read."""

    def read(self, size: int | None = -1, /) -> bytes:
        raise AssertionError("it was read")


class Torn(BytesIO):
    """An input whose client is gone."""

    def read(self, size: int | None = -1, /) -> bytes:
        raise OSError("connection reset")


@pytest.fixture
def app() -> Application:
    """Return an application that takes 10 octets."""
    return make_app(max_content=10)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"PATH_INFO": "/a", "QUERY_STRING": ""}, "/a"),
        ({"PATH_INFO": "/a", "QUERY_STRING": "b=%20&c"}, "/a?b=%20&c"),
        ({"PATH_INFO": ""}, "/"),
        ({"PATH_INFO": "/\xc3\xbc b?#"}, "/%C3%BC%20b%3F%23"),
        ({"PATH_INFO": "/a", "QUERY_STRING": "\xc3\xbc #"}, "/a?%C3%BC%20%23"),
        # What was on the wire, where the server hands it on.
        ({"PATH_INFO": "/a/b", "RAW_URI": "/a%2Fb?c"}, "/a%2Fb?c"),
        ({"PATH_INFO": "/a/b", "REQUEST_URI": "/a%2Fb?c"}, "/a%2Fb?c"),
        ({"PATH_INFO": "/a", "RAW_URI": "http://other.example/a?c"}, "http://other.example/a?c"),
        ({"PATH_INFO": "/a//b", "RAW_URI": "/a//b"}, "/a//b"),
        ({"PATH_INFO": "/a://b", "RAW_URI": "/a://b"}, "/a://b"),
        ({"PATH_INFO": "", "RAW_URI": "http://other.example"}, "http://other.example"),
        # Unless the path was rewritten, or it is none that a request line may have.
        ({"PATH_INFO": "/new", "RAW_URI": "/old?c", "QUERY_STRING": "c"}, "/new?c"),
        ({"PATH_INFO": "/\xfc", "RAW_URI": "/\xfc"}, "/%FC"),
        ({"PATH_INFO": "/a", "RAW_URI": "/a#b"}, "/a"),
        ({"PATH_INFO": "*", "REQUEST_METHOD": "OPTIONS"}, "*"),
        ({"PATH_INFO": "*", "REQUEST_METHOD": "OPTIONS", "RAW_URI": "*"}, "*"),
        (
            {"PATH_INFO": "x", "REQUEST_METHOD": "CONNECT", "RAW_URI": "a.example:1"},
            "a.example:1",
        ),
    ],
)
def test_target(given: dict[str, str], expected: str) -> None:
    """The target is the one of the request line, as near as the server lets us know."""
    head = head_of({"REQUEST_METHOD": "GET", "HTTP_HOST": "wsgi.example", **given})

    assert expected == head.target


def test_fields() -> None:
    """Fields have their names back but for the case; what is no field is left out."""
    given = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/",
        "SERVER_PROTOCOL": "HTTP/1.0",
        "CONTENT_TYPE": "text/plain",
        "CONTENT_LENGTH": "",
        "HTTP_CONTENT_LENGTH": "7",
        "HTTP_CONTENT_TYPE": "no",
        "HTTP_X_EMPTY": "",
        "HTTP_IF_NONE_MATCH": '"\xe4"',
        "wsgi.version": (1, 0),
        "HTTPS": "off",
    }
    head = head_of(given)

    assert "HTTP/1.0" == head.version
    assert [("Content-Type", "text/plain"), ("X-Empty", ""), ("If-None-Match", '"\xe4"')] == (
        head.fields
    )


@pytest.mark.parametrize(
    ("scheme", "name", "port", "expected"),
    [
        ("http", "a.example", "80", "http://a.example"),
        ("http", "a.example", "443", "http://a.example:443"),
        ("https", "a.example", "443", "https://a.example"),
        ("http", "a.example", "", "http://a.example"),
        ("http", "::1", "8080", "http://[::1]:8080"),
        ("http", "[::1]", "8080", "http://[::1]:8080"),
    ],
)
def test_base(scheme: str, name: str, port: str, expected: str) -> None:
    """The origin's address, for a client that named none."""
    made = {"wsgi.url_scheme": scheme, "SERVER_NAME": name, "SERVER_PORT": port}

    assert expected == base_of(made)


def test_host_and_scheme_make_absolute_urls(app: Application) -> None:
    """Those of the request, as its client knows the server."""
    answer = get(app, "/redirects/301", **{"wsgi.url_scheme": "https", "HTTP_HOST": "a.example:8"})

    assert "https://a.example:8/redirects/end" == answer.headers["Location"]


def test_without_a_host(app: Application) -> None:
    """HTTP/1.0 may name none; in HTTP/1.1 that is malformed, if the server lets it through."""
    made = environ(Request("GET", f"{ROOT}/redirects/301", version="HTTP/1.0"))
    del made["HTTP_HOST"]
    told: list[Any] = []
    app(made, lambda status, fields: told.append((status, dict(fields))))
    app(made | {"SERVER_PROTOCOL": "HTTP/1.1"}, lambda status, fields: told.append((status, {})))

    assert "http://wsgi.example/redirects/end" == told[0][1]["Location"]
    assert "400 Bad Request" == told[1][0]


def test_a_refused_upload_is_not_read(app: Application) -> None:
    """What the head says is enough for a 405, and for content that is too large."""
    refused = Request("POST", f"{ROOT}/", {"Content-Length": "5"})
    large = Request("POST", f"{ROOT}/status/200", {"Content-Length": "11"})

    assert 405 == ask(app, refused, **{"wsgi.input": Blocking()}).status
    answer = ask(app, large, **{"wsgi.input": Blocking()})
    assert 413 == answer.status
    assert b"announced to have over 10 octets" in answer.content


def test_the_expectation_is_the_servers(app: Application) -> None:
    """It has invited the content already, or will when the content is read."""
    request = Request("POST", f"{ROOT}/redirects/end", {"Expect": "100-continue"}, b"content")

    assert b'"content": "content"' in ask(app, request).content


@pytest.mark.parametrize("size", [0, 1, 10])
def test_content_in_chunks(app: Application, size: int) -> None:
    """It is read up to its end, which the server knows."""
    request = Request(
        "POST", f"{ROOT}/redirects/end", {"Transfer-Encoding": "chunked"}, b"x" * size
    )
    answer = ask(app, request)

    assert 200 == answer.status
    assert f'"content": "{"x" * size}"'.encode() in answer.content


def test_content_in_chunks_that_is_too_large(app: Application) -> None:
    """It is refused as soon as that shows."""
    request = Request("POST", f"{ROOT}/redirects/end", {"Transfer-Encoding": "chunked"}, b"x" * 11)
    answer = ask(app, request)

    assert 413 == answer.status
    assert b"the content has over 10 octets (max_content)" in answer.content


def test_chunks_without_an_end(app: Application) -> None:
    """A server that does not say where they end cannot be read from: it might block for ever."""
    request = Request("POST", f"{ROOT}/redirects/end", {"Transfer-Encoding": "chunked"})
    answer = ask(app, request, **{"wsgi.input": Blocking(), "wsgi.input_terminated": False})

    assert 501 == answer.status
    assert b"wsgi.input_terminated" in answer.content


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (BytesIO(b"con"), b"the content ends after 3 octets, 4 short of its length"),
        (Torn(), b"the content breaks off after 0 octets: OSError('connection reset')"),
    ],
)
def test_content_that_breaks_off(app: Application, source: BytesIO, reason: bytes) -> None:
    """A client that leaves is no fault of ours."""
    request = Request("POST", f"{ROOT}/redirects/end", {"Content-Length": "7"})
    answer = ask(app, request, **{"wsgi.input": source})

    assert 400 == answer.status
    assert reason in answer.content
