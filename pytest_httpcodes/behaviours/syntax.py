"""What JSON content says: malformed, in conflict with the state, or without sense: 400 409 422.

A message that is malformed itself is the wire's (RFC 9112); what is here is well-framed content.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias, TypeGuard
from urllib.parse import quote

from pytest_httpcodes.behaviours.document import METHODS, Document
from pytest_httpcodes.behaviours.limits import max_octets
from pytest_httpcodes.behaviours.media import accepted, coding_of, refuse_coding
from pytest_httpcodes.behaviours.representation import represent
from pytest_httpcodes.behaviours.scenario import Scenario
from pytest_httpcodes.behaviours.strict_json import MalformedError, read
from pytest_httpcodes.problem import JSON
from pytest_httpcodes.request import Answer, Element, Request
from pytest_httpcodes.resource import Resource, Rule, Site, Stage, Steps, refuse, rule, why
from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.head import shown
from pytest_httpcodes.wire.received import Received
from pytest_httpcodes.wire.steps import End, Head, Reply

# What a check finds wrong: from a JSON Pointer, such as "/qty", to what the value there must be.
Wrong: TypeAlias = "Mapping[str, str]"

_ENCLOSING = ("POST", "PUT")
# RFC 8259, 11 registers application/json; of RFC 6839, 3.1 is the suffix.
_JSON_TYPE = re.compile(r"application/json|[^/,;\s]+/[^/,;\s]+\+json")
# The characters of a fragment (RFC 3986, 3.5) that need no percent-encoding.
_FRAGMENT = "/?:@!$&'()*+,;=-._~"
# "integers ... in the range [-(2**53)+1, (2**53)-1] are interoperable in the sense that
# implementations will agree exactly on their numeric values" (RFC 8259, 6).
_MOST = 2**53 - 1
# Octets of a text that is read as a whole; nginx takes as many by default.
_LONGEST = 1_048_576
_SENT = (("Content-Type", JSON),)


@rule(Stage.CONTENT)
def _json_only(request: Received) -> Steps | None:
    # Content without a type is JSON if it can be read as such: "the recipient MAY either assume a
    # media type of "application/octet-stream" or examine the data" (RFC 9110, 8.3).
    method = request.head.method
    if method not in _ENCLOSING:
        return None
    kind = request.field("content-type").partition(";")[0].strip(" \t").lower()
    if kind and not _JSON_TYPE.fullmatch(kind):
        detail = f"the content is of the type {shown(kind)}, and {JSON} is taken here"
        return refuse(request, 415, detail, Section(9110, "15.5.16"), accepted(method, JSON))
    coding = coding_of(request)
    if coding:
        detail = f"the content has the coding {shown(coding)}, and none is taken here"
        return refuse_coding(request, detail, ())
    return None


def valid_json() -> tuple[Rule, ...]:
    """Take only well-formed JSON: 400 for another text, with its line and column.

    It holds for what a POST or a PUT encloses. Content of another media type, or with a content
    coding, is a 415 before it is invited; that without a type is read as JSON. Refused like what
    is malformed are the same name twice in an object, half a surrogate pair, a byte order mark,
    and more than 512 arrays and objects in one another (RFC 8259, 4, 8 and 9).
    """
    return processable(lambda value: {})


def processable(check: Callable[[Any], Wrong]) -> tuple[Rule, ...]:
    """Take only JSON that makes sense: 422 for another value, with pointers to what is wrong.

    `check` gets the value that a POST or a PUT encloses, and returns what is wrong with it: from
    a JSON Pointer (RFC 6901) such as "/qty", "" for the whole value, to what it must be, such as
    "must be a whole number"; an empty mapping where all is well. What is no JSON is a 400 or a
    415, as with `valid_json` (RFC 9110, 15.5.21). Raises `TypeError` for what is no function.
    """
    if not callable(check):
        raise TypeError(f"check={check!r} is no function; use one that gets a value from JSON")

    @rule(Stage.SEMANTICS)
    def sense(request: Received) -> Steps | None:
        if request.head.method not in _ENCLOSING:
            return None
        try:
            wrong = check(read(request.content))
        except MalformedError as error:
            return refuse(
                request, 400, str(error), error.section, line=error.line, column=error.column
            )
        return _unprocessable(request, wrong) if wrong else None

    return (_json_only, sense)


def _unprocessable(request: Received, wrong: Wrong) -> Steps:
    # The members are those of the example in RFC 9457, 3: "detail" and "pointer", a JSON Pointer
    # as a URI fragment (RFC 6901, 6).
    errors = [
        {"detail": text, "pointer": "#" + quote(pointer, safe=_FRAGMENT)}
        for pointer, text in wrong.items()
    ]
    first = f"{errors[0]['pointer']} {errors[0]['detail']}"
    more = f", and {len(errors) - 1} more" if len(errors) > 1 else ""
    detail = f"the JSON is well-formed, but {first}{more}"
    return refuse(request, 422, detail, Section(9110, "15.5.21"), errors=errors)


def _whole(value: object) -> TypeGuard[int]:
    # True is no integer in JSON, and 1.0 is written as what may have a fraction.
    return isinstance(value, int) and not isinstance(value, bool)


class MalformedContent(Scenario):
    """400: a POST of JSON that is malformed (RFC 9110, 15.5.1; RFC 8259).

    What is well-formed is stored as a member.
    """

    code = 400

    def begin(self) -> Resource:
        """Return a document that takes JSON."""
        return self.document({"takes": "any JSON"}, *valid_json(), max_octets(_LONGEST))

    def trigger(self, url: str) -> tuple[Element, ...]:
        """Send an object that never ends."""
        return (Request("POST", url, _SENT, b"{"),)

    def relief(self, url: str) -> tuple[Element, ...]:
        """Send one that does."""
        return (Request("POST", url, _SENT, b"{}"),)


class Revisions(Document):
    """A JSON object whose member `rev` counts its revisions, and its members likewise.

    A `PUT` says in `rev` which revision it is made from, 0 for none; it is answered with 409 if
    that is not the current one. A `DELETE` is a revision too.
    """

    __slots__ = ("_rev",)

    def __init__(self, site: Site, path: str, rev: int = 0) -> None:
        methods = [method for method in METHODS if method != "POST"]
        rules = (*processable(_revised), max_octets(_LONGEST))
        super().__init__(site, path, None, *rules, methods=methods)
        self._rev = rev
        if rev:
            self._show({"text": f"draft {rev}"}, site.born)

    def child(self, path: str, methods: Sequence[str]) -> Document:
        """Return a new member, which has no revision yet."""
        return Revisions(self.site, path)

    def put(self, request: Received) -> Reply:
        """Replace the representation if the content was made from it, else 409.

        The document is locked meanwhile, so that only one of two such writers wins.
        """
        sent = read(request.content)
        if sent["rev"] != self._rev:
            # "if versioning were being used and the representation being PUT included changes to
            # a resource that conflict with those made by an earlier (third-party) request, the
            # origin server might use a 409" (RFC 9110, 15.5.10).
            detail = (
                f"the content is made from rev {sent['rev']}, and the current rev is {self._rev}"
            )
            return refuse(request, 409, detail, Section(9110, "15.5.10"), rev=self._rev)
        created = self.current is None
        self._rev += 1
        self._show(sent, self.site.clock.now())
        request.record.why = why(f"the content is now rev {self._rev}", Section(9110, "9.3.4"))
        # "An origin server MUST NOT send a validator field ... in a successful response to PUT
        # unless the request's representation data was saved without any transformation applied to
        # the content" (RFC 9110, 9.3.4), and its rev is another one.
        return (Head(201 if created else 204), End())

    def delete(self, request: Received) -> Reply:
        """Remove the representation; the count goes on."""
        self._rev += 1
        return super().delete(request)

    def _show(self, sent: dict[str, Any], now: float) -> None:
        self.current = represent(sent | {"rev": self._rev}, now)


def _revised(value: Any) -> Wrong:
    if not isinstance(value, dict):
        return {"": "must be an object"}
    if not _whole(value.get("rev")):
        # Without it there is no telling what the content was made from. That is not the state's
        # fault (409), nor is it a condition that the request lacks (428).
        return {"/rev": "must be there, and be the whole number that a GET shows"}
    try:
        json.dumps(value, allow_nan=False)
    except ValueError:
        return {"": "must have no number beyond the range of a 64-bit float"}
    return {}


class Conflict(Scenario):
    """409: a PUT of JSON that is made from another revision (RFC 9110, 15.5.10).

    The revision is `rev`, a member of the content; a conflict of entity tags is a 412.
    """

    code = 409

    def begin(self) -> Resource:
        """Return a document that was revised once."""
        return Revisions(self.site, self.path, 2)

    def trigger(self, url: str) -> tuple[Element, ...]:
        """Send what was made from the first revision."""
        return (Request("PUT", url, _SENT, b'{"rev": 1, "text": "mine"}'),)

    def relief(self, url: str) -> tuple[Element, ...]:
        """Get the current revision, and send what was made from that."""

        def put(answer: Answer) -> Request:
            current = json.loads(answer.content)
            return Request("PUT", url, _SENT, json.dumps(current | {"text": "mine"}).encode())

        return (Request("GET", url), put)


def _order(value: Any) -> Wrong:
    if not isinstance(value, dict):
        return {"": 'must be an object, such as {"qty": 1}'}
    wrong = {}
    qty = value.get("qty")
    if not _whole(qty) or not 1 <= qty <= _MOST:
        wrong["/qty"] = f"must be a whole number from 1 to {_MOST}, without a fraction"
    if "item" in value and not (isinstance(value["item"], str) and value["item"]):
        wrong["/item"] = "must be a text, and not an empty one"
    return wrong


class Unprocessable(Scenario):
    """422: a POST of JSON that is well-formed and makes no sense (RFC 9110, 15.5.21).

    It is an order: `qty` is a whole number from 1 on, and has to be there; `item` is a text.
    """

    code = 422

    def begin(self) -> Resource:
        """Return a document that takes orders."""
        return self.document({"qty": 1}, *processable(_order), max_octets(_LONGEST))

    def trigger(self, url: str) -> tuple[Element, ...]:
        """Order less than nothing."""
        return (Request("POST", url, _SENT, b'{"qty": -1}'),)

    def relief(self, url: str) -> tuple[Element, ...]:
        """Order one."""
        return (Request("POST", url, _SENT, b'{"qty": 1}'),)
