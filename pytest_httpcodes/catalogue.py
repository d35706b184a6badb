"""The URL map: which resource a request is addressed to."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple, TypeAlias

from pytest_httpcodes import scenarios
from pytest_httpcodes.behaviours import redirection, script, status
from pytest_httpcodes.behaviours.common import Mistaken, NoProxy, WholeServer
from pytest_httpcodes.behaviours.reading import Reading
from pytest_httpcodes.exchange import Key
from pytest_httpcodes.resource import Resource, Site, segments
from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.head import RequestHead

_FOUND = 1024
# What a test makes of content and rules has no URL but the one that it gets then.
MADE = "resource"


class Place(NamedTuple):
    """A resource, and the key under which its exchanges are known."""

    key: Key
    resource: Resource


Locate: TypeAlias = Callable[[Site, Sequence[str], str, "Resource | None"], Resource]


class Family(NamedTuple):
    """Resources that share the first segment of their path.

    `key` reads the segments behind it, None where they name nothing; `place` returns the
    resource, given the one that is known under that key. `holds` is whether it has a state.
    `usage` is how its URLs look, and `example` is one of them.
    """

    key: Callable[[Sequence[str]], Key | None]
    place: Locate
    holds: bool
    usage: str
    example: str


FAMILIES = {
    "status": Family(status.key, status.place, True, "/status/CODE", "/status/404"),
    "redirects": Family(
        redirection.key,
        redirection.place,
        False,
        "/redirects/CODE,CODE,...",
        "/redirects/301,302,307",
    ),
    "script": Family(
        script.key, script.place, True, "/script/REPLY,REPLY,...", "/script/503,503,200"
    ),
}
# The KEY of the instance that everyone shares, at /CODE.
SHARED = "shared"
HINT = (
    "there is / (the catalogue), /CODE such as /404 (the scenario of a code), "
    + ", ".join(f"{family.usage} such as {family.example}" for family in FAMILIES.values())
    + ", /journal, and a KEY of one's own behind each"
)
_CODE = re.compile("[1-9][0-9]{2}")
_SHOWN = 200  # characters of a path that a message shows


class Catalogue:
    """Finds the resource for a request; `root` makes what is at `/`, given its query."""

    def __init__(self, site: Site, root: Callable[[str], Resource]) -> None:
        self._site = site
        self._root = root
        self._server = Place(("*",), WholeServer(site))
        self._no_proxy = Place((), NoProxy(site))
        self._everywhere: Place | None = None
        self._found: dict[str, Place] = {}
        # Held by whoever changes what can be found; a place that was found is read without it.
        self._lock = threading.Lock()

    def add(self, key: Key, resource: Resource) -> None:
        """Add an instance that a test made."""
        with self._lock:
            self._add(key, resource)

    def add_everywhere(self, key: Key, resource: Resource) -> None:
        """Add the instance that takes all paths which no other one of the test's has.

        Raises `ValueError` for a second one.
        """
        with self._lock:
            if self._everywhere is not None:
                raise ValueError(
                    "this origin has a script everywhere already; origin() opens another one for it"
                )
            self._add(key, resource)
            self._everywhere = Place(key, resource)

    def _add(self, key: Key, resource: Resource) -> None:
        self._site.instances[key] = resource
        self._site.made.add(key)
        self._found.clear()

    def find(self, head: RequestHead) -> Place:
        """Return what a request is addressed to."""
        if head.method == "CONNECT":
            return self._no_proxy
        place = self._found.get(head.target)
        if place is None:
            with self._lock:
                place = self._locate(head)
                if place.key in self._site.instances and not head.query:
                    if len(self._found) >= _FOUND:
                        self._found.clear()
                    self._found[head.target] = place
        return place

    def key_at(self, target: str) -> Key:
        """Return the key of the instance that a target names, the empty one if it names none."""
        key = key_of(segments(target))
        if key in self._site.made or self._everywhere is None:
            return key or ()
        return self._everywhere.key

    def is_journal(self, target: str) -> bool:
        """Tell whether a target is the journal's, which is not in itself."""
        return segments(target)[0] == "journal" and not self._everywhere

    def _locate(self, head: RequestHead) -> Place:
        if head.target == "*":
            return self._server
        words = segments(head.target)
        key = key_of(words)
        if key is not None and key in self._site.made:
            return Place(key, self._site.instances[key])
        if self._everywhere is not None:
            return self._everywhere
        try:
            return self._by_hand(words, key, head.query)
        except LookupError as error:
            hint = f"{error.args[0]}; {HINT}"
            return Place((), Mistaken(self._site, 404, hint, Section(9110, "15.5.5")))
        except ValueError as error:
            return Place(key or (), Mistaken(self._site, 400, str(error), Section(9110, "15.5.1")))

    def _by_hand(self, words: list[str], key: Key | None, query: str) -> Place:
        if words == [""]:
            return Place(("/",), self._root(query))
        if words[0] == "journal":
            below = words[1:]
            while below and not below[-1]:
                below.pop()
            return Place(("journal",), Reading(self._site, below, scope_of(below), query))
        if key is None or words[0] == MADE:
            raise LookupError(_nothing(words))
        family = FAMILIES.get(words[0])
        known = self._site.instances.get(key)
        if family is None:
            resource = _scenario(self._site, key, query, known)
        else:
            resource = family.place(self._site, words[1:], query, known)
        if known is None and (family is None or family.holds):
            self._site.keep(key, resource)
            self._found.clear()
        return Place(key, resource)


def key_of(words: Sequence[str]) -> Key | None:
    """Return the key of the instance that a path's segments name, None if they name none."""
    if _is_scenario(words[0]):
        name = (words[1] if len(words) > 1 else "") or SHARED
        return None if name in (".", "..") else (words[0], name)
    if words[0] == MADE:
        return (MADE, words[1]) if len(words) > 1 else None
    family = FAMILIES.get(words[0])
    if family is None or len(words) < 2 or not words[1]:
        return None
    if words[2:3] in (["."], [".."]):
        # A client would remove such a KEY (RFC 3986, 5.2.4): no address could have it.
        return None
    return family.key(words[1:])


def scope_of(words: Sequence[str]) -> Key | None:
    """Return what the keys of the instances at a path and below start with.

    None if there can be none: the path names nothing, or is within an instance.
    """
    if not words:
        return ()
    if len(words) == 1:
        known = words[0] in FAMILIES or words[0] == MADE or _is_scenario(words[0])
        return (words[0],) if known else None
    key = key_of(words)
    if words[0] not in FAMILIES:
        return key if len(words) == 2 else None
    return key[: len(words)] if key is not None and len(words) <= 3 else None


def _is_scenario(word: str) -> bool:
    return bool(_CODE.fullmatch(word)) and scenarios.has(int(word))


def _scenario(site: Site, key: Key, query: str, known: Resource | None) -> Resource:
    # The instance of a scenario that a URL names, with its options set; raises `ValueError` for
    # those that are wrong. Whoever needs none does not import them.
    with _ours():
        from pytest_httpcodes.behaviours.scenario import Scenario, read_query

        kind = scenarios.find(int(key[0]))
    if known is not None and not query.strip("&"):
        return known
    given = read_query(kind, query)
    with _ours():
        if known is None:
            return kind(site, key, *given)
        assert isinstance(known, Scenario)  # noqa: S101 - its key says so
        known.configure(*given)
    return known


@contextmanager
def _ours() -> Iterator[None]:
    # What goes wrong in a scenario is its own fault, and never the URL's.
    try:
        yield
    except (LookupError, ValueError) as error:
        raise RuntimeError(f"a scenario cannot be made: {error}") from error


def _nothing(words: Sequence[str]) -> str:
    path = "/" + "/".join(words)
    text = f"nothing is at {path[:_SHOWN]!r}"
    if _CODE.fullmatch(words[0]):
        return f"{text}; /status/{words[0]} always answers {words[0]}"
    return text
