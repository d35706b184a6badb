"""What was there once and will not be again: 410 (RFC 9110, 15.5.11)."""

from __future__ import annotations

import threading
from collections.abc import Callable

from pytest_httpcodes.behaviours.document import Document, document_of
from pytest_httpcodes.behaviours.option import Option, count
from pytest_httpcodes.behaviours.representation import represent
from pytest_httpcodes.behaviours.scenario import Scenario
from pytest_httpcodes.request import Element, Request
from pytest_httpcodes.resource import Resource, Rule, Site, Stage, Steps, refuse, segments, why
from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.received import Received
from pytest_httpcodes.wire.steps import End, Head, Reply

MAX_COUNT = 1_000_000
AFTER = Option("after", 0, count(0, MAX_COUNT), "how many GETs succeed before it is gone")
# What these ask is not what the resource contains (RFC 9110, 9.3.7 and 9.3.8).
_ABOUT = ("OPTIONS", "TRACE")
_METHODS = ("GET", "HEAD", "DELETE", *_ABOUT)


def gone(after: int | Callable[[], int] = 0) -> Rule:
    """Refuse what was there once and will not be again: 410, after the first so many GETs.

    `after` is their number, 0 to 1,000,000, or a function that returns it; it is asked at each
    request. A HEAD does not count, and is answered as a GET would be; other methods likewise, but
    for `OPTIONS` and `TRACE`. What never was there is a 404. Raises `ValueError` for a number that
    is out of range (RFC 9110, 15.5.11).
    """
    if callable(after):
        return _Departure(after).rule()
    number = AFTER.parse(after)
    return _Departure(lambda: number).rule()


class _Departure:
    # Counts the GETs that pass before a resource is gone. There is no Sunset on their answers,
    # whose value is a time (RFC 8594, 3): nobody knows when the last one comes.
    def __init__(self, after: Callable[[], int]) -> None:
        self._after = after
        self._passed = 0
        self._lock = threading.Lock()

    def rule(self) -> Rule:
        return Rule(Stage.RESOURCE, self._decide, reset=self._reset)

    def _reset(self) -> None:
        with self._lock:
            self._passed = 0

    def _decide(self, request: Received) -> Steps | None:
        method = request.head.method
        if method in _ABOUT or document_of(request).current is None:
            return None
        with self._lock:
            if self._passed < self._after():
                self._passed += method == "GET"
                return None
        detail = "the resource was removed, and will not come back; links to it can be removed, too"
        return refuse(request, 410, detail, Section(9110, "15.5.11"))


class Removable(Document):
    """A document that a `DELETE` removes for good: `removed` is whether there was one.

    Nothing can be put where nothing lasts.
    """

    __slots__ = ("removed",)

    def __init__(self, site: Site, path: str, *rules: Rule) -> None:
        current = represent("here for now\n", site.born)
        super().__init__(site, path, current, *rules, methods=_METHODS)
        self.removed = False

    def delete(self, request: Received) -> Reply:
        """Remove the representation, and remember that there was one."""
        self.removed = True
        request.record.why = why("the resource was removed for good", Section(9110, "9.3.5"))
        return (Head(204), End())


class Gone(Scenario):
    """410: it was there once, and will not be again (RFC 9110, 15.5.11).

    A DELETE makes it gone before `after` GETs have; what never was there, below it, is a 404.
    """

    code = 410
    options = (AFTER,)

    def begin(self) -> Resource:
        """Return a document that goes."""
        self._document = Removable(self.site, self.path, gone(self._left))
        return self._document

    def trigger(self, url: str) -> tuple[Element, ...]:
        """Get it after everybody who could, the last one too late."""
        return (Request("GET", url),) * (self.option(AFTER) + 1)

    def relief(self, url: str) -> tuple[Element, ...]:
        """Come in time; nothing gets past it in Python, where a query is the client's."""
        if tuple(segments(self.path)) in self.site.made:
            return ()
        return (Request("GET", f"{url}?after={self.option(AFTER) + 1}"),)

    def _left(self) -> int:
        return 0 if self._document.removed else self.option(AFTER)
