"""What comes in on a connection: heads of requests, and content when someone asks for it."""

from __future__ import annotations

import contextlib
import time
from typing import Protocol

from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.head import Refusal, RequestHead
from pytest_httpcodes.wire.parser import End, Parser
from pytest_httpcodes.wire.received import Foreseen, Received
from pytest_httpcodes.wire.steps import Reply
from pytest_httpcodes.wire.stream import Stream

# If no more than this is still to come of a request that was answered, in octets, it is read and
# the connection goes on; else it closes. Go's net/http has the same number.
DRAIN = 262_144


class Host(Protocol):
    """What the reading of requests needs to know of their origin; times are in seconds."""

    head_timeout: float
    idle_timeout: float

    def foresee(self, method: str, target: str, version: str) -> Foreseen:
        """Say what is known of a request whose head is not all there yet."""
        ...


class AnsweredEarly(Exception):  # noqa: N818 - no error
    """A request is answered before its head is complete."""

    def __init__(self, reply: Reply, foreseen: Foreseen) -> None:
        super().__init__()
        self.reply = reply
        self.why = foreseen.why
        self.key = foreseen.key


class Incoming:
    """Reads the requests of one connection, one after the other.

    `stream` is where they come from; it is another one once the connection is secured. `started` is
    when the request began to come, or began to be waited for. `idle` is whether nothing came for so
    long that the connection is to end.
    """

    __slots__ = ("_host", "_parser", "idle", "started", "stream")

    def __init__(self, host: Host, stream: Stream, parser: Parser) -> None:
        self._host = host
        self._parser = parser
        self.stream = stream
        self.started = time.monotonic()
        self.idle = False

    def head(self) -> RequestHead | None:
        """Return the next head, None where the client closed, or said nothing for too long.

        Raises `Refusal` for what is no head, and `AnsweredEarly`.
        """
        parser, stream = self._parser, self.stream
        self.started = time.monotonic()
        head = parser.head()
        while head is None and not parser.unread:
            # An empty line is no start of a request.
            try:
                octets = stream.receive(self._host.idle_timeout)
            except TimeoutError:
                self.idle = True
                return None
            if not octets:
                return None
            self.started = time.monotonic()
            parser.feed(octets)
            head = parser.head()
        return self._rest_of_head() if head is None else head

    def _rest_of_head(self) -> RequestHead:
        parser, stream = self._parser, self.stream
        timeout = self._host.head_timeout
        foreseen = head = None
        while head is None:
            if foreseen is None and parser.partial[2]:
                foreseen = self._host.foresee(*parser.partial)
                if foreseen.reply is not None:
                    raise AnsweredEarly(foreseen.reply, foreseen)
                timeout = foreseen.patience or timeout
            deadline = self.started + timeout
            try:
                octets = stream.receive(max(deadline - time.monotonic(), 0.000_001))
            except TimeoutError:
                whose = " (head_timeout)" if timeout == self._host.head_timeout else ""
                detail = f"the head took over {timeout} s{whose}"
                raise Refusal(408, detail, Section(9110, "15.5.9")) from None
            if not octets:
                raise Refusal(400, "the connection ends within the head", Section(9112, "8"))
            parser.feed(octets)
            head = parser.head()
        return head

    def read(self, request: Received) -> None:
        """Read all of a request's content into it; raises `Refusal`."""
        self._invite(request)
        if not self._take(request):
            request.record.waiting(True)
            try:
                self._receive(request)
            finally:
                request.record.waiting(False)

    def forgo(self, request: Received) -> None:
        """Take what comes next for a request, if nothing of the content has come."""
        if not self._parser.unread and not self.stream.has_octets():
            request.complete = True

    def is_too_much(self, request: Received) -> bool:
        """Tell whether what is still to come of an answered request is not worth waiting for.

        What was received already is taken; the rest is worth it if it is little, and if the client
        does not wait for us.
        """
        try:
            if self._take(request):
                return False
        except Refusal:
            return True
        if request.waits and not request.octets:
            return True
        length = request.head.length
        return length is None or length - request.octets > DRAIN

    def drain(self, request: Received) -> bool:
        """Read what is left of a request that was answered; tell whether that went well."""
        try:
            self._receive(request)
        except Refusal:
            return False
        return True

    def _receive(self, request: Received) -> None:
        while not self._take(request):
            self._fill(request)

    def _invite(self, request: Received) -> None:
        # "A server MAY omit sending a 100 (Continue) response if it has already received some or
        # all of the content for the corresponding request" (RFC 9110, 10.1.1).
        if request.waits:
            request.waits = False
            octets = request.invitation
            if octets and not self._parser.unread and not self.stream.has_octets():
                for _ in range(octets.count(b"\r\n\r\n")):
                    request.record.said(100)
                request.record.sending(octets)
                with contextlib.suppress(OSError):  # a client that is gone is noticed in a moment
                    self.stream.send(octets)

    def _take(self, request: Received) -> bool:
        # Takes what the parser has of the content; returns whether that was all of it.
        while True:
            event = self._parser.content()
            if event is None:
                return False
            if isinstance(event, End):
                request.trailers = event.trailers
                request.complete = True
                return True
            request.take(event)

    def _fill(self, request: Received) -> None:
        timeout = request.patience or self._host.head_timeout
        try:
            octets = self.stream.receive(timeout)
        except TimeoutError:
            raise Refusal(
                408,
                f"the content stalled for {timeout} s after {request.octets} octets",
                Section(9110, "15.5.9"),
            ) from None
        if not octets:
            raise Refusal(
                400,
                f"the connection ends after {request.octets} octets of the content",
                Section(9112, "8"),
            )
        self._parser.feed(octets)
