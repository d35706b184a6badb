"""The response parser beside h11's client: where the two differ, a row of one table says why."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import h11
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_httpcodes.section import Section
from tests.wire.test_response import CHUNKED, OK, read

# What a parser says, in the end: statuses of the heads, the content, and how it ended: "whole",
# "open" where more is waited for, or "wrong".
Said = tuple[tuple[int, ...], bytes, str]


def ours(pieces: Sequence[bytes], method: str, *, closes: bool) -> Said:
    """Return what our parser says."""
    octets = b"".join(pieces)
    found = read(octets, method, size=len(pieces[0]) if pieces else 0, closes=closes)
    statuses = tuple(step.status for step in found.steps if hasattr(step, "status"))
    content = b"".join(step.data for step in found.steps if hasattr(step, "data"))
    ended = any(type(step).__name__ == "End" for step in found.steps) or statuses[-1:] == (101,)
    return statuses, content, "wrong" if found.wrong else "whole" if ended else "open"


def theirs(pieces: Sequence[bytes], method: str, *, closes: bool) -> Said:
    """Return what h11 says."""
    connection = h11.Connection(h11.CLIENT)
    switch = [("Upgrade", "echo/1.0"), ("Connection", "upgrade")]
    connection.send(h11.Request(method=method, target="/", headers=[("Host", "a"), *switch]))
    connection.send(h11.EndOfMessage())
    statuses: list[int] = []
    content = b""
    try:
        for piece in [*pieces, *([b""] if closes else [])]:
            connection.receive_data(piece)
            while True:
                event = connection.next_event()
                match event:
                    case h11.InformationalResponse() | h11.Response():
                        statuses.append(event.status_code)
                    case h11.Data():
                        content += event.data
                    case h11.EndOfMessage():
                        return tuple(statuses), content, "whole"
                    case h11.PAUSED:
                        return tuple(statuses), content, "whole"
                    case h11.ConnectionClosed():
                        return tuple(statuses), content, "wrong"
                    case _:
                        break
    except h11.RemoteProtocolError:
        return tuple(statuses), content, "wrong"
    return tuple(statuses), content, "open"


class Allowed(NamedTuple):
    """A difference that is meant: why, where that is written, what shows it, and an instance.

    `octets` is looked for in the request's method, a space, and the octets of the response.
    """

    why: str
    section: Section
    octets: bytes
    example: bytes


ALLOWED = (
    Allowed(
        "an intermediary does not take a bare LF for the end of a line",
        Section(9112, "2.2"),
        rb"(?<!\r)\n",
        b"HTTP/1.1 200 OK\nContent-Length: 0\n\n",
    ),
    Allowed(
        "of the two ways to treat a folded line this one answers with a 502",
        Section(9112, "5.2"),
        rb"\r\n[ \t]",
        OK + b"A: b\r\n c\r\nContent-Length: 0\r\n\r\n",
    ),
    Allowed(
        "white space before the colon is removed",
        Section(9112, "5.1"),
        rb"[ \t]+:",
        OK + b"A : b\r\nContent-Length: 0\r\n\r\n",
    ),
    Allowed(
        "what starts as no response is refused before its line ends",
        Section(9112, "4"),
        rb"\A[A-Z]+ (?!HTTP/1\.)|\r\n\r\n(?!HTTP/1\.)",
        b"ICY",
    ),
    Allowed(
        "the framing of a response without content is not looked at",
        Section(9112, "6.3"),
        rb"(\AHEAD|HTTP/1\.. (1..|204|304))(?s:.)*(Content-Length|Transfer-Encoding):",
        b"HTTP/1.1 304 A\r\nContent-Length: x\r\n\r\n",
    ),
    Allowed(
        "HTTP/1.0 has no Transfer-Encoding, so its framing is faulty",
        Section(9112, "6.1"),
        rb"HTTP/1\.0(?s:.)*Transfer-Encoding",
        b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ),
    Allowed(
        "the extensions of a chunk have a grammar",
        Section(9112, "7.1.1"),
        rb"\n[0-9A-Fa-f]+[ \t;]",
        CHUNKED + b"1;=\r\na\r\n0\r\n\r\n",
    ),
    Allowed(
        "a field value has no control character",
        Section(9110, "5.5"),
        rb"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]",
        OK + b"A: \x01\r\nContent-Length: 0\r\n\r\n",
    ),
)


def compare(pieces: Sequence[bytes], method: str = "GET", *, closes: bool = False) -> str:
    """Return what the two say differently, "" where they agree or where that is meant."""
    one, two = ours(pieces, method, closes=closes), theirs(pieces, method, closes=closes)
    octets = b"%b %b" % (method.encode(), b"".join(pieces))
    if one == two or any(re.search(allowed.octets, octets) for allowed in ALLOWED):
        return ""
    return f"{octets!r}: ours {one}, h11 {two}"


@pytest.mark.parametrize("allowed", ALLOWED, ids=lambda allowed: allowed.why)
def test_every_difference_is_one(allowed: Allowed) -> None:
    """What is in the table does differ, so that nothing is excused for good."""
    assert re.search(allowed.octets, b"GET " + allowed.example)
    assert ours([allowed.example], "GET", closes=False) != (
        theirs([allowed.example], "GET", closes=False)
    )


PARTS = st.sampled_from(
    [
        b"HTTP/1.1 200 OK\r\n", b"HTTP/1.0 200 OK\r\n", b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\n", b"HTTP/1.1 404\r\n", b"HTTP/1.1 599 \r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo/1.0\r\n\r\n",
        b"Content-Length: 3\r\n", b"Content-Length: 0\r\n", b"content-length: 3, 3\r\n",
        b"Content-Length: 4\r\n", b"Content-Length: +3\r\n",
        b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding: gzip\r\n",
        b"A: b\r\n", b"A:\r\n", b"A: \xff\r\n", b": b\r\n", b"A b\r\n", b"Connection: close\r\n",
        b"\r\n", b"\r", b"\n", b"abc", b"3\r\nabc\r\n", b"03\r\nabc\r\n", b"3\r\nabcd\r\n",
        b"0\r\n", b"0\r\n\r\n", b"g\r\n", b"3;a=b\r\nabc\r\n", b"\0", b" ",
    ]
)  # fmt: skip


@settings(max_examples=600)
@given(
    st.lists(PARTS, max_size=8),
    st.sampled_from(["GET", "HEAD"]),
    st.booleans(),
    st.integers(1, 40),
)
def test_beside_h11(parts: list[bytes], method: str, closes: bool, size: int) -> None:
    """On what is made of likely parts, cut anywhere, the two agree, or the table says why not."""
    octets = b"HTTP/1.1 200 OK\r\n" * (not parts or parts[0][:1] != b"H") + b"".join(parts)
    pieces = [octets[start : start + size] for start in range(0, len(octets), size)]

    assert "" == compare(pieces, method, closes=closes)
