"""Downloads of 1 GiB of generated content, beside a loop that only sends, and their memory."""

from __future__ import annotations

import json
import os
import socket
import threading
from importlib.util import find_spec
from time import perf_counter

import pytest_httpcodes
from tests.benchmarks.answers import WrongAnswerError, connect, more, request_for
from tests.benchmarks.children import ROOT, run
from tests.benchmarks.contestants import LIMIT, OURS
from tests.benchmarks.rounds import medians, ratio, turns
from tests.benchmarks.table import Row

SIZE, PIECE = 2**30, 2**20
ROUNDS, QUICK = 7, 1
RANGE = f"{OURS}, all but the first octet"
_PROGRAM = "from tests.benchmarks.downloading import download; download({rounds})"


def measure(quick: bool) -> list[Row]:
    """Return the rates by that of the bare loop, and by how much the memory grew."""
    if find_spec("resource") is None:
        return []
    program = _PROGRAM.format(rounds=QUICK if quick else ROUNDS)
    # In a process of its own: what is asked for is the most memory that it ever had.
    found = json.loads(run("-c", program, cwd=ROOT))
    samples = found["samples"]
    middle = medians(samples)
    return [
        _rate("a download of 1 GiB of generated content", samples, OURS),
        _rate("a range of it without its first octet", samples, RANGE),
        Row(
            "what these downloads added to the memory, MiB",
            found["grown"],
            "at most",
            8,
            middle,
        ),
    ]


def _rate(what: str, samples: dict[str, list[float]], name: str) -> Row:
    middle = medians(samples)
    return Row(
        f"{what}, rate by that of a bare `sendall` loop",
        ratio(samples, LIMIT, name),
        "at least",
        0.5,
        {LIMIT: middle[LIMIT], name: middle[name]},
    )


def download(rounds: int) -> None:
    """Print the seconds of each download, and by how many MiB the memory grew."""
    with pytest_httpcodes.StatusServer() as server:
        url = str(server.resource(pytest_httpcodes.Generated(SIZE)))
        bare, buffer = _Loop(), bytearray(PIECE)
        requests = {
            LIMIT: (bare.url, request_for(bare.url), SIZE),
            OURS: (url, request_for(url), SIZE),
            RANGE: (url, _ranged(request_for(url)), SIZE - 1),
        }
        for each in requests.values():
            _seconds(*each, buffer)
        before = _most()
        samples: dict[str, list[float]] = {name: [] for name in requests}
        for name in turns(tuple(requests), rounds):
            samples[name].append(_seconds(*requests[name], buffer))
        bare.stop()
    print(json.dumps({"samples": samples, "grown": (_most() - before) / 1024}))


def _ranged(request: bytes) -> bytes:
    return request.replace(b"\r\n\r\n", b"\r\nRange: bytes=1-\r\n\r\n")


def _seconds(url: str, request: bytes, expected: int, buffer: bytearray) -> float:
    with connect(url) as sock:
        started = perf_counter()
        sock.sendall(request)
        octets = b""
        while b"\r\n\r\n" not in octets:
            octets += more(sock)
        head, _, content = octets.partition(b"\r\n\r\n")
        if b"\r\nContent-Length: %d" % expected not in head:
            raise WrongAnswerError(f"{head!r}, expected {expected} octets")
        left = expected - len(content)
        while left > 0:
            left -= _received(sock, buffer)
        elapsed = perf_counter() - started
    if left:
        raise WrongAnswerError(f"{-left} octets more than the Content-Length of {url}")
    return elapsed


def _received(sock: socket.socket, buffer: bytearray) -> int:
    count = sock.recv_into(buffer)
    if not count:
        raise WrongAnswerError("the connection ended within an answer")
    return count


def _most() -> float:
    # The most memory so far, in KiB.
    import resource  # which not every system has; this is where it does

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


class _Loop:
    """Sends the same piece until it has sent enough, for each connection."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._stopped = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/"

    def stop(self) -> None:
        """End the thread."""
        self._stopped = True
        socket.create_connection(self._listener.getsockname()).close()
        self._thread.join()
        self._listener.close()

    def _run(self) -> None:
        piece = os.urandom(PIECE)
        while not self._stopped:
            sock, _ = self._listener.accept()
            with sock:
                if sock.recv(65_536):
                    sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % SIZE)
                    for _ in range(SIZE // PIECE):
                        sock.sendall(piece)
