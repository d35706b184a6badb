"""An origin: a port, the connections to it, and its application, clock and journal."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from functools import partial
from socket import socket
from types import TracebackType
from typing import TYPE_CHECKING

from pytest_httpcodes.clock import Clock
from pytest_httpcodes.codes import PHRASES
from pytest_httpcodes.exchange import Exchange
from pytest_httpcodes.journal import Journal
from pytest_httpcodes.wire.limits import Limits
from pytest_httpcodes.wire.listener import bind, listener
from pytest_httpcodes.wire.stream import Stream

if TYPE_CHECKING:
    from typing_extensions import Self

    from pytest_httpcodes.application import Application
    from pytest_httpcodes.authority import Given
    from pytest_httpcodes.resource import Site
    from pytest_httpcodes.wire.connection import Connection
    from pytest_httpcodes.wire.head import Refusal, RequestHead
    from pytest_httpcodes.wire.received import Foreseen, Received, Record
    from pytest_httpcodes.wire.steps import Reply
    from pytest_httpcodes.wire.tls import Terms

# What needs no check: most servers have the limits of `StatusServer`'s signature.
_USUAL = (Limits(), 30.0, 60.0, 1_048_576, 2048)


class ServerFault(RuntimeError):  # noqa: N818 - a fault, as the wire has it
    """The test server itself failed, or a callable that a test gave it; the client did not."""


class Origin:
    """An origin that listens on a port of its own; `StatusServer` says what it takes.

    It is what the wire asks for its limits and its answers, and what a test starts, stops and
    checks.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        tls: Given = None,
        cors: bool = False,
        strict: bool = False,
        max_target: int = 8000,
        max_field: int = 16_384,
        max_head: int = 65_536,
        max_fields: int = 1000,
        max_content: int = 2**30,
        head_timeout: float = 30.0,
        idle_timeout: float = 60.0,
        keep_octets: int = 1_048_576,
        max_connections: int = 2048,
        max_requests: int = 0,
        unsolicited_408: bool = False,
        clock: Clock | None = None,
    ) -> None:
        self.limits = Limits(max_target, max_field, max_head, max_fields, max_content, strict)
        _check(self.limits, head_timeout, idle_timeout, keep_octets, max_connections)
        if type(max_requests) is not int or max_requests < 0:
            raise ValueError(
                f"max_requests={max_requests!r} is out of range; use 1 or more, or 0 for no limit"
            )
        self.head_timeout = head_timeout
        self.idle_timeout = idle_timeout
        self.max_requests = max_requests
        self.unsolicited_408 = unsolicited_408
        self.phrases: Mapping[int, str] = PHRASES
        self.clock = clock or Clock()
        self.date = self.clock.date
        self._host = host
        self._port = port
        self._tls: Given = tls
        self._terms = None if tls is None else _terms(tls, host)
        self._cors = cors
        self._max_connections = max_connections
        self._keep_octets = keep_octets
        self._journal = Journal(self.clock, keep_octets)
        self._application: Application | None = None
        self._socket: socket | None = None
        self._url = ""
        self._lock = threading.Lock()
        self._streams: set[Stream] = set()
        self._quiet: threading.Event | None = None
        self._connections = 0
        self._others: list[Origin] = []

    def start(self) -> Self:
        """Listen, from now on; return this server. Raises `PortInUseError` for a busy port."""
        if self._socket is None:
            self._socket = bind(self._host, self._port)
            host = f"[{self._host}]" if ":" in self._host else self._host
            scheme = "http" if self._terms is None else "https"
            self._url = f"{scheme}://{host}:{self._socket.getsockname()[1]}"
            self._journal.address = self._url
            listener().open(self._socket, self._accept)
        return self

    def stop(self) -> None:
        """Stop listening, end every connection, and wait until their threads have seen it.

        What is in the midst of an answer is cut off; a handler that is busy is waited for at most
        a second. Stopping twice does nothing. What a test got wrong is `check`'s to say, which a
        `with` does by itself.
        """
        self._stop_others()
        listening, self._socket = self._socket, None
        if listening is not None:
            listener().close(listening)
        with self._lock:
            streams = list(self._streams)
            quiet = self._quiet = threading.Event() if streams else None
        for stream in streams:
            stream.abort()
        if quiet is not None:
            quiet.wait(1.0)
        self._stop_others()  # a connection may have opened one a moment ago

    def _stop_others(self) -> None:
        for other in list(self._others):
            other.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        if error is None:
            self.check()

    def check(self) -> None:
        """Raise what a test gets wrong about this server, or what went wrong in it; each once.

        `ServerFault` for an exception in a reply, `AssertionError` for a script with `exact=True`
        that was not used up, or was asked for more. The fixtures do this at the end of each test.
        """
        for complaint in self.complaints():
            raise complaint

    def complaints(self) -> list[Exception]:
        """Return what `check` would raise, which is then forgotten."""
        application = self._application
        found: list[Exception] = []
        if application is not None:
            found += [_server_fault(*fault) for fault in application.take_faults()]
            found += [AssertionError(text) for text in application.take_misuse()]
        return found + [complaint for other in self._others for complaint in other.complaints()]

    @property
    def url(self) -> str:
        """The origin's URL, without a slash at its end; raises `RuntimeError` before the start."""
        if not self._url:
            raise RuntimeError("this server has no address yet; use it in a with, or start() it")
        return self._url

    @property
    def journal(self) -> Journal:
        """Every exchange of this server, in order of arrival."""
        return self._journal

    @property
    def servers(self) -> list[Origin]:
        """The server itself, and the origins that it opened."""
        return [self, *(server for other in self._others for server in other.servers)]

    def _app(self) -> Application:
        # The application, and Werkzeug with it, is imported when it is first needed: many tests
        # of a run may never need it.
        if self._application is None:
            from pytest_httpcodes.resource import Site

            with self._lock:  # the first two clients may come at once
                self._application = self._application or self._made(
                    Site(self.clock, self._journal, self.limits)
                )
        return self._application

    def _made(self, site: Site) -> Application:
        from pytest_httpcodes.application import Application

        return Application(site, cors=self._cors)

    # What the wire asks of its origin

    def record(self, connection: int, number: int, started: float, target: str) -> Exchange:
        """Return a new record in the journal; the journal itself is not in it."""
        # The word may be percent-encoded; where it cannot be there, nobody has to look closely.
        listed = True
        if "journal" in target or "%" in target:
            listed = not self._app().catalogue.is_journal(target)
        return self._journal.record(connection, number, started, listed=listed)

    def foresee(self, method: str, target: str, version: str) -> Foreseen:
        """Say what is known of a request whose head is not all there yet."""
        return self._app().foresee(method, target, version)

    def respond(self, request: Received) -> Reply:
        """Decide the answer to a request."""
        return self._app().respond(request)

    def refuse(self, refusal: Refusal, head: RequestHead | None, record: Record) -> Reply:
        """Describe the answer to a request that is refused for what it is."""
        return self._app().refuse(refusal, head, record)

    def fault(self, error: Exception, record: Record) -> Reply:
        """Note a fault of ours, and describe an answer that says so."""
        return self._app().fault(error, record)

    def _accept(self, sock: socket, peer: str) -> None:
        # On the accepting thread: as little as possible.
        try:
            stream = Stream(sock, peer, self.idle_timeout)
        except OSError:
            sock.close()  # reset already: some systems have no options for such a socket
            return
        with self._lock:
            if self._socket is None:
                stream.close()
                return
            self._connections += 1
            self._streams.add(stream)
            number, crowd = self._connections, len(self._streams)
        try:
            listener().pool.run(partial(self._serve, stream, number, crowd > self._max_connections))
        except RuntimeError:  # no thread can be started
            stream.close()
            self._forget(stream)
            raise

    def _serve(self, stream: Stream, number: int, too_many: bool) -> None:
        try:
            connection = self._connection(stream, number)
            if connection is None:
                return
            if too_many:
                connection.overload(self._max_connections)
            else:
                connection.run()
        finally:
            self._forget(stream)

    def _connection(self, stream: Stream, number: int) -> Connection | None:
        # Imported when the first client comes: many a test that asks for a server needs none.
        from pytest_httpcodes.wire.connection import Connection

        if self._terms is None:
            return Connection(self, stream, number, self._url)
        from pytest_httpcodes.wire.tls import HandshakeError, accept

        try:
            secured, unread, refusal = accept(stream, self._terms, self.head_timeout)
        except HandshakeError:
            # The client has an alert to read, and may have sent a request already.
            Connection(self, stream, number, self._url).leave()
            return None
        return Connection(self, secured, number, self._url, unread, refusal)

    def _forget(self, stream: Stream) -> None:
        with self._lock:
            self._streams.discard(stream)
            if self._quiet is not None and not self._streams:
                self._quiet.set()


def _terms(tls: Given, host: str) -> Terms | None:
    # Imported when it is needed, as TLS seldom is.
    from pytest_httpcodes import authority

    return authority.terms(tls, host)


def _check(
    limits: Limits, head_timeout: float, idle_timeout: float, keep_octets: int, crowd: int
) -> None:
    given = (limits, head_timeout, idle_timeout, keep_octets, crowd)
    if given == _USUAL:
        return
    counts = {f"max_{name}": (value, 1) for name, value in limits._asdict().items()}
    counts["max_content"] = (limits.content, 0)
    del counts["max_strict"]
    counts |= {"keep_octets": (keep_octets, 0), "max_connections": (crowd, 1)}
    for name, (count, least) in counts.items():
        if type(count) is not int or count < least:
            unit = "" if name in ("max_fields", "max_connections") else " octets"
            raise ValueError(f"{name}={count!r} is out of range; use {least} or more{unit}")
    for name, time in (("head_timeout", head_timeout), ("idle_timeout", idle_timeout)):
        if not 0 < time < float("inf"):
            raise ValueError(f"{name}={time!r} is out of range; use a number of seconds above 0")


def _server_fault(exchange: Exchange, error: BaseException) -> ServerFault:
    fault = ServerFault(
        f"a reply to {exchange.method} {exchange.target} failed: {type(error).__name__}: {error}"
    )
    fault.__cause__ = error
    return fault
