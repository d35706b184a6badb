"""How much memory a connection takes, where a thousand are held open and answered at once."""

from __future__ import annotations

import json
import os
import socket
import time
from pathlib import Path

from tests.benchmarks.answers import check, connect, more, request_for
from tests.benchmarks.children import ROOT, run
from tests.benchmarks.contestants import OURS, ours
from tests.benchmarks.rounds import medians
from tests.benchmarks.table import Row

ROUNDS, QUICK = 5, 1
CONNECTIONS = 1_000
_STATM = Path("/proc/self/statm")
_PROGRAM = "from tests.benchmarks.holding import hold; hold()"


def measure(quick: bool) -> list[Row]:
    """Return the memory that one connection takes, where the system tells."""
    if not _STATM.exists():
        return []
    memory, seconds = [], []
    for _ in range(QUICK if quick else ROUNDS):
        # In a process of its own, which has no memory left over from something else.
        found = json.loads(run("-c", _PROGRAM, cwd=ROOT))
        memory.append(found["memory"])
        seconds.append(found["seconds"])
    what = f"{CONNECTIONS:,} connections held open at once and all answered, KiB for each"
    kib = medians({OURS: memory})[OURS] / CONNECTIONS / 1024
    return [Row(what, kib, "at most", 100, medians({OURS: seconds}))]


def hold() -> None:
    """Print the octets of memory that the connections take, and the seconds until all answers."""
    import resource  # which not every system has; this is where it does

    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (2 * CONNECTIONS + 200, hard))
    contestant = ours()
    before, started = _memory(), time.perf_counter()
    clients = [connect(contestant.url) for _ in range(CONNECTIONS)]
    for sock in clients:
        sock.sendall(request_for(contestant.url))
    for sock in clients:
        _expect_answer(sock, contestant.answer.content)
    elapsed = time.perf_counter() - started
    print(json.dumps({"memory": _memory() - before, "seconds": elapsed}))
    for sock in clients:
        sock.close()
    contestant.stop()


def _expect_answer(sock: socket.socket, content: bytes) -> None:
    octets = b""
    while not octets.endswith(b"\r\n\r\n" + content):
        octets += more(sock)
    check(octets, content)


def _memory() -> int:
    pages = int(_STATM.read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
