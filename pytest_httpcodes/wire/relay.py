"""Octets between two connections, neither of which waits for the other (RFC 9110, 9.3.6)."""

from __future__ import annotations

import selectors
from collections.abc import Callable
from typing import Final

from pytest_httpcodes.wire.received import Record
from pytest_httpcodes.wire.stream import Stream

READ: Final = selectors.EVENT_READ
WRITE: Final = selectors.EVENT_WRITE

# Once one side of a tunnel has closed, the other is heard until it closes too, or nothing happens
# for so long, in seconds: it may have an answer for what came last.
LINGER = 10.0


class Readiness:
    """Waits until something can be done on one of two connections."""

    def __init__(self, client: Stream, upstream: Stream) -> None:
        self._selector = selectors.DefaultSelector()
        self._wanted: dict[Stream, int] = {client: 0, upstream: 0}

    def wait(self, wanted: dict[Stream, int], timeout: float | None) -> bool:
        """Wait for events, for at most `timeout` seconds if that is not None; tell of any."""
        for stream, before in self._wanted.items():
            now = wanted.get(stream, 0)
            if before and not now:
                self._selector.unregister(stream)
            elif before != now:
                change = self._selector.modify if before else self._selector.register
                change(stream, now)
            self._wanted[stream] = now
        return bool(self._selector.select(timeout))

    def close(self) -> None:
        """Let go of what it waits with."""
        self._selector.close()


class _Way:
    # One direction: what was read of one side, and not yet taken by the other.

    def __init__(
        self, source: Stream, sink: Stream, first: bytes, note: Callable[[bytes], None]
    ) -> None:
        self._source = source
        self._sink = sink
        self._left: bytes | memoryview = first
        self._note = note
        self._at_end = False
        self.done = False
        if first:
            note(first)

    def wants(self) -> tuple[Stream, int]:
        """Say what it waits for: to read of its source, or to write to its sink."""
        if self._holds():
            return self._sink, WRITE
        return self._source, 0 if self.done else READ

    def _holds(self) -> bool:
        return bool(self._left) or self._sink.owes

    def move(self) -> bool:
        """Move what can be moved without waiting; tell of any. Raises `OSError`."""
        moved = False
        if not (self._holds() or self.done):
            octets = self._source.take()
            if octets is None:
                return False
            moved = True
            self._at_end = not octets
            self._left = octets
            if octets:
                self._note(octets)
        if self._holds():
            self._left = memoryview(self._left)[self._sink.offer(self._left) :]
            moved = moved or not self._holds()
        if self._at_end and not (self._holds() or self.done):
            # "the intermediary MUST attempt to send any outstanding data that came from the closed
            # side to the other side" (RFC 9110, 9.3.6), which then learns that it was all.
            self.done = True
            self._sink.half_close()
        return moved


def tunnel(
    client: Stream, upstream: Stream, record: Record, unread: bytes = b"", behind: bytes = b""
) -> None:
    """Relay octets both ways until both sides have closed, or one has reset its connection.

    `unread` was read of the client already, and `behind` of the upstream. What goes to the client
    is noted as sent, what comes from it as received. A reset is handed on as one.
    """
    up = _Way(client, upstream, unread, record.received)
    down = _Way(upstream, client, behind, record.sending)
    readiness = Readiness(client, upstream)
    try:
        while not ((up.done and down.done) or client.aborted):
            # Where something was moved there may be more, of which a selector does not know.
            if up.move() | down.move():
                continue
            wanted = dict([up.wants()])
            stream, events = down.wants()
            wanted[stream] = wanted.get(stream, 0) | events
            if not readiness.wait(wanted, LINGER if up.done or down.done else None):
                return
    except OSError:
        client.reset()
        upstream.reset()
    finally:
        readiness.close()
