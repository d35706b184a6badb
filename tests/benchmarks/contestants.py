"""The contestants: ours, a peer, and the limit that nothing written in Python gets past."""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest_httpserver

import pytest_httpcodes
from tests.benchmarks.answers import Answer, parse, probe

LIMIT = "limit"
OURS = "pytest-httpcodes"
HTTPSERVER = "pytest-httpserver"
LOCALSERVER = "pytest-localserver"

# Each project's plugin, the way pytest loads it.
PLUGINS = {
    OURS: "pytest_httpcodes.plugin",
    HTTPSERVER: "pytest_httpserver.pytest_plugin",
    LOCALSERVER: "pytest_localserver.plugin",
}

_DROPPED = logging.NullHandler()


@dataclass(frozen=True, slots=True)
class Contestant:
    """A server that runs: what to ask it for, what it answers, and how to end it."""

    name: str
    url: str
    answer: Answer
    stop: Callable[[], None]


class Limit:
    """Receives and sends: one thread, one connection at a time, a fixed answer to anything."""

    def __init__(self, answer: bytes) -> None:
        self._answer = answer
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._stopped = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """A URL of it; any other would do."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}/status/200"

    def stop(self) -> None:
        """End the thread, once the connection that it serves is closed."""
        self._stopped = True
        socket.create_connection(self._listener.getsockname()).close()
        self._thread.join()
        self._listener.close()

    def _run(self) -> None:
        while not self._stopped:
            sock, _ = self._listener.accept()
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with sock:
                self._serve(sock)

    def _serve(self, sock: socket.socket) -> None:
        answer, receive, send = self._answer, sock.recv, sock.sendall
        while receive(65_536):
            send(answer)


def ours() -> Contestant:
    """Start our server."""
    server = pytest_httpcodes.StatusServer()
    server.start()
    url = f"{server.url}/status/200"
    return Contestant(OURS, url, parse(probe(url)), server.stop)


def httpserver(content: bytes) -> Contestant:
    """Start pytest-httpserver as its fixture does, with that content to serve."""
    # Werkzeug logs each request, on standard error unless there is a handler; pytest has two that
    # keep the text, this one drops it.
    logging.getLogger("werkzeug").addHandler(_DROPPED)
    server = pytest_httpserver.HTTPServer(host="127.0.0.1", port=0)
    server.start()
    expected = server.expect_request("/")
    expected.respond_with_data(content, content_type="text/plain; charset=utf-8")
    url = server.url_for("/")
    return Contestant(HTTPSERVER, url, parse(probe(url)), server.stop)


def limit(answer: bytes) -> Contestant:
    """Start the limit, which repeats the answer it is given."""
    server = Limit(answer)
    return Contestant(LIMIT, server.url, parse(answer), server.stop)


@contextlib.contextmanager
def contest() -> Iterator[dict[str, Contestant]]:
    """Run all three while the context lasts; the others answer what ours does."""
    with contextlib.ExitStack() as running:
        first = ours()
        running.callback(first.stop)
        peer = httpserver(first.answer.content)
        running.callback(peer.stop)
        bare = limit(probe(first.url))
        running.callback(bare.stop)
        yield {contestant.name: contestant for contestant in (bare, first, peer)}
