"""Which addresses are those of this process's own origins: whom a proxy may connect to."""

from __future__ import annotations

import contextlib
import socket
from typing import Any

from pytest_httpcodes.wire.listener import listener

# What an origin listens on that takes connections to each address of the machine.
_EVERY = {"0.0.0.0": socket.AF_INET, "::": socket.AF_INET6}  # noqa: S104 - nothing is bound to it


def is_own_port(port: int) -> bool:
    """Tell whether an origin of this process listens on a port, at whatever address."""
    return any(port == known for _, known in listener().addresses())


def is_own(address: tuple[Any, ...]) -> bool:
    """Tell whether a connection to an address reaches an origin of this process."""
    host, port = address[:2]
    for known, taken in listener().addresses():
        if port == taken and (host == known or (known in _EVERY and _is_here(host, known))):
            return True
    return False


def _is_here(host: str, every: str) -> bool:
    # Only an address of this machine can be bound to; nobody listens for such datagrams.
    with contextlib.suppress(OSError), socket.socket(_EVERY[every], socket.SOCK_DGRAM) as sock:
        sock.bind((host, 0))
        return True
    return False
