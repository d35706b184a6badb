"""What a request can be refused for: a rule that objects to it, a field that is wrong, or both."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from pytest_httpcodes import Endpoint, Rule, Stage, StatusServer
from pytest_httpcodes.behaviours.informational import refuse_expectation
from pytest_httpcodes.rules import (
    basic,
    blocked_by,
    gone,
    length_required,
    max_octets,
    media_types,
    moved,
    no_early_data,
    only_for,
    payment_required,
    precondition_required,
    processable,
    rate_limit,
    unavailable,
    variant,
    variants,
)
from tests.raw import Answer, Raw

CONTENT = b'{"qty": 1}'
CREDENTIALS = "Basic dXNlcjpwYXNzd29yZA=="  # user:password
METHODS = ("GET", "PUT", "POST")


@dataclass(frozen=True)
class Draft:
    """A request that nothing objects to, until it is spoilt."""

    method: str
    target: str
    host: str
    version: str = "HTTP/1.1"
    fields: dict[str, str] = field(default_factory=dict)
    content: bytes = CONTENT

    def with_fields(self, **fields: str | None) -> Draft:
        """Return it with some fields otherwise, or without those that are None."""
        given = {name.replace("_", "-"): value for name, value in fields.items()}
        kept = {name: value for name, value in self.fields.items() if name not in given}
        return replace(self, fields=kept | {n: v for n, v in given.items() if v is not None})

    def send(self) -> Answer:
        """Send it; the content waits until it is invited."""
        own = {"Content-Length": f"{len(self.content)}"}
        if "Transfer-Encoding" in self.fields:
            own = {}
        lines = [f"{self.method} {self.target} {self.version}", f"Host: {self.host}"]
        lines += [f"{name}: {value}" for name, value in (own | self.fields).items()]
        with Raw(f"http://{self.host}") as raw:
            raw.send("\r\n".join([*lines, "", ""]).encode())
            if raw.sock.recv(12, socket.MSG_PEEK) == b"HTTP/1.1 100":
                raw.send(self.content)
            return raw.answer(self.method)


def good(url: str, method: str) -> Draft:
    """Return a request that nothing objects to."""
    parts = urlsplit(url)
    fields = {
        "Authorization": CREDENTIALS,
        "Content-Type": "application/json",
        "Expect": "100-continue",
    }
    return Draft(method, parts.path, parts.netloc, fields=fields)


@dataclass(frozen=True)
class Objection:
    """A reason to refuse a request: what is wrong with it, or which rules object to any.

    `options` are more of the resource's. `methods` are those that it can object to; `used` is
    whether there has to be a request before that uses up what a rule grants.
    """

    code: int
    stage: Stage
    about: str
    rules: Callable[[], Any] = tuple
    spoil: Callable[[Draft], Draft] = lambda draft: draft
    methods: tuple[str, ...] = METHODS
    content: bytes | None = CONTENT
    options: dict[str, Any] = field(default_factory=dict)
    used: bool = False

    def __str__(self) -> str:
        return f"{self.code}-{self.about}"


def resource(server: StatusServer, *objections: Objection) -> Endpoint:
    """Return a resource with the rules of some objections, the later ones first."""
    rules = []
    for objection in reversed(objections):
        made = objection.rules()
        rules.append(made)
        if objection.used:
            # With and without credentials, since it may be counted for each.
            other = server.resource(b"", made)
            for draft in (good(other, "GET"), good(other, "GET").with_fields(Authorization=None)):
                assert 200 == draft.send().status
    content = CONTENT if all(objection.content for objection in objections) else None
    options = {k: v for objection in objections for k, v in objection.options.items()}
    return server.resource(content, *rules, **options)


def spoilt(url: str, method: str, *objections: Objection) -> Draft:
    """Return a request that is wrong in the ways of some objections."""
    draft = good(url, method)
    for objection in reversed(objections):
        draft = objection.spoil(draft)
    return draft


def common(first: Objection, second: Objection) -> list[str]:
    """Return the methods that both can object to."""
    return [method for method in first.methods if method in second.methods]


def _negotiated() -> tuple[Rule, ...]:
    return variants(variant("plain", "text", type="text/plain"))


# In the order of their stages.
OBJECTIONS = (
    Objection(
        414, Stage.REQUEST_LINE, "long",
        spoil=lambda draft: replace(draft, target=f"{draft.target}?{'x' * 8000}"),
    ),
    Objection(
        505, Stage.REQUEST_LINE, "version",
        spoil=lambda draft: replace(draft, version="HTTP/2.0"),
    ),
    Objection(
        400, Stage.HEAD, "field",
        spoil=lambda draft: replace(draft, fields=draft.fields | {"Bad ": "white space"}),
    ),
    Objection(
        431, Stage.HEAD, "field",
        spoil=lambda draft: draft.with_fields(Large="x" * 20_000),
    ),
    Objection(
        400, Stage.FRAMING, "length",
        spoil=lambda draft: replace(draft, fields=draft.fields | {"Content-Length": "1x"}),
    ),
    Objection(
        501, Stage.FRAMING, "coding",
        spoil=lambda draft: draft.with_fields(Transfer_Encoding="br, chunked"),
    ),
    Objection(
        421, Stage.AUTHORITY, "scheme",
        spoil=lambda draft: replace(draft, target=f"https://{draft.host}{draft.target}"),
    ),
    Objection(
        501, Stage.METHOD, "unknown",
        spoil=lambda draft: replace(draft, method="FOO"),
    ),
    Objection(
        510, Stage.METHOD, "mandatory",
        spoil=lambda draft: replace(draft, method=f"M-{draft.method}"),
    ),
    Objection(503, Stage.STATE, "unavailable", unavailable),
    Objection(
        425, Stage.STATE, "early", lambda: no_early_data(safe=False),
        spoil=lambda draft: draft.with_fields(Early_Data="1"),
    ),
    Objection(
        417, Stage.EXPECTATION, "expects",
        lambda: Rule(Stage.EXPECTATION, lambda request: refuse_expectation(request, close=True)),
    ),
    Objection(
        401, Stage.IDENTITY, "anonymous", basic,
        spoil=lambda draft: draft.with_fields(Authorization=None),
    ),
    Objection(403, Stage.IDENTITY, "another", only_for),
    Objection(402, Stage.IDENTITY, "unpaid", lambda: payment_required(lambda: False)),
    Objection(451, Stage.IDENTITY, "illegal", lambda: blocked_by("/")),
    Objection(429, Stage.LIMIT, "often", lambda: rate_limit(1), used=True),
    Objection(404, Stage.RESOURCE, "missing", methods=("GET", "POST"), content=None),
    Objection(410, Stage.RESOURCE, "gone", gone),
    Objection(308, Stage.RESOURCE, "moved", lambda: moved(308, "/status/200")),
    Objection(405, Stage.ALLOWED, "method", options={"methods": ["OPTIONS"]}),
    Objection(
        411, Stage.CONTENT, "chunked", length_required,
        spoil=lambda draft: draft.with_fields(Transfer_Encoding="chunked"),
    ),
    Objection(413, Stage.CONTENT, "large", lambda: max_octets(len(CONTENT) - 1)),
    Objection(415, Stage.CONTENT, "type", lambda: media_types("image/png", methods=METHODS)),
    Objection(
        406, Stage.NEGOTIATION, "type", _negotiated,
        spoil=lambda draft: draft.with_fields(Accept="image/png"), methods=("GET",),
    ),
    Objection(428, Stage.CONDITION, "blind", precondition_required, methods=("PUT",)),
    Objection(
        412, Stage.CONDITION, "stale",
        spoil=lambda draft: draft.with_fields(If_Match='"stale"'),
    ),
    Objection(
        304, Stage.CONDITION, "current",
        spoil=lambda draft: draft.with_fields(If_None_Match="*"), methods=("GET",),
    ),
    Objection(
        400, Stage.SEMANTICS, "malformed", lambda: processable(lambda value: {}),
        spoil=lambda draft: replace(draft, content=b"{".ljust(len(CONTENT))),
        methods=("PUT", "POST"),
    ),
    Objection(
        422, Stage.SEMANTICS, "senseless", lambda: processable(lambda value: {"": "is wrong"}),
        methods=("PUT", "POST"),
    ),
    Objection(
        416, Stage.RANGE, "beyond",
        spoil=lambda draft: draft.with_fields(Range="bytes=100-"), methods=("GET",),
    ),
)  # fmt: skip
IMPOSSIBLE = {
    # "Transfer-Encoding overrides the Content-Length" (RFC 9112, 6.3), which then is not wrong.
    ("400-length", "411-chunked"),
    # What is missing has no variants, no current version and no parts.
    ("404-missing", "406-type"),
    ("404-missing", "304-current"),
    ("404-missing", "416-beyond"),
}
PAIRS = [
    (first, second)
    for place, first in enumerate(OBJECTIONS)
    for second in OBJECTIONS[place + 1 :]
    if first.stage < second.stage
    and common(first, second)
    and (str(first), str(second)) not in IMPOSSIBLE
]
