"""Requests that never were on a wire, and sites without a server."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pytest_httpcodes.clock import Clock
from pytest_httpcodes.journal import Journal
from pytest_httpcodes.resource import Site
from pytest_httpcodes.wire.head import RequestHead
from pytest_httpcodes.wire.limits import Limits
from pytest_httpcodes.wire.received import Received
from pytest_httpcodes.wire.steps import Content, Head, Interim, Reply, Step
from pytest_httpcodes.wire.writer import lower

BASE = "http://127.0.0.1:8080"


class Held:
    """The content of a request, until someone asks for it."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.reads = 0

    def read(self, request: Received) -> None:
        """Give the request its content."""
        self.reads += 1
        request.take(self.content)
        request.complete = True

    def forgo(self, request: Received) -> None:
        """Take what comes next for a request."""
        request.complete = True


def site(limits: Limits | None = None) -> Site:
    """Return a site of its own, with nothing in it."""
    clock = Clock()
    return Site(clock, Journal(clock, 1000), limits or Limits())


def request(
    method: str = "GET",
    target: str = "/",
    *fields: tuple[str, str],
    content: bytes | None = None,
    version: str = "HTTP/1.1",
    host: str = "example.org",
    base: str = BASE,
    source: Held | None = None,
) -> Received:
    """Return a request as the wire hands it on; `source` holds its content, if that matters."""
    lines = [("Host", host), *fields]
    if content is not None:
        lines.append(("Content-Length", f"{len(content)}"))
    head = RequestHead(method, target, version, lines, b"")
    head.interpret(Limits())
    record = Journal(Clock(), 1000).record(1, 1, 0.0)
    return Received(head, record, base, "127.0.0.1", source or Held(content or b""))


def steps(reply: Reply | None) -> Sequence[Step]:
    """Return the steps of an answer, all of them."""
    assert reply is not None
    return tuple(lower(reply))


def status(reply: Reply | None) -> int:
    """Return the code of an answer's final response."""
    return head(steps(reply)).status


def head(given: Iterable[Step]) -> Head:
    """Return the head of the final response."""
    return next(step for step in given if isinstance(step, Head))


def content(given: Iterable[Step]) -> bytes:
    """Return the content of the final response."""
    return b"".join(step.data for step in given if isinstance(step, Content))


def interim(given: Iterable[Step]) -> list[int]:
    """Return the codes of the interim responses."""
    return [step.status for step in given if isinstance(step, Interim)]
