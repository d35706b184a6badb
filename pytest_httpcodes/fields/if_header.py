"""The `If` field of WebDAV: which locks a client knows of, and on what condition (RFC 4918, 10.4).

Rule 1: a field that is not of the grammar is none: it raises `ValueError` that says what is wrong.
Rule 2: a token that appears is submitted, "independently of whether the server actually has
evaluated the state list it appears in, and also independently of whether or not the condition it
expressed was found to be true" (10.4.1).
Rule 3: reading takes time in proportion to the length, whatever was sent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from pytest_httpcodes.fields.validators import matches_weakly

# "'DAV:no-lock' is known to never represent a current lock token" (RFC 4918, 10.4.8).
NO_LOCK = "DAV:no-lock"
# RFC 3986, 4.3: absolute-URI = scheme ":" hier-part [ "?" query ], which has no fragment.
_CHARACTERS = r"(?:[!$&-;=?-\[\]_a-z~]|%[0-9A-Fa-f]{2})*"
ABSOLUTE_URI = re.compile(rf"[A-Za-z][A-Za-z0-9+.\-]*:{_CHARACTERS}")
# Simple-ref = absolute-URI | ( path-absolute [ "?" query ] ) (RFC 4918, 8.3), and
# path-absolute = "/" [ segment-nz *( "/" segment ) ] (RFC 3986, 3.3).
_PATH = r"/(?!/)(?:[!$&-;=?-Z_a-z~]|%[0-9A-Fa-f]{2})*"
SIMPLE_REF = re.compile(rf"{ABSOLUTE_URI.pattern}|{_PATH}")
# Inside of a list: its end, or a condition. The entity tag is that of RFC 2616, whose text may have
# spaces, as "I am an ETag" (10.4.6) has; "No LWS allowed between "[", entity-tag and "]"" (10.4.2).
# The word Not is case-insensitive, as literals are (RFC 2616, 2.1).
_NOT = r"(?:([Nn][Oo][Tt])[ \t]*)?"
_CONDITION = re.compile(rf'{_NOT}(?:<([^>]*)>|\[((?:W/)?"[\t !#-~\x80-\xff]*")\])')
_TAG = re.compile("<([^>]*)>")
_SPACE = re.compile(r"[ \t]*")


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition: that a resource has a state token, or an entity tag, or does not have it."""

    token: str = ""
    etag: str = ""
    negated: bool = False

    def __str__(self) -> str:
        what = f"<{self.token}>" if self.token else f"[{self.etag}]"
        return f"Not {what}" if self.negated else what


class State(NamedTuple):
    """What is true of a resource: its entity tag, None for none, and its state tokens.

    Of a URL that is not mapped to one there is neither: "treat as if the URL identified a resource
    that exists but does not have the specified state" (RFC 4918, 10.4.4).
    """

    etag: str | None = None
    tokens: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class StateList:
    """Conditions that have to be true all together, of the resource at a URL.

    `resource` is None for the one that the request is for.
    """

    resource: str | None
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class IfHeader:
    """What the field says: one of its lists has to be true."""

    lists: tuple[StateList, ...]

    @property
    def tokens(self) -> frozenset[str]:
        """The state tokens that are submitted with it."""
        every = (condition.token for each in self.lists for condition in each.conditions)
        return frozenset(token for token in every if token)

    def false(self, state_of: Callable[[str | None], State]) -> str:
        """Return what is false about it, "" where it is true.

        `state_of` tells what is true of the resource at a URL, or with None of the one that the
        request is for.
        """
        found = ""
        for each in self.lists:
            found = _false(each, state_of(each.resource))
            if not found:
                return ""
        return found


def _false(each: StateList, state: State) -> str:
    for condition in each.conditions:
        if _holds(condition, state) is condition.negated:
            where = "the resource" if each.resource is None else f"<{each.resource}>"
            return f"{condition} is not true of {where}"
    return ""


def _holds(condition: Condition, state: State) -> bool:
    if condition.token:
        # "Where there is an exact match between the state token in the If header and any state
        # token on the identified resource" (RFC 4918, 10.4.4).
        return condition.token in state.tokens
    # "Servers MUST use either the weak or the strong comparison function" (10.4.4); the example
    # of 10.4.9, of a resource with a weak one, needs the weak.
    return state.etag is not None and matches_weakly(condition.etag, state.etag)


def read(value: str) -> IfHeader:
    """Read the field; raises `ValueError` that says what is wrong and where.

    "Note that the If header syntax does not allow multiple instances of If headers in a single
    request" (RFC 4918, 10.4.2): several lines, which are joined with commas, are malformed.
    """
    return IfHeader(tuple(_Reader(value).lists()))


class _Reader:
    # Goes through the octets of a field once; `at` is where it is.
    def __init__(self, value: str) -> None:
        self.value = value
        self.at = 0
        self._skip()

    def lists(self) -> Iterator[StateList]:
        resource: str | None = None
        tagged = self._next() == "<"
        while True:
            if tagged and self._next() == "<":
                resource = self._resource()
            yield StateList(resource, tuple(self._list()))
            if not self._next():
                return
            if not tagged and self._next() == "<":
                # "Note that the two list types cannot be mixed within an If header" (10.4.2).
                raise self._wrong("a list without a tag stands before one with a tag")

    def _resource(self) -> str:
        # "A Resource-Tag applies to all subsequent Lists, up to the next Resource-Tag" (10.4.2).
        match = _TAG.match(self.value, self.at)
        if not match:
            raise self._wrong("a < is not closed by a >")
        if not SIMPLE_REF.fullmatch(match[1]):
            raise self._wrong(f"{match[0]} is neither an absolute URI nor an absolute path")
        self._skip(match)
        return match[1]

    def _list(self) -> Iterator[Condition]:
        if self._next() != "(":
            raise self._wrong("a list is missing, such as (<urn:uuid:...>)")
        self.at += 1
        self._skip()
        yield self._condition()
        while self._next() != ")":
            yield self._condition()
        self.at += 1
        self._skip()

    def _condition(self) -> Condition:
        match = _CONDITION.match(self.value, self.at)
        if not match:
            raise self._wrong('what is in a list is neither <token> nor ["tag"], nor Not and one')
        word, token, etag = match.groups()
        if token is not None and not ABSOLUTE_URI.fullmatch(token):
            raise self._wrong(f"<{token}> is no state token, which is an absolute URI")
        self._skip(match)
        return Condition(token or "", etag or "", word is not None)

    def _next(self) -> str:
        return self.value[self.at : self.at + 1]

    def _skip(self, match: re.Match[str] | None = None) -> None:
        # Go on behind what was matched, and behind the white space there.
        space = _SPACE.match(self.value, match.end() if match else self.at)
        self.at = space.end() if space else self.at

    def _wrong(self, what: str) -> ValueError:
        hint = ""
        if self._next() == ",":
            hint = "; several lines of the field, or a comma, are not allowed"
        return ValueError(f"{what}, at octet {self.at + 1}{hint}")
