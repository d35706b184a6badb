"""What becomes of a conditional request to a document: 304 or 412 (RFC 9110, 13).

That it comes to this only where the answer would be a 2xx otherwise is the pipeline's doing: the
stage of the conditions is behind all that can be refused from the head alone (RFC 9110, 13.2.1).
"""

from __future__ import annotations

from pytest_httpcodes.behaviours.representation import Representation
from pytest_httpcodes.fields.conditions import Current, evaluate
from pytest_httpcodes.resource import refuse, why
from pytest_httpcodes.wire.received import Received
from pytest_httpcodes.wire.steps import End, Fields, Head, Reply

CONDITIONS = frozenset(("if-match", "if-none-match", "if-modified-since", "if-unmodified-since"))
# Representation metadata that is needed by nobody who has the representation already. A 304 has
# "Content-Location, Date, ETag, and Vary", "Cache-Control and Expires" of the 200, and "a sender
# SHOULD NOT generate representation metadata other than the above listed fields" (RFC 9110,
# 15.4.5); a 206 to a request with If-Range is alike (15.3.7). Digests are RFC 9530's.
_METADATA = frozenset(
    ("content-digest", "content-encoding", "content-language", "content-type", "repr-digest")
)


def current_of(found: Representation | None, *, changed_once: bool = True) -> Current:
    """Return what preconditions are tested against."""
    if found is None:
        return Current(exists=False)
    return Current(True, found.etag, found.last_modified, changed_once)


def precondition(request: Received, found: Representation | None, now: float) -> Reply | None:
    """Answer with a 304 or a 412 where a precondition is false; `found` is what there is now."""
    known = request.head.known
    if CONDITIONS.isdisjoint(known):
        return None
    decision = evaluate(request.head.method, known, current_of(found), now)
    if decision.status is None:
        return None
    detail = f"{decision.field} is false: {decision.reason}"
    if decision.status == 412:
        return refuse(request, 412, detail, decision.section)
    assert found is not None  # noqa: S101 - else there is nothing that could be unmodified
    request.record.why = why(detail, decision.section)
    return (Head(304, brief(found)), End())


def brief(found: Representation) -> Fields:
    """Return the fields of a 200 for a client that has the representation already.

    `Last-Modified` is among them only where there is no entity tag: then it "might be useful"
    (RFC 9110, 15.4.5).
    """
    dropped = _METADATA if found.etag is None else _METADATA | {"last-modified"}
    return tuple(line for line in found.head if line[0].lower() not in dropped)
