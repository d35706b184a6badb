"""An instance of a resource: what is at a KEY, and what is below it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from urllib.parse import quote

from pytest_httpcodes.behaviours.applied import asked, foreseen, refused
from pytest_httpcodes.behaviours.common import Mistaken
from pytest_httpcodes.behaviours.document import Document
from pytest_httpcodes.behaviours.options import Options
from pytest_httpcodes.exchange import Exchange, Key
from pytest_httpcodes.resource import Resource, Site, segments
from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.received import Foreseen, Received
from pytest_httpcodes.wire.steps import Reply, Step


def path_of(key: Key) -> str:
    """Return the path of an instance, percent-encoded."""
    return "".join(f"/{quote(word, safe='', errors='surrogateescape')}" for word in key)


class Instance(Resource):
    """Resources that share a state: one at the instance's own path, and those below it.

    `begin` makes them, when the instance is made and when it is to forget what has happened.
    `common` is what is asked of every answer: `delay`, and `fault` with `at`.
    """

    def __init__(self, site: Site, key: Key, common: Options) -> None:
        super().__init__()
        self.site = site
        self.path = path_of(key)
        self.common = common
        self._below: dict[tuple[str, ...], Resource] = {}
        self._root = self.begin()

    def begin(self) -> Resource:
        """Return the resource at the instance's own path, and `put` those below it."""
        raise NotImplementedError

    def put(self, name: str, resource: Resource) -> None:
        """Put a resource below the instance, at a path such as "payment" or "files/1"."""
        self._below[tuple(name.split("/"))] = resource

    def reset(self) -> None:
        """Forget what has happened."""
        self._root.reset()  # its rules may be those of the next one
        self._below = {}
        self._root = self.begin()

    def answer(self, request: Received) -> Reply:
        """Return the answer of the resource that the request is addressed to."""
        given = self.common
        if given.fault is None and not given.delay:
            return self._addressed(request)
        return asked(request, given, self.site, self._addressed)

    def foresee(self, target: str) -> Foreseen:
        """Say whether it breaks before the fields are read."""
        return foreseen(self.common)

    def refused(self, steps: Iterable[Step], record: Exchange) -> Iterable[Step]:
        """Return the answer to a request that was refused for its head, as it is asked for."""
        return refused(steps, self.common, self.site, record)

    def _addressed(self, request: Received) -> Reply:
        below = segments(request.head.target)[2:]
        return self.find(below, request.head.method).answer(request)

    def find(self, below: Sequence[str], method: str = "GET") -> Resource:
        """Return the resource at the segments below the instance, for a request with a method."""
        while below and not below[-1]:
            below = below[:-1]
        if not below:
            return self._root
        known = self._below.get(tuple(below))
        if known is not None:
            return known
        if len(below) == 1 and isinstance(self._root, Document):
            return self._root.member(below[0])
        names = ", ".join(f"{self.path}/{'/'.join(name)}" for name in self._below)
        detail = f"nothing is at {'/'.join(below)!r} below {self.path}"
        if names:
            detail += f"; there is {names}"
        return Mistaken(self.site, 404, detail, Section(9110, "15.5.5"))
