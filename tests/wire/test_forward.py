"""Forwarding, where two sides take and give as a test says, and nothing depends on time."""

from __future__ import annotations

import pytest

from pytest_httpcodes.clock import Clock
from pytest_httpcodes.exchange import Exchange
from pytest_httpcodes.journal import Journal
from pytest_httpcodes.wire import forward
from pytest_httpcodes.wire.forward import Forwarding
from pytest_httpcodes.wire.limits import Limits
from pytest_httpcodes.wire.parser import Parser
from pytest_httpcodes.wire.received import Received
from pytest_httpcodes.wire.relay import READ, WRITE
from pytest_httpcodes.wire.steps import Content, End, Forward, Head, Reply
from pytest_httpcodes.wire.stream import Stream
from pytest_httpcodes.wire.upstream import Upstream, UpstreamError

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nyes"
ANSWER = [
    Head(200, (("Content-Length", "3"),), "OK"),
    Content(b"yes"),
    End(),
]


class Side(Stream):
    """One side of it: what it gives, None for nothing yet; and how much it takes, each time.

    An error among these is raised. What is left out of `takes` is taken as a whole.
    """

    def __init__(
        self, *gives: bytes | OSError | None, takes: tuple[int | OSError, ...] = ()
    ) -> None:
        self.gives = [*gives]
        self.takes = [*takes]
        self.taken = b""

    def take(self) -> bytes | None:
        """Give."""
        found = self.gives.pop(0) if self.gives else None
        if isinstance(found, OSError):
            raise found
        return found

    def offer(self, octets: bytes | memoryview) -> int:
        """Take."""
        count = self.takes.pop(0) if self.takes else len(octets)
        if isinstance(count, OSError):
            raise count
        self.taken += octets[:count]
        return min(count, len(octets))

    def attach(self, other: Stream | None) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


class Waits:
    """Notes what is waited for; something happens so many times, and then nothing."""

    def __init__(self, happens: int = 99) -> None:
        self.wanted: list[dict[str, int]] = []
        self.happens = happens
        self.sides: dict[Stream, str] = {}

    def __call__(self, client: Stream, upstream: Stream) -> Waits:
        """Be made."""
        self.sides = {client: "client", upstream: "upstream"}
        return self

    def wait(self, wanted: dict[Stream, int], timeout: float) -> bool:
        """Note it."""
        self.wanted.append({self.sides[side]: events for side, events in wanted.items()})
        self.happens -= 1
        return self.happens >= 0

    def close(self) -> None:
        """Do nothing."""


def _failed(error: object) -> Reply:
    raise AssertionError(error)


def forwarding(
    monkeypatch: pytest.MonkeyPatch, head: bytes, client: Side, upstream: Side, waits: Waits
) -> Forwarding:
    """Return what forwards a request; its head may have content behind it."""
    monkeypatch.setattr(forward, "connect", lambda to, stream: upstream)
    monkeypatch.setattr(forward, "Readiness", waits)
    parser = Parser(Limits())
    parser.feed(head)
    found = parser.head()
    assert found is not None
    record = Exchange(Journal(Clock(), 2**20), 1, 1, 0.0, 2**20)
    request = Received(found, record, "http://a.example", "peer", None)  # type: ignore[arg-type]
    step = Forward(request, Upstream("b", ()), found.method, "/", (("A", "b"),), _failed, iter)
    return Forwarding(step, client, parser, record, 1.0, lambda: None)


GET = b"GET http://b/ HTTP/1.1\r\nHost: b\r\n\r\n"
SENT = b"GET / HTTP/1.1\r\nA: b\r\nConnection: close\r\n\r\n"
PUT = b"PUT http://b/ HTTP/1.1\r\nHost: b\r\nContent-Length: 6\r\n\r\n"
SENT_PUT = b"PUT / HTTP/1.1\r\nA: b\r\nContent-Length: 6\r\nConnection: close\r\n\r\n"


def test_a_request_and_its_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """While nothing comes, either side is waited for."""
    waits, upstream = Waits(), Side(None, OK[:20], None, OK[20:])
    made = forwarding(monkeypatch, GET, Side(), upstream, waits)

    assert ANSWER == [*made.steps()]
    assert SENT == upstream.taken
    assert [{"client": READ, "upstream": READ}] * 2 == waits.wanted
    assert made.is_sent
    assert made.is_through
    made.close()


def test_content_as_it_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client is read while the upstream takes what there is."""
    waits, upstream = Waits(), Side(None, None, None, None, None, None, None, OK)
    made = forwarding(monkeypatch, PUT, Side(b"abc", None, b"def"), upstream, waits)

    assert ANSWER == [*made.steps()]
    assert SENT_PUT + b"abcdef" == upstream.taken
    assert {"client": READ, "upstream": READ} == waits.wanted[0]


def test_an_upstream_that_takes_little(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing more is read of the client until it has taken that."""
    waits, upstream = Waits(), Side(None, OK, takes=(10, 0, 0))
    made = forwarding(monkeypatch, GET, Side(), upstream, waits)

    assert ANSWER == [*made.steps()]
    assert [{"upstream": READ | WRITE}] == waits.wanted
    assert SENT == upstream.taken
    assert made.is_through


def test_an_upstream_that_takes_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its answer is waited for all the same, and the client is not read."""
    waits = Waits()
    upstream = Side(None, None, OK, takes=(999, BrokenPipeError()))
    made = forwarding(monkeypatch, PUT + b"abc", Side(b"def"), upstream, waits)

    assert ANSWER == [*made.steps()]
    assert [{"upstream": READ}] * 2 == waits.wanted
    assert SENT_PUT == upstream.taken
    assert not made.is_through


def test_many_pieces_at_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """After some of them an answer is looked for; all of them are sent."""
    head = PUT.replace(b"Content-Length: 6", b"Transfer-Encoding: chunked")
    content = b"1\r\nx\r\n" * 20 + b"0\r\n\r\n"
    upstream = Side(*[None] * 60, OK)
    made = forwarding(monkeypatch, head + content, Side(), upstream, Waits())

    assert ANSWER == [*made.steps()]
    assert upstream.taken.endswith(b"\r\n\r\n" + content)


def test_an_answer_while_the_content_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not known that all is sent, since it is not."""
    upstream = Side(OK)
    made = forwarding(monkeypatch, PUT + b"abc", Side(), upstream, Waits())

    assert ANSWER == [*made.steps()]
    assert not made.is_through


def test_a_client_that_takes_little(monkeypatch: pytest.MonkeyPatch) -> None:
    """Meanwhile its request goes on; then it is waited for, to take more."""
    waits, upstream = Waits(), Side()
    client = Side(b"abc", takes=(0, 1, 0, 0, 0, 9))
    made = forwarding(monkeypatch, PUT, client, upstream, waits)
    made.send(b"yes")

    assert (b"yes", SENT_PUT + b"abc") == (client.taken, upstream.taken)
    assert [{"client": READ | WRITE}] == waits.wanted


def test_a_client_that_takes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """It has time, and no more."""
    waits = Waits(happens=1)
    client = Side(takes=(0, 0, 0, 0, 0, 0))
    made = forwarding(monkeypatch, GET, client, Side(), waits)
    with pytest.raises(TimeoutError, match="the client took nothing for"):
        made.send(b"yes")

    assert [{"client": READ | WRITE}] * 2 == waits.wanted


def test_a_reset_within_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the upstream's end, and says so."""
    upstream = Side(OK[:-1], ConnectionResetError())
    steps = forwarding(monkeypatch, GET, Side(), upstream, Waits()).steps()

    assert [ANSWER[0], Content(b"ye")] == [next(steps), next(steps)]
    with pytest.raises(UpstreamError, match="b reset the connection"):
        next(steps)
