"""Forwards one request to an upstream, and brings back what it answers (RFC 9110, 7.6)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.head import Refusal, options
from pytest_httpcodes.wire.parser import End as Ended
from pytest_httpcodes.wire.parser import Parser
from pytest_httpcodes.wire.received import Record
from pytest_httpcodes.wire.relay import READ, WRITE, Readiness, tunnel
from pytest_httpcodes.wire.response import InvalidResponse, ResponseParser
from pytest_httpcodes.wire.sender import Gone
from pytest_httpcodes.wire.steps import Channel, End, Fields, Forward, Head, Interim, Step, Switch
from pytest_httpcodes.wire.stream import PATIENCE, Stream
from pytest_httpcodes.wire.upstream import UpstreamError, broken, connect

_PIECE = 65_536  # octets of content that is there already, sent at a time
_AT_FIRST = 16  # pieces that are sent before an answer is looked for


class Forwarding:
    """One request on its way to an upstream, and the answer on its way back.

    What comes from either side is handed on as it comes; while one side takes nothing, nothing more
    is read of the other. `patience` is how long the client's content may stall, in seconds; `flush`
    sends what the client is to have before more is waited for. `is_sent` is whether all of the
    request was sent, as far as it is known. Raises `UpstreamError` where there is no connection to
    the upstream.
    """

    def __init__(
        self,
        step: Forward,
        client: Stream,
        parser: Parser,
        record: Record,
        patience: float,
        flush: Callable[[], None],
    ) -> None:
        self._step = step
        self._client = client
        self._parser = parser
        self._record = record
        self._patience = step.request.patience or patience
        self._flush = flush
        record.waiting(True)
        try:
            self._upstream = connect(step.to, client)
        finally:
            record.waiting(False)
        self._readiness = Readiness(client, self._upstream)
        self._response = ResponseParser(step.method)
        self._left: bytes | memoryview = _head(step)
        self._octets = 0  # of the content so far
        self._pieces = self._content()
        self._watches = True  # whether the client's leaving would be noticed
        self.is_sent = False
        self._is_refused = False  # the upstream takes nothing more of the request
        self._begun = False  # the head of the final response has come

    @property
    def is_through(self) -> bool:
        """Whether all of the request is sent, once what is there of it was."""
        for _ in range(3):
            if not self._push():
                break
        return self.is_sent

    def close(self) -> None:
        """Close the connection to the upstream."""
        self._client.attach(None)
        self._readiness.close()
        if self._holds():
            self._upstream.mute()  # it takes nothing, not even a closure alert
        self._upstream.close()

    def steps(self) -> Iterator[Step]:
        """Yield the answer as it comes.

        Raises `UpstreamError` where it is none, or breaks off; `Refusal` where the request's
        content is malformed or late; and `Gone`.
        """
        for _ in range(_AT_FIRST):
            if not self._push():
                break
        while True:
            step = self._next()
            if step is None:
                self._hear()
                continue
            if isinstance(step, Interim) and step.status == 101:
                self._check_switch(step)
                yield step
                yield Switch(self._tunnel)
                return  # pragma: no cover - it is the last that is asked for
            self._begun = self._begun or isinstance(step, Head)
            yield step
            if isinstance(step, End):
                return

    def send(self, octets: bytes) -> None:
        """Send octets to the client, and go on with what is still to come of the request.

        A client may send all of its content before it reads an answer. Raises `OSError`.
        """
        left = memoryview(octets)
        while left or self._client.owes:
            sent = self._client.offer(left)
            left = left[sent:]
            if not (sent or self._push()):
                wanted = self._wanted()
                wanted[self._client] = wanted.get(self._client, 0) | WRITE
                if not self._readiness.wait(wanted, PATIENCE):
                    raise TimeoutError(f"the client took nothing for {PATIENCE} s")

    def _next(self) -> Step | None:
        try:
            return self._response.next()
        except InvalidResponse as error:
            raise UpstreamError(error.kind, f"{self._step.to.name}: {error.detail}") from None

    def _hear(self) -> None:
        # Waits for more of the answer; meanwhile the request goes on.
        while True:
            pushed = self._push()
            try:
                octets = self._upstream.take()
            except OSError as error:
                raise broken(self._step.to.name, error) from None
            if octets:
                self._response.feed(octets)
                return
            if octets is not None:
                self._response.eof()
                return
            if not pushed:
                self._flush()
                self._wait()

    def _wait(self) -> None:
        waits_for_client = not (self._holds() or self.is_sent or self._is_refused)
        if self._step.request.waits and not self._octets:
            waits_for_client = False  # the client waits itself, for a 100 of the upstream
        wanted = self._wanted()
        wanted[self._upstream] = wanted.get(self._upstream, 0) | READ
        self._record.waiting(True)
        happened = self._readiness.wait(
            wanted, self._patience if waits_for_client else self._step.to.timeout
        )
        self._record.waiting(False)
        if not happened:
            raise self._late() if waits_for_client else self._silent()

    def _wanted(self) -> dict[Stream, int]:
        # What is waited for so that the request goes on.
        if self._holds():
            return {self._upstream: WRITE}
        listens = self._watches if self.is_sent else not self._is_refused
        return {self._client: READ} if listens else {}

    def _late(self) -> Refusal:
        detail = f"the content stalled for {self._patience} s after {self._octets} octets"
        return Refusal(408, detail, Section(9110, "15.5.9"))

    def _silent(self) -> UpstreamError:
        name, timeout = self._step.to.name, self._step.to.timeout
        if self._holds():
            detail = f"{name} took nothing of the request for {timeout:g} s"
            return UpstreamError("connection_write_timeout", detail)
        kind = "connection_read_timeout" if self._begun else "http_response_timeout"
        return UpstreamError(kind, f"{name} sent nothing for {timeout:g} s")

    def _holds(self) -> bool:
        return not self._is_refused and (bool(self._left) or self._upstream.owes)

    def _push(self) -> bool:
        # Moves some of the request on without waiting; tells whether any was.
        if self._holds():
            try:
                sent = self._upstream.offer(self._left)
            except OSError:
                # It may have answered all the same, and why (RFC 9112, 9.5).
                self._is_refused = True
                return False
            self._left = memoryview(self._left)[sent:]
            return bool(sent) or not self._holds()
        if self._is_refused:
            return False
        if self.is_sent:
            self._look()
            return False
        piece = next(self._pieces, b"")
        if piece is None:
            return False
        self._left = piece
        self.is_sent = not piece
        return bool(piece)

    def _look(self) -> None:
        # Notices that the client leaves; what comes instead is its next request.
        if self._watches:
            octets = self._take()
            if octets is not None:
                self._watches = False
                self._parser.feed(octets)
            if octets == b"":
                raise Gone

    def _take(self) -> bytes | None:
        try:
            return self._client.take()
        except OSError as error:
            raise Gone from error

    def _content(self) -> Iterator[bytes | None]:
        # The content as it is framed for the upstream; None while there is none of it yet.
        request = self._step.request
        chunked = request.head.length is None
        for piece in self._held() if request.complete else self._received():
            yield b"%x\r\n%b\r\n" % (len(piece), piece) if chunked and piece else piece
        if chunked:
            yield b"0\r\n%b\r\n" % _lines(request.trailers)

    def _held(self) -> Iterator[bytes]:
        stream = self._step.request.stream
        while piece := stream.read(_PIECE):
            yield piece

    def _received(self) -> Iterator[bytes | None]:
        request = self._step.request
        while True:
            event = self._parser.content()
            if isinstance(event, Ended):
                request.trailers = event.trailers
                return
            if event is not None:
                self._octets += len(event)
                self._record.received(event)
                yield event
                continue
            octets = self._take()
            if octets:
                self._parser.feed(octets)
            elif octets is None:
                yield None
            else:
                detail = f"the connection ends after {self._octets} octets of the content"
                raise Refusal(400, detail, Section(9112, "8"))

    def _check_switch(self, step: Interim) -> None:
        # "A server MUST NOT switch to a protocol that was not indicated by the client in the
        # corresponding request's Upgrade header field" (RFC 9110, 7.8).
        chosen = ",".join(value for name, value in step.headers if name.lower() == "upgrade")
        if not set(options(chosen)) <= set(options(self._step.upgrade)) - {""}:
            detail = f"{self._step.to.name} switches to {chosen!r}, which was not asked for"
            raise UpstreamError("http_upgrade_failed", detail)

    def _tunnel(self, channel: Channel) -> None:
        behind = self._response.take()
        tunnel(self._client, self._upstream, self._record, self._parser.take(), behind)


def _head(step: Forward) -> bytes:
    # A connection for each request: nothing is ever sent a second time because an idle one had
    # closed, and "A proxy MUST NOT automatically retry non-idempotent requests" (RFC 9110, 9.2.2).
    length, known = step.request.head.length, step.request.head.known
    fields = [*step.headers]
    if length is None:
        fields.append(("Transfer-Encoding", "chunked"))
    elif length or "content-length" in known:
        fields.append(("Content-Length", f"{length}"))
    if step.upgrade:
        fields += [("Upgrade", step.upgrade), ("Connection", "Upgrade")]
    else:
        fields.append(("Connection", "close"))
    line = f"{step.method} {step.target} HTTP/1.1\r\n".encode("latin-1")
    return b"%b%b\r\n" % (line, _lines(fields))


def _lines(fields: Fields | list[tuple[str, str]]) -> bytes:
    return "".join(f"{name}: {value}\r\n" for name, value in fields).encode("latin-1")
