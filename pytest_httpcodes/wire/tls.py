"""A connection under TLS, on an `SSLObject` with memory for its octets (RFC 9112, 9.7 and 9.8).

An `SSLSocket` can neither take octets that were read before it, nor close its own side and go on
reading, and both are needed here.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import time

from pytest_httpcodes.wire.stream import Stream

_RECEIVE = 65_536


class SecureStream(Stream):
    """One connection's octets, in TLS records. `handshake` comes first."""

    __slots__ = ("_ended", "_held", "_incoming", "_outgoing", "_tls")

    def __init__(
        self, sock: socket.socket, peer: str, timeout: float, context: ssl.SSLContext
    ) -> None:
        super().__init__(sock, peer, timeout)
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._held = b""
        self._ended = False

    def handshake(self, timeout: float) -> bool:
        """Do the handshake, within `timeout` seconds; tell whether that went well."""
        deadline = time.monotonic() + timeout
        try:
            while True:
                try:
                    self._tls.do_handshake()
                except ssl.SSLWantReadError:
                    self._flush()
                    self._fill(max(deadline - time.monotonic(), 0.000_001))
                else:
                    self._flush()
                    return True
        except ssl.SSLError:
            self._flush_alert()
            return False
        except OSError:
            return False

    def receive(self, timeout: float) -> bytes:
        """Return the next octets, `b""` at the end; raises `TimeoutError` after `timeout` seconds.

        Once this side is closed, what still comes is only heard, not read.
        """
        if self._held:
            octets, self._held = self._held, b""
            return octets
        if self._ended:
            return super().receive(timeout)
        while True:
            try:
                return self._tls.read(_RECEIVE)
            except ssl.SSLWantReadError:
                self._fill(timeout)
            except ssl.SSLError:
                # The closure alert, or an end without it: incomplete, and just as final here.
                return b""

    def send(self, octets: bytes) -> None:
        """Send all of `octets`; raises `OSError` if the client is gone or does not read."""
        self._tls.write(octets)
        self._flush()

    def wait(self, seconds: float) -> bool:
        """Wait until the client closes or `seconds` have passed; tell whether it closed."""
        deadline = time.monotonic() + seconds
        try:
            self._held += self.receive(max(seconds, 0.000_001))
        except TimeoutError:
            return False
        if not self._held:
            return True
        while (left := deadline - time.monotonic()) > 0 and not self._aborted:
            time.sleep(min(left, 0.05))
        return self._aborted

    def has_octets(self) -> bool:
        """Tell whether there is something to receive, without waiting."""
        try:
            self._held = self.receive(0.000_001)  # which is what is held, if something is
        except TimeoutError:
            return False
        return bool(self._held)

    def half_close(self) -> None:
        """Send the closure alert and a FIN; receiving goes on.

        "a server MUST attempt to initiate an exchange of closure alerts with the client before
        closing the connection" (RFC 9112, 9.8).
        """
        self._say_goodbye()
        super().half_close()

    def close(self) -> None:
        """Close the socket, after the closure alert if it was not sent yet."""
        self._say_goodbye()
        super().close()

    def _say_goodbye(self) -> None:
        self._ended = True
        with contextlib.suppress(ssl.SSLError):  # it would like to wait for the client's
            self._tls.unwrap()
        self._flush_alert()

    def _flush(self) -> None:
        octets = self._outgoing.read()
        if octets:
            super().send(octets)

    def _flush_alert(self) -> None:
        # An alert is a courtesy to a client that may be gone.
        with contextlib.suppress(OSError):
            self._flush()

    def _fill(self, timeout: float) -> None:
        octets = super().receive(timeout)
        if octets:
            self._incoming.write(octets)
        else:
            self._incoming.write_eof()
