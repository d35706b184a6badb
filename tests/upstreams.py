"""Upstreams that do as a test says, on a port that is no origin's."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator

from tests.raw import TIMEOUT

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nyes"


@contextlib.contextmanager
def upstream(*handlers: Callable[[socket.socket], object]) -> Iterator[str]:
    """Serve one connection for each handler, in turn; yield the authority of the server."""
    failures: list[BaseException] = []

    def serve() -> None:
        try:
            for handler in handlers:
                sock, _ = listening.accept()
                with sock:
                    sock.settimeout(TIMEOUT)
                    handler(sock)
        except BaseException as error:  # noqa: BLE001 - the test is to fail with it
            failures.append(error)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(TIMEOUT)
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"127.0.0.1:{listening.getsockname()[1]}"
        finally:
            thread.join()
    for failure in failures:
        raise failure


def pair() -> tuple[socket.socket, socket.socket]:
    """Return the two ends of a TCP connection, which knows resets."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        ours = socket.create_connection(listening.getsockname(), TIMEOUT)
        theirs, _ = listening.accept()
    theirs.settimeout(TIMEOUT)
    return ours, theirs


def head_of(sock: socket.socket) -> bytes:
    """Read up to the end of a head, and no further."""
    octets = b""
    while not octets.endswith(b"\r\n\r\n"):
        octet = sock.recv(1)
        assert octet, octets
        octets += octet
    return octets


def exactly(sock: socket.socket, count: int) -> bytes:
    """Read so many octets."""
    octets = b""
    while len(octets) < count:
        piece = sock.recv(count - len(octets))
        assert piece, octets[-100:]
        octets += piece
    return octets


def rest(sock: socket.socket) -> bytes:
    """Read until the other side closes."""
    octets = b""
    while piece := sock.recv(65_536):
        octets += piece
    return octets


def reset(sock: socket.socket) -> None:
    """Close with an RST."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def answers(octets: bytes, *, heard: list[bytes] | None = None) -> Callable[[socket.socket], None]:
    """Return a handler that reads a head, answers with octets, and closes."""

    def handle(sock: socket.socket) -> None:
        head = head_of(sock)
        if heard is not None:
            heard.append(head)
        sock.sendall(octets)

    return handle
