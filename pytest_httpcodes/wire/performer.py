"""Performs the steps of one answer on a connection (RFC 9112, 6 and 9)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from typing import Protocol

from pytest_httpcodes.wire.head import RequestHead
from pytest_httpcodes.wire.parser import Parser
from pytest_httpcodes.wire.received import Record
from pytest_httpcodes.wire.steps import (
    FOREVER,
    Close,
    Content,
    End,
    HalfClose,
    Head,
    Interim,
    Pause,
    Raw,
    Reset,
    Stall,
    Step,
    Switch,
)
from pytest_httpcodes.wire.stream import Stream
from pytest_httpcodes.wire.writer import Framer, announced

# Octets that are collected before they are handed to the kernel: a small answer goes in one piece,
# a large one does not have to be copied.
_BATCH = 65_536
# Of a larger piece, so much at a time.
_SLICE = 1_048_576


class Dated(Protocol):
    """What the writing of an answer needs to know of its origin."""

    phrases: Mapping[int, str]

    def date(self) -> bytes:
        """Return the value of a `Date` field."""
        ...


class Gone(Exception):  # noqa: N818 - it is the client's affair, and no error
    """The client closed the connection, or does not read, before it had the whole answer."""


class _ClientGoneError(ConnectionError):
    """The client is gone; an `OSError` of the protocol's own is not that."""


class _Channel:
    """The connection as a `Switch` hands it on: octets read behind the head come first."""

    __slots__ = ("_record", "_stream", "_unread")

    def __init__(self, stream: Stream, record: Record, unread: bytes) -> None:
        self._stream = stream
        self._record = record
        self._unread = unread

    def receive(self) -> bytes:
        octets, self._unread = self._unread, b""
        return octets or self._stream.receive(FOREVER)

    def send(self, octets: bytes) -> None:
        self._record.sending(octets)
        try:
            self._stream.send(octets)
        except OSError as error:
            raise _ClientGoneError(*error.args) from error


class Performer:
    """Performs one answer, and says how the connection stands afterwards.

    `begun` is whether something was sent that no other answer can follow, `closes` whether the
    connection is to be closed, and `dead` whether nothing more can be sent on it.

    Rule 1: the record is complete before the last octet is handed to the kernel.
    Rule 2: what is made piece by piece is sent piece by piece, before the next one is asked for.
    """

    __slots__ = (
        "_ended",
        "_framer",
        "_head",
        "_length",
        "_noted",
        "_origin",
        "_out",
        "_parser",
        "_record",
        "_size",
        "_stream",
        "begun",
        "closes",
        "dead",
    )

    def __init__(
        self,
        stream: Stream,
        origin: Dated,
        record: Record,
        request: RequestHead | None,
        parser: Parser,
    ) -> None:
        self._stream = stream
        self._origin = origin
        self._record = record
        if request is None:
            self._framer = Framer(None, origin.phrases, parser.partial)
        else:
            self._framer = Framer(request, origin.phrases)
        self._parser = parser
        self._out: list[bytes] = []
        self._size = 0
        self._length: int | None = None
        self._head: Head | None = None
        self._ended = False
        self._noted = False
        self.begun = False
        self.closes = False
        self.dead = False

    def perform(self, steps: Iterable[Step], *, closes: bool = False) -> None:
        """Perform the steps in order; raises `Gone`, and what an iterable of steps raises.

        `closes` makes the answer the connection's last. Without an `End`, the content ends with
        the steps. Raises `ValueError` where the steps are no answer.
        """
        framer = self._framer
        framer.close = framer.close or closes
        if isinstance(steps, (tuple, list)):
            self._length = announced(steps)
            going = self._all(steps)
        else:
            try:
                going = self._each(steps)
            finally:
                # Not all have it, and what else they hold goes with them.
                getattr(steps, "close", _nothing)()
        if not going:
            return
        if not self._ended:
            if self._head is None and not (self._out or self.begun):
                raise ValueError("the steps have neither a final response nor a close")
            self._put(framer.end(()))
        self.closes = framer.close
        self._finish()

    def _all(self, steps: Iterable[Step]) -> bool:
        # Performs steps that are there beforehand; returns whether the answer goes on.
        for step in steps:
            kind = type(step)
            if kind is Head:
                self._begin(step)  # type: ignore[arg-type]
            elif kind is Content:
                self._put(self._framed(step))  # type: ignore[arg-type]
            elif kind is End:
                self._end(step)  # type: ignore[arg-type]
            elif self._effect(step):
                return False
        return True

    def _each(self, steps: Iterable[Step]) -> bool:
        # Performs steps that are made one by one; returns whether the answer goes on.
        framer = self._framer
        for step in steps:
            if type(step) is not Content:
                if not self._all((step,)):
                    return False
                continue
            octets = self._framed(step)
            if not framer.has_content:
                # After HEAD, say: nobody gets to see the rest, which may be without end.
                break
            if framer.complete:
                self._note_end()
            self._put(octets)
            self._flush()
        return True

    def _begin(self, step: Head) -> None:
        if self._head is not None:
            raise ValueError("the steps have two final responses; send the second one as Raw")
        self._head = step
        record = self._record
        record.status = step.status
        if record.logged is None:
            record.logged = step.status
        self._put(self._framer.head(step, self._length, self._origin.date()))

    def _framed(self, step: Content) -> bytes:
        if self._head is None or self._ended:
            raise ValueError(
                "the steps have content that is not between a Head and an End; send it as Raw"
            )
        return self._framer.content(step.data)

    def _end(self, step: End) -> None:
        if self._head is None or self._ended:
            raise ValueError("the steps have an End without a Head; leave it out")
        self._ended = True
        self._put(self._framer.end(step.trailers))

    def _put(self, octets: bytes) -> None:
        # The last piece is always held back: Rule 1.
        if octets:
            size = self._size + len(octets)
            if size > _BATCH and self._out:
                self._flush()
                size = len(octets)
            self._out.append(octets)
            self._size = size

    def _flush(self) -> None:
        if self._out:
            octets = b"".join(self._out) if len(self._out) > 1 else self._out[0]
            self._out = []
            self._size = 0
            self._send(octets)

    def _send(self, octets: bytes, *, begins: bool = True) -> None:
        self._record.sending(octets)
        try:
            self._stream.send(octets)
        except OSError as error:
            if not self.begun:
                self._record.status = self._record.logged = None  # nothing of it arrived
            raise Gone from error
        self.begun = self.begun or begins

    def _effect(self, step: Step) -> bool:
        # Performs a step other than the final response's; returns whether it was the last.
        match step:
            case Interim():
                self._interim(step)
                return False
            case Raw():
                self._put(step.octets)
                return False
            case Pause():
                self._flush()
                self._wait(step.seconds)
                return False
            case Stall():
                self._flush()
                self._stall()
            case Switch():
                self._flush()
                self._switch(step)
            case Close():
                self._finish()
                self.closes = True
            case HalfClose():
                self._finish()
                self._half_close()
            case Reset():  # pragma: no branch - there are no others
                self._finish()
                self.dead = True
                self._stream.reset()
        return True

    def _finish(self) -> None:
        if self._size > _BATCH:
            self._send_most()
        self._note_end()
        self._flush()

    def _send_most(self) -> None:
        # One large piece is held back. Its client may be slow, or leave: of that, too, only the
        # last octets come after the record's end.
        (octets,) = self._out
        most = len(octets) - _BATCH
        self._out = [octets[most:]]
        for start in range(0, most, _SLICE):
            self._send(octets[start : min(start + _SLICE, most)])

    def _note_end(self) -> None:
        if not self._noted:
            self._noted = True
            self._record.finish()

    def _interim(self, step: Interim) -> None:
        if self._head is not None:
            raise ValueError("the steps have an interim response behind the final one's head")
        octets = self._framer.interim(step)
        if octets:
            self._flush()
            self._record.said(step.status)
            self._send(octets, begins=False)

    def _wait(self, seconds: float) -> None:
        self._record.waiting(True)
        gone = self._stream.wait(seconds)
        self._record.waiting(False)
        if gone:
            raise Gone

    def _stall(self) -> None:
        self._record.waiting(True)
        self._hear()
        raise Gone

    def _half_close(self) -> None:
        self.dead = True
        self._stream.half_close()
        self._hear()

    def _hear(self) -> None:
        # Discards what the client sends, until it closes or the server stops.
        with contextlib.suppress(TimeoutError):  # that is after a day
            while self._stream.receive(FOREVER):
                pass

    def _switch(self, step: Switch) -> None:
        self.begun = True
        self.closes = True
        self._record.waiting(True)
        try:
            step.protocol(_Channel(self._stream, self._record, self._parser.unread))
        except _ClientGoneError as error:
            raise Gone from error
        self._note_end()


def _nothing() -> None:
    pass
