"""Performs the steps of an intermediary: what an upstream answers, and tunnels (RFC 9110, 7.6)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Protocol

from pytest_httpcodes.wire.actor import Actor
from pytest_httpcodes.wire.head import Refusal
from pytest_httpcodes.wire.parser import Parser
from pytest_httpcodes.wire.received import Record
from pytest_httpcodes.wire.steps import Forward, Head, Reply, Step, Tunnel
from pytest_httpcodes.wire.stream import Stream
from pytest_httpcodes.wire.writer import SERVER, Framer, announced, lower

if TYPE_CHECKING:
    from pytest_httpcodes.wire.forward import Forwarding
    from pytest_httpcodes.wire.upstream import UpstreamError


class Dated(Protocol):
    """What the writing of an answer needs to know of its origin."""

    phrases: Mapping[int, str]
    head_timeout: float

    def date(self) -> bytes:
        """Return the value of a `Date` field."""
        ...


class Passer(Actor):
    """Passes on what comes from an upstream, as the steps of an answer.

    Those are performed by the subclass: `_all` of those that are there, `_each` as they come, and
    `_begin` the head of the final response. The first two return whether the answer goes on.
    """

    __slots__ = ("_framer", "_head", "_length", "_origin")

    def __init__(
        self, stream: Stream, record: Record, parser: Parser, origin: Dated, framer: Framer
    ) -> None:
        Actor.__init__(self, stream, record, parser)
        self._origin = origin
        self._framer = framer
        self._length: int | None = None  # of the content, if that is known
        self._head: Head | None = None  # of the final response, once it is begun

    def _all(self, steps: Iterable[Step]) -> bool:
        raise NotImplementedError

    def _each(self, steps: Iterable[Step]) -> bool:
        raise NotImplementedError

    def _begin(self, step: Head) -> None:
        raise NotImplementedError

    def _forward(self, step: Forward) -> bool:
        # Performs what an upstream answers; returns whether the answer goes on.
        from pytest_httpcodes.wire.forward import Forwarding
        from pytest_httpcodes.wire.upstream import UpstreamError

        self._framer.server = b""  # that is the upstream's to say
        forwarding = None
        try:
            forwarding = Forwarding(
                step,
                self._stream,
                self._parser,
                self._record,
                self._origin.head_timeout,
                partial(self._flush, False),
            )
            self._carry = forwarding.send
            return self._each(step.amend(self._returned(forwarding)))
        except (UpstreamError, Refusal) as error:
            self._carry = None
            if self._head is not None:
                return self._break_off(error)
            # Of a request that is not all there, the rest is not waited for.
            is_sent = forwarding.is_sent if forwarding else step.request.complete
            if isinstance(error, Refusal) or not is_sent:
                self._framer.close = True
            return self._instead(step.failed(error))
        finally:
            self._carry = None
            if forwarding is not None:
                forwarding.close()

    def _returned(self, forwarding: Forwarding) -> Iterator[Step]:
        for step in forwarding.steps():
            if type(step) is Head and not forwarding.is_through:
                self._framer.close = True  # what is still to come is no next request
            yield step

    def _break_off(self, error: UpstreamError | Refusal) -> bool:
        # "A client that receives an incomplete response message ... MUST record the message as
        # incomplete" (RFC 9112, 8), so what is incomplete must never look complete.
        self._record.failure = f"the answer broke off: {error.detail}"
        self._flush(False)
        self._note_end()
        if self._framer.ends_with_connection:
            self.dead = True
            self._stream.reset()
        else:
            self.closes = True
            self._stream.mute()
        return False

    def _instead(self, reply: Reply) -> bool:
        self._framer.server = SERVER
        steps = lower(reply)
        self._length = announced(steps)
        return self._all(steps)

    def _tunnel(self, step: Tunnel) -> bool:
        # Opens a tunnel; returns whether the answer goes on, which it does where there is none.
        from pytest_httpcodes.wire.relay import tunnel
        from pytest_httpcodes.wire.upstream import UpstreamError, connect

        try:
            upstream = connect(step.to, self._stream)
        except UpstreamError as error:
            return self._instead(step.failed(error))
        try:
            self._begin(step.head)
            self._flush(False)
            self.closes = True
            self._record.waiting(True)
            tunnel(self._stream, upstream, self._record, self._parser.take())
            self._note_end()
        finally:
            self._stream.attach(None)
            upstream.close()
        return False
