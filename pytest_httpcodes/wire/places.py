"""Places within the framed octets of a response (RFC 9112, 2.1), for what is to happen there."""

from __future__ import annotations

import re

# Within the status code, half-way through the first field line, behind that line, behind the empty
# line, after some octets of the content, half-way through the first chunk, before the last chunk,
# and behind all of it.
PLACES = ("status-line", "field", "field-line", "head", "content", "chunk", "last-chunk", "end")
# Places that only content in chunks has.
IN_CHUNKS = ("chunk", "last-chunk")
_PLACE = re.compile(rf"({'|'.join(PLACES)})(?::([0-9]{{1,15}}))?")
_IN_STATUS_LINE = len(b"HTTP/1.1 5")


def parse(where: str) -> tuple[str, int | None]:
    """Read a place and the number behind it; raises `ValueError` for none."""
    match = _PLACE.fullmatch(where) if isinstance(where, str) else None
    if not match or (match[2] and match[1] != "content"):
        raise ValueError(
            f"{where!r} is no place in a response; use {', '.join(PLACES)}, or content:N"
        )
    return match[1], int(match[2]) if match[2] else None


def in_head(place: str, octets: bytes) -> int | None:
    """Return where in the octets of a head a place is, None if it is in none."""
    first = octets.index(b"\n") + 1
    second = octets.index(b"\n", first) + 1
    found = {
        "status-line": _IN_STATUS_LINE,
        "field": (first + second) // 2,
        "field-line": second,
        "head": len(octets),
    }
    return found.get(place)
