"""Requests a second of a client that does next to nothing itself: octets out, octets in."""

from __future__ import annotations

import contextlib
import socket
from time import perf_counter
from typing import Protocol

from tests.benchmarks.answers import WrongAnswerError, check, connect, more, request_for
from tests.benchmarks.contestants import HTTPSERVER, LIMIT, OURS, Contestant, contest
from tests.benchmarks.rounds import medians, pinned, turns
from tests.benchmarks.table import Row

ROUNDS, QUICK = 10_000, 500


class _Client(Protocol):
    def ask(self) -> bytes:
        """Send a request and return its answer."""
        ...


class _Persistent:
    """One connection for all requests."""

    def __init__(self, contestant: Contestant, clients: contextlib.ExitStack) -> None:
        self._request = request_for(contestant.url)
        self._end = b"\r\n\r\n" + contestant.answer.content
        self._sock = clients.enter_context(connect(contestant.url))

    def ask(self) -> bytes:
        self._sock.sendall(self._request)
        return _receive(self._sock, self._end)


class _Reconnecting:
    """A connection for each request, until the server has ended it.

    A server that takes one connection after the other is not free for the next request before;
    back to back, a client that only closes and goes on is no faster. The client ends its side as
    soon as it has the answer, since Werkzeug's server would wait 10 ms for more otherwise.
    """

    def __init__(self, contestant: Contestant) -> None:
        self._url = contestant.url
        self._request = request_for(contestant.url)
        self._end = b"\r\n\r\n" + contestant.answer.content

    def ask(self) -> bytes:
        with connect(self._url) as sock:
            sock.sendall(self._request)
            answer = _receive(sock, self._end)
            sock.shutdown(socket.SHUT_WR)
            if sock.recv(1):
                raise WrongAnswerError("octets after the answer, expected the connection's end")
        return answer


def measure(quick: bool) -> list[Row]:
    """Return our rate by that of the limit, and by pytest-httpserver's."""
    with pinned(), contest() as contestants:
        found = medians(_samples(contestants, QUICK if quick else ROUNDS))
    return [
        Row(
            "raw keep-alive, one connection, rate by that limit's",
            found[LIMIT] / found[OURS],
            "at least",
            0.30,
            {name: found[name] for name in (LIMIT, OURS)},
        ),
        Row(
            f"the same by {HTTPSERVER}'s, a connection for each request",
            found[HTTPSERVER] / found[OURS],
            "at least",
            5,
            {name: found[name] for name in (OURS, HTTPSERVER)},
        ),
    ]


def _samples(contestants: dict[str, Contestant], rounds: int) -> dict[str, list[float]]:
    samples: dict[str, list[float]] = {name: [] for name in contestants}
    with contextlib.ExitStack() as connections:
        clients = {name: _client(one, connections) for name, one in contestants.items()}
        for name in turns(list(contestants), rounds):
            client = clients[name]
            started = perf_counter()
            octets = client.ask()
            samples[name].append(perf_counter() - started)
            check(octets, contestants[name].answer.content)
    return samples


def _client(contestant: Contestant, connections: contextlib.ExitStack) -> _Client:
    if contestant.answer.persistent:
        return _Persistent(contestant, connections)
    return _Reconnecting(contestant)


def _receive(sock: socket.socket, end: bytes) -> bytes:
    octets = more(sock)
    while not octets.endswith(end):
        octets += more(sock)
    return octets
