"""An answer in steps as WSGI has it: a status, fields, and content in pieces (PEP 3333)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from pytest_httpcodes.codes import PHRASES, WITHOUT_CONTENT
from pytest_httpcodes.wire.head import RequestHead
from pytest_httpcodes.wire.received import Record
from pytest_httpcodes.wire.steps import (
    Close,
    Content,
    End,
    HalfClose,
    Head,
    Interim,
    Pause,
    Raw,
    Reset,
    Secure,
    Stall,
    Step,
    Switch,
)

_CARRIED = (Head, Content, End, Pause)
_NEEDS: dict[type, str] = {
    Interim: "an interim response",
    Raw: "octets that are no part of a message",
    Close: "a connection that closes within the answer",
    HalfClose: "a connection that closes on one side",
    Reset: "a connection that is reset",
    Stall: "a connection that stalls",
    Secure: "TLS on the same connection",
    Switch: "another protocol on the connection",
}
# "applications ... are forbidden from using HTTP/1.1 "hop-by-hop" features or headers" (PEP 3333,
# Other HTTP Features). Those that frame and close are the server's to send; without one of the
# others the answer would not be what it is.
_SERVERS = frozenset(("connection", "keep-alive", "te", "trailer", "trailers", "transfer-encoding"))
_HOPS = frozenset(("proxy-authenticate", "proxy-authorization", "upgrade"))


class Uncarried(Exception):  # noqa: N818 - it is no error of this program
    """An answer that WSGI has no way to carry; its text is what it needs."""


class Answer:
    """An answer, up to its first octet of content: a WSGI server sends nothing before.

    `status` and `fields` are for `start_response`. Raises `Uncarried`, `ValueError` where the
    steps are no answer, and what an iterable of steps raises.
    """

    def __init__(self, steps: Iterable[Step], request: RequestHead | None, record: Record) -> None:
        self.record = record
        self.close: Callable[[], None] = getattr(steps, "close", _nothing)
        self._http10 = request is not None and request.http10
        self._heads: list[Head] = []
        self._is_whole = isinstance(steps, (tuple, list))
        length = None
        if isinstance(steps, (tuple, list)):
            for step in steps:
                self._check(step)  # before one of them pauses
            length = sum(len(step.data) for step in steps if isinstance(step, Content))
        self._pieces = self._perform(steps)
        try:
            self._first = next(self._pieces, b"")
            if not self._heads:
                raise ValueError("the steps have no final response")
        except BaseException:
            self.close()
            raise
        (head,) = self._heads
        status = head.status
        phrase = PHRASES.get(status, "") if head.reason is None else head.reason
        self.status = f"{status} {phrase}"
        self.fields = _framed(head, length)
        head_only = request is not None and request.method == "HEAD"
        self._is_empty = head_only or status in WITHOUT_CONTENT
        record.status = status
        if record.logged is None:
            record.logged = status

    def content(
        self, tear: Callable[[Exception], object], done: Callable[[], None]
    ) -> Iterable[bytes]:
        """Return the content for the server to send, which the record has from then on.

        `tear` is called with what goes wrong within it, and `done` when the exchange is over.
        """
        record = self.record
        lines = "".join(f"{name}: {value}\r\n" for name, value in self.fields)
        record.sending(f"HTTP/1.1 {self.status}\r\n{lines}\r\n".encode("latin-1"))
        if not (self._is_empty or self._is_whole):
            length = dict(self.fields).get("Content-Length", "")
            left = int(length) if length.isdecimal() else None
            return Stream(self._first, self._pieces, left, self, tear, done)
        content = b"" if self._is_empty else b"".join((self._first, *self._pieces))
        self.close()
        if content:
            record.sending(content)
        record.finish()
        done()
        return [content] if content else []

    def _perform(self, steps: Iterable[Step]) -> Iterator[bytes]:
        # Goes through the steps; what they have of content comes out, as far as it is asked for.
        for step in steps:
            self._check(step)
            if isinstance(step, Pause):
                self.record.waiting(True)
                time.sleep(step.seconds)
                self.record.waiting(False)
            elif isinstance(step, Head):
                if self._heads:
                    raise ValueError("the steps have two final responses")
                self._heads.append(step)
            elif isinstance(step, Content):
                if not self._heads:
                    raise ValueError("the steps have content in front of a Head")
                if step.data:
                    yield step.data

    def _check(self, step: Step) -> None:
        if isinstance(step, Head):
            for name, _ in step.headers:
                if name.lower() in _HOPS:
                    raise Uncarried(f"it takes the field {name}")
        elif not isinstance(step, _CARRIED) and not (self._http10 and isinstance(step, Interim)):
            # "A server MUST NOT send a 1xx response to an HTTP/1.0 client" (RFC 9110, 15.2): there
            # nothing is missing.
            needed = _NEEDS.get(type(step), f"the step {type(step).__name__}")
            raise Uncarried(f"it takes {needed}")


class Stream:
    """Content that comes piece by piece; the server calls `close` at its end, or before it."""

    def __init__(
        self,
        first: bytes,
        rest: Iterator[bytes],
        left: int | None,
        answer: Answer,
        tear: Callable[[Exception], object],
        done: Callable[[], None],
    ) -> None:
        self._pieces = chain((first,), rest)
        self._left = left
        self._answer = answer
        self._tear = tear
        self._done = done
        self._finished = False

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        """Return the next piece; raises what goes wrong, so that the server tears the answer."""
        try:
            piece = next(self._pieces)
        except StopIteration:
            self._finish()
            raise
        except Exception as error:
            self._tear(error)
            self._finish()
            raise
        if self._left is not None:
            self._left -= len(piece)
            if self._left <= 0:
                self._finish()  # before the last octet is on its way, as the wire does it
        self._answer.record.sending(piece)
        return piece

    def _finish(self) -> None:
        if not self._finished:
            self._finished = True
            self._answer.record.finish()

    def close(self) -> None:
        """Let go of what the answer holds; if it was not taken whole, the client is gone."""
        if not self._finished:
            self._finished = True
            self._answer.record.gone()
        self._answer.close()
        self._done()


def _framed(head: Head, length: int | None) -> list[tuple[str, str]]:
    # The fields that are the application's: all but those of the connection, and the length.
    kept = [line for line in head.headers if line[0].lower() not in _SERVERS]
    if head.status in (204, 304):
        # "A server MUST NOT send a Content-Length header field in any response with a status code
        # of 1xx (Informational) or 204 (No Content)" (RFC 9110, 8.6).
        return kept
    if head.status == 205:
        length = 0  # "a server MUST NOT generate content in a 205 response" (RFC 9110, 15.3.6)
    if length is not None and not any(name.lower() == "content-length" for name, _ in kept):
        kept.append(("Content-Length", str(length)))
    return kept


def _nothing() -> None:
    pass
