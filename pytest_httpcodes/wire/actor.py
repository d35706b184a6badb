"""Performs the steps that are no part of a message: pauses, other octets, and every end."""

from __future__ import annotations

import contextlib

from pytest_httpcodes.wire.channel import ClientGoneError, Connected
from pytest_httpcodes.wire.parser import Parser
from pytest_httpcodes.wire.received import Record
from pytest_httpcodes.wire.sender import Gone, Sender
from pytest_httpcodes.wire.steps import (
    FOREVER,
    Close,
    HalfClose,
    Pace,
    Pause,
    Raw,
    Reset,
    Stall,
    Step,
    Switch,
)
from pytest_httpcodes.wire.stream import Stream


class Actor(Sender):
    """Acts on a connection, in the midst of an answer or behind it.

    `closes` is whether the connection is to be closed, `dead` whether nothing more can be sent on
    it.
    """

    __slots__ = ("_is_out", "_over", "_parser", "closes", "dead")

    def __init__(self, stream: Stream, record: Record, parser: Parser) -> None:
        Sender.__init__(self, stream, record)
        self._parser = parser
        self._over = False  # all of the answer has come; what follows is none of it
        self._is_out = False  # and was sent
        self.closes = False
        self.dead = False

    def _act(self, step: Step) -> bool:
        # Performs a step; returns whether it was the last.
        match step:
            case Raw():
                self._put(step.octets)
                return False
            case Pause():
                self._let_out()
                self._wait(step.seconds)
                return False
            case Pace():
                self._let_out()
                self._pace = step.octets
                return False
            case Stall():
                self._let_out()
                self._stall()
            case Switch():
                self._flush(False)
                self._switch(step)
            case Close():
                self._finish()
                self._close(step)
            case HalfClose():
                self._finish()
                self._half_close()
            case Reset():  # pragma: no branch - there are no others
                self._finish()
                self.dead = True
                self._stream.reset()
        return True

    def _let_out(self) -> None:
        # Sends what has come so far, before something else than sending.
        self._flush(self._over)
        self._is_out = self._over

    def _stall(self) -> None:
        self._record.waiting(True)
        self._hear()
        raise Gone

    def _hear(self) -> None:
        # Discards what the client sends, until it closes or the server stops.
        with contextlib.suppress(TimeoutError):  # that is after a day
            while self._stream.receive(FOREVER):
                pass

    def _close(self, step: Close) -> None:
        self.closes = True
        if not step.alert:
            self._stream.mute()

    def _half_close(self) -> None:
        self.dead = True
        self._stream.half_close()
        self._hear()

    def _switch(self, step: Switch) -> None:
        self.begun = True
        self.closes = True
        self._record.waiting(True)
        try:
            step.protocol(Connected(self._stream, self._record, self._parser.unread))
        except ClientGoneError as error:
            raise Gone from error
        self._note_end()
