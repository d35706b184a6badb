"""Hands the octets of one answer to the connection, and notes in its record what was sent."""

from __future__ import annotations

from collections.abc import Callable

from pytest_httpcodes.wire.received import Record
from pytest_httpcodes.wire.stream import Stream

# Octets that are collected before they are handed to the kernel: a small answer goes in one piece,
# a large one does not have to be copied.
_BATCH = 65_536
# Of a larger piece, so much at a time.
_SLICE = 1_048_576
# An answer at a pace is sent so often, at most, in seconds.
_TICK = 0.1


class Gone(Exception):  # noqa: N818 - it is the client's affair, and no error
    """The client closed the connection, or does not read, before it had the whole answer."""


class Sender:
    """Collects octets and sends them.

    `begun` is whether something was sent that no other answer can follow.

    Rule 1: the record is complete before the last octet is handed to the kernel.
    Rule 2: what is made piece by piece is sent piece by piece, before the next one is asked for.
    """

    __slots__ = (
        "_carry",
        "_noted",
        "_out",
        "_owed",
        "_pace",
        "_record",
        "_size",
        "_stream",
        "begun",
    )

    def __init__(self, stream: Stream, record: Record) -> None:
        self._stream = stream
        self._record = record
        self._out: list[bytes] = []
        self._size = 0
        self._pace = 0.0  # octets a second, 0 for no limit
        self._owed = 0.0  # seconds to wait before the next octets, to keep the pace
        self._noted = False
        self._carry: Callable[[bytes], None] | None = None  # sends in place of the stream
        self.begun = False

    def _put(self, octets: bytes) -> None:
        # The last piece is always held back: Rule 1.
        if octets:
            size = self._size + len(octets)
            if size > _BATCH and self._out:
                self._flush(False)
                size = len(octets)
            self._out.append(octets)
            self._size = size

    # The arguments below are given by their place: that is quicker, and it is done for each piece.

    def _flush(self, last: bool) -> None:
        if self._out:
            octets = b"".join(self._out) if len(self._out) > 1 else self._out[0]
            self._out = []
            self._size = 0
            self._send(octets, True, last)
        elif last:
            self._note_end()

    def _finish(self) -> None:
        if self._size > _BATCH:
            self._send_most()
        self._flush(True)

    def _send_most(self) -> None:
        # One large piece is held back. Its client may be slow, or leave: of that, too, only the
        # last octets come after the record's end.
        (octets,) = self._out
        most = len(octets) - _BATCH
        self._out = [octets[most:]]
        for start in range(0, most, _SLICE):
            self._send(octets[start : min(start + _SLICE, most)], True, False)

    def _send(self, octets: bytes, begins: bool, last: bool) -> None:
        # `begins` is whether they are of the answer's own; the `last` ones complete the record.
        if self._pace:
            self._drip(octets, begins, last)
            return
        self._record.sending(octets)
        if last:
            self._note_end()
        try:
            (self._carry or self._stream.send)(octets)
        except OSError as error:
            if not self.begun:
                self._record.status = self._record.logged = None  # nothing of it arrived
            raise Gone from error
        self.begun = self.begun or begins

    def _drip(self, octets: bytes, begins: bool, last: bool) -> None:
        # Sends some octets at a time, at least one.
        pace, self._pace = self._pace, 0.0
        size = max(int(pace * _TICK), 1)
        for start in range(0, len(octets), size):
            if self._owed:
                self._wait(self._owed)
            piece = octets[start : start + size]
            self._send(piece, begins, last and start + size >= len(octets))
            self._owed = len(piece) / pace
        self._pace = pace

    def _note_end(self) -> None:
        if not self._noted:
            self._noted = True
            self._record.finish()

    def _wait(self, seconds: float) -> None:
        self._record.waiting(True)
        gone = self._stream.wait(seconds)
        self._record.waiting(False)
        if gone:
            raise Gone
