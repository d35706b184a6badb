"""Scenarios of parts of content: 206 416 (RFC 9110, 14), and downloads that break off.

What a `Range` comes to is in `partial`, for every document alike; what it asks for is in
`fields.ranges`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from pytest_httpcodes.behaviours.applied import note
from pytest_httpcodes.behaviours.document import document_of
from pytest_httpcodes.behaviours.option import Option, count
from pytest_httpcodes.behaviours.representation import MAX_SIZE, Generated, represent
from pytest_httpcodes.behaviours.scenario import Scenario
from pytest_httpcodes.request import Element, Request
from pytest_httpcodes.resource import Resource, Rule, Stage
from pytest_httpcodes.wire.received import Received
from pytest_httpcodes.wire.steps import At, Close, Head, Step

SIZE = Option("size", 10_240, count(1, MAX_SIZE), "octets of content, which is generated")
CUT: Option[int | None] = Option(
    "cut",
    None,
    count(0, MAX_SIZE),
    "octets after which a whole download breaks off; never if not given",
)


def cut_after(octets: int) -> Rule:
    """Break every whole download off after so many octets of it; parts are sent as asked.

    A 200 to a GET announces the whole length, and the connection ends within the content; so a
    client gets the rest by a `Range` alone, best with `If-Range` (RFC 9110, 14.2 and 13.1.5). What
    is not longer is sent whole. Raises `ValueError` for a number that is out of range.
    """
    place = CUT.parse(octets)
    return _cut(lambda: place)


def _cut(place: Callable[[], int | None]) -> Rule:
    def amend(request: Received, steps: Iterable[Step]) -> Iterable[Step]:
        octets = place()
        if octets is None or request.head.method != "GET":
            return steps
        found = document_of(request).selected(request)
        if found is None or found.data.size <= octets:
            return steps
        broken = _broken(request, steps, octets)
        return tuple(broken) if isinstance(steps, (tuple, list)) else broken

    return Rule(Stage.RESULT, lambda request: None, amend)


def _broken(request: Received, steps: Iterable[Step], octets: int) -> Iterator[Step]:
    for step in steps:
        if isinstance(step, Head) and step.status == 200:
            note(request.record, f"cut after {octets} octets")
            yield At(f"content:{octets}", Close(), short=True)
        yield step


class _Download(Scenario):
    # A document of generated content, of any size.
    options = (SIZE, CUT)

    def begin(self) -> Resource:
        """Return a document with parts."""
        self._size = self.option(SIZE)
        self._document = self.document(Generated(self._size), _cut(lambda: self.option(CUT)))
        return self._document

    def configured(self) -> None:
        """Replace the content, if it is to have another size."""
        size = self.option(SIZE)
        if size != self._size:
            self._size = size
            self._document.current = represent(Generated(size), self.site.clock.now())


class PartialContent(_Download):
    """206: the octets that a GET asks for (RFC 9110, 15.3.7)."""

    code = 206

    def trigger(self, url: str) -> tuple[Element, ...]:
        """Ask for some of them."""
        return (Request("GET", url, {"Range": "bytes=0-99"}),)

    def relief(self, url: str) -> tuple[Element, ...]:
        """Ask for all."""
        return (Request("GET", url),)


class RangeNotSatisfiable(_Download):
    """416: a GET asks for octets that are not there (RFC 9110, 15.5.17)."""

    code = 416

    def trigger(self, url: str) -> tuple[Element, ...]:
        """Ask for what is behind the last one."""
        return (Request("GET", url, {"Range": f"bytes={self.option(SIZE)}-"}),)

    def relief(self, url: str) -> tuple[Element, ...]:
        """Ask for the first."""
        return (Request("GET", url, {"Range": "bytes=0-0"}),)
