"""Our parser beside h11's: where the two differ, a row of one table says why.

h11 is the oracle: it was written from the specification by others. It is also more lenient in
places where this project has to be exact, and stricter in a few; `ALLOWED_DIFFERENCES` has them
all, each with the section that decides, and anything else is a fault of ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import Any, NamedTuple

import h11
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_httpcodes.section import Section
from tests.wire.test_parser import cut, read, singly

# What a parser says, in order, as tuples: ("head", ...), ("content", octet), ("end", trailers),
# ("closes",) where nothing more is to be read, ("refused", status, why).
Said = tuple[Any, ...]
WAITS: Said = ("waits",)
_FRAMING = {"content-length", "transfer-encoding"}  # h11 rewrites these


def ours(pieces: Sequence[bytes]) -> tuple[list[Said], list[int]]:
    """Return what our parser says, and for each of it where its message starts."""
    reading = read(pieces, obey=True)
    said: list[Said] = []
    starts: list[int] = []
    start = 0
    for message in reading.messages:
        head = message.head
        said.append(("head", head.method, head.target, head.version, _fields(head.fields)))
        said += [("content", octet) for octet in message.content]
        if message.complete:
            said.append(("end", _fields(message.trailers)))
            said += [("closes",)] * (not head.persistent)
        starts += [start] * (len(said) - len(starts))
        start = message.end or start
    if reading.refusal is not None:
        said.append(("refused", reading.refusal.status, reading.refusal.detail))
    return said, [*starts, start]


def theirs(pieces: Sequence[bytes]) -> list[Said]:
    """Return what h11 says."""
    said: list[Said] = []
    connection = h11.Connection(h11.SERVER)
    try:
        for piece in pieces:
            connection.receive_data(piece)
            said.extend(_events(connection))
    except h11.RemoteProtocolError as error:
        said.append(("refused", error.error_status_hint, str(error)))
    return said


def _events(connection: h11.Connection) -> Iterator[Said]:
    # What h11 has to say now. Each request gets an answer, so that the next one is read.
    while True:
        event = connection.next_event()
        match event:
            case h11.Request():
                line = (event.method, event.target, b"HTTP/" + event.http_version)
                yield ("head", *(word.decode() for word in line), _fields(_text(event.headers)))
            case h11.Data():
                yield from (("content", octet) for octet in event.data)
            case h11.EndOfMessage():
                yield ("end", _fields(_text(event.headers)))
                connection.send(h11.Response(status_code=404, headers=[("Content-Length", "0")]))
                connection.send(h11.EndOfMessage())
                if connection.our_state is h11.MUST_CLOSE:
                    yield ("closes",)
                    return
                connection.start_next_cycle()
            case _:
                return


def _text(headers: Iterable[tuple[bytes, bytes]]) -> Iterator[tuple[str, str]]:
    return ((name.decode(), value.decode("latin-1")) for name, value in headers)


def _fields(fields: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    lowered = ((name.lower(), value) for name, value in fields)
    return tuple((name, value) for name, value in lowered if name not in _FRAMING)


class Difference(NamedTuple):
    """The first place where the two parsers say different things."""

    ours: Said
    theirs: Said
    message: bytes  # the octets of the message that it is about, and what is behind it


def compare(pieces: Sequence[bytes]) -> Difference | None:
    """Return where the two first differ; None where they agree.

    h11 looks at a head when it is all there, so one that ours refuses before that is finished for
    it with an empty line. Two refusals agree if their status does.
    """
    octets = b"".join(pieces)
    mine, starts = ours(pieces)
    refused = bool(mine) and mine[-1][0] == "refused"
    other = theirs([*pieces, b"\r\n\r\n"] if refused else pieces)
    for index, (one, two) in enumerate(zip_longest(mine, other, fillvalue=WAITS)):
        if one[:2] != two[:2] or (one[0] != "refused" and one != two):
            return Difference(one, two, octets[starts[min(index, len(starts) - 1)] :])
        if one[0] in ("refused", "closes"):
            break
    return None


class Allowed(NamedTuple):
    """A difference that is meant: why, where that is written, how it is known, and an instance.

    `ours` and `theirs` are regular expressions for what the two say there, as `says` has it, and
    `message` is one for the octets that they say it about.
    """

    why: str
    section: Section
    ours: str
    theirs: str
    message: bytes
    example: bytes

    def covers(self, found: Difference) -> bool:
        """Tell whether this is the difference."""
        return bool(
            re.search(self.ours, says(found.ours))
            and re.search(self.theirs, says(found.theirs))
            and re.search(self.message, found.message, re.DOTALL | re.IGNORECASE)
        )


def says(said: Said) -> str:
    """Return what a parser says in words: "head", "refused 400 there is no Host field"."""
    return " ".join(map(str, said)) if said[0] == "refused" else str(said[0])


_HEAD = b"GET / HTTP/1.1\r\nHost: a\r\n"
_CHUNKED = _HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
_GOES_ON = "head|content|end|closes|waits"
_ANY = ""

ALLOWED_DIFFERENCES = [
    Allowed(
        "it MAY take a single LF for a line's end, and we don't",
        Section(9112, "2.2"),
        "refused 400 there is a bare LF",
        _ANY,
        rb"(?<!\r)\n",
        b"GET / HTTP/1.1\nHost: a\n\n",
    ),
    Allowed(
        "in a chunk's extension it lets a bare CR pass",
        Section(9112, "2.2"),
        "refused 400 there is a bare CR",
        "content|end|waits",
        rb"\r[^\n]",
        _CHUNKED + b"1;a\rb\r\nx\r\n0\r\n\r\n",
    ),
    Allowed(
        "an empty line before a request SHOULD be ignored, and it does not",
        Section(9112, "2.2"),
        _ANY,
        "refused 400 (no request line received|illegal request line)",
        rb"^\r(\n|$)",
        b"\r\n" + _HEAD + b"\r\n",
    ),
    Allowed(
        "an obs-fold is to be refused or replaced; we refuse it",
        Section(9112, "5.2"),
        "refused 400 a line starts with white space",
        _ANY,
        rb"\r\n[ \t]",
        _HEAD + b"A: b\r\n c\r\n\r\n",
    ),
    Allowed(
        "it leaves a foreign major version to the caller",
        Section(9110, "15.6.6"),
        "refused 505",
        _ANY,
        rb" HTTP/[02-9]\.[0-9]\r\n",
        b"GET / HTTP/2.0\r\nHost: a\r\n\r\n",
    ),
    Allowed(
        "it leaves the length of a method to the caller",
        Section(9112, "3"),
        "refused 501 the method has over 64",
        _ANY,
        rb"^(\r\n)*[!-~]{65}",
        b"M" * 65 + _HEAD[3:] + b"\r\n",
    ),
    Allowed(
        "it leaves the length of a target that is all there to the caller",
        Section(9112, "3"),
        "refused 414",
        _GOES_ON,
        rb"^(\r\n)*[!-~]+ [!-~]{8001}",
        b"GET /" + b"t" * 8000 + _HEAD[5:] + b"\r\n",
    ),
    Allowed(
        "it leaves the length of a field that is all there to the caller",
        Section(9110, "5.4"),
        "refused 431",
        _GOES_ON,
        rb"\r\n[^\r\n]{16385}",
        _HEAD + b"A:" + b"v" * 16_383 + b"\r\n\r\n",
    ),
    Allowed(
        "it leaves the syntax of Host to the caller",
        Section(9112, "3.2"),
        "refused 400 the Host field",
        _ANY,
        # The plain ones pass with both.
        rb"\r\nHost:(?![ \t]*(?:[a-z0-9.-]+(?::[0-9]{0,4})?|\[::1\]|)[ \t]*\r\n)",
        b"GET / HTTP/1.1\r\nHost: ###\r\n\r\n",
    ),
    Allowed(
        "HTTP/1.2 is processed as HTTP/1.1, and so must have a Host",
        Section(9110, "6.2"),
        "refused 400 there is no Host field",
        "head",
        rb" HTTP/1\.[2-9]\r\n",
        b"GET / HTTP/1.2\r\n\r\n",
    ),
    Allowed(
        "it leaves the form of a target to the caller",
        Section(9112, "3.2"),
        "refused 400 (the request target|the target of CONNECT|the target \\*|the authority)",
        _ANY,
        rb"^(\r\n)*([!-~]+ [^/ ]|CONNECT )",
        b"GET a HTTP/1.1\r\nHost: a\r\n\r\n",
    ),
    Allowed(
        "a fragment is no part of a target, and it lets one pass",
        Section(9112, "3.2"),
        "refused 400 there is '#' in (place of )?the request target",
        _ANY,
        rb"^(\r\n)*[!-~]+ [!-~]*#",
        b"GET /#b HTTP/1.1\r\nHost: a\r\n\r\n",
    ),
    Allowed(
        "control characters in a value are invalid, and it retains them, as it MAY",
        Section(9110, "5.5"),
        "refused 400 the value of the field .* has the control character",
        _ANY,
        rb"[\x01-\x08\x0e-\x1f\x7f]",
        _HEAD + b"A: \x01\r\n\r\n",
    ),
    Allowed(
        "it leaves the close after a request with both framings to the caller",
        Section(9112, "6.1"),
        "closes",
        "head|waits|refused",
        rb"Content-Length:.*Transfer-Encoding:|Transfer-Encoding:.*Content-Length:",
        _HEAD + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ),
    Allowed(
        "HTTP/1.0 has no transfer codings, and it takes one",
        Section(9112, "6.1"),
        "refused 400 HTTP/1.0 has no Transfer-Encoding",
        _ANY,
        rb" HTTP/1\.0\r\n.*Transfer-Encoding:",
        b"GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
    ),
    Allowed(
        "chunked that is not the last coding, once, is a 400, and it has 501 for all but chunked",
        Section(9112, "6.3"),
        "refused 400 Transfer-Encoding is",
        "refused 501 (Only|multiple) Transfer-Encoding",
        rb"Transfer-Encoding:",
        _HEAD + b"Transfer-Encoding: gzip\r\n\r\n",
    ),
    Allowed(
        "of two faults, one of which is a transfer coding, either may decide",
        Section(9112, "2.2"),
        "refused 400 (?!Transfer-Encoding)",
        "refused 501 (Only|multiple) Transfer-Encoding",
        rb"Transfer-Encoding:",
        b"GET / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
    ),
    Allowed(
        "likewise, the other way round",
        Section(9112, "2.2"),
        "refused 501 the transfer coding",
        "refused 400",
        rb"Transfer-Encoding:",
        _HEAD + b"Content-Length: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
    ),
    Allowed(
        "a list may have empty members, and be on several lines",
        Section(9110, "5.6.1.2"),
        "head",
        "refused 501 (Only|multiple) Transfer-Encoding",
        rb"Transfer-Encoding:[ \t]*(,|\r\n)|Transfer-Encoding:[ \t,]*chunked[ \t]*,",
        _HEAD + b"Transfer-Encoding: , chunked\r\n\r\n",
    ),
    Allowed(
        "Transfer-Encoding overrides a Content-Length, whatever that says",
        Section(9112, "6.3"),
        "head",
        "refused 400 (bad|conflicting) Content-Length",
        rb"Transfer-Encoding:",
        _HEAD + b"Content-Length: x\r\nTransfer-Encoding: chunked\r\n\r\n",
    ),
    Allowed(
        "a length may have any number of digits",
        Section(9110, "8.6"),
        "head",
        "refused 400 bad Content-Length",
        rb"Content-Length:[ \t]*([0-9]+[ \t]*,[ \t]*)*[0-9]{21}",
        _HEAD + b"Content-Length: " + b"0" * 21 + b"\r\n\r\n",
    ),
    Allowed(
        "trailer fields are kept apart, and frame nothing",
        Section(9110, "6.5"),
        "end",
        "refused (400|501) .*(Content-Length|Transfer-Encoding)",
        rb"\r\n0.*\r\n(Content-Length|Transfer-Encoding)",
        _CHUNKED + b"0\r\nTransfer-Encoding: x\r\n\r\n",
    ),
    Allowed(
        "white space before a chunk's extension is to be parsed",
        Section(9112, "7.1.1"),
        "content|end|waits",
        "refused 400 illegal chunk header",
        rb"[0-9a-f][ \t]+;",
        _CHUNKED + b"1 ;a\r\nx\r\n0\r\n\r\n",
    ),
    Allowed(
        "a chunk's size may have any number of digits",
        Section(9112, "7.1"),
        "content|end|waits|refused 413",
        "refused 400 illegal chunk header",
        rb"\r\n[0-9a-f]{21}",
        _CHUNKED + b"0" * 20 + b"1\r\nx\r\n",
    ),
    Allowed(
        "it leaves the size of content to the caller",
        Section(9110, "15.5.14"),
        "refused 413 the content has over",
        _GOES_ON,
        rb"\r\n[0-9a-f]{8}",
        _CHUNKED + b"ffffffff\r\nx",
    ),
    Allowed(
        "it does not look at a chunk's extensions, and takes white space at the end of its line",
        Section(9112, "7.1.1"),
        "refused 400 .* is no chunk size with extensions",
        "content|end|waits",
        rb"\r\n[0-9a-f]+([ \t]*;.*|[ \t]+)\r\n",
        _CHUNKED + b"1;\r\nx\r\n0\r\n\r\n",
    ),
]


_METHODS = ["GET", "POST", "OPTIONS", "CONNECT", "HEAD", "get", "M" * 65]
_TARGETS = ["/", "/a?b=c", "*", "http://a/b", "http://u@a/", "a:80", "a", "/#", "", "/|", "https:/"]
_VERSIONS = ["HTTP/1.1"] * 6 + [
    "HTTP/1.0",
    "HTTP/1.2",
    "HTTP/2.0",
    "HTTP/0.9",
    "http/1.1",
    "HTTP/1.",
    "",
]
_HOSTS = ["Host: a"] * 6 + [
    "host:a:80 ",
    "Host: [::1]",
    "Host:",
    "Host: ###",
    "Host: a:99999",
    "Host: :1",
    "",
]
_LINES = [
    "A: b",
    "A:",
    "a:\tb \t c ",
    "A : b",
    " folded",
    "A",
    ": b",
    "A: \x01",
    "A: \0",
    "A: \x0b",
    "A: \xe9",
    "\xe9: b",
    "Host: a",
    "Connection: close",
    "Connection: keep-alive",
    "Expect: 100-continue",
    "Upgrade: websocket\r\nConnection: upgrade",
]
_FRAMES = [
    ("", b""),
    ("Content-Length: 5", b"hello"),
    ("Content-Length: 5", b"hel"),
    ("Content-Length: 0", b""),
    ("Content-Length: 5, 5", b"hello"),
    ("Content-Length: 5\r\ncontent-length: 5", b"hello"),
    ("Content-Length: 5, 6", b"hello"),
    ("Content-Length: 5\r\nContent-Length: 6", b"hello"),
    ("Content-Length: +5", b"hello"),
    ("Content-Length: ", b""),
    ("Content-Length: 5,", b"hello"),
    ("Content-Length: " + "0" * 20 + "5", b"hello"),
]
_CODINGS = ["chunked"] * 8 + [
    "CHUNKED",
    "gzip",
    "gzip, chunked",
    "chunked, gzip",
    "chunked, chunked",
    ", chunked",
    "chunked;a=b",
    "identity",
    "",
    "chunked\r\nTransfer-Encoding: chunked",
    "chunked\r\nContent-Length: 5",
    "chunked\r\nContent-Length: x",
]
_CHUNKS = [b"1\r\nx\r\n", b"00a\r\n0123456789\r\n", b"3\r\n\r\n1\r\n"] * 3 + [
    b"1;a\r\nx\r\n",
    b'1;a="b;c"\r\nx\r\n',
    b"1 ; a = b\r\nx\r\n",
    b"1 \r\nx\r\n",
    b"1;\r\nx\r\n",
    b"1;a=\r\nx\r\n",
    b"1;\0\r\nx\r\n",
    b"1;a\n\r\nx\r\n",
    b"0x1\r\nx\r\n",
    b"+1\r\nx\r\n",
    b"\r\n",
    b"1\r\nxy\r\n",
    b"1\nx\r\n",
    b"1\r\nx\n",
    b"0" * 21 + b"1\r\nx\r\n",
    b"f" * 21 + b"\r\nx\r\n",
    b"ffffffff\r\nx",
]
_LASTS = [b"0\r\n\r\n"] * 4 + [
    b"000\r\nA: b\r\n\r\n",
    b"0\r\nA: b\r\n c\r\n\r\n",
    b"0\r\nContent-Length: x\r\n\r\n",
    b"0\r\nTransfer-Encoding: x\r\n\r\n",
    b"0\r\nA b\r\n\r\n",
    b"0\r\n\n",
    b"",
]
_BITS = [b"\r\n", b"\r", b"\n", b" ", b"\t", b":", b";", b",", b"\0", b"\xe9", b"0", b"\x7f"]


@st.composite
def _requests(draw: st.DrawFn) -> bytes:
    """Draw a request, at times with one thing or another that it should not have."""
    lines = draw(st.lists(st.sampled_from(_LINES), max_size=2))
    if draw(st.booleans()):
        frame, content = draw(st.sampled_from(_FRAMES))
    else:
        frame = f"Transfer-Encoding: {draw(st.sampled_from(_CODINGS))}"
        chunks = draw(st.lists(st.sampled_from(_CHUNKS), max_size=3))
        content = b"".join(chunks) + draw(st.sampled_from(_LASTS))
    start = [draw(st.sampled_from(part)) for part in (_METHODS, _TARGETS, _VERSIONS)]
    head = [" ".join(start), draw(st.sampled_from(_HOSTS)), *lines, frame]
    before = draw(st.sampled_from([""] * 8 + ["\r\n"]))
    text = before + "\r\n".join([line for line in head if line]) + "\r\n\r\n"
    return text.encode("latin-1") + content


@given(
    octets=st.lists(_requests(), min_size=1, max_size=2).map(b"".join),
    changes=st.lists(
        st.tuples(st.integers(0, 400), st.integers(0, 2), st.sampled_from([b"", *_BITS])),
        max_size=2,
    ),
    places=st.none() | st.sets(st.integers(1, 400), max_size=3),
)
@settings(deadline=None, max_examples=500)
def test_beside_h11(
    octets: bytes, changes: list[tuple[int, int, bytes]], places: set[int] | None
) -> None:
    """Whatever comes, however it is cut, the two agree, or differ in a way that is meant."""
    for place, gone, new in changes:
        place %= len(octets) + 1
        octets = octets[:place] + new + octets[place + gone :]
    pieces = singly(octets)
    if places is not None:
        pieces = cut(octets, *sorted(place for place in places if place < len(octets)))
    found = compare([piece for piece in pieces if piece])

    assert found is None or any(row.covers(found) for row in ALLOWED_DIFFERENCES), found


@pytest.mark.parametrize("row", ALLOWED_DIFFERENCES, ids=lambda row: row.why)
def test_each_row_is_needed(row: Allowed) -> None:
    """Each difference in the table is one still, and no other row has it."""
    found = compare([row.example])
    single = compare(singly(row.example))

    assert found is not None
    assert [row] == [other for other in ALLOWED_DIFFERENCES if other.covers(found)]
    # Octet by octet h11 notices more.
    assert single is None or row.covers(single)


@pytest.mark.parametrize(
    "octets",
    [
        _HEAD + b"\r\n" + _HEAD + b"\r\n",
        _HEAD + b"Connection: close\r\n\r\n" + _HEAD,
        b"GET http://b/ HTTP/1.0\r\n\r\n",
        _HEAD + b"Content-Length: 5, 5\r\n\r\nhello",
        _CHUNKED + b'1;a="b"\r\nx\r\n0\r\nA: b\r\n\r\n' + _HEAD + b"\r\n",
        _HEAD + b"A : b\r\n\r\n",
        _HEAD + b"A: \0\r\n\r\n",
        _HEAD + b"Host: a\r\n\r\n",
        _HEAD + b"Content-Length: 5, 6\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET /\r\n\r\n",
        _CHUNKED + b"x\r\n",
        _CHUNKED + b"1\r\nxy",
        _HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n",
        _HEAD,
        b"",
    ],
)
def test_agreement(octets: bytes) -> None:
    """On what is plainly right or wrong, or not all there, the two agree."""
    assert compare([octets]) is None
    assert compare(singly(octets) if octets else []) is None


def test_two_say_something() -> None:
    """The comparison compares something."""
    octets = _CHUNKED + b"1\r\nx\r\n0\r\n\r\n" + b"\0"

    assert ["head", "content", "end", "refused"] == [said[0] for said in ours([octets])[0]]
    assert ["head", "content", "end", "refused"] == [said[0] for said in theirs([octets])]
