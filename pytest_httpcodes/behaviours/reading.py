"""The journal as a resource, so that a client in any language can see what it did.

`DELETE /journal/PATH` forgets what happened at PATH and below, and starts the counts of the
instances there again. `GET /journal/PATH`, with `?wait=N&timeout=S` once N exchanges have finished
or S seconds have passed, answers an object with these members; times are in seconds, and what is
not known yet is null. Without a PATH both are about everything.

- `complete`: false if fewer than `wait` exchanges have finished within `timeout` seconds
- `statuses`: the final status of each exchange, null where none was sent
- `gaps`: between each answer and the next request, one fewer than exchanges; null where the
  answer was never complete
- `early`: the places in `exchanges` of those that came sooner than `Retry-After` allowed
- `exchanges`: an object each, in order of arrival
    - `connection`, `number`: which connection, and which exchange on it
    - `method`, `target`, `version`, `headers`: the request, its fields as pairs in their order
    - `content`: the request's as text; `content_base64` where it is no UTF-8,
      `content_not_kept` with the reason where it is too large
    - `interim`: the interim codes; `status`: the final one; `logged`: what a log would say
    - `response_headers`: the answer's fields as pairs; `why`: which rule answered
    - `started`, `finished`: on a clock of the server's, with differences that mean something
    - `failure`: what broke the exchange off
"""

from __future__ import annotations

import json
import math
import re
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

from pytest_httpcodes.behaviours.applied import EVERY, asked, foreseen
from pytest_httpcodes.behaviours.common import everywhere
from pytest_httpcodes.behaviours.options import from_query, pairs
from pytest_httpcodes.exchange import Exchange, Key, NotKept
from pytest_httpcodes.journal import PATIENCE, Selection
from pytest_httpcodes.problem import JSON, readable
from pytest_httpcodes.resource import Resource, Rule, Site, Stage, Steps, refuse, segments, why
from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.received import Foreseen, Received
from pytest_httpcodes.wire.steps import Content, End, Head, Pause, Reply, Step

MAX_TIMEOUT = 60.0  # seconds
_TIMEOUT = 5.0  # seconds
# How often a reader that waits is seen to have gone, or the server to stop, in seconds.
_LOOK = 0.1
_METHODS = "GET, HEAD, DELETE, OPTIONS"
_COUNT = re.compile("[0-9]{1,9}")
_SECONDS = re.compile(r"[0-9]{1,9}(?:\.[0-9]*)?")


class Reading(Resource):
    """`/journal` and `/journal/PATH`: GET reads it, DELETE forgets it.

    `words` are the segments of PATH, `scope` is what the keys of the instances there start with,
    None where there are none.
    """

    __slots__ = ("_options", "_scope", "_site", "_timeout", "_wait", "_words")

    def __init__(self, site: Site, words: Sequence[str], scope: Key | None, query: str) -> None:
        super().__init__(
            *everywhere(site), Rule(Stage.ALLOWED, self._allowed), Rule(Stage.STORAGE, self._answer)
        )
        self._site = site
        self._words = list(words)
        self._scope = scope
        found = pairs(query, ("wait", "timeout", *EVERY))
        self._wait, self._timeout = _waiting(dict(found))
        self._options = from_query(urlencode([p for p in found if p[0] in EVERY]), EVERY)

    def _allowed(self, request: Received) -> Steps | None:
        method = request.head.method
        if method in _METHODS.split(", "):
            return None
        detail = f"{method} is not allowed here; {_METHODS} are"
        return refuse(request, 405, detail, Section(9110, "15.5.6"), (("Allow", _METHODS),))

    def _answer(self, request: Received) -> Reply:
        return asked(request, self._options, self._site, self._steps)

    def foresee(self, target: str) -> Foreseen:
        """Say whether it breaks before the fields are read."""
        return foreseen(self._options)

    def _steps(self, request: Received) -> Iterable[Step]:
        request.receive()
        request.record.why = why("the journal", "this server's own")
        match request.head.method:
            case "OPTIONS":
                return (Head(204, (("Allow", _METHODS),)), End())
            case "DELETE":
                self._site.forget(self._belongs, self._scope)
                return (Head(204), End())
        selection = Selection(self._site.journal, self._belongs)
        if self._wait:
            return self._later(request, selection)
        return self._show(request, selection, complete=True)

    def _later(self, request: Received, selection: Selection) -> Iterator[Step]:
        end = time.monotonic() + self._timeout
        came, left = False, self._timeout
        with suppress(NotKept):
            while not (came := selection.arrives(self._wait, min(left, _LOOK))) and left > 0:
                yield Pause(0)
                left = max(end - time.monotonic(), 0)
        yield from self._show(request, selection, complete=came)

    def _show(self, request: Received, selection: Selection, *, complete: bool) -> Steps:
        try:
            members = summary(selection, complete=complete)
        except NotKept as reason:
            detail = f"{reason}; DELETE /journal starts a new one"
            return refuse(request, 410, detail, Section(9110, "15.5.11"))
        data = json.dumps(members, indent=1).encode() + b"\n"
        fields = (
            ("Content-Type", JSON),
            ("Content-Length", f"{len(data)}"),
            ("Cache-Control", "no-store"),
        )
        return (Head(200, fields), Content(data), End())

    def _belongs(self, exchange: Exchange) -> bool:
        words, scope = self._words, self._scope
        if not words:
            return True
        if scope is not None and exchange.key[: len(scope)] == scope:
            return True
        return segments(exchange.target)[: len(words)] == words


def _waiting(given: dict[str, str]) -> tuple[int, float]:
    wait, timeout = given.get("wait", "0"), given.get("timeout", f"{_TIMEOUT:g}")
    if not _COUNT.fullmatch(wait):
        raise ValueError(f"wait={wait!r} is no count of exchanges; use 0 or more")
    if not _SECONDS.fullmatch(timeout) or float(timeout) > MAX_TIMEOUT:
        raise ValueError(f"timeout={timeout!r} is out of range; use 0 to {MAX_TIMEOUT:g} seconds")
    return int(wait), float(timeout)


class _Taken(Selection):
    # Exchanges as they were at one moment, so that all that is said of them agrees.

    def __init__(self, selection: Selection) -> None:
        self._exchanges = selection.settled(PATIENCE)

    def settled(self, patience: float) -> list[Exchange]:
        return self._exchanges


def summary(selection: Selection, *, complete: bool) -> dict[str, Any]:
    """Return what is known of some exchanges, as JSON has it; raises `NotKept`."""
    taken = _Taken(selection)
    places = {id(exchange): place for place, exchange in enumerate(taken.exchanges)}
    return {
        "complete": complete,
        "statuses": taken.statuses,
        "gaps": [None if math.isnan(gap) else gap for gap in taken.gaps],
        "early": [places[id(exchange)] for exchange in taken.early],
        "exchanges": [entry(exchange) for exchange in taken.exchanges],
    }


def entry(exchange: Exchange) -> dict[str, Any]:
    """Return one exchange as JSON has it."""
    made: dict[str, Any] = {
        "connection": exchange.connection,
        "number": exchange.number,
        "method": exchange.method,
        "target": exchange.target,
        "version": exchange.version,
        "headers": list(exchange.headers),
        "interim": list(exchange.interim),
        "status": exchange.status,
        "logged": exchange.logged,
        "response_headers": list(exchange.response_headers),
        "why": exchange.why,
        "started": exchange.started,
        "finished": exchange.finished,
        "failure": exchange.failure,
    }
    try:
        made |= readable("content", exchange.content)
    except NotKept as reason:
        made["content_not_kept"] = str(reason)
    return made
