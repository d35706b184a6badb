"""Performs the steps of one answer on a connection (RFC 9112, 6 and 9)."""

from __future__ import annotations

from collections.abc import Iterable

from pytest_httpcodes.wire.head import RequestHead
from pytest_httpcodes.wire.marks import Marks, Places
from pytest_httpcodes.wire.parser import Parser
from pytest_httpcodes.wire.passing import Dated as Dated
from pytest_httpcodes.wire.passing import Passer
from pytest_httpcodes.wire.received import Record
from pytest_httpcodes.wire.sender import Gone
from pytest_httpcodes.wire.steps import (
    At,
    Content,
    End,
    Forward,
    Head,
    Interim,
    Secure,
    Step,
    Tunnel,
)
from pytest_httpcodes.wire.stream import Stream
from pytest_httpcodes.wire.writer import Framer, announced


class _Ended(Exception):  # noqa: N818 - no error
    """A step within the framed octets has ended the answer."""


class Performer(Passer):
    """Performs one answer, and says how the connection stands afterwards."""

    __slots__ = ("_ended", "_marks")

    def __init__(
        self,
        stream: Stream,
        origin: Dated,
        record: Record,
        request: RequestHead | None,
        parser: Parser,
    ) -> None:
        if request is None:
            framer = Framer(None, origin.phrases, parser.partial)
        else:
            framer = Framer(request, origin.phrases)
        Passer.__init__(self, stream, record, parser, origin, framer)
        self._ended = False
        self._marks: Marks | None = None

    @property
    def stream(self) -> Stream:
        """What the connection goes on with: another stream than before, where it was secured."""
        return self._stream

    def perform(self, steps: Iterable[Step], *, closes: bool = False) -> None:
        """Perform the steps in order; raises `Gone`, and what an iterable of steps raises.

        `closes` makes the answer the connection's last. Without an `End`, the content ends with
        the steps. Raises `ValueError` where the steps are no answer.
        """
        framer = self._framer
        framer.close = framer.close or closes
        try:
            if isinstance(steps, (tuple, list)):
                self._length = announced(steps)
                going = self._all(steps)
            else:
                try:
                    going = self._each(steps)
                finally:
                    # Not all have it, and what else they hold goes with them.
                    getattr(steps, "close", _nothing)()
            if going:
                if not self._ended:
                    self._end(None)
                self.closes = framer.close
                self._finish()
        except _Ended:
            pass
        except Gone:
            if not self._is_out:
                raise
            self.dead = True

    def _all(self, steps: Iterable[Step]) -> bool:
        # Performs steps that are there beforehand; returns whether the answer goes on.
        for step in steps:
            kind = type(step)
            if kind is Head:
                self._begin(step)  # type: ignore[arg-type]
            elif kind is Content:
                octets = self._framed(step)  # type: ignore[arg-type]
                if self._marks is None:
                    self._put(octets)
                else:
                    self._put_around(octets, self._marks.of_content(octets, step.data))  # type: ignore[union-attr]
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
            if self._marks is None:
                self._put(octets)
            else:
                self._put_around(octets, self._marks.of_content(octets, step.data))
            self._flush(framer.complete and not self._marks)
        return True

    def _begin(self, step: Head) -> None:
        if self._head is not None:
            raise ValueError("the steps have two final responses; send the second one as Raw")
        self._head = step
        marks, record = self._marks, self._record
        if marks is None or not marks.in_status:
            record.status = step.status
            if record.logged is None:
                record.logged = step.status
        if marks is None:
            self._put(self._framer.head(step, self._length, self._origin.date()))
            return
        step, length = marks.announce(step, self._length, self._framer)
        octets = self._framer.head(step, length, self._origin.date())
        self._put_around(octets, marks.of_head(octets))

    def _framed(self, step: Content) -> bytes:
        if self._head is None or self._ended:
            raise ValueError(
                "the steps have content that is not between a Head and an End; send it as Raw"
            )
        return self._framer.content(step.data)

    def _end(self, step: End | None) -> None:
        # Ends the content; without a step of its own, it ends with the others.
        if step is None:
            if self._head is None and not (self._out or self.begun):
                raise ValueError("the steps have neither a final response nor a close")
        elif self._head is None or self._ended:
            raise ValueError("the steps have an End without a Head; leave it out")
        self._ended = True
        octets, marks = self._framer.end(step.trailers if step else ()), self._marks
        left = bool(self._framer.left)  # the client waits for more
        if marks is None:
            self._put(octets)
            self._over = not left
            return
        self._over = not (octets or left)
        self._put_around(b"", marks.of_end())
        self._put(octets)
        self._over = not left
        self._put_around(b"", marks.of_all())

    def _put_around(self, octets: bytes, places: Places) -> None:
        # Puts framed octets, and performs what is to happen at places in them.
        done = 0
        for place, at in places:
            self._put(octets[done:place])
            done = place
            if not self._all(at.steps):
                raise _Ended
        self._put(octets[done:])

    def _effect(self, step: Step) -> bool:
        # Performs a step other than the final response's; returns whether it was the last.
        match step:
            case Interim():
                self._interim(step)
            case At():
                self._mark(step)
            case Secure():
                self._secure(step)
            case Forward():
                return not self._forward(step)
            case Tunnel():
                return not self._tunnel(step)
            case _:
                return self._act(step)
        return False

    def _mark(self, step: At) -> None:
        if self._head is not None:
            raise ValueError("the steps have an At behind the head; it comes before that")
        if self._marks is None:
            self._marks = Marks()
        self._marks.add(step)

    def _interim(self, step: Interim) -> None:
        if self._head is not None:
            raise ValueError("the steps have an interim response behind the final one's head")
        octets = self._framer.interim(step)
        if octets:
            self._flush(False)
            self._record.said(step.status)
            self._send(octets, False, False)

    def _secure(self, step: Secure) -> None:
        # "Once the TLS handshake completes successfully, the server MUST continue with the
        # response to the original request. Any TLS handshake failure MUST lead to disconnection"
        # (RFC 2817, 3.3).
        if self._head is not None or self._stream.secured:
            raise ValueError("the steps have a Secure behind the head, or a second one; use one")
        self._flush(False)
        from pytest_httpcodes.wire.tls import HandshakeError, SecureStream

        stream = SecureStream(self._stream, step.terms, self._parser.take())
        self._record.waiting(True)
        try:
            stream.handshake(self._origin.head_timeout)
        except HandshakeError as error:
            self._record.failure = str(error)
            self._note_end()
            self.closes = True
            raise _Ended from error
        self._record.waiting(False)
        self._stream = stream


def _nothing() -> None:
    pass
