"""A request as a WSGI environment, and as Werkzeug shows it."""

from __future__ import annotations

from typing import Any
from wsgiref.validate import validator

import pytest

from pytest_httpcodes.environ import environ, werkzeug_request
from pytest_httpcodes.wire.received import SPOOL
from tests import memory


@pytest.mark.parametrize(
    ("request_of", "expected"),
    [
        (
            {"target": "/a%20b/%E2%98%83?c=%20d"},
            {
                "REQUEST_METHOD": "GET",
                "SCRIPT_NAME": "",
                "PATH_INFO": "/a b/\xe2\x98\x83",
                "QUERY_STRING": "c=%20d",
                "REQUEST_URI": "/a%20b/%E2%98%83?c=%20d",
                "RAW_URI": "/a%20b/%E2%98%83?c=%20d",
                "SERVER_PROTOCOL": "HTTP/1.1",
                "REMOTE_ADDR": "127.0.0.1",
                "wsgi.url_scheme": "http",
            },
        ),
        ({"target": "http://other.example:81/a?b"}, {"PATH_INFO": "/a", "QUERY_STRING": "b"}),
        ({"method": "OPTIONS", "target": "*"}, {"PATH_INFO": "", "REQUEST_URI": "*"}),
        ({"host": "example.org"}, {"SERVER_NAME": "example.org", "SERVER_PORT": "80"}),
        ({"host": "example.org:81"}, {"SERVER_NAME": "example.org", "SERVER_PORT": "81"}),
        ({"host": "example.org:"}, {"SERVER_NAME": "example.org", "SERVER_PORT": "80"}),
        ({"host": "[::1]"}, {"SERVER_NAME": "[::1]", "SERVER_PORT": "80"}),
        ({"host": "[::1]:81"}, {"SERVER_NAME": "[::1]", "SERVER_PORT": "81"}),
        ({"host": ""}, {"SERVER_NAME": "127.0.0.1", "SERVER_PORT": "8080"}),
        (
            {"base": "https://127.0.0.1:8443"},
            {"wsgi.url_scheme": "https", "SERVER_NAME": "example.org", "SERVER_PORT": "443"},
        ),
        ({"version": "HTTP/1.0"}, {"SERVER_PROTOCOL": "HTTP/1.0"}),
        ({"content": b"12345"}, {"CONTENT_LENGTH": "5", "HTTP_HOST": "example.org"}),
    ],
)
def test_environ(request_of: dict[str, Any], expected: dict[str, str]) -> None:
    """The environment has what PEP 3333 and common sense ask for."""
    found = environ(memory.request(**request_of))

    assert expected == {name: found[name] for name in expected}


@pytest.mark.parametrize(
    ("fields", "name", "expected"),
    [
        ([("X-Why", "a")], "HTTP_X_WHY", "a"),
        ([("X-Why", "a"), ("x-why", "b")], "HTTP_X_WHY", "a, b"),
        ([("X_Why", "forged"), ("X-Why", "a")], "HTTP_X_WHY", "a"),
        ([("X-Why", "a"), ("X_Why", "forged")], "HTTP_X_WHY", "a"),
        ([("X_Why", "alone")], "HTTP_X_WHY", "alone"),
        ([("Content-Type", "text/csv")], "CONTENT_TYPE", "text/csv"),
        ([("Content-Type", "text/csv")], "HTTP_CONTENT_TYPE", None),
        ([("Content_Type", "text/csv")], "CONTENT_TYPE", None),
        ([("Content-Length", "007")], "CONTENT_LENGTH", "7"),
        ([("Content-Length", "5, 5")], "CONTENT_LENGTH", "5"),
        ([("Content-Length", "5")], "HTTP_CONTENT_LENGTH", None),
        ([("Content-Length", "5"), ("Transfer-Encoding", "chunked")], "CONTENT_LENGTH", None),
        ([("Transfer-Encoding", "chunked")], "HTTP_TRANSFER_ENCODING", "chunked"),
        ([("Wsgi.Input", "forged")], "wsgi.input_terminated", True),
    ],
)
def test_fields(fields: list[tuple[str, str]], name: str, expected: object) -> None:
    """Each field has its key; none takes the place of another, or of what the framing is."""
    found = environ(memory.request("POST", "/", *fields))

    assert expected == found.get(name)


def test_content_is_read_when_it_is_asked_for() -> None:
    """What nobody asks for is not read; what is asked for is read once."""
    held = memory.Held(b"one\ntwo\n")
    found = environ(memory.request("POST", content=b"8 octets", source=held))
    before = held.reads
    stream = found["wsgi.input"]

    assert 0 == before
    assert [b"on", b"e\n", b"two\n", b""] == [
        stream.read(2),
        stream.readline(),
        stream.read(),
        stream.read(1),
    ]
    assert 1 == held.reads


@pytest.mark.parametrize("size", [8, SPOOL + 8])
def test_content_as_lines(size: int) -> None:
    """The content is a file in every way that PEP 3333 knows, in memory or on disk."""
    content = b"x" * (size - 8) + b"one\ntwo\n"
    asked = memory.request("POST", content=content)
    stream = environ(asked)["wsgi.input"]
    again = environ(asked)["wsgi.input"]
    several = environ(asked)["wsgi.input"]

    assert content.splitlines(keepends=True) == list(stream)
    assert content.splitlines(keepends=True) == again.readlines()
    assert [content.splitlines(keepends=True)[0]] == several.readlines(1)
    asked.discard()


def test_validator() -> None:
    """The standard library's own validator finds nothing wrong with it."""

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [environ["wsgi.input"].read(3)]

    made = environ(memory.request("POST", "/a", ("Content-Type", "a/b"), content=b"abc"))
    answer = validator(application)(made, lambda status, fields, info=None: print)

    assert [b"abc"] == list(answer)
    answer.close()  # type: ignore[attr-defined]


def test_werkzeug_request() -> None:
    """Werkzeug shows the request as it is."""
    found = werkzeug_request(
        memory.request(
            "POST",
            "/a%2Fb/%E2%98%83?c=d&c=e",
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("Cookie", "f=g"),
            ("Authorization", "Basic dXNlcjpwYXNzd29yZA=="),
            content=b"h=i",
        )
    )

    assert ("POST", "/a/b/\u2603") == (found.method, found.path)
    assert ["d", "e"] == found.args.getlist("c")
    assert {"f": "g"} == dict(found.cookies)
    assert {"h": "i"} == dict(found.form)
    assert found.authorization is not None
    assert "password" == found.authorization.password
    assert "http://example.org/a/b/\u2603?c=d&c=e" == found.url
    assert "127.0.0.1" == found.remote_addr
