"""A connection under TLS, on an `SSLObject` with memory for its octets (RFC 9112, 9.7 and 9.8).

An `SSLSocket` can neither take octets that were read before it, nor close its own side and go on
reading, and both are needed here.
"""

from __future__ import annotations

import contextlib
import ssl
import time

from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.head import Refusal
from pytest_httpcodes.wire.stream import Stream
from pytest_httpcodes.wire.terms import Named
from pytest_httpcodes.wire.terms import Terms as Terms

_RECEIVE = 65_536
# Octets that are read ahead, and held, while nothing but the client's end is waited for.
_HOLD = 65_536
_RECORD = 16_384  # octets of one record (RFC 8446, 5.1)
_AT_ONCE = 0.000_001  # seconds, where not to wait is meant


class HandshakeError(Exception):
    """A TLS handshake failed; the text says why."""


class SecureStream(Stream):
    """One connection's octets, in TLS records, on a stream that carries those.

    `unread` are octets that were read of that stream already. `handshake` comes first. What is
    done to the stream below from another thread, by `abort`, is done to this one.
    """

    # A Stream's own attributes are those of the one below.
    __slots__ = (
        "_below", "_ended", "_held", "_incoming", "_mute", "_outgoing", "_owed", "_terms", "_tls",
    )  # fmt: skip

    def __init__(self, below: Stream, terms: Terms, unread: bytes = b"") -> None:
        self._terms = terms
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._incoming.write(unread)
        tls = terms.context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._begin(below, tls)

    def _begin(self, below: Stream, tls: ssl.SSLObject) -> None:
        self._below = below
        self._tls = tls
        self._held = b""
        self._owed = b""  # records that the kernel did not take yet
        self._ended = False  # this side is closed, or nothing can be sent any more
        self._mute = False
        self.peer = below.peer

    @property
    def aborted(self) -> bool:
        """Whether it ended because this side wanted it to."""
        return self._below.aborted

    @property
    def secured(self) -> bool:
        """Whether it is under TLS, which it is."""
        return True

    @property
    def server_name(self) -> str | None:
        """The server's name that the client asked for, in lower case; None if it is none of its."""
        name = self._tls.server_name if isinstance(self._tls, Named) else None
        return name if name is not None and self._terms.is_known(name) else None

    @property
    def refusal(self) -> Refusal | None:
        """Why each request is refused for the client's certificate, if it is."""
        judge = self._terms.judge
        return None if judge is None else judge(self._tls)

    def handshake(self, timeout: float) -> None:
        """Do the handshake, within `timeout` seconds; raises `HandshakeError`."""
        deadline = time.monotonic() + timeout
        try:
            self._shake_hands(deadline)
        except ssl.SSLEOFError as error:
            raise HandshakeError(self._left()) from error
        except ssl.SSLError as error:
            self._flush_alert()
            reason = (error.reason or f"{error}").replace("_", " ").lower()
            raise HandshakeError(f"the TLS handshake failed: {reason}") from error
        except TimeoutError as error:
            raise HandshakeError("the TLS handshake took too long (head_timeout)") from error
        except OSError as error:
            raise HandshakeError(self._left()) from error

    def _shake_hands(self, deadline: float) -> None:
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                self._flush()
                self._fill(deadline)
            else:
                self._flush()
                return

    def _left(self) -> str:
        if self.aborted:
            return "the server was stopped in the midst of the TLS handshake"
        return "the client left in the midst of the TLS handshake"

    def receive(self, timeout: float) -> bytes:
        """Return the next octets, `b""` at the end; raises `TimeoutError` after `timeout` seconds.

        That this side is closed "does not have any effect on its read side" (RFC 8446, 6.1).
        """
        if self._held:
            octets, self._held = self._held, b""
            return octets
        return self._read(time.monotonic() + timeout)

    def _read(self, deadline: float) -> bytes:
        # A record that comes octet by octet has no more time than a whole one.
        while True:
            try:
                return self._tls.read(_RECEIVE)
            except ssl.SSLWantReadError:
                self._flush_alert()  # such as one that a client waits for which would renegotiate
                self._fill(deadline)
            except ssl.SSLError:
                # The closure alert, or an end without it: incomplete, and just as final here.
                self._flush_alert()
                return b""

    def send(self, octets: bytes) -> None:
        """Send all of `octets`; raises `OSError` if the client is gone or does not read."""
        try:
            self._tls.write(octets)
            self._flush()
        except OSError:
            self._ended = True  # no alert would arrive either
            raise

    def wait(self, seconds: float) -> bool:
        """Wait until the client closes or `seconds` have passed; tell whether it closed.

        Octets that arrive meanwhile are read, since its closure alert may be behind them; so are
        as many as fit into what is held for later.
        """
        deadline = time.monotonic() + seconds
        while len(self._held) < _HOLD:
            try:
                octets = self._read(deadline)
            except TimeoutError:
                return False
            if not octets:
                return True
            self._held += octets
        return self._below.wait(max(deadline - time.monotonic(), 0.0))

    def has_octets(self) -> bool:
        """Tell whether there is something to receive, without waiting."""
        if not self._held:
            with contextlib.suppress(TimeoutError):
                self._held = self._read(0.0)
        return bool(self._held)

    def fileno(self) -> int:
        """Return the descriptor to wait on, when there is nothing to take."""
        return self._below.fileno()

    def take(self) -> bytes | None:
        """Return the next octets, `b""` at the closure alert, None if there are none yet.

        Raises `OSError`, which `SSLError` is, for any other end.
        """
        if self._held:
            return self.receive(0.0)
        while True:
            try:
                return self._tls.read(_RECEIVE)
            except ssl.SSLZeroReturnError:
                return b""
            except ssl.SSLWantReadError:
                octets = self._below.take()
                if octets is None:
                    return None
                self._feed(octets)

    def offer(self, octets: bytes | memoryview) -> int:
        """Send some of `octets` without waiting; return how many; raises `OSError`."""
        if not self._owed and octets:
            taken = self._tls.write(octets[:_RECORD])
            self._owed = self._outgoing.read()
        else:
            taken = 0
        self._owed = self._owed[self._below.offer(self._owed) :]
        return taken

    @property
    def owes(self) -> bool:
        """Whether records are still to be sent, by the next offer."""
        return bool(self._owed)

    def attach(self, other: Stream | None) -> None:
        """Have `abort` end another connection too."""
        self._below.attach(other)

    def mute(self) -> None:
        """Have the closure alert left out when this side closes."""
        self._mute = True

    def half_close(self) -> None:
        """Send the closure alert and a FIN; receiving goes on."""
        self._say_goodbye()
        self._below.half_close()

    def close(self) -> None:
        """Close the socket, after the closure alert if it was not sent yet."""
        self._say_goodbye()
        self._below.close()

    def reset(self) -> None:
        """Close with an RST, and without the closure alert."""
        self._below.reset()

    def abort(self) -> None:
        """Wake whoever waits on this connection, and end it for both sides."""
        self._below.abort()

    def _say_goodbye(self) -> None:
        # "Servers MUST attempt to initiate an exchange of closure alerts with the client before
        # closing the connection" (RFC 9112, 9.8).
        if self._ended or self._mute:
            return
        self._ended = True
        # It would like to wait for the client's, and takes octets that come instead for an error:
        # those that are there are read before.
        with contextlib.suppress(ssl.SSLError):
            while octets := self._tls.read(_RECEIVE):
                self._held += octets
        with contextlib.suppress(ssl.SSLError):
            self._tls.unwrap()
        self._flush_alert()

    def _flush(self) -> None:
        octets, self._owed = self._owed + self._outgoing.read(), b""
        if octets:
            self._below.send(octets)

    def _flush_alert(self) -> None:
        # An alert is a courtesy to a client that may be gone.
        with contextlib.suppress(OSError):
            self._flush()

    def _fill(self, deadline: float) -> None:
        self._feed(self._below.receive(max(deadline - time.monotonic(), _AT_ONCE)))

    def _feed(self, octets: bytes) -> None:
        if octets:
            self._incoming.write(octets)
        else:
            self._incoming.write_eof()


def accept(below: Stream, terms: Terms, timeout: float) -> tuple[Stream, bytes, Refusal | None]:
    """Secure a connection to a port for TLS within `timeout` seconds; return how it goes on.

    That is a stream, octets that were read of it already, and why its first request is refused if
    it is: in clear where the client speaks plain HTTP, or for the client's certificate. Raises
    `HandshakeError` where the connection is to end.
    """
    deadline = time.monotonic() + timeout
    try:
        first = below.receive(timeout)
    except TimeoutError as error:
        raise HandshakeError("the client said nothing for too long (head_timeout)") from error
    if first and not _begins_tls(first):
        detail = "this port is for TLS, and the client speaks plain HTTP"
        return below, first, Refusal(497, detail, Section(9110, "4.2.2"))
    stream = SecureStream(below, terms, first)
    stream.handshake(deadline - time.monotonic())
    return stream, b"", stream.refusal


def _begins_tls(octets: bytes) -> bool:
    # A handshake's record (RFC 8446, 5.1), or the hello of old, whose first bit is set. nginx
    # looks at the same two (`ngx_http_ssl_handshake`).
    return octets[0] == 0x16 or octets[0] >= 0x80
