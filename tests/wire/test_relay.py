"""Octets between two connections: ends, resets, and sides that take nothing (RFC 9110, 9.3.6)."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

import pytest

from pytest_httpcodes.clock import Clock
from pytest_httpcodes.exchange import Exchange
from pytest_httpcodes.journal import Journal
from pytest_httpcodes.wire import relay
from pytest_httpcodes.wire.stream import Stream
from tests.upstreams import exactly, pair, reset, rest

LARGE = 4 * 2**20


class Tunnel:
    """A tunnel between two connections, of which a test has the other ends."""

    def __init__(self, unread: bytes = b"", behind: bytes = b"") -> None:
        self.client, ours = pair()
        self.upstream, theirs = pair()
        self.streams = (Stream(ours, "client", 5.0), Stream(theirs, "upstream", 5.0))
        for sock in (ours, theirs):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8192)
        self.record = Exchange(Journal(Clock(), 2**30), 1, 1, 0.0, 2**30)
        self.thread = threading.Thread(
            target=relay.tunnel, args=(*self.streams, self.record, unread, behind)
        )
        self.thread.start()

    def end(self) -> None:
        """Wait for its end, which has to come by itself."""
        self.thread.join(5)
        assert not self.thread.is_alive()

    def close(self) -> None:
        """Let go of all ends."""
        for each in (self.client, self.upstream):
            each.close()
        self.thread.join(5)
        for stream in self.streams:
            stream.close()


@pytest.fixture
def made() -> Iterator[Tunnel]:
    """Return a tunnel."""
    tunnel = Tunnel()
    yield tunnel
    tunnel.close()


def test_octets_go_both_ways(made: Tunnel) -> None:
    """As they come, and are noted."""
    for octets in (b"one", b"two"):
        made.client.sendall(octets)
        assert octets == exactly(made.upstream, 3)
        made.upstream.sendall(octets.upper())
        assert octets.upper() == exactly(made.client, 3)
    made.client.close()
    made.upstream.close()
    made.end()

    assert (b"onetwo", b"ONETWO") == (made.record.content, made.record.sent)


def test_octets_that_were_read_already() -> None:
    """They come first, on either side."""
    with contextlib.closing(Tunnel(b"early ", b"hints ")) as made:
        made.client.sendall(b"one")
        made.upstream.sendall(b"two")
        assert b"early one" == exactly(made.upstream, 9)
        assert b"hints two" == exactly(made.client, 9)

    assert (b"early one", b"hints two") == (made.record.content, made.record.sent)


@pytest.mark.parametrize("first", ["client", "upstream"])
def test_a_side_that_closes(made: Tunnel, first: str) -> None:
    """Hands on what it has sent, and its end; the other may still answer."""
    one, other = made.client, made.upstream
    if first == "upstream":
        one, other = other, one
    one.sendall(b"last words")
    one.shutdown(socket.SHUT_WR)
    assert b"last words" == rest(other)
    other.sendall(b"answer")
    other.close()

    assert b"answer" == rest(one)
    made.end()


def test_the_other_side_is_not_waited_for_forever(
    made: Tunnel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says nothing more."""
    monkeypatch.setattr(relay, "LINGER", 0.02)
    made.client.close()

    made.end()


@pytest.mark.parametrize("first", ["client", "upstream"])
def test_a_side_that_resets(made: Tunnel, first: str) -> None:
    """So is the other one."""
    one, other = made.client, made.upstream
    if first == "upstream":
        one, other = other, one
    one.sendall(b"x")
    assert b"x" == exactly(other, 1)
    reset(one)

    with pytest.raises(ConnectionResetError):
        other.recv(1)
    made.end()


def test_large_content_both_ways_at_once(made: Tunnel) -> None:
    """Neither side has to wait for the other to read."""
    senders = [
        threading.Thread(target=each.sendall, args=(b"x" * LARGE,))
        for each in (made.client, made.upstream)
    ]
    for sender in senders:
        sender.start()
    assert b"x" * LARGE == exactly(made.client, LARGE)
    assert b"x" * LARGE == exactly(made.upstream, LARGE)
    for sender in senders:
        sender.join()


def test_the_last_octets_of_a_side_that_closes(made: Tunnel) -> None:
    """All of them, though the other reads later."""

    def send() -> None:
        made.client.sendall(b"x" * LARGE)
        made.client.shutdown(socket.SHUT_WR)

    sender = threading.Thread(target=send)
    sender.start()
    assert b"x" * LARGE == rest(made.upstream)
    sender.join()
    made.upstream.close()
    made.end()


def test_an_abort_ends_it(made: Tunnel) -> None:
    """On both sides, at once."""
    client, upstream = made.streams
    client.attach(upstream)
    client.abort()
    made.end()

    assert b"" == made.client.recv(1)
    assert b"" == made.upstream.recv(1)
