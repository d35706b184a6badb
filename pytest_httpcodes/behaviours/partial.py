"""Parts of a document's representation: 206 and 416 (RFC 9110, 14 and 15.3.7)."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_httpcodes.behaviours.preconditions import brief
from pytest_httpcodes.behaviours.representation import Representation, content_of
from pytest_httpcodes.fields.conditions import Current, evaluate
from pytest_httpcodes.fields.multipart import Multipart
from pytest_httpcodes.fields.ranges import (
    Refused,
    Span,
    Whole,
    choose,
    content_range,
    unsatisfied,
)
from pytest_httpcodes.resource import refuse, why
from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.received import Received
from pytest_httpcodes.wire.steps import Fields, Head, Reply

ACCEPT_RANGES = (("Accept-Ranges", "bytes"),)


def has_range(request: Received) -> bool:
    """Tell whether a request has a `Range` that counts."""
    # "For this specification, GET is the only method for which range handling is defined"
    # (RFC 9110, 14.2).
    return request.head.method == "GET" and "range" in request.head.known


def partial_content(
    request: Received, found: Representation, current: Current, now: float
) -> Reply | None:
    """Answer a request that has a `Range` with what that asks for; None for the whole.

    `current` are the validators of `found`. Where a `Range` is ignored, the record says why.
    """
    head = request.head
    decision = evaluate(head.method, head.known, current, now)
    if not decision.ranged:
        _note(request, f"{decision.field} is false, {decision.reason}", decision.section)
        return None
    size = found.data.size

    def cost(spans: Sequence[Span]) -> int:
        return _multipart(found, spans).length

    choice = choose(head.known["range"], size, cost)
    if isinstance(choice, Whole):
        _note(request, f"Range is ignored, {choice.reason}", Section(9110, "14.2"))
        return None
    if isinstance(choice, Refused):
        # "A server that generates a 416 response to a byte-range request SHOULD generate a
        # Content-Range header field specifying the current length" (RFC 9110, 15.5.17).
        fields = (("Content-Range", unsatisfied(size)),)
        detail = f"no part is sent: {choice.reason}"
        return refuse(request, 416, detail, Section(9110, "15.5.17"), fields)
    return _send(request, found, choice.spans)


def _note(request: Received, reason: str, section: Section) -> None:
    request.record.why = why(f"the whole representation: {reason}", section)


def _send(request: Received, found: Representation, spans: Sequence[Span]) -> Reply:
    # "A sender that generates a 206 response to a request with an If-Range header field SHOULD NOT
    # generate other representation header fields beyond those required ... Otherwise, a sender
    # MUST generate all of the representation header fields that would have been sent in a 200 (OK)
    # response to the same request" (RFC 9110, 15.3.7).
    fields = brief(found) if "if-range" in request.head.known else found.head
    if len(spans) == 1:
        return _single(request, found, spans[0], fields)
    content = _multipart(found, spans)
    request.record.why = why(f"{len(spans)} parts", Section(9110, "15.3.7.2"))
    # "a server MUST NOT generate a Content-Range header field in the HTTP header section of a
    # multiple part response" (RFC 9110, 15.3.7.2).
    rest = (line for line in fields if line[0].lower() != "content-type")
    head = Head(206, (("Content-Type", content.type), *rest, *ACCEPT_RANGES))
    return content_of(head, content.length, content.pieces(found.data.read))


def _single(request: Received, found: Representation, span: Span, fields: Fields) -> Reply:
    value = content_range(span, found.data.size)
    request.record.why = why(f"one part, {value}", Section(9110, "15.3.7.1"))
    head = Head(206, (*fields, ("Content-Range", value), *ACCEPT_RANGES))
    return content_of(head, span.size, found.data.read(*span))


def _multipart(found: Representation, spans: Sequence[Span]) -> Multipart:
    seed = f"{found.etag} {found.last_modified} {found.data.tag}"
    return Multipart(spans, found.data.size, found.type, seed)
