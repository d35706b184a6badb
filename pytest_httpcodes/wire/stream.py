"""A connected TCP socket: receiving with a time limit, sending, and the ways to close it."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import struct
import time

RECEIVE = 65_536  # octets that are asked for at a time
# A client that takes nothing of its answer for so long, in seconds, is gone. nginx has the same.
PATIENCE = 60.0
# struct linger: on, for 0 seconds. Its members are two ints, on Windows two shorts.
_NO_LINGER = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)
# The event by which Linux tells of a client's FIN even if octets come before it.
_CLOSED: int = getattr(select, "POLLRDHUP", 0)


class Stream:
    """One connection's octets. Only its own thread uses it, but for `abort`, which any may call."""

    __slots__ = ("_aborted", "_attached", "_sock", "_timeout", "peer")

    def __init__(self, sock: socket.socket, peer: str, timeout: float) -> None:
        self._sock = sock
        self._timeout = timeout
        self._aborted = False
        self._attached: Stream | None = None
        self.peer = peer
        sock.settimeout(timeout)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        _live.add(self)

    @property
    def aborted(self) -> bool:
        """Whether it ended because this side wanted it to."""
        return self._aborted

    @property
    def secured(self) -> bool:
        """Whether it is under TLS."""
        return False

    @property
    def server_name(self) -> str | None:
        """The server's name that the client asked for under TLS, if it asked for one."""
        return None

    def mute(self) -> None:
        """Leave out what TLS says before a close: nothing, on a plain connection."""

    def receive(self, timeout: float) -> bytes:
        """Return the next octets, `b""` at the end; raises `TimeoutError` after `timeout` seconds.

        A connection that was reset has ended too.
        """
        try:
            if timeout != self._timeout:
                self._limit(timeout)
            return self._sock.recv(RECEIVE)
        except TimeoutError:
            raise
        except OSError:
            return b""

    def send(self, octets: bytes) -> None:
        """Send all of `octets`; raises `OSError` if the client is gone.

        So is one that takes nothing for `PATIENCE` seconds, by a `TimeoutError`.
        """
        if self._timeout != PATIENCE:
            self._limit(PATIENCE)
        sent = self._sock.send(octets)
        while sent < len(octets):
            sent += self._sock.send(memoryview(octets)[sent:])

    def wait(self, seconds: float) -> bool:
        """Wait until the client closes or `seconds` have passed; tell whether it closed.

        Octets that arrive meanwhile stay where they are.
        """
        if not _CLOSED:
            return self._peek(seconds)
        poll = select.poll()
        poll.register(self._sock, _CLOSED)
        return bool(poll.poll(seconds * 1000))

    def _peek(self, seconds: float) -> bool:
        end = time.monotonic() + seconds
        try:
            self._limit(max(seconds, 0.000_001))
            if not self._sock.recv(1, socket.MSG_PEEK):
                return True
        except TimeoutError:
            return False
        except OSError:
            return True
        # A pipelined request is there already; a close behind it cannot be seen any more.
        while (left := end - time.monotonic()) > 0 and not self._aborted:
            time.sleep(min(left, 0.05))
        return self._aborted

    def has_octets(self) -> bool:
        """Tell whether there is something to receive, without waiting."""
        try:
            self._limit(0.0)
            return bool(self._sock.recv(1, socket.MSG_PEEK))
        except OSError:
            return False

    # What follows waits for nothing: it is for who has two connections to look after.

    def fileno(self) -> int:
        """Return the descriptor to wait on."""
        return self._sock.fileno()

    def take(self) -> bytes | None:
        """Return the next octets, `b""` at the end, None if there are none yet.

        Raises `OSError` for a connection that was reset.
        """
        try:
            self._limit(0.0)
            return self._sock.recv(RECEIVE)
        except BlockingIOError:
            return None

    def offer(self, octets: bytes | memoryview) -> int:
        """Send what the kernel takes of `octets`; return how many; raises `OSError`."""
        try:
            self._limit(0.0)
            return self._sock.send(octets)
        except BlockingIOError:
            return 0

    @property
    def owes(self) -> bool:
        """Whether some of what was offered and taken is still to be sent, by the next offer."""
        return False

    def attach(self, other: Stream | None) -> None:
        """Have `abort` end another connection too, whose fate hangs on this one."""
        self._attached = other
        if self._aborted and other is not None:
            other.abort()

    def _limit(self, timeout: float) -> None:
        self._timeout = timeout
        self._sock.settimeout(timeout)

    def half_close(self) -> None:
        """Send a FIN; receiving goes on."""
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Close the socket, in whatever state it is."""
        _live.discard(self)
        self._sock.close()

    def reset(self) -> None:
        """Close with an RST (SO_LINGER with a time of zero), on every platform that has it."""
        with contextlib.suppress(OSError):
            self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        self.close()

    def abort(self) -> None:
        """Wake whoever waits on this connection, and end it for both sides."""
        self._aborted = True
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)
        attached = self._attached
        if attached is not None:
            attached.abort()


_live: set[Stream] = set()


def _after_fork() -> None:  # pragma: no cover - a forked child is not measured
    # A forked child has every connection too, and would keep it open when its parent closes it.
    for stream in tuple(_live):
        stream.close()


if hasattr(os, "register_at_fork"):  # pragma: no branch - everywhere but on Windows
    os.register_at_fork(after_in_child=_after_fork)
