"""Options that are refused: in Python at once, in a URL with a 400 that names the option."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import pytest

from pytest_httpcodes.server import StatusServer
from tests.behaviours.test_options import DATES, ask

# Mistakes that a URL can make too: the option there, its value, and what the message has.
MISTAKES = [
    ("times", "0", "use 1 or more"),
    ("times", "-1", "use 1 or more"),
    ("times", "1.5", "use 1 or more"),
    ("times", "", "use 1 or more"),
    ("times", "1_000", "use 1 or more"),
    ("times", " 1", "use 1 or more"),
    ("times", "\u0661", "use 1 or more"),
    ("times", "9" * 5000, "use 1 or more"),
    ("delay", "-1", "use 0 to 60 seconds"),
    ("delay", "60.1", "use 0 to 60 seconds"),
    ("delay", "nan", "use 0 to 60 seconds"),
    ("delay", "inf", "use 0 to 60 seconds"),
    ("delay", "9" * 400, "use 0 to 60 seconds"),
    ("delay", "1_0", "use 0 to 60 seconds"),
    ("delay", "1e1", "use 0 to 60 seconds"),
    ("delay", "", "use 0 to 60 seconds"),
    ("retry_after", "", "use a number, 'Fri, 31 Dec 1999 23:59:59 GMT', a datetime"),
    ("retry_after", "-1", "neither whole seconds, 0 to 999999999999999, nor an HTTP-date"),
    ("retry_after", "1.5", "neither whole seconds"),
    ("retry_after", "1" * 16, "neither whole seconds"),
    ("retry_after", "0" * 5000, "neither whole seconds"),
    ("retry_after", "soon", "neither whole seconds"),
    ("retry_after", "\u0661", "neither whole seconds"),
    ("retry_after", "1999-12-31T23:59:59Z", "nor an HTTP-date"),
    ("retry_after", "31 Dec 1999 23:59:59", "nor an HTTP-date"),
    ("retry_after", f"{DATES[0]}\r\nX-Evil: 1", "nor an HTTP-date"),
    ("header", "X-Why", "use header=Name: value"),
    ("header", "", "use header=Name: value"),
    ("header", ": value", "'' is no field name; use letters, digits and hyphens"),
    ("header", "X Why: value", "'X Why' is no field name"),
    ("header", "X-Why: a\r\nX-Evil: 1", "a field has no CR, LF or NUL"),
    ("header", "X-Why: a\0b", "a field has no CR, LF or NUL"),
    ("header", "X-Why: \u2603", "no character beyond U+00FF"),
    ("header", "content-length: 3", "content-length is the server's own"),
    ("header", "Transfer-Encoding: chunked", "Transfer-Encoding is the server's own"),
    ("fault", "explode", "there are close, half-close, reset, stall, drip, garbage, truncate,"),
    ("fault", "", "there are close, half-close, reset, stall, drip, garbage, truncate,"),
    ("at", "head", "say which with fault="),
]


@pytest.mark.parametrize(("name", "value", "told"), MISTAKES)
def test_a_mistake_in_a_url_is_a_400_that_names_the_option(
    server: StatusServer, name: str, value: str, told: str
) -> None:
    """The detail has the option and says what would be right; nothing else is done."""
    answer = ask(server, f"/status/503?{urlencode({name: value})}")
    detail = json.loads(answer.content)["detail"]

    assert 400 == answer.status
    assert name in detail
    assert told in detail
    assert 503 == ask(server, "/status/503").status


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("speed=1", "there is no option 'speed' here; there are times, retry_after, delay, header"),
        ("Times=1", "there is no option 'Times' here"),
        ("times", "times='' is no count of requests"),
        ("times=1&times=2", "the option 'times' is given twice"),
        ("content=a&content=a", "the option 'content' is given twice"),
        ("content=%ff", "the query 'content=%ff' is not UTF-8"),
        ("fault=close&at=middle", "at='middle' is no place in an exchange; use request-line"),
        ("fault=close&at=content:-1", "at='content:-1' is no place in an exchange"),
        ("fault=truncate&at=head", "at='head' is not in the content, which truncate cuts; use con"),
    ],
)
def test_a_malformed_query_is_a_400(server: StatusServer, query: str, told: str) -> None:
    """An option that is unknown, given twice or no text is named, too."""
    answer = ask(server, f"/status/503?{query}")

    assert 400 == answer.status
    assert told in json.loads(answer.content)["detail"]


@pytest.mark.parametrize(
    ("told", "given"),
    [
        ("times=0 is no count of requests; use 1 or more", {"times": 0}),
        ("times=True is no count of requests", {"times": True}),
        ("times='2' is no count of requests", {"times": "2"}),
        ("delay=-1 is out of range; use 0 to 60 seconds", {"delay": -1}),
        ("delay=nan is out of range", {"delay": float("nan")}),
        ("delay=True is out of range", {"delay": True}),
        ("delay='1' is out of range", {"delay": "1"}),
        ("retry_after=1.5 is neither whole seconds", {"retry_after": 1.5}),
        ("retry_after=True is neither", {"retry_after": True}),
        ("retry_after=-1 is neither", {"retry_after": -1}),
        ("retry_after=1000000000000000 is neither", {"retry_after": 10**15}),
        ("has no time zone; give it one, such as UTC", {"retry_after": datetime(1999, 12, 31)}),
        ("headers='X: y' are no fields; use a mapping from names to", {"headers": "X: y"}),
        ("headers=None are no fields", {"headers": None}),
        ("headers=1 are no fields", {"headers": 1}),
        ("headers: b'X' is neither a str nor a number; use a str", {"headers": {b"X": "y"}}),
        ("headers: None is neither a str nor", {"headers": [("X", None)]}),
        ("headers: 'X Y' is no field name", {"headers": {"X Y": "z"}}),
        ("headers: Content-Length is the server's own", {"headers": [("Content-Length", "3")]}),
        ("content=1.5 is none; use bytes, a str, or a dict or list", {"content": 1.5}),
        ("has no form as JSON or text", {"content": {"a": object()}}),
        ("has no form as JSON or text", {"content": [float("nan")]}),
        ("has no form as JSON or text", {"content": "\ud800"}),
        ("fault='boom' is none; there are close, half-close", {"fault": "boom"}),
        ("at='head' is the place of a fault; say which with fault=", {"at": "head"}),
        ("at=3 is no place in an exchange", {"fault": "close", "at": 3}),
        ("at='tail' is no place in an exchange", {"fault": "close", "at": "tail"}),
    ],
)
def test_a_mistake_in_python_fails_at_once(
    server: StatusServer, told: str, given: dict[str, Any]
) -> None:
    """In the caller's line, with the value, and with what would be right."""
    with pytest.raises(ValueError, match="^") as caught:
        server.status(503, **given)

    assert told in str(caught.value)


@pytest.mark.parametrize("code", [204, 205, 304, 444])
@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"content": ""}, "has no content (RFC 9110, 6.4.1); leave content= out"),
        ({"fault": "truncate"}, "has no content for fault='truncate' to break; use at=start"),
        ({"fault": "close", "at": "content:0"}, "has no content for fault='close' to break"),
    ],
)
def test_a_code_without_content_takes_none(
    server: StatusServer, code: int, given: dict[str, str], told: str
) -> None:
    """Neither content nor a fault in it, in Python or in a URL."""
    with pytest.raises(ValueError, match="^") as caught:
        server.status(code, **given)  # type: ignore[arg-type]
    answer = ask(server, f"/status/{code}?{urlencode(given)}")

    assert told in str(caught.value)
    assert 400 == answer.status
    assert json.loads(answer.content)["detail"] == str(caught.value)


def test_444_has_no_head_to_break() -> None:
    """Its one place is the start."""
    with StatusServer() as server, pytest.raises(ValueError, match="has no head .* use at=start "):
        server.status(444, fault="reset", at="head")


def test_a_range_has_an_octet(server: StatusServer) -> None:
    """A 206 of nothing could not say where it is (RFC 9110, 14.4)."""
    with pytest.raises(ValueError, match="the content= of a 206 is empty"):
        server.status(206, content=b"")

    assert 400 == ask(server, "/status/206?content=").status
