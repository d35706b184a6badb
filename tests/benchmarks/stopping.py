"""How long `stop()` takes while clients hold idle connections."""

from __future__ import annotations

import socket
import time

from tests.benchmarks.answers import WrongAnswerError, check, connect, more, request_for
from tests.benchmarks.contestants import HTTPSERVER, OURS, Contestant, httpserver, ours
from tests.benchmarks.rounds import medians, turns
from tests.benchmarks.table import Row

ROUNDS, QUICK = 15, 3
CONNECTIONS = 100
# pytest-httpserver notices a stop when it looks up, every half second, counted from the last
# connection. A test ends at any moment in between, so the pauses before it cover them evenly.
LOOKS_UP = 0.5


def measure(quick: bool) -> list[Row]:
    """Return our time by pytest-httpserver's, until all clients have seen the end."""
    content = _content()
    rounds = QUICK if quick else ROUNDS
    pauses = [LOOKS_UP * (n + 0.5) / rounds for n in range(rounds)]
    samples: dict[str, list[float]] = {OURS: [], HTTPSERVER: []}
    for name in turns(list(samples), rounds):
        contestant = ours() if name == OURS else httpserver(content)
        samples[name].append(_stop(contestant, pauses[len(samples[name])]))
    found = medians(samples)
    return [
        Row(
            f"`stop()` with {CONNECTIONS} idle connections, until all are seen closed, by"
            f" {HTTPSERVER}'s",
            found[OURS] / found[HTTPSERVER],
            "at most",
            0.05,
            found,
        )
    ]


def _content() -> bytes:
    # Also imports what a first server imports, which is no part of a stop.
    contestant = ours()
    contestant.stop()
    return contestant.answer.content


def _stop(contestant: Contestant, pause: float) -> float:
    clients = [_client(contestant) for _ in range(CONNECTIONS)]
    time.sleep(pause)
    started = time.perf_counter()
    contestant.stop()
    for sock in clients:
        _expect_end(sock)
    elapsed = time.perf_counter() - started
    for sock in clients:
        sock.close()
    return elapsed


def _client(contestant: Contestant) -> socket.socket:
    # pytest-httpserver closes its side after the answer; the client keeps its own, as a pool does.
    sock = connect(contestant.url)
    sock.sendall(request_for(contestant.url))
    octets = more(sock)
    while not octets.endswith(b"\r\n\r\n" + contestant.answer.content):
        octets += more(sock)
    check(octets, contestant.answer.content)
    return sock


def _expect_end(sock: socket.socket) -> None:
    octets = sock.recv(1)
    if octets:
        raise WrongAnswerError(f"{octets!r} after the answer, expected the connection's end")
