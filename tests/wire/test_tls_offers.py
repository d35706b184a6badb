"""A secured connection that is not waited for: what it takes, and what it owes."""

from __future__ import annotations

import ssl
from typing import NamedTuple

import pytest

from pytest_httpcodes import authority
from pytest_httpcodes.wire.stream import Stream
from pytest_httpcodes.wire.tls import SecureStream
from tests.secure import Records


class Below(Stream):
    """A connection that takes so many octets at a time, and gives what it is given."""

    def __init__(self) -> None:
        self.peer = "peer"
        self.takes: list[int] = []
        self.gives: list[bytes] = []
        self.sent = b""

    def send(self, octets: bytes) -> None:
        """Take all."""
        self.sent += octets

    def receive(self, timeout: float) -> bytes:
        """Give; there is always something in these tests."""
        return self.gives.pop(0)

    def take(self) -> bytes | None:
        """Give, or nothing."""
        return self.gives.pop(0) if self.gives else None

    def offer(self, octets: bytes | memoryview) -> int:
        """Take some."""
        count = self.takes.pop(0) if self.takes else len(octets)
        self.sent += octets[:count]
        return min(count, len(octets))

    def half_close(self) -> None:
        """Do nothing."""


class Made(NamedTuple):
    """A secured connection, the one below, and a client."""

    stream: SecureStream
    below: Below
    client: Records

    def heard(self) -> bytes:
        """Return what the client can read of what was sent so far."""
        self.client.feed(self.below.sent)
        self.below.sent = b""
        return self.client.read()


@pytest.fixture
def made() -> Made:
    """Return a connection after its handshake."""
    terms = authority.terms(True, "127.0.0.1")
    assert terms is not None
    client, below = Records(), Below()
    below.gives.append(client.take())
    stream = SecureStream(below, terms)

    def hand_over(timeout: float) -> bytes:
        client.feed(below.sent)
        below.sent = b""
        return client.take()

    below.receive = hand_over  # type: ignore[method-assign]
    stream._feed(below.gives.pop())
    stream.handshake(5)
    client.feed(below.sent)
    below.sent = b""
    assert client.is_ready
    return Made(stream, below, client)


def test_what_is_there_is_taken(made: Made) -> None:
    """One record after the other, then nothing; what was read ahead comes first."""
    made.below.gives += [made.client.write(b"one") + made.client.write(b"two")]

    assert [b"one", b"two", None] == [made.stream.take() for _ in range(3)]
    made.stream._held = b"ahead"
    assert b"ahead" == made.stream.take()


def test_half_of_a_record_is_nothing_yet(made: Made) -> None:
    """Until the other half comes."""
    record = made.client.write(b"one")
    made.below.gives += [record[:10]]
    assert made.stream.take() is None
    made.below.gives += [record[10:]]

    assert b"one" == made.stream.take()


def test_the_closure_alert_is_the_end(made: Made) -> None:
    """Also once this side has closed."""
    made.below.gives += [made.client.goodbye()]

    assert b"" == made.stream.take()


def test_the_closure_alert_after_our_own(made: Made) -> None:
    """As of a client that goes on after a half-close."""
    made.stream.half_close()
    made.below.gives += [made.client.write(b"one") + made.client.goodbye()]

    assert [b"one", b""] == [made.stream.take(), made.stream.take()]


def test_an_end_without_the_alert_is_none(made: Made) -> None:
    """It may be anybody's."""
    made.below.gives += [b""]
    with pytest.raises(ssl.SSLEOFError):
        made.stream.take()


def test_offers_that_are_taken(made: Made) -> None:
    """A record at a time."""
    assert 16_384 == made.stream.offer(b"x" * 20_000)
    assert not made.stream.owes
    assert 3_616 == made.stream.offer(b"x" * 3_616)

    assert b"x" * 20_000 == made.heard()


def test_what_is_owed_is_sent_first(made: Made) -> None:
    """Nothing more is taken until then."""
    made.below.takes += [5, 0]
    assert 3 == made.stream.offer(b"one")
    assert made.stream.owes
    assert 0 == made.stream.offer(b"two")
    assert made.stream.owes
    assert 0 == made.stream.offer(b"two")
    assert not made.stream.owes
    assert 0 == made.stream.offer(b"")
    assert 3 == made.stream.offer(b"two")

    assert b"onetwo" == made.heard()


def test_what_is_owed_goes_before_what_is_sent(made: Made) -> None:
    """By whoever waits again."""
    made.below.takes += [5]
    made.stream.offer(b"one")
    made.stream.send(b"two")

    assert b"onetwo" == made.heard()
