"""A thousand connections at once: held, answered together, and idle without any work."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from werkzeug.wrappers import Request

from pytest_httpcodes import StatusServer
from tests.raw import message

resource = pytest.importorskip("resource")

COUNT = 1_000
TIMEOUT = 60.0  # seconds; nothing that works comes near it
MOST = 100 * 1024  # octets of memory for a connection
_STATM = Path("/proc/self/statm")


@pytest.fixture(autouse=True)
def descriptors() -> Iterator[None]:
    """Have enough of them for both ends of each connection."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = 2 * COUNT + 200
    if hard != resource.RLIM_INFINITY and hard < needed:
        pytest.skip(f"RLIMIT_NOFILE is at most {hard} here")
    if soft != resource.RLIM_INFINITY and soft < needed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture
def clients() -> Iterator[list[socket.socket]]:
    """Return a list of sockets, which are closed afterwards."""
    made: list[socket.socket] = []
    yield made
    with ExitStack() as stack:
        for sock in made:
            stack.enter_context(sock)


def connect(server: StatusServer, clients: list[socket.socket]) -> None:
    """Open the connections."""
    parts = urlsplit(server.url)
    for _ in range(COUNT):
        sock = socket.create_connection((parts.hostname or "", parts.port or 0), TIMEOUT)
        clients.append(sock)


def answers(clients: list[socket.socket]) -> list[bytes]:
    """Read an answer with content of an `x` from each connection."""
    found = []
    for sock in clients:
        octets = b""
        while not octets.endswith(b"\r\n\r\nx"):
            piece = sock.recv(1000)
            assert piece, octets
            octets += piece
        found.append(octets)
    return found


class Gate:
    """A reply that waits until as many requests as it is for are there."""

    def __init__(self) -> None:
        self.barrier = threading.Barrier(COUNT)

    def __call__(self, request: Request) -> bytes:
        """Wait for the others."""
        self.barrier.wait(TIMEOUT)
        return b"x"


def test_all_are_answered_at_once(
    status_server: StatusServer, clients: list[socket.socket]
) -> None:
    """None is answered before the last one has asked, and all of them go on afterwards."""
    connect(status_server, clients)
    for reply in (Gate(), b"x"):
        endpoint = status_server.script(reply)
        for sock in clients:
            sock.sendall(message("GET", urlsplit(endpoint).path))
        found = answers(clients)

        assert all(octets.startswith(b"HTTP/1.1 200 ") for octets in found)
        assert [200] * COUNT == endpoint.statuses
    assert {1, 2} == {exchange.number for exchange in status_server.journal}


def test_idle_ones_take_no_time(status_server: StatusServer, clients: list[socket.socket]) -> None:
    """Whoever looks after them sleeps: the process does next to nothing meanwhile."""
    octets = message("GET", urlsplit(status_server.script(b"x")).path)
    connect(status_server, clients)
    for sock in clients:
        sock.sendall(octets)
    answers(clients)
    began, used = time.monotonic(), time.process_time()
    time.sleep(0.5)
    used = time.process_time() - used

    # A thread in a busy loop takes all the time that there is.
    assert used < (time.monotonic() - began) / 4


@pytest.mark.skipif(not _STATM.exists(), reason="the system does not tell how much memory is used")
def test_they_take_little_memory(status_server: StatusServer, clients: list[socket.socket]) -> None:
    """That is both ends of a connection, and its thread."""
    octets = message("GET", urlsplit(status_server.script(b"x")).path)
    before = memory()
    connect(status_server, clients)
    for sock in clients:
        sock.sendall(octets)
    answers(clients)

    assert (memory() - before) / COUNT < MOST


def memory() -> int:
    """Return the octets of memory that the process has in use."""
    pages = int(_STATM.read_text(encoding="ascii").split()[1])
    size: int = resource.getpagesize()
    return pages * size
