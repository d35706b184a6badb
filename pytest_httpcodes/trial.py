"""Trigger and relief of a scenario, sent to a server of their own: what `try` and `show` run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import NamedTuple, TypeAlias
from urllib.parse import urlsplit

from pytest_httpcodes import scenarios
from pytest_httpcodes.clock import Clock
from pytest_httpcodes.exchange import Exchange
from pytest_httpcodes.journal import Journal
from pytest_httpcodes.origin import Origin
from pytest_httpcodes.pages.curl import commands
from pytest_httpcodes.pages.octets import shown
from pytest_httpcodes.pages.sheet import KEY, ROOT
from pytest_httpcodes.request import Answer, Element, Request
from pytest_httpcodes.resource import Site
from pytest_httpcodes.server import StatusServer
from pytest_httpcodes.wire.client import Heard, ask
from pytest_httpcodes.wire.limits import Limits

Elements: TypeAlias = "tuple[Element, ...]"


class Turn(NamedTuple):
    """One request, what came back, and what the server noted."""

    request: Request
    heard: Heard
    exchange: Exchange

    @property
    def answer(self) -> Answer:
        """What the next request may depend on."""
        return Answer(self.heard.status or 0, _Fields(self.heard), self.heard.content)

    def has(self, code: int) -> bool:
        """Tell whether a code was answered, or is what a log would have, or is inside a 207."""
        codes = (*self.heard.interim, self.heard.status, self.exchange.logged)
        inside = b"<D:status>HTTP/1.1 %d " % code in self.heard.content
        return code in codes or (self.heard.status == 207 and inside)

    def gets_past(self, code: int) -> bool:
        """Tell whether another code was answered, a success or a redirect."""
        status = self.heard.status
        return status is not None and status < 400 and not self.has(code)


@contextmanager
def _instance(code: int) -> Iterator[tuple[StatusServer, Elements, Elements]]:
    # A server, and trigger and relief of an instance of its own.
    server = StatusServer().start()
    try:
        yield server, *requests_for(code, f"{server.url}/{code}/{KEY}")
    finally:
        server.stop()


def report(code: int) -> Iterator[tuple[str, bool]]:
    """Earn a code and get past it; yield what to say of it, and whether all is well so far."""
    with _instance(code) as (server, trigger, relief):
        turn = None
        for turn in play(server, trigger):
            yield _told(turn), True
        earned = turn is not None and turn.has(code)
        yield f"{code} was {'earned' if earned else 'not earned'}\n", earned
        for turn in play(server, relief):
            yield _told(turn), True
        if relief:
            past = turn is not None and turn.gets_past(code)
            yield f"{code} was {'got past' if past else 'not got past'}", past
        else:
            yield f"nothing gets past {code}", True


def _told(turn: Turn) -> str:
    sent, heard = shown(turn.request.octets, ">"), shown(turn.heard.octets, "<")
    broken = f"# {turn.heard.failure}\n" if turn.heard.failure else ""
    return f"{sent}{heard}{broken}# {turn.exchange.why}\n"


def commands_for(code: int) -> tuple[list[str], list[str]]:
    """Return trigger and relief as lines for a shell, for `httpcodes serve`."""
    with _instance(code) as (server, trigger, relief):
        return _commands(server, trigger), _commands(server, relief)


def _commands(server: StatusServer, elements: Elements) -> list[str]:
    turns = list(play(server, elements))
    return commands(
        [_moved(turn.request, server.url) for turn in turns],
        [
            {name: value.replace(server.url, ROOT) for name, value in turn.answer.headers.items()}
            for turn in turns
        ],
    )


def _moved(request: Request, root: str) -> Request:
    # The same request to the server that `httpcodes serve` is.
    old, new = root.encode(), ROOT.encode()
    return replace(
        request,
        url=request.url.replace(root, ROOT),
        headers=tuple((name, value.replace(root, ROOT)) for name, value in request.headers),
        content=request.content.replace(old, new),
        raw=request.raw and request.raw.replace(old, new),
    )


def requests_for(code: int, url: str) -> tuple[Elements, Elements]:
    """Return trigger and relief of a code's scenario, at the URL of an instance."""
    clock = Clock()
    words = tuple(urlsplit(url).path.split("/")[1:])
    made = scenarios.find(code)(Site(clock, Journal(clock, 0), Limits()), words, {})
    return made.trigger(url), made.relief(url)


def play(server: StatusServer, elements: Iterable[Element]) -> Iterator[Turn]:
    """Send requests one after the other, each on a connection of its own.

    Where one is to wait before it is sent, the server's clock is advanced. Raises `OSError` if
    there is no connection.
    """
    answer = Answer(0, {})
    for element in elements:
        request = element(answer) if callable(element) else element
        turn = _send(server, request)
        answer = turn.answer
        yield turn


def _send(server: StatusServer, request: Request) -> Turn:
    pause = request.pause or 0.0
    octets = request.octets
    if not request.content:
        server.clock.advance(pause)
        pause = 0.0
    head = octets.removesuffix(request.content) if pause else octets
    address = urlsplit(request.via or request.url)
    heard = ask(
        address.hostname or "",
        address.port or 80,
        request.method,
        head,
        octets[len(head) :],
        pause=pause,
    )
    return Turn(request, heard, _asked(server, address.port).journal[-1])


def _asked(server: StatusServer, port: int | None) -> Origin:
    # Whom a request was sent to: the server, or a proxy beside it.
    (found,) = (each for each in server.servers if urlsplit(each.url).port == port)
    return found


class _Fields(Mapping[str, str]):
    # Fields by name, whatever its case, several lines of one joined.

    def __init__(self, heard: Heard) -> None:
        self._values = {name.lower(): heard.header(name) for name, _ in heard.fields}

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)
