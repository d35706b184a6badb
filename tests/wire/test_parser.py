"""Octets in, events out: the same for every cut (RFC 9112, 2 to 7)."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.head import Refusal, RequestHead
from pytest_httpcodes.wire.limits import Limits
from pytest_httpcodes.wire.parser import End, Parser

LIMITS = Limits()
SMALL = Limits(target=20, field=30, head=80, fields=4, content=10)
NEXT = b"GET /next HTTP/1.1\r\nHost: b\r\n\r\n"
LINE = b"GET / HTTP/1.1\r\n"
HOST = LINE + b"Host: a\r\n"
CHUNKED = HOST + b"Transfer-Encoding: chunked\r\n\r\n"


@dataclass
class Message:
    """One request as the parser gave it."""

    head: RequestHead
    content: bytes = b""
    trailers: tuple[tuple[str, str], ...] = ()
    complete: bool = False
    end: int = 0  # where it ends, once it is complete, in octets since the first


@dataclass
class Reading:
    """What came of some octets: the requests, and then a refusal or the wait for more."""

    messages: list[Message] = field(default_factory=list)
    refusal: Refusal | None = None
    used: int = 0  # how many octets had been fed by then


def read(pieces: Iterable[bytes], limits: Limits = LIMITS, *, obey: bool = False) -> Reading:
    """Feed pieces to a new parser; with `obey`, stop where the connection is to close."""
    parser = Parser(limits)
    reading = Reading()
    for piece in pieces:
        reading.used += len(piece)
        parser.feed(piece)
        try:
            if not _drain(parser, reading, obey=obey):
                break
        except Refusal as refusal:
            reading.refusal = refusal
            _insist(parser, refusal)
            break
    return reading


def _drain(parser: Parser, reading: Reading, *, obey: bool) -> bool:
    # Takes the events there are; returns whether more octets are wanted.
    while True:
        message = reading.messages[-1] if reading.messages else None
        if message is None or message.complete:
            if obey and message and not message.head.persistent:
                return False
            head = parser.head()
            if head is None:
                return True
            reading.messages.append(Message(head))
        else:
            event = parser.content()
            if event is None:
                return True
            if isinstance(event, End):
                message.trailers = event.trailers
                message.complete = True
                message.end = reading.used - len(parser.unread)
            else:
                message.content += event


def _insist(parser: Parser, refusal: Refusal) -> None:
    # Rule 3 of the parser.
    parser.feed(NEXT)
    with pytest.raises(Refusal) as again:
        parser.head()

    assert refusal.args == again.value.args


def cut(octets: bytes, *places: int) -> list[bytes]:
    """Cut octets in two or more pieces."""
    ends = [*places, len(octets)]
    return [octets[start:end] for start, end in zip([0, *places], ends, strict=True)]


def singly(octets: bytes) -> list[bytes]:
    """Cut octets between any two."""
    return cut(octets, *range(1, len(octets)))


# Table one: what is accepted. Each row names the rule of which it is an instance, and gives the
# requests that the octets are, each with what it has to say.
_Says = dict[str, Any]


class Accepted(NamedTuple):
    """Octets that are requests."""

    name: str
    octets: bytes
    says: Sequence[_Says]
    limits: Limits = LIMITS


ACCEPTED = [
    # The request line and its forms.
    Accepted(
        "S-60-one-host",
        HOST + b"\r\n",
        [{"method": "GET", "target": "/", "version": "HTTP/1.1", "authority": "a", "length": 0}],
    ),
    Accepted("S-60-empty-host", LINE + b"Host:\r\n\r\n", [{"authority": ""}]),
    Accepted("S-60-host-with-port", LINE + b"Host: a:65535\r\n\r\n", [{"authority": "a:65535"}]),
    Accepted("S-60-host-ipv6", LINE + b"Host: [::1]:80\r\n\r\n", [{"authority": "[::1]:80"}]),
    Accepted(
        "S-60-no-host-in-1.0",
        b"GET / HTTP/1.0\r\n\r\n",
        [{"authority": "", "http10": True, "persistent": False}],
    ),
    Accepted("S-61-empty-line-before", b"\r\n" + HOST + b"\r\n", [{"target": "/"}]),
    Accepted("S-61-many-before", b"\r\n" * 40 + HOST + b"\r\n", [{"target": "/"}]),
    Accepted(
        "S-61-between-two",
        HOST + b"Content-Length: 1\r\n\r\nx" + b"\r\n" + HOST + b"\r\n",
        [{"content": b"x"}, {"content": b""}],
    ),
    Accepted(
        "S-62-white-space-around-a-value",
        HOST + b"A:b\r\nC: \t d  e \t\r\nF:\r\nG:  \r\n\r\n",
        [{"fields": [("Host", "a"), ("A", "b"), ("C", "d  e"), ("F", ""), ("G", "")]}],
    ),
    Accepted(
        "S-63-obs-text-in-a-value",
        HOST + b"A: \xe9\xff\r\n\r\n",
        [{"known": {"host": "a", "a": "\xe9\xff"}}],
    ),
    Accepted(
        "S-63-every-visible-octet",
        HOST + b"A: " + bytes(range(0x21, 0x7F)) + b"\r\n\r\n",
        [{"fields": [("Host", "a"), ("A", bytes(range(0x21, 0x7F)).decode())]}],
    ),
    Accepted(
        "S-64-content-length",
        HOST + b"Content-Length: 5\r\n\r\nhello",
        [{"length": 5, "content": b"hello", "persistent": True}],
    ),
    Accepted("S-64-length-zero", HOST + b"Content-Length: 0\r\n\r\n", [{"content": b""}]),
    Accepted(
        "S-64-equal-lengths",
        HOST + b"Content-Length: 5, 5\r\nContent-Length: 5\r\n\r\nhello",
        [{"content": b"hello"}],
    ),
    Accepted(
        "S-64-length-with-coding",
        HOST + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        [{"length": None, "content": b"hello", "persistent": False}],
    ),
    Accepted(
        "S-64-length-in-1.0", b"GET / HTTP/1.0\r\nContent-Length: 1\r\n\r\nx", [{"length": 1}]
    ),
    Accepted(
        "S-64-chunks",
        CHUNKED + b"5\r\nhello\r\n00a\r\n, world!!!\r\n0\r\n\r\n",
        [{"length": None, "content": b"hello, world!!!", "persistent": True}],
    ),
    Accepted("S-64-no-chunks", CHUNKED + b"000\r\n\r\n", [{"content": b"", "trailers": ()}]),
    Accepted(
        "S-64-chunk-of-crlf", CHUNKED + b"4\r\n\r\n\r\n\r\n0\r\n\r\n", [{"content": b"\r\n" * 2}]
    ),
    Accepted(
        "S-64-chunk-extensions",
        CHUNKED + b'1;a\r\nx\r\n1 ; a = b;c="d \\" ;"\r\ny\r\n0;z\r\n\r\n',
        [{"content": b"xy"}],
    ),
    Accepted(
        "S-64-trailers",
        CHUNKED + b"1\r\nx\r\n0\r\nA: b\r\nContent-Length: 9\r\n\r\n",
        [{"content": b"x", "trailers": (("A", "b"), ("Content-Length", "9")), "length": None}],
    ),
    Accepted(
        "S-65-target-at-the-limit",
        b"GET /" + b"t" * 7999 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
        [{"target": "/" + "t" * 7999}],
    ),
    Accepted(
        "S-65-field-at-the-limit",
        HOST + b"A:" + b"v" * 16_382 + b"\r\n\r\n",
        [{"known": {"host": "a", "a": "v" * 16_382}}],
    ),
    Accepted("S-65-fields-at-the-limit", HOST + b"A:\r\n" * 999 + b"\r\n", [{"authority": "a"}]),
    Accepted(
        "S-65-section-at-the-limit",
        LINE + b"Host: a\r\n" + (b"A:" + b"v" * 18 + b"\r\n") * 3 + b"A:v\r\n\r\n",
        [{"authority": "a"}],
        Limits(head=80, field=64),
    ),
    Accepted(
        "S-65-trailers-at-the-limits",
        CHUNKED + b"0\r\nA: " + b"v" * 61 + b"\r\nB: 3456\r\n\r\n",
        [{"trailers": (("A", "v" * 61), ("B", "3456"))}],
        Limits(head=75, field=64, fields=2),
    ),
    Accepted(
        "S-65-chunk-line-at-the-limit",
        CHUNKED + b"1;" + b"a" * 28 + b"\r\nx\r\n" + b"0" * 30 + b"\r\n\r\n",
        [{"content": b"x"}],
        Limits(field=30),
    ),
    Accepted(
        "S-65-content-at-the-limit",
        CHUNKED + b"5\r\nhello\r\n5\r\nhello\r\n0\r\n\r\n",
        [{"content": b"hellohello"}],
        Limits(content=10),
    ),
    Accepted(
        "S-65-content-at-the-limit-twice",
        (CHUNKED + b"a\r\n0123456789\r\n0\r\n\r\n") * 2,
        [{"content": b"0123456789"}, {"content": b"0123456789"}],
        Limits(content=10),
    ),
    Accepted(
        "S-66-higher-minor-version",
        b"GET / HTTP/1.2\r\nHost: a\r\n\r\n",
        [{"version": "HTTP/1.2", "http10": False, "persistent": True}],
    ),
    Accepted(
        "S-67-any-method", b"!#$%&'*+-.^_`|~ / HTTP/1.0\r\n\r\n", [{"method": "!#$%&'*+-.^_`|~"}]
    ),
    Accepted("S-67-longest-method", b"M" * 64 + b" / HTTP/1.0\r\n\r\n", [{"method": "M" * 64}]),
    Accepted(
        "S-69-content-that-looks-like-a-request",
        HOST + b"Content-Length: %d\r\n\r\n" % len(NEXT) + NEXT,
        [{"content": NEXT}],
    ),
    Accepted(
        "S-70-in-order",
        HOST + b"\r\n" + CHUNKED + b"1\r\nx\r\n0\r\n\r\n" + HOST + b"\r\n",
        [{"content": b""}, {"content": b"x"}, {"content": b""}],
    ),
    Accepted("S-70-close", HOST + b"Connection: x, Close\r\n\r\n", [{"persistent": False}]),
    Accepted(
        "S-71-absolute-form",
        b"GET http://b:1/c?d HTTP/1.1\r\nHost: a\r\n\r\n",
        [{"authority": "b:1", "scheme": "http", "path": "/c", "query": "d"}],
    ),
    Accepted("S-71-asterisk-form", b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", [{"target": "*"}]),
    Accepted(
        "S-71-authority-form",
        b"CONNECT b:443 HTTP/1.1\r\nHost: a\r\n\r\n",
        [{"authority": "b:443", "path": ""}],
    ),
    Accepted(
        "S-72-expect",
        HOST + b"Expect: 100-Continue\r\nContent-Length: 1\r\n\r\nx",
        [{"expects_continue": True}],
    ),
    Accepted(
        "S-72-expect-in-1.0",
        b"GET / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx",
        [{"expects_continue": False}],
    ),
]


# Table two: what is refused. Each row ends with the octet that shows it: without that one the
# parser waits (rule 2 of the parser).
class Refused(NamedTuple):
    """Octets that are no request, and the answer to them."""

    name: str
    octets: bytes
    status: int
    detail: str
    section: Section
    limits: Limits = LIMITS


def _bad(name: str, octets: bytes, detail: str, part: str) -> Refused:
    return Refused(name, octets, 400, detail, Section(9112, part))


def _te(name: str, value: bytes, detail: str) -> Refused:
    octets = HOST + b"Transfer-Encoding: " + value + b"\r\n\r\n"
    return _bad(f"S-64-coding-{name}", octets, detail, "6.3")


def _cl(name: str, value: bytes) -> Refused:
    octets = HOST + b"Content-Length: " + value + b"\r\n\r\n"
    return _bad(f"S-64-length-{name}", octets, "is not one number", "6.3")


_TOO_LARGE = Section(6585, "5")
_LAST = "chunked must be the last coding, once"
_NOT_SPOKEN = "HTTP/1.1 and HTTP/1.0 are"
_NO_HOST = "is no host with an optional port"

REFUSED = [
    _bad("S-60-no-host", LINE + b"A: b\r\n\r\n", "there is no Host field", "3.2"),
    _bad("S-60-no-field", LINE + b"\r\n", "there is no Host field", "3.2"),
    _bad("S-60-no-host-in-1.2", b"GET / HTTP/1.2\r\n\r\n", "there is no Host field", "3.2"),
    _bad("S-60-two-hosts", HOST + b"hOST: a\r\n\r\n", "there are 2 Host fields", "3.2"),
    _bad("S-60-two-hosts-in-1.0", b"GET / HTTP/1.0\r\nHost:\r\nHost:\r\n\r\n", "2 Host", "3.2"),
    _bad("S-60-bad-host", LINE + b"Host: ###\r\n\r\n", f"'###' {_NO_HOST}", "3.2"),
    _bad("S-60-host-with-userinfo", LINE + b"Host: u@a\r\n\r\n", _NO_HOST, "3.2"),
    _bad("S-60-host-with-path", LINE + b"Host: a/b\r\n\r\n", _NO_HOST, "3.2"),
    _bad("S-60-host-with-large-port", LINE + b"Host: a:65536\r\n\r\n", _NO_HOST, "3.2"),
    _bad("S-60-host-of-a-port-alone", LINE + b"Host: :80\r\n\r\n", _NO_HOST, "3.2"),
    _bad("S-60-bad-host-in-1.0", b"GET / HTTP/1.0\r\nHost: a b\r\n\r\n", _NO_HOST, "3.2"),
    _bad("S-61-bare-lf-before", b"\n", "bare LF", "2.2"),
    _bad("S-61-bare-cr-before", b"\rG", "bare CR", "2.2"),
    _bad("S-61-white-space-before", b" ", "starts with ' ', no method", "3.1"),
    _bad("S-62-space-before-the-colon", HOST + b"A ", "white space in the field name 'A '", "5.1"),
    _bad("S-62-tab-before-the-colon", HOST + b"A\t", "white space in the field name 'A\\t'", "5.1"),
    _bad("S-62-behind-the-request-line", LINE + b" ", "between the request line", "2.2"),
    _bad("S-62-folded", HOST + b"A: b\r\n\t", "line folding is not accepted", "5.2"),
    _bad("S-62-folded-trailer", CHUNKED + b"0\r\nA: b\r\n ", "line folding", "5.2"),
    _bad("S-62-no-colon", HOST + b"A\r\n", "'A\\r' starts no field line", "5"),
    _bad("S-62-no-name", HOST + b":", "':' starts no field line", "5"),
    _bad("S-62-name-with-a-bad-octet", HOST + b"A\xe9", "'A\xe9' starts no field line", "5"),
    Refused("S-63-nul", HOST + b"A: b\0", 400, "'A' has the control", Section(9110, "5.5")),
    Refused("S-63-del", HOST + b"A:\x7f", 400, "'A' has the control", Section(9110, "5.5")),
    Refused("S-63-vt", HOST + b"A:\x0b", 400, "'\\x0b'", Section(9110, "5.5")),
    _bad("S-63-bare-cr-in-a-value", HOST + b"A: b\rc", "bare CR", "2.2"),
    _bad("S-63-bare-cr-at-its-end", HOST + b"A: b\r\r", "bare CR", "2.2"),
    _bad("S-63-bare-lf-in-a-value", HOST + b"A: b\n", "bare LF", "2.2"),
    _bad("S-63-bare-lf-as-empty-line", HOST + b"\n", "bare LF", "2.2"),
    _bad("S-63-bare-lf-request-line", b"GET / HTTP/1.1\n", "bare LF", "2.2"),
    _bad("S-63-bare-cr-in-a-method", b"GE\rT", "bare CR", "2.2"),
    _bad("S-63-bare-cr-in-a-target", b"GET /\r ", "bare CR", "2.2"),
    _bad("S-63-bare-cr-in-a-name", HOST + b"A\rB", "bare CR", "2.2"),
    _bad("S-63-bare-cr-in-a-chunk-line", CHUNKED + b"1\rx", "bare CR", "2.2"),
    _bad("S-63-bare-lf-in-a-chunk-line", CHUNKED + b"1;a\n", "bare LF", "2.2"),
    _bad("S-63-bare-lf-in-a-trailer", CHUNKED + b"0\r\nA:\n", "bare LF", "2.2"),
    _bad("S-63-bare-lf-for-trailers", CHUNKED + b"0\r\n\n", "bare LF", "2.2"),
    _cl("differing", b"5, 6"),
    _cl("differing-lines", b"5\r\nContent-Length: 6"),
    _cl("with-plus", b"+5"),
    _cl("negative", b"-3"),
    _cl("hexadecimal", b"0x5"),
    _cl("two-words", b"5 5"),
    _cl("empty", b""),
    _cl("empty-member", b"5,"),
    _cl("other-digits", "٥".encode()),
    _cl("superscript", "5²".encode("latin-1")),
    _cl("fraction", b"5.0"),
    _cl("underscore", b"5_0"),
    _te("gzip", b"gzip", _LAST),
    _te("identity", b"identity", _LAST),
    _te("xchunked", b"xchunked", _LAST),
    _te("parameter", b"chunked;x=1", "'chunked;x=1'"),
    _te("empty", b"", _LAST),
    _te("commas", b", ,", _LAST),
    _te("chunked-twice", b"chunked, chunked", _LAST),
    _te("chunked-twice-in-lines", b"chunked\r\nTransfer-Encoding: chunked", _LAST),
    _te("chunked-first", b"chunked, gzip", _LAST),
    _te("obs-text", b"\xa0chunked", _LAST),
    _te("quoted", b'"chunked"', _LAST),
    _bad(
        "S-64-coding-in-1.0",
        b"GET / HTTP/1.0\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.0 has no Transfer-Encoding",
        "6.1",
    ),
    _bad("S-64-chunk-without-size", CHUNKED + b"\r\n", "is no chunk size", "7.1"),
    _bad("S-64-chunk-size-with-plus", CHUNKED + b"+", "'+' is no chunk size", "7.1"),
    _bad("S-64-chunk-size-negative", CHUNKED + b"-", "'-' is no chunk size", "7.1"),
    _bad("S-64-chunk-size-0x", CHUNKED + b"0x", "'0x' is no chunk size", "7.1"),
    _bad("S-64-chunk-size-underscore", CHUNKED + b"1_", "'1_' is no chunk size", "7.1"),
    _bad("S-64-white-space-at-its-end", CHUNKED + b"1 \r\n", "'1 ' is no chunk size", "7.1.1"),
    _bad("S-64-empty-extension", CHUNKED + b"1;\r\n", "'1;' is no chunk size", "7.1.1"),
    _bad("S-64-open-quote", CHUNKED + b'1;a="b\r\n', "is no chunk size with", "7.1.1"),
    _bad("S-64-control-in-extension", CHUNKED + b"1;a\0", "is no chunk size with", "7.1.1"),
    _bad("S-64-chunk-too-long", CHUNKED + b"1\r\nxy", "announced: 'y' follows", "7.1"),
    _bad("S-64-chunk-with-bare-cr", CHUNKED + b"1\r\nx\rz", "announced: '\\rz' follows", "7.1"),
    _bad("S-64-trailer-no-field-line", CHUNKED + b"0\r\nA ", "white space in the", "5.1"),
    Refused(
        "S-65-target",
        b"GET /" + b"t" * 8000,
        414,
        "over 8000 octets (max_target)",
        Section(9112, "3"),
    ),
    Refused("S-65-method", b"M" * 65, 501, "the method has over 64", Section(9112, "3")),
    Refused("S-65-field", HOST + b"Abc:" + b"v" * 16_381, 431, "'Abc' has over 16384", _TOO_LARGE),
    Refused("S-65-spaces", HOST + b"A:" + b" " * 16_383, 431, "the field 'A'", _TOO_LARGE),
    Refused("S-65-name", HOST + b"n" * 16_385, 431, f"'{'n' * 80}' has over", _TOO_LARGE),
    Refused("S-65-short-name", LINE + b"n" * 31, 431, f"'{'n' * 30}' has", _TOO_LARGE, SMALL),
    Refused("S-65-fields", HOST + b"A:\r\n" * 999 + b"B", 431, "over 1000 field", _TOO_LARGE),
    Refused("S-65-few", HOST + b"A:\r\nB", 431, "over 2 field", _TOO_LARGE, Limits(fields=2)),
    Refused(
        "S-65-section-by-a-value",
        LINE + (b"A:" + b"v" * 18 + b"\r\n") * 3 + b"A:" + b"v" * 13,
        431,
        "the field lines have over 80 octets in all (max_head)",
        _TOO_LARGE,
        SMALL,
    ),
    Refused(
        "S-65-section-by-a-line's-end",
        LINE + (b"A:" + b"v" * 18 + b"\r\n") * 3 + b"A:" + b"v" * 12 + b"\r\n",
        431,
        "max_head",
        _TOO_LARGE,
        SMALL,
    ),
    Refused(
        "S-65-trailer", CHUNKED + b"0\r\nA:" + b"v" * 29, 431, "'A'", _TOO_LARGE, Limits(field=30)
    ),
    Refused(
        "S-65-trailers",
        CHUNKED + b"0\r\nA:\r\nB:\r\nC",
        431,
        "over 2",
        _TOO_LARGE,
        Limits(fields=2),
    ),
    Refused(
        "S-65-trailer-section",
        CHUNKED + b"0\r\n" + b"A:\r\n" * 10 + b"B",
        431,
        "max_head",
        _TOO_LARGE,
        Limits(head=40),
    ),
    Refused(
        "S-65-chunk-line",
        CHUNKED + b"1;" + b"a" * 29,
        413,
        "a chunk's line has over 30",
        Section(9112, "7.1.1"),
        Limits(field=30),
    ),
    Refused(
        "S-65-chunk-size",
        CHUNKED + b"0" * 31,
        413,
        "a chunk's line has over 30",
        Section(9112, "7.1.1"),
        Limits(field=30),
    ),
    Refused(
        "S-65-content",
        CHUNKED + b"6\r\nhello!\r\n5\r\n",
        413,
        "over 10 octets (max_content)",
        Section(9110, "15.5.14"),
        Limits(content=10),
    ),
    Refused(
        "S-65-content-of-a-huge-chunk",
        CHUNKED + b"f" * 5000 + b"\r\n",
        413,
        "max_content",
        Section(9110, "15.5.14"),
    ),
    Refused("S-66-2.0", b"GET / HTTP/2.0\r\n", 505, _NOT_SPOKEN, Section(9110, "15.6.6")),
    Refused("S-66-0.9", b"GET / HTTP/0.9\r\n", 505, _NOT_SPOKEN, Section(9110, "15.6.6")),
    Refused("S-66-h2-preface", b"PRI * HTTP/2.0\r\n", 505, "HTTP/2.0", Section(9110, "15.6.6")),
    _bad("S-66-simple-request", b"GET /\r\n", "HTTP/0.9 is not spoken", "3"),
    _bad("S-66-lower-case", b"GET / h", "'h' behind the request target", "2.3"),
    _bad("S-66-two-digits", b"GET / HTTP/1.10", "'HTTP/1.10' behind", "2.3"),
    _bad("S-66-short", b"GET / HTTP/1\r\n", "'HTTP/1\\r' behind", "2.3"),
    _bad("S-66-white-space-behind", b"GET / HTTP/1.1 ", "'HTTP/1.1 ' behind", "2.3"),
    _bad("S-66-tls", b"\x16", "TLS handshake", "3"),
    _bad("S-67-method-no-token", b"G(", "starts with 'G(', no method", "3.1"),
    _bad("S-67-method-with-a-control", b"G\x16", "starts with 'G\\x16', no method", "3.1"),
    _bad("S-67-no-method", b"\r\n\r\n ", "no method", "3.1"),
    _bad("S-67-method-alone", b"GET\r\n", "'GET\\r', no method", "3.1"),
    Refused(
        "S-68-unknown-coding",
        HOST + b"Transfer-Encoding: GZip, chunked\r\n\r\n",
        501,
        "the transfer coding 'gzip' is not known",
        Section(9112, "6.1"),
    ),
    Refused(
        "S-68-in-two-lines",
        HOST + b"Transfer-Encoding: x\r\nTransfer-Encoding: chunked\r\n\r\n",
        501,
        "'x'",
        Section(9112, "6.1"),
    ),
    _bad("S-70-second-of-two", HOST + b"\r\n" + b"GET\0", "no method", "3.1"),
    _bad("S-71-no-target", b"GET  ", "there is ' ' in place of the request target", "3.2"),
    _bad("S-71-space-in-a-target", b"GET /a b", "'b' behind the request target", "2.3"),
    _bad("S-71-tab-in-a-target", b"GET /\t", "there is '\\t' in the request target", "3.2"),
    _bad("S-71-obs-text-in-a-target", b"GET /\xe9", "there is '\xe9' in the", "3.2"),
    _bad("S-71-fragment", b"GET /#", "there is '#' in the request target", "3.2"),
    _bad("S-71-asterisk", b"GET * HTTP/1.1\r\nHost: a\r\n\r\n", "for OPTIONS alone", "3.2"),
    _bad("S-71-authority", b"GET a:80 HTTP/1.1\r\nHost: a\r\n\r\n", "'a:80' is neither", "3.2"),
    Refused(
        "S-71-connect-to-a-path",
        b"CONNECT / HTTP/1.1\r\nHost: a\r\n\r\n",
        400,
        "it must be HOST:PORT",
        Section(9110, "9.3.6"),
    ),
    Refused(
        "S-71-userinfo",
        b"GET http://u:p@a/ HTTP/1.1\r\nHost: a\r\n\r\n",
        400,
        "'u:p@a' of the request target has userinfo",
        Section(9110, "4.2.4"),
    ),
]

_ROWS: list[Accepted | Refused] = [*ACCEPTED, *REFUSED]
_ACCEPTED = [pytest.param(row, id=row.name) for row in ACCEPTED]
_REFUSED = [pytest.param(row, id=row.name) for row in REFUSED]
_SHORT = 250  # octets; longer ones are cut in some places only


def _places(octets: bytes) -> Iterable[int]:
    return range(1, len(octets), 1 if len(octets) <= _SHORT else len(octets) // 9)


def _told(reading: Reading, says: Sequence[_Says]) -> list[_Says]:
    # Of each request, what the row has something to say about.
    told = []
    for message, wanted in zip(reading.messages, says, strict=True):
        assert message.complete
        told.append(
            {
                name: getattr(message if name in ("content", "trailers") else message.head, name)
                for name in wanted
            }
        )
    return told


def _events(reading: Reading) -> tuple[list[tuple[Any, ...]], Any]:
    # All that the parser said.
    return (
        [(m.head.raw, m.head.fields, m.content, m.trailers, m.complete) for m in reading.messages],
        reading.refusal and reading.refusal.args,
    )


@pytest.mark.parametrize("row", _ACCEPTED)
class TestAccepted:
    """What is a request gives the same events however it comes."""

    def test_whole(self, row: Accepted) -> None:
        """All octets at once are the requests of the row."""
        reading = read([row.octets], row.limits)

        assert reading.refusal is None
        assert row.says == _told(reading, row.says)

    def test_octet_by_octet(self, row: Accepted) -> None:
        """One octet at a time makes no difference, and the last one is needed."""
        reading = read(singly(row.octets), row.limits)
        short = read(singly(row.octets[:-1]), row.limits)

        assert row.says == _told(reading, row.says)
        assert short.refusal is None
        assert len(row.says) > sum(message.complete for message in short.messages)

    def test_cut_anywhere(self, row: Accepted) -> None:
        """Two pieces make no difference, wherever the cut is."""
        for place in _places(row.octets):
            reading = read(cut(row.octets, place), row.limits)

            assert row.says == _told(reading, row.says)

    @pytest.mark.parametrize("pieces", [1, 2, 0], ids=["whole", "cut", "octet-by-octet"])
    def test_trailing(self, row: Accepted, pieces: int) -> None:
        """A pipelined request behind it is the next one."""
        octets = row.octets + NEXT
        makes = {0: singly(octets), 1: [octets], 2: cut(octets, len(row.octets))}
        says = [*row.says, {"target": "/next", "authority": "b"}]
        reading = read(makes[pieces], row.limits)

        assert says == _told(reading, says)

    def test_raw(self, row: Accepted) -> None:
        """The octets of each head are kept as they were."""
        for pieces in ([row.octets], singly(row.octets)):
            for message in read(pieces, row.limits).messages:
                raw = message.head.raw

                assert type(raw) is bytes
                assert raw in row.octets
                assert raw.startswith(message.head.method.encode())
                assert raw.endswith(b"\r\n\r\n")


_BEHIND = {
    "request": NEXT,
    "end-of-head": b"\r\n\r\n" + NEXT,
    "end-of-field": b": b\r\n\r\n",
    "nul": b"\0",
    "empty-lines": b"\r\n" * 50,
    "last-chunk": b"0\r\n\r\n",
    "much": b"x" * 70_000,
}


@pytest.mark.parametrize("row", _REFUSED)
class TestRefused:
    """What is no request gets the same refusal however it comes."""

    def _check(self, row: Refused, pieces: Iterable[bytes]) -> Reading:
        reading = read(pieces, row.limits)
        refusal = reading.refusal

        assert refusal is not None
        assert (row.status, row.section) == (refusal.status, refusal.section)
        assert row.detail in refusal.detail
        return reading

    def test_whole(self, row: Refused) -> None:
        """All octets at once are refused, as the row says."""
        self._check(row, [row.octets])

    def test_octet_by_octet(self, row: Refused) -> None:
        """It is refused as soon as the octet is there that shows it, and not before."""
        octets = row.octets + NEXT
        reading = self._check(row, singly(octets))

        assert len(row.octets) == reading.used
        assert _events(read([octets], row.limits)) == _events(reading)

    def test_cut_anywhere(self, row: Refused) -> None:
        """Two pieces make no difference, wherever the cut is."""
        for place in _places(row.octets):
            self._check(row, cut(row.octets, place))

    @pytest.mark.parametrize("behind", _BEHIND.values(), ids=_BEHIND)
    def test_trailing(self, row: Refused, behind: bytes) -> None:
        """Nothing behind it changes the refusal, and nothing behind it is read as a request."""
        alone = read([row.octets], row.limits)

        assert _events(alone) == _events(self._check(row, [row.octets + behind]))


@pytest.mark.parametrize("number", range(60, 73))
def test_every_rule_has_a_row(number: int) -> None:
    """The tables have a row for each rule of how requests are handled."""
    names = [row.name for row in _ROWS]

    assert any(name.startswith(f"S-{number}-") for name in names)


def test_names_are_unique() -> None:
    """No two rows have the same name."""
    names = [row.name for row in _ROWS]

    assert sorted(set(names)) == sorted(names)


class TestPartial:
    """What is known of a request line when its head is not, or never, complete."""

    @pytest.mark.parametrize(
        ("octets", "partial"),
        [
            (b"", ("", "", "")),
            (b"\r\n\r", ("", "", "")),
            (b"GE", ("GE", "", "")),
            (b"GET ", ("GET", "", "")),
            (b"GET /a", ("GET", "/a", "")),
            (b"GET /a HTTP/1.", ("GET", "/a", "")),
            (b"GET /a HTTP/1.1\r\n", ("GET", "/a", "HTTP/1.1")),
            (b"\r\nGET /a HTTP/1.2\r\nHost: a\r\nB:", ("GET", "/a", "HTTP/1.2")),
        ],
    )
    def test_unfinished(self, octets: bytes, partial: tuple[str, str, str]) -> None:
        """It is what came so far, so that a 408 knows its target."""
        whole, single = Parser(LIMITS), Parser(LIMITS)
        whole.feed(octets)
        whole.head()
        for octet in singly(octets):
            single.feed(octet)
            single.head()

        assert partial == whole.partial == single.partial

    @pytest.mark.parametrize(
        ("octets", "partial"),
        [
            (b"\x16\x03\x01", ("", "", "")),
            (b"GET /a\0 HTTP/1.1\r\n\r\n", ("GET", "/a", "")),
            (b"GET /a HTTP/1.x\r\n\r\n", ("GET", "/a", "")),
            (b"GET /a HTTP/2.0\r\n\r\n", ("GET", "/a", "HTTP/2.0")),
            (b"GET /a HTTP/1.0\r\nB \r\n\r\n", ("GET", "/a", "HTTP/1.0")),
            (b"GET /a HTTP/1.1\r\n\r\n", ("GET", "/a", "HTTP/1.1")),
            (b"GET /" + b"a" * 8000 + b" HTTP/1.1\r\n\r\n", ("GET", "/" + "a" * 8000, "")),
        ],
    )
    def test_refused(self, octets: bytes, partial: tuple[str, str, str]) -> None:
        """It is what came before the octet that is wrong, so that a 414 knows its target."""
        parser = Parser(LIMITS)
        parser.feed(octets)
        with pytest.raises(Refusal):
            parser.head()

        assert partial == parser.partial

    def test_between_requests(self) -> None:
        """Nothing is known of a request line while content is read."""
        parser = Parser(LIMITS)
        parser.feed(CHUNKED[:50])
        parser.head()
        before = parser.partial
        parser.feed(CHUNKED[50:] + b"1")
        parser.head()
        parser.content()

        assert ("GET", "/", "HTTP/1.1") == before
        assert ("", "", "") == parser.partial


class TestUnread:
    """Octets that no event has covered, which a tunnel or another protocol gets."""

    @pytest.mark.parametrize("cuts", [(), (5,), (5, 6, 7)])
    def test_behind_a_head(self, cuts: tuple[int, ...]) -> None:
        """They are those behind the head."""
        parser = Parser(LIMITS)
        for piece in cut(HOST + b"\r\n\x00\x01tunnel", *cuts):
            parser.feed(piece)
            head = parser.head()
            if head is not None:
                break

        assert head is not None
        assert b"\x00\x01tunnel" == parser.unread

    def test_of_a_refused_head(self) -> None:
        """They are all of it, for the journal."""
        parser = Parser(LIMITS)
        octets = b"GET / HTTP/1.1\r\nA b\r\n\r\nmore"
        parser.feed(octets)
        with pytest.raises(Refusal):
            parser.head()

        assert octets == parser.unread

    def test_before_it_is_asked_for(self) -> None:
        """Feeding goes on where the last piece ended, read or not."""
        parser = Parser(LIMITS)
        for piece in cut(HOST + b"\r\n" + NEXT, 3, 20, 30):
            parser.feed(piece)
        first, second = parser.head(), parser.head()

        assert first is not None
        assert second is not None
        assert ("/", "/next") == (first.target, second.target)
        assert b"" == parser.unread


class TestContent:
    """Content comes as it arrives, and its end is known when it is there."""

    def test_pieces(self) -> None:
        """A piece is given at once, though the rest is not there."""
        parser = Parser(LIMITS)
        parser.feed(HOST + b"Content-Length: 5\r\n\r\nhe")
        parser.head()
        pieces = [parser.content(), parser.content()]
        parser.feed(b"llo")
        pieces += [parser.content(), parser.content(), parser.content()]

        assert [b"he", None, b"llo", End(), End()] == pieces

    def test_behind_an_empty_line(self) -> None:
        """An empty line that comes in two pieces leaves nothing behind."""
        pieces = [b"\r", b"\n", CHUNKED, b"1;a", b"\r\nx\r\n0\r\n\r\n"]
        reading = read(pieces)

        assert reading.refusal is None
        assert [b"x"] == [message.content for message in reading.messages if message.complete]

    def test_huge_length(self) -> None:
        """A length of thousands of digits is one that never ends."""
        parser = Parser(LIMITS)
        parser.feed(HOST + b"Content-Length: " + b"9" * 9000 + b"\r\n\r\nx")
        head = parser.head()

        assert head is not None
        assert head.length is not None
        assert head.length > 10**19
        assert b"x" == parser.content()
        assert parser.content() is None

    def test_refused_for_good(self) -> None:
        """What is behind a refused chunk is no chunk, and no request."""
        parser = Parser(Limits(content=1))
        parser.feed(CHUNKED + b"2\r\nxy\r\n0\r\n\r\n" + NEXT)
        parser.head()
        refusals = []
        for ask in (parser.content, parser.content, parser.head):
            with pytest.raises(Refusal) as caught:
                ask()
            refusals.append(caught.value.args)

        assert 413 == refusals[0][0]
        assert refusals[0] == refusals[1] == refusals[2]


# What goes on at the pace of content is linear: the same octets, one by one.
_PADDING = b" " * 16_000
_SLOW = {
    "spaces": HOST + b"".join(b"%c:" % name + _PADDING + b"\r\n" for name in b"AB"),
    "spaces-then-nul": HOST + (b"A:" + _PADDING + b"\r\n") * 2 + b"B:" + _PADDING + b"\0\r\n\r\n",
    "words": HOST + (b"A:" + b"a " * 8000 + b"\r\n") * 2 + b"\0\r\n\r\n",
    "names": HOST + (b"n" * 16_000 + b":\r\n") * 2,
    "lines": HOST + b"A:\r\n" * 999,
    "empty-lines": b"\r\n" * 20_000 + b"GET",
    "empty-lines-then-spaces": b"\r\n" + HOST + (b"A:" + _PADDING + b"\r\n") * 2,
    "chunk-line": CHUNKED + b"1;" + b"a;" * 8000,
    "chunk-quotes": CHUNKED + b'1;a="' + b"\\a" * 8000 + b"\0\r\n",
    "chunks": CHUNKED + b"1;a=b\r\nx\r\n" * 4000,
    "trailers": CHUNKED + b"0\r\n" + (b"A:" + _PADDING + b"\r\n") * 2,
    "lengths": HOST + b"Content-Length: " + b"5," * 8000 + b"5\r\n\r\n",
    "codings": HOST + b"Transfer-Encoding: " + b"," * 16_000 + b"chunked\r\n\r\n0\r\n\r\n",
    "host": LINE + b"Host: " + b"%41" * 5000 + b"\r\n\r\n",
}


@pytest.mark.parametrize("octets", [pytest.param(v, id=k) for k, v in _SLOW.items()])
def test_linear(octets: bytes) -> None:
    """Octets one by one, and however many, cost about what content costs."""
    size = len(octets)
    content = HOST + b"Content-Length: %d\r\n\r\n" % size + bytes(size)

    def seconds(pieces: list[bytes]) -> float:
        start = time.thread_time()
        read(pieces)
        return time.thread_time() - start

    pace = seconds(singly(content))

    # Ten times is far from a square, which takes a hundred times and more.
    assert seconds(singly(octets)) < 10 * pace + 0.02
    assert seconds([octets]) < 2 * pace + 0.02


_SEEDS = [row.octets for row in _ROWS if len(row.octets) < _SHORT]
_BITS = [b"\r\n", b"\r", b"\n", b" ", b"\t", b":", b";", b",", b"\0", b"\xe9", b"0", b"A" * 40]


@given(
    octets=st.lists(st.sampled_from(_SEEDS), min_size=1, max_size=2).map(b"".join),
    changes=st.lists(
        st.tuples(
            st.integers(0, 2 * _SHORT),
            st.integers(0, 2),
            st.sampled_from(_BITS) | st.binary(max_size=2),
        ),
        max_size=3,
    ),
    places=st.sets(st.integers(1, 2 * _SHORT), max_size=4),
    limits=st.just(LIMITS) | st.just(SMALL),
)
@settings(deadline=None, max_examples=300)
def test_any_cut(
    octets: bytes, changes: list[tuple[int, int, bytes]], places: set[int], limits: Limits
) -> None:
    """Whatever the octets are, the events and the refusal are the same for every cut."""
    for place, gone, new in changes:
        place %= len(octets) + 1
        octets = octets[:place] + new + octets[place + gone :]

    whole = _events(read([octets], limits))

    assert whole == _events(read(singly(octets), limits))
    assert whole == _events(
        read(cut(octets, *sorted(p for p in places if p < len(octets))), limits)
    )
