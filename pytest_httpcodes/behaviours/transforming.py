"""What a transforming intermediary does to content: 203 (RFC 9110, 7.7 and 15.3.4)."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_httpcodes.behaviours.forwarding import Amend
from pytest_httpcodes.wire.head import options
from pytest_httpcodes.wire.received import Received
from pytest_httpcodes.wire.steps import Content, Fields, Head, Step

# What describes the content as it was before: digests of it, and the ranges that could be had.
_OF_THE_OTHER = frozenset(
    ("accept-ranges", "content-digest", "content-md5", "digest", "repr-digest")
)


def transform(request: Received) -> Amend | None:
    """Return what puts the text of a 200 into capitals, None if the client wants no such thing.

    The 200 becomes a 203 with another `ETag`. `Cache-Control: no-transform` keeps the content as
    it is, in the request or in the answer (RFC 9111, 5.2.1.6 and 5.2.2.6); what is not text/plain,
    or is encoded, stays what it is, too.
    """
    return None if _forbids(request.field("cache-control")) else _transformed


def _forbids(cache_control: str) -> bool:
    return "no-transform" in options(cache_control)


def _transformed(steps: Iterator[Step]) -> Iterator[Step]:
    changes = False
    for step in steps:
        if isinstance(step, Head) and _may_change(step):
            changes = True
            # "A proxy that transforms the content of a 200 (OK) response can inform downstream
            # recipients that a transformation has been applied by changing the response status
            # code to 203" (RFC 9110, 7.7).
            yield Head(203, _described(step.headers))
        elif isinstance(step, Content) and changes:
            yield Content(step.data.upper())
        else:
            yield step


def _may_change(head: Head) -> bool:
    # "A proxy MUST NOT transform the content (Section 6.4) of a response message that contains a
    # no-transform cache directive" (RFC 9110, 7.7).
    known = {name.lower(): value for name, value in head.headers}
    lines = [value for name, value in head.headers if name.lower() == "cache-control"]
    return (
        head.status == 200
        and known.get("content-type", "").partition(";")[0].strip().lower() == "text/plain"
        and "content-encoding" not in known
        and not _forbids(",".join(lines))
    )


def _described(fields: Fields) -> Fields:
    kept = (line for line in fields if line[0].lower() not in _OF_THE_OTHER)
    return tuple(
        # A strong validator is never that of other octets (RFC 9110, 8.8.1).
        (name, f'{value[:-1]}-in-capitals"' if name.lower() == "etag" else value)
        for name, value in kept
    )
