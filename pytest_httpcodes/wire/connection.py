"""One connection: requests in, answers out, and how it ends (RFC 9112, 9)."""

from __future__ import annotations

import contextlib
import sys
import time
import traceback
from collections.abc import Iterator
from typing import Protocol

from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.head import Refusal, RequestHead
from pytest_httpcodes.wire.incoming import AnsweredEarly, Host, Incoming
from pytest_httpcodes.wire.limits import Limits
from pytest_httpcodes.wire.parser import Parser
from pytest_httpcodes.wire.performer import Dated, Performer
from pytest_httpcodes.wire.received import Received, Record
from pytest_httpcodes.wire.sender import Gone
from pytest_httpcodes.wire.steps import Reply
from pytest_httpcodes.wire.stream import Stream
from pytest_httpcodes.wire.writer import lower

# A closing connection is heard until the client closes too, or says nothing for so long, or has
# gone on for so long, in seconds. nginx has 5 and 30.
LINGER_QUIET = 2.0
LINGER = 10.0
_UNSOLICITED = (
    b"HTTP/1.1 408 Request Timeout\r\nDate: %b\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
)
# Where not even the answer that owns up to a fault can be made.
_LAST = b"HTTP/1.1 590 Httpcodes Fault\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Origin(Dated, Host, Protocol):
    """What a connection needs of the origin that it belongs to."""

    limits: Limits
    max_requests: int
    unsolicited_408: bool

    def record(self, connection: int, number: int, started: float, target: str) -> Record:
        """Return a new record in the journal."""
        ...

    def respond(self, request: Received) -> Reply:
        """Decide the answer; raises `Refusal` where the content is refused while it is read."""
        ...

    def refuse(self, refusal: Refusal, head: RequestHead | None, record: Record) -> Reply:
        """Describe the answer to a request that is refused for what it is."""
        ...

    def fault(self, error: Exception, record: Record) -> Reply:
        """Note that this program itself failed, and describe an answer that says so."""
        ...


class Connection:
    """Serves the requests of one connection, one after the other, until it ends.

    `unread` are octets that were read of it already; `refusal` is why its first request is refused,
    whatever that is.
    """

    __slots__ = (
        "_base",
        "_identity",
        "_incoming",
        "_number",
        "_origin",
        "_parser",
        "_performer",
        "_record",
        "_refusal",
    )

    def __init__(
        self,
        origin: Origin,
        stream: Stream,
        identity: int,
        base: str,
        unread: bytes = b"",
        refusal: Refusal | None = None,
    ) -> None:
        self._origin = origin
        self._identity = identity
        self._base = base
        self._number = 0
        self._parser = Parser(origin.limits)
        self._parser.feed(unread)
        self._incoming = Incoming(origin, stream, self._parser)
        self._refusal = refusal
        self._record: Record | None = None  # that of the exchange that goes on
        self._performer: Performer | None = None  # likewise, once it has an answer

    def run(self) -> None:
        """Serve until the client or an answer ends the connection, then close it."""
        with self._to_the_end():
            while self._serve():
                pass

    def overload(self, limit: int) -> None:
        """Refuse the connection, because there are too many."""
        detail = f"there are over {limit} connections (max_connections)"
        with self._to_the_end():
            self._refuse(Refusal(503, detail, Section(9110, "15.6.4")))

    def leave(self) -> None:
        """Close what is not to become a connection, once the client has read what was said."""
        with self._to_the_end():
            self._linger()

    @contextlib.contextmanager
    def _to_the_end(self) -> Iterator[None]:
        try:
            yield
        except BaseException as error:  # noqa: BLE001 - of what answers a fault, too
            self._fail(error)
        finally:
            self._incoming.stream.close()

    def _serve(self) -> bool:
        # Serves one request; returns whether the connection goes on.
        self._record = self._performer = None
        try:
            head = self._incoming.head()
        except Refusal as refusal:
            return self._refuse(refusal)
        except AnsweredEarly as early:
            record = self._open_partial()
            record.why, record.key = early.why, early.key
            return self._perform(early.reply, record, None, closes=True)
        if head is None:
            self._say_goodbye()
            return False
        record = self._open(head.target)
        record.open(head.method, head.target, head.version, head.fields, head.raw)
        if self._refusal is not None:
            reply = self._origin.refuse(self._refusal, head, record)
            return self._perform(reply, record, head, closes=True)
        stream = self._incoming.stream
        request = Received(head, record, self._base, stream.peer, self._incoming)
        request.secured, request.server_name = stream.secured, stream.server_name
        try:
            return self._answer(request)
        finally:
            request.discard()

    def _open(self, target: str) -> Record:
        self._number += 1
        record = self._origin.record(self._identity, self._number, self._incoming.started, target)
        self._record = record
        return record

    def _say_goodbye(self) -> None:
        # "If a client receives data on a connection that doesn't have outstanding requests, the
        # client MUST NOT consider that data to be a valid response" (RFC 9112, 9.2).
        if self._incoming.idle and self._origin.unsolicited_408:
            with contextlib.suppress(OSError):
                self._incoming.stream.send(_UNSOLICITED % self._origin.date())
            self._linger()

    def _refuse(self, refusal: Refusal) -> bool:
        # Answers what is no request; framing is lost, so the connection ends.
        record = self._open_partial()
        return self._perform(self._origin.refuse(refusal, None, record), record, None, closes=True)

    def _open_partial(self) -> Record:
        # Opens the record of what is no request yet, and is not going to be one.
        parser = self._parser
        record = self._open(parser.partial[1])
        record.open(*parser.partial, [], parser.unread)
        return record

    def _answer(self, request: Received) -> bool:
        origin, record = self._origin, request.record
        closes = self._number == origin.max_requests
        try:
            reply = origin.respond(request)
        except Refusal as refusal:
            reply = origin.refuse(refusal, request.head, record)
            closes = True
        except BaseException as error:  # noqa: BLE001 - whatever a rule raises is a fault of ours
            reply = origin.fault(_fault(error), record)
            closes = True
        if not (request.complete or request.handed_on):
            closes = closes or self._incoming.is_too_much(request)
        if not self._perform(reply, record, request.head, closes=closes):
            return False
        return request.complete or self._incoming.drain(request)

    def _perform(
        self, reply: Reply, record: Record, head: RequestHead | None, *, closes: bool
    ) -> bool:
        # Performs an answer; returns whether the connection goes on.
        performer = Performer(self._incoming.stream, self._origin, record, head, self._parser)
        self._performer = performer
        try:
            try:
                performer.perform(lower(reply), closes=closes)
            finally:
                self._incoming.stream = performer.stream
        except Gone:
            return self._lose(record)
        except BaseException as error:  # noqa: BLE001 - likewise, in the midst of an answer
            reply = self._origin.fault(_fault(error), record)
            if performer.begun:
                return self._tear(record)
            return self._own_up(reply, record, head)
        if performer.closes:
            self._linger()
        return not (performer.closes or performer.dead)

    def _own_up(self, reply: Reply, record: Record, head: RequestHead | None) -> bool:
        # Nothing was sent of an answer that failed: the one that says so is a whole answer.
        record.status = record.logged = None
        self._performer = performer = Performer(
            self._incoming.stream, self._origin, record, head, self._parser
        )
        try:
            performer.perform(lower(reply), closes=True)
        except Gone:
            return self._lose(record)
        self._linger()
        return False

    def _tear(self, record: Record) -> bool:
        # A fault of ours never looks like an answer: what was begun is torn off.
        record.finish()
        self._incoming.stream.reset()
        return False

    def _lose(self, record: Record) -> bool:
        # The answer has nobody to go to.
        if self._incoming.stream.aborted:
            record.failure = record.failure or "the server was stopped in the midst of the answer"
            record.finish()
        else:
            record.gone()
        return False

    def _fail(self, error: BaseException) -> None:
        # What owns up to a fault has failed itself; here nothing is needed but the connection.
        record, performer = self._record, self._performer
        text = "".join(traceback.format_exception(error))
        with contextlib.suppress(Exception):  # nobody may be there to read it
            sys.stderr.write(f"httpcodes: a fault, and no way to describe it to the client\n{text}")
        if record is not None:
            record.failure = f"{type(error).__name__}: {error}"
            if performer is not None and performer.begun:
                self._tear(record)
                return
            record.status = record.logged = 590
            record.sending(_LAST)
            record.finish()
        with contextlib.suppress(OSError):
            self._incoming.stream.send(_LAST)
        self._linger()

    def _linger(self) -> None:
        # "If a server performs an immediate close of a TCP connection, there is a significant
        # risk that the client will not be able to read the last HTTP response" (RFC 9112, 9.6).
        stream, record = self._incoming.stream, self._record
        stream.half_close()
        end = time.monotonic() + LINGER
        with contextlib.suppress(TimeoutError):
            while (octets := stream.receive(LINGER_QUIET)) and time.monotonic() < end:
                if record is not None:
                    record.discarded(len(octets))


def _fault(error: BaseException) -> Exception:
    # What ends a test, or a process, is a fault like any other on a connection's thread.
    if isinstance(error, Exception):
        return error
    fault = RuntimeError(f"a reply ended with {error!r}")
    fault.__cause__ = error
    return fault
