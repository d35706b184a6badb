"""Lets a page of another origin read every answer (the Fetch standard, 3.2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from pytest_httpcodes.behaviours.common import METHODS
from pytest_httpcodes.resource import on_its_way, why
from pytest_httpcodes.wire.received import Received
from pytest_httpcodes.wire.steps import End, Fields, Forward, Head, Step

_FETCH = "the Fetch standard, 3.2"


def preflight(request: Received) -> tuple[Head, End] | None:
    """Answer the question that a browser asks before the request itself."""
    head = request.head
    if head.method != "OPTIONS" or "access-control-request-method" not in head.known:
        return None
    wanted = request.field("access-control-request-headers", "*")
    request.record.why = why("a preflight of another origin's page", _FETCH)
    fields = (
        *_allowed(request.field("origin")),
        ("Access-Control-Allow-Methods", ", ".join(sorted(METHODS))),
        ("Access-Control-Allow-Headers", wanted),
        ("Access-Control-Max-Age", "0"),
    )
    return (Head(204, fields), End())


def allow(steps: Iterable[Step], origin: str) -> Iterable[Step]:
    """Return the steps with the fields that let a page of `origin` read them.

    An answer that streams goes on doing so.
    """
    opened = _open(steps, origin)
    return tuple(opened) if isinstance(steps, (tuple, list)) else opened


def _open(steps: Iterable[Step], origin: str) -> Iterator[Step]:
    for step in steps:
        if isinstance(step, Head):
            names = {name.lower(): name for name, _ in step.headers}
            # "*" is every name to a page that sends no credentials, and a name like any other to
            # one that does.
            exposed = ("Access-Control-Expose-Headers", ", ".join(["*", *names.values()]))
            # What the test itself says of it stands: a second line would make both invalid.
            own = (*_allowed(origin), exposed)
            added = tuple(f for f in own if f[0] == "Vary" or f[0].lower() not in names)
            yield Head(step.status, step.headers + added, step.reason)
        elif isinstance(step, Forward):
            yield on_its_way(step, partial(_open, origin=origin))
        else:
            yield step


def _allowed(origin: str) -> Fields:
    # To a page that sends credentials, the origin must be named, and they must be allowed.
    if not origin:
        return (("Access-Control-Allow-Origin", "*"), ("Vary", "Origin"))
    return (
        ("Access-Control-Allow-Origin", origin),
        ("Access-Control-Allow-Credentials", "true"),
        ("Vary", "Origin"),
    )
