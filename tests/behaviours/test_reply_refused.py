"""What is no reply, and is refused at once with what to use."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.wrappers import Response

from pytest_httpcodes import StatusServer
from pytest_httpcodes.wire.steps import (
    Content,
    End,
    Head,
    Interim,
    Pause,
    Reset,
    Steps,
)


def endless_steps() -> Steps:
    """Return steps with two final responses."""
    return Steps(Head(200), End(), Head(404), End())


@pytest.mark.parametrize(
    ("answer", "kind", "expected"),
    [
        (None, TypeError, "None is no reply; use a code, .code, headers"),
        (True, TypeError, "True is no reply; use a code"),
        (1.5, TypeError, "1.5 is no reply; use a code"),
        ({1, 2}, TypeError, r"\{1, 2\} is no reply"),
        (bytearray(b"x"), TypeError, "is no reply"),
        (99, ValueError, "99 is no status code; use"),
        (1000, ValueError, "1000 is no status code"),
        (-1, ValueError, "-1 is no status code"),
        ((), ValueError, r"\(\) is no reply; a tuple is \(code, headers\) or"),
        ((503,), ValueError, "a tuple is .code, headers. or .code, headers, content."),
        ((503, {}, "x", 1), ValueError, "a tuple is .code, headers."),
        (("503", {}), ValueError, "a tuple is .code, headers."),
        ((True, {}), ValueError, "a tuple is .code, headers."),
        ((99, {}), ValueError, "99 is no status code"),
        ((200, "text"), ValueError, "'text' are no headers; a tuple is"),
        ((200, b"text"), ValueError, "b'text' are no headers"),
        ((200, None), ValueError, "None are no headers"),
        ((200, 3), ValueError, "3 are no headers"),
        ((200, ["X"]), ValueError, "are no fields; use a mapping"),
        ((200, {"Content-Length": "3"}), ValueError, "Content-Length is the server's own"),
        ((200, {"X A": "b"}), ValueError, "'X A' is no field name"),
        ((200, {"X-A": "b\r\nc"}), ValueError, "has no CR, LF or NUL"),
        ((204, {}, "x"), ValueError, "a 204 has no content"),
        ((304, {}, "x"), ValueError, "a 304 has no content"),
        ((200, {}, 3.5), ValueError, "content=3.5 is none"),
        ({"a": object()}, ValueError, "has no form as JSON"),
        (Response, TypeError, r"is a class and no reply; use Response\(...\)"),
        (Reset, TypeError, r"is a class and no reply; use Reset\(...\)"),
        (Interim(103), ValueError, "ends without a final response; add a Response or a Head"),
        (Pause(1), ValueError, "ends without a final response"),
        (Steps(Interim(103), Pause(1)), ValueError, "ends without a final response"),
        (Content(b"x"), ValueError, "is content without a Head in front of it"),
        (End(), ValueError, "is content without a Head in front of it"),
        (Steps(Content(b"x"), Head(200)), ValueError, "is content without a Head"),
        (endless_steps(), ValueError, "has two final responses; send the second one as Raw"),
        (Steps(Response(), Response()), ValueError, "has two final responses"),
    ],
)
def test_wrong_reply(
    server: StatusServer, answer: Any, kind: type[Exception], expected: str
) -> None:
    """What is no reply is refused in the caller's line, with what to use, and nothing is made."""
    with pytest.raises(kind, match=expected):
        server.script(503, answer, exact=True)
    assert [] == server.complaints()


def test_no_reply(server: StatusServer) -> None:
    """A script without a reply is refused."""
    with pytest.raises(ValueError, match="a script has at least one reply"):
        server.script()
