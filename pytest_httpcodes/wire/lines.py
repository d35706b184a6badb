"""What steps may carry: field lines, a reason phrase, octets (RFC 9110, 5; RFC 9112, 4)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TypeAlias

from pytest_httpcodes.wire.grammar import DIGITS, METHOD

Fields: TypeAlias = tuple[tuple[str, str], ...]
FieldsLike: TypeAlias = Mapping[str, str] | Iterable[tuple[str, str]]

# "Field values containing CR, LF, or NUL characters are invalid and dangerous ... Field values
# containing other CTL characters are also invalid" (RFC 9110, 5.5); HTAB is not one of them here.
_FORBIDDEN = re.compile(r"[\x00-\x08\n-\x1f\x7f]|[^\x00-\xff]")
# A length with more digits is never reached.
MAX_DIGITS = 18
FRAMING = frozenset(("content-length", "transfer-encoding"))
# What a recipient needs before the content: framing, routing, control and the content's format
# (RFC 9110, 6.5.1). Such a field never is a trailer field.
NO_TRAILER = FRAMING | {
    "authorization", "cache-control", "connection", "content-encoding", "content-range",
    "content-type", "date", "expires", "host", "location", "proxy-authenticate", "retry-after",
    "set-cookie", "te", "trailer", "upgrade", "vary", "www-authenticate",
}  # fmt: skip


def fields(headers: FieldsLike) -> Fields:
    """Return field lines as pairs of name and value, from a mapping or from pairs.

    Raises `ValueError` for a name that is no token, and for a value with a control character or
    a character beyond U+00FF, which no octet stands for.
    """
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    made = tuple((str(name), str(value)) for name, value in pairs)
    for name, value in made:
        if not METHOD.match(name):
            raise ValueError(f"{name!r} is no field name; use letters, digits and hyphens")
        if _FORBIDDEN.search(value):
            raise ValueError(
                f"the value of {name} is {value!r}; a field has no CR, LF or NUL, no other control "
                f"character, and no character beyond U+00FF (for malformed octets, use Raw)"
            )
    return made


def own_length(headers: Fields) -> int | None:
    """Return the length in the first `Content-Length` among fields, None if there is none."""
    for name, value in headers:
        if name.lower() == "content-length":
            return int(value) if DIGITS.match(value) and len(value) <= MAX_DIGITS else None
    return None


def check_reason(reason: str | None) -> None:
    """Refuse a reason phrase that could not be sent; raises `ValueError`."""
    if reason is not None and _FORBIDDEN.search(reason):
        raise ValueError(
            f"the reason phrase is {reason!r}; it has no control character, such as CR or LF, and "
            f"no character beyond U+00FF (for malformed octets, use Raw)"
        )


def refuse(found: Fields, names: frozenset[str], what: str) -> None:
    """Refuse fields that have no place in something; raises `ValueError`."""
    for name, _ in found:
        if name.lower() in names:
            raise ValueError(f"{name} is no field for {what}; to send it all the same, use Raw")


def check_octets(octets: object, what: str) -> None:
    """Refuse what is no octets, such as text; raises `TypeError`."""
    if not isinstance(octets, bytes):
        raise TypeError(f"{what} takes bytes, and this is {octets!r}")
