"""What a `LOCK` says of its time, and which lock an `UNLOCK` is about (RFC 4918, 10.5 and 10.7)."""

from __future__ import annotations

import re

from pytest_httpcodes.fields.if_header import ABSOLUTE_URI

# "The timeout value for TimeType "Second" MUST NOT be greater than 2^32-1" (RFC 4918, 10.7).
LONGEST = 2**32 - 1
INFINITE = "Infinite"
_SECONDS = re.compile(r"Second-([0-9]+)", re.IGNORECASE)
_DIGITS = len(str(LONGEST))


def read_timeout(value: str, default: int | None) -> int | None:
    """Return the first time of a list that can be had, in seconds, None for ever.

    What is no time, such as one that is too long or zero, is passed over: "the server is not
    required to honor or even consider these requests" (RFC 4918, 10.7). `default` is for a list
    without any.
    """
    for member in value.split(","):
        word = member.strip(" \t")
        if word.lower() == INFINITE.lower():
            return None
        match = _SECONDS.fullmatch(word)
        digits = match[1].lstrip("0") if match else ""
        if 0 < len(digits) <= _DIGITS and int(digits) <= LONGEST:
            return int(digits)
    return default


def write_timeout(seconds: int | None) -> str:
    """Write a time, in seconds, None for ever (RFC 4918, 10.7)."""
    return INFINITE if seconds is None else f"Second-{seconds}"


def lock_token(value: str) -> str:
    """Return the token of a `Lock-Token` field; raises `ValueError` that says what is wrong.

    `Lock-Token = "Lock-Token" ":" Coded-URL`, and `Coded-URL = "<" absolute-URI ">"` (RFC 4918,
    10.1 and 10.5).
    """
    token = value[1:-1]
    if value != f"<{token}>" or not ABSOLUTE_URI.fullmatch(token):
        raise ValueError("is no token in angle brackets, such as <urn:uuid:...>")
    return token
