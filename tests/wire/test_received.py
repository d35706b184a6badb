"""A request's content, from whoever has it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pytest_httpcodes.clock import Clock
from pytest_httpcodes.journal import Journal
from pytest_httpcodes.wire.head import RequestHead
from pytest_httpcodes.wire.limits import Limits
from pytest_httpcodes.wire.received import SPOOL, Received

BASE = "http://127.0.0.1:8080"


class Pieces:
    """A source that has the content in pieces."""

    def __init__(self, *pieces: bytes) -> None:
        self.pieces = pieces
        self.reads = 0

    def read(self, request: Received) -> None:
        """Give the request its content."""
        self.reads += 1
        for piece in self.pieces:
            request.take(piece)
        request.complete = True

    def forgo(self, request: Received) -> None:
        """Take what comes next for a request."""
        request.complete = True


def received(*pieces: bytes, fields: tuple[tuple[str, str], ...] = (), host: str = "a") -> Received:
    """Return a request whose content comes in these pieces."""
    length = sum(map(len, pieces))
    lines = [("Host", host), ("Content-Length", f"{length}"), *fields]
    head = RequestHead("POST", "/", "HTTP/1.1", lines, b"")
    head.interpret(Limits())
    record = Journal(Clock(), 10 * SPOOL).record(1, 1, 0.0)
    return Received(head, record, BASE, "127.0.0.1", Pieces(*pieces))


@pytest.fixture
def large() -> Iterator[Received]:
    """Return a request with too much content for the memory."""
    made = received(*[b"0123456789abcdef" * 4096] * 20)
    yield made
    made.discard()


def reads(request: Received) -> int:
    """Return how often the source was asked."""
    source = request._source
    assert isinstance(source, Pieces)
    return source.reads


@pytest.mark.parametrize("pieces", [(b"abc",), (b"a", b"b", b"c")])
def test_content_is_read_once(pieces: tuple[bytes, ...]) -> None:
    """When someone asks, in whichever way."""
    request = received(*pieces)
    assert 0 == reads(request)
    request.receive()

    assert b"abc" == request.content == request.stream.read() == request.content
    assert 3 == request.octets
    assert 1 == reads(request)
    request.discard()


def test_no_content_is_not_read() -> None:
    """It is complete from the start."""
    request = received()

    assert b"" == request.content == request.stream.read()
    assert 0 == reads(request)


def test_much_content_is_on_disk(large: Received) -> None:
    """Beyond a mebibyte; it reads the same, as often as one likes."""
    content = b"0123456789abcdef" * 4096 * 20
    assert len(content) > SPOOL
    stream = large.stream

    assert content[:100] == stream.read(100)
    assert content == large.content
    assert content == large.stream.read()
    assert [] == large._pieces
    assert large._spool is not None
    assert content == large.record.content  # type: ignore[attr-defined]


def test_a_mebibyte_is_in_memory() -> None:
    """Exactly that."""
    request = received(bytes(SPOOL))

    assert SPOOL == len(request.content)
    assert request._spool is None


def test_what_is_on_disk_is_let_go_of(large: Received) -> None:
    """When the request is over."""
    stream = large.stream
    large.discard()

    assert stream.closed
    large.discard()


def test_a_field_has_its_lines_joined() -> None:
    """And a default where there is none."""
    request = received(fields=(("A", "b"), ("a", "c")))

    assert "b, c" == request.field("a")
    assert ("", "d") == (request.field("e"), request.field("e", "d"))


@pytest.mark.parametrize(("host", "root"), [("b:1", "http://b:1"), ("", BASE)])
def test_the_root_is_the_origin_as_the_client_sees_it(host: str, root: str) -> None:
    """Or its own address, for a client that names none."""
    assert root == received(host=host).root


@pytest.mark.parametrize(
    ("content", "expect", "waits"),
    [(b"abc", "100-continue", True), (b"", "100-continue", False), (b"abc", "other", False)],
)
def test_a_client_waits_if_it_says_so(content: bytes, expect: str, waits: bool) -> None:
    """And if it has content to wait with (RFC 9110, 10.1.1)."""
    assert waits == received(content, fields=(("Expect", expect),)).waits


def test_content_that_is_forgone() -> None:
    """Only where the client waits with it."""
    waiting = received(b"content", fields=(("Expect", "100-continue"),))
    waiting.forgo()
    assert waiting.complete
    assert b"" == waiting.content

    sending = received(b"content")
    sending.forgo()
    assert b"content" == sending.content
