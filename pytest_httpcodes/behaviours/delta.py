"""The change to the version that a client has, instead of the whole: 226 (RFC 3229)."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TypeVar

from pytest_httpcodes.behaviours.document import Document, document_of
from pytest_httpcodes.behaviours.representation import Octets, Representation
from pytest_httpcodes.behaviours.scenario import Scenario
from pytest_httpcodes.deltas import Unfit, diffe, gdiff
from pytest_httpcodes.fields.accept import tokens
from pytest_httpcodes.fields.validators import entity_tags, is_weak, matches_weakly
from pytest_httpcodes.request import Element, Request
from pytest_httpcodes.resource import Resource, Rule, Site, Stage, refuse, why
from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.received import Received
from pytest_httpcodes.wire.steps import Content, End, Head, Reply, Step

T = TypeVar("T")

# What is larger is sent whole, and not kept: a delta is made while the client waits.
MAX_SIZE = 262_144  # octets
MAX_DOCUMENTS = 100
_FORMATS = {"diffe": diffe.delta, "gdiff": gdiff.delta}
_VARY = ("Vary", "A-IM, If-None-Match")
# "A cache that complies with the specification for the IM header ... SHOULD ignore a no-store
# cache-directive if an im directive is present in the same response" (RFC 3229, 10.8.2); any
# other may not take a delta for the content.
_CACHE = ("Cache-Control", "no-store, im")


def deltas(keep: int = 10) -> tuple[Rule, ...]:
    """Send a client that has an older version the change alone: 226 with a delta.

    It has to ask for one with `A-IM: diffe` or `gdiff`, and name its version in `If-None-Match`;
    gzip may be listed behind them. The last `keep` versions are known; what is larger than 256 KiB,
    or what the format cannot carry, is sent whole. `identity;q=0` without a delta is a 406.
    Raises `ValueError` for a number of versions below 1 (RFC 3229, 10).
    """
    return History(keep).rules


class History:
    """The versions of documents that clients may have."""

    def __init__(self, keep: int = 10) -> None:
        if isinstance(keep, bool) or not isinstance(keep, int) or keep < 1:
            raise ValueError(f"keep={keep!r} is no number of versions; use 1 or more")
        self._keep = keep
        self._lock = threading.Lock()
        self._known: dict[str, dict[str, Representation]] = {}
        self.rules = (
            Rule(Stage.NEGOTIATION, self._note, self._amend, self.reset),
            Rule(Stage.RESULT, self._answer),
        )

    def reset(self) -> None:
        """Forget all versions."""
        with self._lock:
            self._known.clear()

    def remember(self, path: str, version: Representation | None) -> None:
        """Keep a version, if a delta can start from it; the oldest one makes room."""
        if version is None or not _fits(version):
            return
        with self._lock:
            versions = self._known.setdefault(path, {})
            versions[str(version.etag)] = version
            _shorten(versions, self._keep + 1)  # the current one is no old one
            _shorten(self._known, MAX_DOCUMENTS)

    def _note(self, request: Received) -> Reply | None:
        document = document_of(request)
        current = document.selected(request)
        self.remember(document.path, current)
        wanted = tokens(request.field("a-im"))
        if wanted.get("identity") != 0 or request.head.method not in ("GET", "HEAD"):
            return None
        # "if the server cannot send a response which is acceptable according to the A-IM header,
        # then the server SHOULD send an error response with the 406 (Not Acceptable) status code"
        # (RFC 3229, 10.5.3). A 304 has nothing in it that could be unacceptable.
        if current is None or _has_current(request, current) or self._delta(request, current):
            return None
        detail = "the whole representation is refused (identity;q=0), and there is no delta"
        fields = (("Vary", "A-IM, If-None-Match, Accept"),)
        return refuse(request, 406, detail, Section(3229, "10.5.3"), fields)

    def _amend(self, request: Received, steps: Iterable[Step]) -> Iterable[Step]:
        document = document_of(request)
        self.remember(document.path, document.current)
        if request.head.method not in ("GET", "HEAD"):
            return steps
        varied = map(_varies, steps)
        return tuple(varied) if isinstance(steps, (tuple, list)) else varied

    def _answer(self, request: Received) -> Reply | None:
        current = document_of(request).selected(request)
        found = self._delta(request, current) if current is not None else None
        if found is None or current is None:
            return None
        base, manipulations, octets = found
        request.record.why = why(
            f"the change from {base} to {current.etag}, by {', '.join(manipulations)}",
            Section(3229, "10.4.1"),
        )
        # "It is not meaningful to associate an entity tag with the delta value, which is not an
        # instance" (RFC 3229, 5.6); "Implementors might be wise to include a Delta-Base header in
        # every delta-encoded response" (10.5.1).
        own = tuple(line for line in current.head if line[0].lower() != "cache-control")
        delta = (("IM", ", ".join(manipulations)), ("Delta-Base", base), _CACHE)
        return (Head(226, (*own, *delta)), Content(octets), End())

    def _delta(
        self, request: Received, current: Representation
    ) -> tuple[str, tuple[str, ...], bytes] | None:
        # The version that it starts from, what was done in which order, and the octets; None
        # where there is none that the client takes, for "The server has fulfilled a GET request"
        # (RFC 3229, 10.4.1) is what a 226 says.
        if request.head.method != "GET" or not _fits(current):
            return None
        wanted = tokens(request.field("a-im"))
        known = [name for name in wanted if name in _FORMATS and wanted[name]]
        # "the acceptable instance-manipulation with the highest non-zero qvalue is preferred"
        # (RFC 3229, 10.5.3)
        for name in sorted(known, key=lambda name: -wanted[name]):
            for base in self._bases(request, current):
                try:
                    octets = _FORMATS[name](_octets(base), _octets(current))
                except Unfit:
                    continue
                return str(base.etag), *_compressed(name, wanted, octets)
        return None

    def _bases(self, request: Received, current: Representation) -> Iterator[Representation]:
        # Versions that the client has, with the same content codings (RFC 3229, 10.7.1).
        with self._lock:
            versions = dict(self._known.get(document_of(request).path, {}))
        for tag in entity_tags(request.field("if-none-match")) or ():
            base = versions.get(tag)
            if base is not None and tag != current.etag and _coding(base) == _coding(current):
                yield base


def _compressed(name: str, wanted: dict[str, int], octets: bytes) -> tuple[tuple[str, ...], bytes]:
    # "If a response uses more than one instance-manipulation, the instance-manipulations MUST be
    # applied in the order in which they appear in the A-IM request-header field" (RFC 3229,
    # 10.5.3), so what stands before the delta cannot be applied to it.
    order = list(wanted)
    if wanted.get("gzip") and order.index("gzip") > order.index(name):
        return (name, "gzip"), gzip.compress(octets, mtime=0)
    return (name,), octets


def _fits(version: Representation) -> bool:
    # A weak tag does not say which octets the client has.
    strong = version.etag is not None and not is_weak(version.etag)
    return strong and isinstance(version.data, Octets) and version.data.size <= MAX_SIZE


def _octets(version: Representation) -> bytes:
    return b"".join(version.data.read(0, version.data.size))


def _coding(version: Representation) -> list[str]:
    return [value for name, value in version.fields if name.lower() == "content-encoding"]


def _has_current(request: Received, current: Representation) -> bool:
    value = request.field("if-none-match").strip(" \t")
    tags = entity_tags(value) or ()
    return value == "*" or any(matches_weakly(tag, str(current.etag)) for tag in tags)


def _shorten(known: dict[str, T], most: int) -> None:
    if len(known) > most:
        del known[next(iter(known))]


def _varies(step: Step) -> Step:
    if isinstance(step, Head) and step.status in (200, 206, 226, 304):
        return Head(step.status, (*step.headers, _VARY), step.reason)
    return step


# A text long enough for the change to be shorter than it is.
_CHEESES = ["Appenzeller", "Brie", "Camembert", "Danablu", "Edam", "Feta", "Gouda", "Havarti"]


def _list(*cheeses: str) -> str:
    return "\n".join(["cheeses, in the order of the alphabet", "", *cheeses]) + "\n"


_VERSIONS = (
    _list(*_CHEESES),
    _list(*_CHEESES, "Idiazabal"),
    _list("Abondance", *_CHEESES[:4], *_CHEESES[5:], "Idiazabal", "Jarlsberg"),
)


class Versioned(Document):
    """A document whose versions are numbered: `"v1"`, `"v2"`."""

    __slots__ = ("_version",)

    def __init__(self, site: Site, path: str, versions: tuple[Representation, ...]) -> None:
        history = History(keep=100)
        methods = ("GET", "HEAD", "PUT", "DELETE", "OPTIONS")
        super().__init__(site, path, versions[-1], *history.rules, methods=methods)
        self._version = len(versions)
        for version in versions:
            history.remember(path, version)

    def represent(self, request: Received) -> Representation:
        """Return what a PUT encloses as the next version."""
        made = super().represent(request)
        self._version += 1
        return replace(made, etag=f'"v{self._version}"')


class IMUsed(Scenario):
    """226: a client that has an old version gets the change alone (RFC 3229, 10.4.1).

    There are versions "v1" and "v2", and the current "v3"; a PUT adds one. Those three are also at
    URLs of their own, such as `/226/KEY/v1`, for a client to start from.
    """

    code = 226

    def begin(self) -> Resource:
        """Return a document with three versions."""
        versions = tuple(
            replace(self.represent(text), etag=f'"v{number}"')
            for number, text in enumerate(_VERSIONS, 1)
        )
        for number, version in enumerate(versions, 1):
            path = f"{self.path}/v{number}"
            kept = Document(self.site, path, version, methods=("GET", "HEAD", "OPTIONS"))
            self.put(f"v{number}", kept)
        return Versioned(self.site, self.path, versions)

    def trigger(self, url: str) -> tuple[Element, ...]:
        """Ask for the change from the first version."""
        return (Request("GET", url, {"A-IM": "diffe", "If-None-Match": '"v1"'}),)

    def relief(self, url: str) -> tuple[Element, ...]:
        """Ask for the whole."""
        return (Request("GET", url),)
