"""Scenarios of conditional requests: 304 412 428 (RFC 9110, 13; RFC 6585, 3).

What a false condition comes to is in `preconditions`, for every document alike; what the fields
mean is in `fields.conditions`.
"""

from __future__ import annotations

from collections.abc import Sequence

from pytest_httpcodes.behaviours.document import METHODS, document_of
from pytest_httpcodes.behaviours.limits import max_octets
from pytest_httpcodes.behaviours.media import media_types
from pytest_httpcodes.behaviours.merge import MERGE_PATCH, Mergeable
from pytest_httpcodes.behaviours.representation import represent
from pytest_httpcodes.behaviours.scenario import Scenario
from pytest_httpcodes.clock import is_http_date
from pytest_httpcodes.request import Answer, Element, Request
from pytest_httpcodes.resource import Resource, Rule, Stage, Steps, refuse, rule
from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.received import Received

_CHANGING = ("PUT", "PATCH", "DELETE")
_LONGEST = 1_048_576  # octets of JSON that a patch is merged into
_TAG = '"v1"'


def precondition_required(methods: Sequence[str] = _CHANGING) -> Rule:
    """Refuse requests that would change something and have no condition, with a 428 (RFC 6585, 3).

    A condition is an `If-Match`, an `If-None-Match`, or an `If-Unmodified-Since` with a date that
    can be compared with that of the representation. Whether it is true is another question, whose
    answer is a 412. `methods` are those that need one. Raises `ValueError` for none.
    """
    needing = tuple(methods)
    if isinstance(methods, str) or not needing:
        raise ValueError(f"methods={methods!r} are none; use some such as ('PUT', 'DELETE')")

    @rule(Stage.CONDITION)
    def check(request: Received) -> Steps | None:
        method = request.head.method
        if method not in needing or _is_conditional(request):
            return None
        # "Responses using this status code SHOULD explain how to resubmit the request
        # successfully", and "MUST NOT be stored by a cache" (RFC 6585, 3).
        known = document_of(request).selected(request) is not None
        how = (
            "GET it, and send that again with the ETag you get as If-Match"
            if known
            else "there is none yet, so send that again with If-None-Match: *"
        )
        detail = f"a {method} has to be conditional here: {how}"
        return refuse(request, 428, detail, Section(6585, "3"), (("Cache-Control", "no-store"),))

    return check


def _is_conditional(request: Received) -> bool:
    known = request.head.known
    if "if-match" in known or "if-none-match" in known:
        return True
    # A date that is ignored is no condition (RFC 9110, 13.1.4).
    found = document_of(request).selected(request)
    dated = found is not None and found.last_modified is not None
    return dated and is_http_date(known.get("if-unmodified-since", ""))


def _with_its_tag(method: str, url: str, content: bytes = b"") -> Element:
    # The request behind a GET that changes what that returned, and nothing else.
    def request(answer: Answer) -> Request:
        return Request(method, url, {"If-Match": answer.headers["ETag"]}, content)

    return request


class NotModified(Scenario):
    """304: the client has the current version, as its condition says (RFC 9110, 15.4.5)."""

    code = 304

    def begin(self) -> Resource:
        """Return a document with fields of each kind: those that a 304 has, and others."""
        fields = (
            ("Cache-Control", "no-cache"),
            ("Content-Language", "en"),
            ("Vary", "Accept-Language"),
        )
        document = self.document(None)
        document.current = represent(
            "the first version\n", self.site.born, etag=_TAG, fields=fields
        )
        return document

    def trigger(self, url: str) -> tuple[Element, ...]:
        """Ask for another version than the first."""
        return (Request("GET", url, {"If-None-Match": _TAG}),)

    def relief(self, url: str) -> tuple[Element, ...]:
        """Ask for any."""
        return (Request("GET", url),)


class PreconditionFailed(Scenario):
    """412: another version is there than the one that is to be replaced (RFC 9110, 15.5.13)."""

    code = 412

    def begin(self) -> Resource:
        """Return a document."""
        return self.document("the first version\n")

    def trigger(self, url: str) -> tuple[Element, ...]:
        """Replace a version that is not there."""
        return (Request("PUT", url, {"If-Match": '"stale"'}, b"lost\n"),)

    def relief(self, url: str) -> tuple[Element, ...]:
        """Replace the one that is."""
        return (Request("GET", url), _with_its_tag("PUT", url, b"the next version\n"))


class PreconditionRequired(Scenario):
    """428: nothing is changed by a request without a condition (RFC 6585, 3)."""

    code = 428

    def begin(self) -> Resource:
        """Return a document that can be replaced, patched and deleted."""
        return Mergeable(
            self.site,
            self.path,
            self.represent({"title": "shared"}),
            precondition_required(),
            media_types(MERGE_PATCH, methods=("PATCH",), codings=()),
            max_octets(_LONGEST),
            methods=(*METHODS, "PATCH"),
        )

    def trigger(self, url: str) -> tuple[Element, ...]:
        """Replace whatever is there."""
        return (Request("PUT", url, content=b'{"title": "mine"}'),)

    def relief(self, url: str) -> tuple[Element, ...]:
        """Replace what one has seen."""
        return (Request("GET", url), _with_its_tag("PUT", url, b'{"title": "ours"}'))
