"""Which formats of content a resource takes: 415 (RFC 9110, 15.5.16)."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from pytest_httpcodes.fields.accept import listed, media_ranges, of_type
from pytest_httpcodes.resource import Rule, Stage, Steps, refuse, rule
from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.head import shown
from pytest_httpcodes.wire.received import Received
from pytest_httpcodes.wire.steps import Fields

_UNSUPPORTED = Section(9110, "15.5.16")
_ENCLOSING = ("POST", "PUT")
# What tells a client of a method's types beforehand (Linked Data Platform 1.0, 7.1; RFC 5789, 3.1).
_OF_METHOD = {"POST": "Accept-Post", "PATCH": "Accept-Patch"}
_ALIASES = {"x-gzip": "gzip"}  # RFC 9110, 8.4.1.3
_WINDOW = 31  # of zlib: a gzip header and its largest window


def media_types(
    *types: str, methods: Sequence[str] = _ENCLOSING, codings: Sequence[str] = ("gzip",)
) -> Rule:
    """Take content of some media types and codings alone: 415 for any other.

    `types` are as in `Accept`: "image/jpeg", "image/*". `codings` are those that the content may
    have, one at a time; it may always have none. The 415 names the types in `Accept`, in
    `Accept-Post` for a POST, in `Accept-Patch` for a PATCH; if the coding is to blame it has
    `Accept-Encoding` instead. It comes before the content is invited. Raises `ValueError` for what
    is no media type (RFC 9110, 15.5.16 and 12.5.3).
    """
    ranges = media_ranges(", ".join(types)) or []
    if not types or len(ranges) != len(types):
        raise ValueError(f"{types!r} are no media types; use some such as 'image/jpeg', 'image/*'")
    taken = ", ".join(types)

    @rule(Stage.CONTENT)
    def check(request: Received) -> Steps | None:
        if request.head.method not in methods:
            return None
        coding = coding_of(request)
        if coding and coding not in codings:
            detail = f"the content has the coding {shown(coding)}, which is not taken here"
            return refuse_coding(request, detail, codings)
        kind = request.field("content-type")
        if of_type(ranges, kind):
            return None
        # "the recipient MAY ... examine the data to determine its type" (RFC 9110, 8.3), and it
        # need not.
        what = f"is of the type {shown(kind)}" if kind else "has no Content-Type"
        detail = f"the content {what}, and {taken} is taken here"
        return refuse(request, 415, detail, _UNSUPPORTED, accepted(request.head.method, taken))

    return check


def accepted(method: str, types: str) -> Fields:
    """Return the fields that say which types a method's content may have."""
    # "the Accept response header field ... can be used to indicate which media types would have
    # been accepted in the request" (RFC 9110, 15.5.16); "a 415 (Unsupported Media Type) ...
    # SHOULD include an Accept-Patch response header" (RFC 5789, 2.2).
    own = [(_OF_METHOD[method], types)] if method in _OF_METHOD else []
    return (*own, ("Accept", types))


def refuse_coding(request: Received, detail: str, codings: Sequence[str]) -> Steps:
    """Refuse the content because of its coding; `codings` are those that it may have."""
    # "the Accept-Encoding response header field (Section 12.5.3) ought to be used to indicate
    # which (if any) content codings would have been accepted" (RFC 9110, 15.5.16). It MUST NOT
    # be there for another reason (12.5.3).
    fields = (("Accept-Encoding", ", ".join((*codings, "identity"))),)
    return refuse(request, 415, detail, _UNSUPPORTED, fields)


def coding_of(request: Received) -> str:
    """Return the coding of a request's content, "" for none; several are one with a comma."""
    names = [name.lower() for name in listed(request.field("content-encoding"))]
    known = [_ALIASES.get(name, name) for name in names if name != "identity"]
    return ", ".join(known)


def starts(octets: bytes, coding: str, count: int) -> bytes | None:
    """Return the first octets of content as they are without its coding.

    They are None for what does not have the coding that it says; no more than `count` are ever
    decoded, however much there is.
    """
    if not coding:
        return octets[:count]
    try:
        return zlib.decompressobj(_WINDOW).decompress(octets, count)
    except zlib.error:
        return None
