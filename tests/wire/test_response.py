"""Responses of upstreams, as octets and as steps: whole, octet by octet, and with more behind."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.response import MAX_HEAD, MAX_LINE, InvalidResponse, ResponseParser
from pytest_httpcodes.wire.steps import Content, End, Fields, Head, Interim, Step

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


class Read(NamedTuple):
    """What was read: steps, content joined, what is wrong and what is left."""

    steps: tuple[Step, ...]
    wrong: str
    left: bytes


def read(octets: bytes, method: str = "GET", *, size: int = 0, closes: bool = False) -> Read:
    """Read octets, so many at a time, 0 for all at once; `closes` ends the connection then."""
    parser = ResponseParser(method)
    steps: list[Step] = []
    size = size or len(octets) or 1
    pieces: list[bytes | None] = [
        octets[start : start + size] for start in range(0, len(octets), size)
    ]
    try:
        for piece in [*pieces, *([None] if closes else [])]:
            parser.eof() if piece is None else parser.feed(piece)
            while (step := parser.next()) is not None:
                steps.append(step)
    except InvalidResponse as error:
        with pytest.raises(InvalidResponse):
            parser.next()
        return Read(joined(steps), f"{error.kind}: {error.detail}", b"")
    return Read(joined(steps), "", parser.take())


def joined(steps: list[Step]) -> tuple[Step, ...]:
    """Return steps with pieces of content that follow each other in one."""
    made: list[Step] = []
    for step in steps:
        if isinstance(step, Content) and made and isinstance(made[-1], Content):
            step = Content(made.pop().data + step.data)  # type: ignore[union-attr]
        made.append(step)
    return tuple(made)


def both(octets: bytes, method: str = "GET", *, closes: bool = False) -> Read:
    """Read octets at once and one by one, which is the same."""
    found = read(octets, method, closes=closes)
    assert found == read(octets, method, size=1, closes=closes)
    return found


def fields(*lines: str) -> Fields:
    """Return field lines from text."""
    return tuple((line.partition(": ")[0], line.partition(": ")[2]) for line in lines)


LENGTH = fields("Content-Length: 2")
WHOLE = {
    "length": (OK + b"Content-Length: 2\r\n\r\nok", (Head(200, LENGTH, "OK"), Content(b"ok"))),
    "length of nothing": (
        OK + b"Content-Length: 0\r\n\r\n",
        (Head(200, fields("Content-Length: 0"), "OK"),),
    ),
    "the same length twice": (
        OK + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\nok",
        (Head(200, LENGTH * 2, "OK"), Content(b"ok")),
    ),
    "a list of the same length": (
        OK + b"Content-Length: 2, 2\r\n\r\nok",
        (Head(200, fields("Content-Length: 2, 2"), "OK"), Content(b"ok")),
    ),
    "chunks": (
        CHUNKED + b'3;a="b;c"\r\nabc\r\n000A\r\n0123456789\r\n0\r\n\r\n',
        (Head(200, fields("Transfer-Encoding: chunked"), "OK"), Content(b"abc0123456789")),
    ),
    "chunks win over a length": (
        OK + b"Content-Length: 7\r\nTransfer-Encoding: , Chunked\r\n\r\n0\r\n\r\n",
        (Head(200, fields("Content-Length: 7", "Transfer-Encoding: , Chunked"), "OK"),),
    ),
    "no reason": (
        b"HTTP/1.1 299 \r\nContent-Length: 0\r\n\r\n",
        (Head(299, fields("Content-Length: 0"), ""),),
    ),
    "no space either": (b"HTTP/1.1 204\r\n\r\n", (Head(204, (), ""),)),
    "white space before the colon": (
        OK + b"Content-Length \t:  2\t\r\nA:\r\n\r\nok",
        (Head(200, (*LENGTH, ("A", "")), "OK"), Content(b"ok")),
    ),
    "octets that are no ASCII": (
        b"HTTP/1.1 404 pas trouv\xe9\r\nX: \xff \xfe\r\nContent-Length: 0\r\n\r\n",
        (Head(404, fields("X: \xff \xfe", "Content-Length: 0"), "pas trouv\xe9"),),
    ),
    "not modified, with a length": (
        b"HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\n",
        (Head(304, LENGTH, "Not Modified"),),
    ),
    "a code of its own": (
        b"HTTP/1.9 999 Mine\r\nContent-Length: 2\r\n\r\nok",
        (Head(999, LENGTH, "Mine"), Content(b"ok")),
    ),
    "interim responses first": (
        b"HTTP/1.1 100 Continue\r\n\r\n"
         b"HTTP/1.1 103 Early Hints\r\nLink: <a>\r\nContent-Length: 9\r\n\r\n"
        + OK
        + b"Content-Length: 2\r\n\r\nok",
        (
            Interim(100, (), "Continue"),
            Interim(103, fields("Link: <a>"), "Early Hints"),
            Head(200, LENGTH, "OK"),
            Content(b"ok"),
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("behind", [b"", b"HTTP/1.1 200 OK\r\n\r\n", b"\0"])
def test_whole(name: str, behind: bytes) -> None:
    """A response ends where it says, however it is cut; what is behind it is left."""
    octets, steps = WHOLE[name]

    assert Read((*steps, End()), "", behind) == both(octets + behind)


def test_trailers() -> None:
    """They come with the end, without those that would have been needed before the content."""
    octets = CHUNKED + b"1\r\na\r\n0\r\nDigest: a\r\nContent-Length : 9\r\nB:\r\n\r\nbehind"
    steps = both(octets).steps

    assert End((("Digest", "a"), ("B", ""))) == steps[-1]
    assert b"behind" == both(octets).left


@pytest.mark.parametrize("head", [OK, b"HTTP/1.0 200 OK\r\n", OK + b"Connection: keep-alive\r\n"])
def test_to_the_end(head: bytes) -> None:
    """Without a length, the content lasts until the connection ends (RFC 9112, 6.3)."""
    octets = head + b"\r\nto the \r\n\r\nend"

    assert Content(b"to the \r\n\r\nend") == both(octets).steps[-1]
    assert (Content(b"to the \r\n\r\nend"), End()) == both(octets, closes=True).steps[-2:]
    assert End() == both(head + b"\r\n", closes=True).steps[-1]


@pytest.mark.parametrize(
    ("method", "octets"),
    [
        ("HEAD", OK + b"Content-Length: 2\r\n\r\n"),
        ("HEAD", CHUNKED),
        ("GET", b"HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\n"),
        ("GET", b"HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n"),
        ("CONNECT", OK + b"Content-Length: 2\r\n\r\n"),
        ("CONNECT", b"HTTP/1.1 299 So\r\nTransfer-Encoding: nonsense\r\n\r\n"),
    ],
)
def test_no_content(method: str, octets: bytes) -> None:
    """Some responses end with their head, whatever that says (RFC 9112, 6.3)."""
    found = both(octets + b"behind", method)

    assert End() == found.steps[-1]
    assert 2 == len(found.steps)
    assert b"behind" == found.left


def test_another_protocol() -> None:
    """Behind a 101 nothing is read."""
    octets = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo/1.0\r\n\r\n"

    assert Read(
        (Interim(101, (("Upgrade", "echo/1.0"),), "Switching Protocols"),), "", b"hello"
    ) == (both(octets + b"hello"))


def test_a_refused_tunnel_has_content() -> None:
    """A CONNECT that is refused is answered as any request."""
    octets = b"HTTP/1.1 407 No\r\nContent-Length: 2\r\n\r\nno"

    assert Content(b"no") == both(octets, "CONNECT").steps[1]


PROTOCOL, CODING = "http_protocol_error", "http_response_transfer_coding"
WRONG = {
    b"\0\xff": (PROTOCOL, r"it starts with '\x00', which is no status line of HTTP/1.x"),
    b"HTTP/2.0 200 OK\r\n\r\n": (PROTOCOL, "it starts with 'HTTP/2'"),
    b"\r\n" + OK + b"\r\n": (PROTOCOL, r"it starts with '\r'"),
    b"ICY 200 OK\r\n\r\n": (PROTOCOL, "it starts with 'I'"),
    b"HTTP/1.1 099 OK\r\n\r\n": (PROTOCOL, "'HTTP/1.1 099 OK' is no status line"),
    b"HTTP/1.1 2000 OK\r\n\r\n": (PROTOCOL, "'HTTP/1.1 2000 OK' is no status line"),
    b"HTTP/1.1  200 OK\r\n\r\n": (PROTOCOL, "'HTTP/1.1  200 OK' is no status line"),
    b"HTTP/1.1 200 O\0K\r\n\r\n": (PROTOCOL, r"'HTTP/1.1 200 O\x00K' is no status line"),
    b"HTTP/1.x 200 OK\r\n\r\n": (PROTOCOL, "'HTTP/1.x 200 OK' is no status line"),
    b"HTTP/1.1 200 OK\n\n": (PROTOCOL, "a line ends in LF without a CR, after 15 octets"),
    OK + b"A: b\nC: d\r\n\r\n": (PROTOCOL, "a line ends in LF without a CR, after 21 octets"),
    OK + b"A: b\rC: d\r\n\r\n": (PROTOCOL, r"'A: b\rC: d' is no field line"),
    OK + b"A: b\r\n folded\r\n\r\n": (PROTOCOL, "' folded' is no field line"),
    OK + b" A: b\r\n\r\n": (PROTOCOL, "' A: b' is no field line"),
    OK + b"A b\r\n\r\n": (PROTOCOL, "'A b' is no field line"),
    OK + b": b\r\n\r\n": (PROTOCOL, "': b' is no field line"),
    OK + b"A: \0\r\n\r\n": (PROTOCOL, r"'A: \x00' is no field line"),
    OK + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n": (PROTOCOL, "'2, 3' is not one number"),
    OK + b"Content-Length: 2, 3\r\n\r\n": (PROTOCOL, "'2, 3' is not one number"),
    OK + b"Content-Length: -2\r\n\r\n": (PROTOCOL, "'-2' is not one number"),
    OK + b"Content-Length:\r\n\r\n": (PROTOCOL, "'' is not one number"),
    OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n": (CODING, "'gzip, chunked', of which"),
    OK + b"Transfer-Encoding: chunked, gzip\r\n\r\n": (CODING, "'chunked, gzip', of which"),
    OK + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n": (
        CODING,
        "'chunked, chunked', of which",
    ),
    b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n": (PROTOCOL, "HTTP/1.0 has no"),
    CHUNKED + b"x\r\n": (CODING, "'x' is no size of a chunk"),
    CHUNKED + b"\r\n": (CODING, "'' is no size of a chunk"),
    CHUNKED + b"-1\r\n": (CODING, "'-1' is no size of a chunk"),
    CHUNKED + b"1" + b"0" * 18 + b"\r\n": (CODING, "is no size of a chunk"),
    CHUNKED + b"1;=\r\n": (CODING, "'1;=' is no size of a chunk"),
    CHUNKED + b"1\r\nab": (CODING, "a chunk is longer than its size"),
    CHUNKED + b"1\r\na\rb": (CODING, "a chunk is longer than its size"),
    CHUNKED + b"0\r\n a: b\r\n\r\n": (PROTOCOL, "' a: b' is no field line"),
    CHUNKED + b"0\r\na: b\n\r\n": (PROTOCOL, "a line ends in LF without a CR, after 4 octets"),
}


@pytest.mark.parametrize("octets", WRONG, ids=repr)
@pytest.mark.parametrize("behind", [b"", b"\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_wrong(octets: bytes, behind: bytes) -> None:
    """What an intermediary answers with a 502 is invalid, and says why, however it is cut."""
    kind, detail = WRONG[octets]
    wrong = both(octets + behind).wrong

    assert kind == wrong.partition(":")[0]
    assert detail in wrong


@pytest.mark.parametrize(
    ("octets", "detail"),
    [
        (b"H", "within its fields"),
        (b"HTTP/1.1 200 OK\r\nA: b\r\n", "within its fields"),
        (b"HTTP/1.1 100 Continue\r\n\r\n", "within its fields"),
        (OK + b"Content-Length: 3\r\n\r\nok", "where 1 octets of the content were still to come"),
        (CHUNKED, "before the last chunk"),
        (CHUNKED + b"2", "before the last chunk"),
        (CHUNKED + b"2\r\na", "where 1 octets of a chunk were still to come"),
        (CHUNKED + b"2\r\nab", "behind a chunk that is not the last one"),
        (CHUNKED + b"2\r\nab\r", "behind a chunk that is not the last one"),
        (CHUNKED + b"2\r\nab\r\n", "before the last chunk"),
        (CHUNKED + b"0\r\n", "within its fields"),
        (CHUNKED + b"0\r\nA: b\r\n\r", "within its fields"),
    ],
)
def test_incomplete(octets: bytes, detail: str) -> None:
    """A connection that ends too early leaves a response incomplete (RFC 9112, 8)."""
    assert "" == both(octets).wrong
    assert f"http_response_incomplete: the connection ended {detail}" == (
        both(octets, closes=True).wrong
    )


def test_nothing_at_all() -> None:
    """An end before the first octet is another matter than one in the midst."""
    assert "connection_terminated: the connection ended before anything of a response came" == (
        read(b"", closes=True).wrong
    )


@pytest.mark.parametrize("size", [0, 1, 1000])
@pytest.mark.parametrize(
    ("octets", "wrong"),
    [
        (
            OK + b"A: b\r\n" * (MAX_HEAD // 6),
            f"http_response_header_section_size: there is no end to its fields within {MAX_HEAD}",
        ),
        (
            CHUNKED + b"0\r\n" + b"A: b\r\n" * (MAX_HEAD // 6 + 1),
            f"http_response_trailer_section_size: there is no end to its fields within {MAX_HEAD}",
        ),
        (
            OK + b"A: " + b"b" * MAX_LINE + b"\r\n\r\n",
            "http_response_header_size: the field 'A: bbb",
        ),
        (
            CHUNKED + b"0\r\nA: " + b"b" * MAX_LINE + b"\r\n\r\n",
            "http_response_trailer_size: the field 'A: bbb",
        ),
        (
            CHUNKED + b"0" * MAX_LINE,
            f"http_response_transfer_coding: the line of a chunk's size has over {MAX_LINE} octets",
        ),
    ],
)  # fmt: skip
def test_too_large(octets: bytes, wrong: str, size: int) -> None:
    """There are limits, each of which has an error type of its own (RFC 9209, 2.3)."""
    assert wrong == read(octets, size=size).wrong[: len(wrong)]


def test_just_large_enough() -> None:
    """What reaches a limit is not over it."""
    line = b"A: " + b"b" * (MAX_LINE - 3) + b"\r\n"

    assert "" == read(OK + line + b"\r\n").wrong
    assert "" == read(OK + b"A: b\r\n" * (MAX_HEAD // 6 - 4) + b"\r\n").wrong


def test_the_section_is_named() -> None:
    """What is wrong says where that is written."""
    parser = ResponseParser("GET")
    parser.feed(CHUNKED + b"x\r\n")
    parser.next()

    with pytest.raises(InvalidResponse) as caught:
        parser.next()
    assert Section(9112, "7.1") == caught.value.section
