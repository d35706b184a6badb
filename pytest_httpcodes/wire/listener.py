"""Listening sockets: one thread accepts for every origin of the process.

Rule 1: opening an origin is bind, listen and register; closing it is the reverse. No thread is
started for it and none is waited for.
Rule 2: a port that was just given up is not handed out again soon, so that a late request never
reaches the next test.
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import selectors
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeAlias

from pytest_httpcodes.wire.pool import Pool

Accept: TypeAlias = Callable[[socket.socket, str], None]

# A backlog of 5, the default of socketserver, leaves a burst of clients to the kernel's retries,
# which take seconds.
BACKLOG = 512
RETIRED = 4096
KEEP = 5.0  # seconds that the accepting thread waits for another origin
_PATIENCE = 10.0  # seconds to wait for that thread's end, which a busy machine may need
# Tries for a port that was not just given up. Linux offers half of its 28,000 ports first, so
# that each try fails in fewer than three of ten cases.
_TRIES = 16


class PortInUseError(OSError):
    """The port that was asked for is taken, or may not be used."""


def bind(host: str, port: int) -> socket.socket:
    """Return a socket that listens on `host` and `port`; port 0 takes a free one.

    Raises `PortInUseError` if it cannot be had, with a message for a person, and `ValueError` for
    a port that there is not.
    """
    if not 0 <= port <= 65_535:
        # Some systems would take it modulo 65,536.
        raise ValueError(f"port={port!r} is no port; those are 0 to 65535, and 0 takes a free one")
    refused: dict[int, socket.socket] = {}
    try:
        for _ in range(_TRIES):
            sock = _bind(host, port)
            taken = sock.getsockname()[1]
            if port or taken not in _retired:
                return sock
            refused[taken] = sock  # held, so that the kernel offers another one
        return refused.pop(min(refused, key=lambda port: _retired.get(port, 0)))
    finally:
        for sock in refused.values():
            sock.close()


@lru_cache(maxsize=64)
def _resolve(host: str) -> tuple[int, tuple[Any, ...]]:
    # Looking it up takes a fifth of the time that opening an origin does, even where it is spelt
    # in numbers.
    found = socket.getaddrinfo(host, 0, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    return found[0][0], found[0][4]


def _bind(host: str, port: int) -> socket.socket:
    sock = None
    try:
        family, (name, _, *scope) = _resolve(host)
        address = (name, port, *scope)
        sock = socket.socket(family, socket.SOCK_STREAM)
        if (
            sys.platform == "win32"
        ):  # pragma: no cover - there, the other option means another thing
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
            sock.bind(address)
        else:
            if port:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind(address)
            # Set late, it has no say in which port is taken, but lets one ask for that port again
            # while connections of now linger in the kernel.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.listen(BACKLOG)
        sock.setblocking(False)
    except (OSError, ValueError) as error:
        if sock is not None:
            sock.close()
        reason = error.strerror if isinstance(error, OSError) else error
        hint = "; port 0 takes a free one" if port else ""
        raise PortInUseError(
            getattr(error, "errno", None) or errno.EADDRNOTAVAIL,
            f"cannot listen on {host} port {port}: {reason}{hint}",
        ) from None
    return sock


class Listener:
    """Accepts connections for all origins, on one thread that starts with the first of them.

    `selector` makes what that thread waits with.
    """

    def __init__(
        self, selector: Callable[[], selectors.BaseSelector] = selectors.DefaultSelector
    ) -> None:
        self.pool = Pool()
        self._selector = selector
        self._lock = threading.Lock()
        self._origins: dict[int, tuple[socket.socket, Accept]] = {}
        self._acceptor: _Acceptor | None = None  # there is one while there are origins

    def open(self, sock: socket.socket, accept: Accept) -> None:
        """Call `accept(connected socket, peer)` for each connection from now on."""
        with self._lock:
            if self._acceptor is None:
                self._acceptor = _Acceptor(self, self._selector())
            self._origins[sock.fileno()] = (sock, accept)
            self._acceptor.watch(sock)

    def close(self, sock: socket.socket) -> None:
        """Stop accepting; connections that nobody accepted yet are reset by the kernel.

        A socket that a forked child has of its parent is closed already, and nothing happens.
        """
        with self._lock:
            if self._origins.pop(sock.fileno(), None) and self._acceptor is not None:
                self._acceptor.ignore(sock)
                _retire(sock.getsockname()[1])
            sock.close()

    def shut_down(self) -> None:
        """Let go of the threads and sockets that no origin needs; what is open goes on."""
        with self._lock:
            acceptor = None if self._origins else self._acceptor
            if acceptor is not None:
                self._acceptor = None
                acceptor.leave()
        if acceptor is not None:
            acceptor.join(_PATIENCE)
        self.pool.dismiss()

    def addresses(self) -> list[tuple[str, int]]:
        """Return where origins listen at the moment: hosts in numbers, and ports."""
        with self._lock:
            return [sock.getsockname()[:2] for sock, _ in self._origins.values()]

    def find(self, fd: int) -> tuple[socket.socket, Accept] | None:
        """Return the origin that listens on a descriptor, None if it has closed."""
        return self._origins.get(fd)

    def is_needless(self, acceptor: _Acceptor, *, quiet: bool) -> bool:
        """Tell whether an accepting thread is to end, since it is not needed (any more)."""
        with self._lock:
            if self._acceptor is not acceptor:
                return True
            if quiet and not self._origins:
                self._acceptor = None
                return True
            return False

    def forget(self) -> None:  # pragma: no cover - a forked child is not measured
        """Let go of what a forked child inherits: its parent goes on serving, it does not."""
        for sock, _ in self._origins.values():
            sock.close()
        if self._acceptor is not None:
            self._acceptor.close()


class _Acceptor(threading.Thread):
    """The accepting thread, and what it waits with. It starts with its making."""

    def __init__(self, listener: Listener, selector: selectors.BaseSelector) -> None:
        super().__init__(name="httpcodes-accept", daemon=True)
        self._listener = listener
        self._selector = selector
        self._wake, self._woken = socket.socketpair()
        self._wake.setblocking(False)
        self._woken.setblocking(False)
        selector.register(self._woken, selectors.EVENT_READ)
        # epoll and kqueue take a new descriptor while another thread waits on them; with the
        # others, that thread has to be woken to see it.
        self._live = type(selector).__name__ in ("EpollSelector", "KqueueSelector")
        try:
            self.start()
        except RuntimeError:
            self.close()
            raise

    def watch(self, sock: socket.socket) -> None:
        """Accept what comes to a listening socket."""
        self._selector.register(sock, selectors.EVENT_READ)
        if not self._live:
            self._interrupt()

    def ignore(self, sock: socket.socket) -> None:
        """Accept nothing more from a listening socket."""
        self._selector.unregister(sock)
        if not self._live:
            # The kernel holds what a `select` waits on, and would go on listening for it.
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            self._interrupt()

    def leave(self) -> None:
        """End soon, since the listener has forgotten this thread."""
        self._interrupt()

    def close(self) -> None:
        """Close what it waits with."""
        self._selector.close()
        self._wake.close()
        self._woken.close()

    def run(self) -> None:
        """Accept until there is nothing to accept from."""
        quiet = False
        while not self._listener.is_needless(self, quiet=quiet):
            quiet = not self._round()
        self.close()

    def _interrupt(self) -> None:
        with contextlib.suppress(BlockingIOError):  # it has been told often enough
            self._wake.send(b"w")

    def _round(self) -> bool:
        # Waits, and accepts; returns whether anything happened.
        try:
            events = self._selector.select(KEEP)
        except OSError:
            return True  # a socket was closed while `select` waited on it, by `ignore`
        for key, _ in events:
            if key.fileobj is self._woken:
                with contextlib.suppress(OSError):
                    self._woken.recv(64)
            else:
                self._accept(key.fd)
        return bool(events)

    def _accept(self, fd: int) -> None:
        found = self._listener.find(fd)
        if found is None:
            return
        sock, accept = found
        for _ in range(BACKLOG):  # then it is another origin's turn
            try:
                accepted, address = sock.accept()
            except (BlockingIOError, ConnectionError):
                return  # there is no more, or it has gone again
            except OSError:
                if sock.fileno() >= 0:
                    # Descriptors have run out, say, and the connection stays in the backlog:
                    # without a rest, this would be a busy loop.
                    time.sleep(0.05)
                return
            try:
                accept(accepted, address[0])
            except Exception:  # noqa: BLE001 - all other origins need this thread
                accepted.close()
                with contextlib.suppress(Exception):  # nobody may be there to read it
                    sys.stderr.write(f"httpcodes: a connection is lost\n{traceback.format_exc()}")


_retired: dict[int, int] = {}  # ports by when they were given up, in that order
_turns = itertools.count()
_listener: Listener | None = None
_lock = threading.Lock()


def _retire(port: int) -> None:
    _retired.pop(port, None)
    _retired[port] = next(_turns)
    if len(_retired) > RETIRED:
        del _retired[next(iter(_retired))]


def listener() -> Listener:
    """Return the process's listener, made when it is first asked for."""
    global _listener
    with _lock:
        if _listener is None:
            _listener = Listener()
        return _listener


def _after_fork() -> None:  # pragma: no cover - likewise
    global _listener, _lock
    _lock = threading.Lock()
    if _listener is not None:
        _listener.forget()
        _listener = None


if hasattr(os, "register_at_fork"):  # pragma: no branch - everywhere but on Windows
    os.register_at_fork(after_in_child=_after_fork)
