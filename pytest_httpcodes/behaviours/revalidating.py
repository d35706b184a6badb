"""What a transforming intermediary does to requests: validators are its own (RFC 9110, 15.3.4).

"future cache validation requests for the content might only be applicable along the same request
path (through the same proxies)": the tags that it has made are taken back on the way to the origin,
and those of the origin are none of what it sends.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from pytest_httpcodes.wire.head import options
from pytest_httpcodes.wire.steps import Fields, Head, Step

# What `transforming` puts at the end of an entity tag.
MARK = "-in-capitals"
_TAG = re.compile(r'"([^"]*)"')
# Fields of a GET or HEAD that are about the origin's content, or about nobody knows which.
_OF_EITHER = ("range", "if-range", "if-modified-since")
_OTHERS = "-of-the-origin"


def restored(fields: Iterable[tuple[str, str]], method: str) -> Fields:
    """Return the fields of a request with the validators that the origin knows.

    A GET or HEAD that has another validator than one of ours asks for what is not sent here, and
    so that becomes one which the origin does not know. A part of the origin's content is no part of
    ours: "A server MAY ignore the Range header field" (RFC 9110, 14.2), which it then never sees.
    Nor does a date tell which of the two the client has, so that it is no condition.
    """
    reads = method in ("GET", "HEAD")
    dropped = _OF_EITHER if reads else ()
    return tuple(
        (name, _restored(value, reads) if name.lower() in ("if-match", "if-none-match") else value)
        for name, value in fields
        if name.lower() not in dropped
    )


def _restored(tags: str, reads: bool) -> str:
    def change(match: re.Match[str]) -> str:
        tag = match[1]
        if tag.endswith(MARK):
            return f'"{tag.removesuffix(MARK)}"'
        return f'"{tag}{_OTHERS}"' if reads else match[0]

    return _TAG.sub(change, tags)


def revalidated(steps: Iterator[Step]) -> Iterator[Step]:
    """Return an answer whose 304 has the entity tag of what was sent here (RFC 9110, 15.4.5)."""
    for step in steps:
        if isinstance(step, Head) and step.status == 304 and not _forbids(step):
            yield Head(304, tuple(map(_marked, step.headers)), step.reason)
        else:
            yield step


def _forbids(head: Head) -> bool:
    lines = (value for name, value in head.headers if name.lower() == "cache-control")
    return "no-transform" in options(",".join(lines))


def _marked(line: tuple[str, str]) -> tuple[str, str]:
    name, value = line
    return (name, f'{value[:-1]}{MARK}"') if name.lower() == "etag" else line
