"""Addresses at which no server answers, and whom nobody vouches for (RFC 9209, 2.3)."""

from __future__ import annotations

import socket
import ssl
from functools import cache

from pytest_httpcodes.wire.upstream import Address

# TCP knows no broadcast: a connection to this address fails at once, on this machine.
UNROUTABLE: Address = ("255.255.255.255", 80)


@cache
def refusing() -> Address:
    """Return an address of this machine that refuses connections.

    Its port is taken until the process ends, and nobody listens on it.
    """
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    return _kept(sock)


@cache
def unanswering() -> Address:
    """Return an address of this machine that takes no connection, and refuses none.

    Its queue is full: systems such as Linux then act as if nothing had come.
    """
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    sock.listen(0)
    with socket.create_connection(sock.getsockname()) as waiting:
        waiting.detach()
        return _kept(sock)


def _kept(sock: socket.socket) -> Address:
    # The descriptor stays open as long as the process.
    address: Address = sock.getsockname()
    sock.detach()
    return address


@cache
def suspicious() -> ssl.SSLContext:
    """Return the context of a client that knows no authority, and so trusts nobody."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
