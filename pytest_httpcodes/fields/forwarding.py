"""What an intermediary does to fields: Connection, Via, Max-Forwards (RFC 9110, 7.6)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pytest_httpcodes.wire.grammar import DIGITS
from pytest_httpcodes.wire.head import options
from pytest_httpcodes.wire.steps import Fields

# "Intermediaries SHOULD remove or replace fields that are known to require removal before
# forwarding, whether or not they appear as a connection-option" (RFC 9110, 7.6.1), these among
# them; the first is always removed. `Trailer` is none: it tells what was lost where an intermediary
# discards the trailer section (6.6.2).
_OF_A_CONNECTION = frozenset(
    ("connection", "proxy-connection", "keep-alive", "te", "transfer-encoding", "upgrade")
)
# "the recipient's maximum supported value for Max-Forwards" (RFC 9110, 7.6.2)
_MOST_FORWARDS = 2**31 - 1


def named(fields: Iterable[tuple[str, str]]) -> frozenset[str]:
    """Return the names, in lower case, of fields that are for this connection only."""
    listed = (options(value) for name, value in fields if name.lower() == "connection")
    return _OF_A_CONNECTION.union(*listed)


def end_to_end(fields: Iterable[tuple[str, str]], also: frozenset[str] = frozenset()) -> Fields:
    """Return the fields that are for all recipients: none that `Connection` lists, say.

    Those of `also`, in lower case, are left out, too. The order is kept.
    """
    fields = tuple(fields)
    left_out = named(fields) | also
    return tuple(line for line in fields if line[0].lower() not in left_out)


def with_via(fields: Fields, version: str, name: str) -> Fields:
    """Return fields with a member of `Via` more: the version that was received, and who we are.

    It is the last one, in a line of its own: "the end result is ordered according to the sequence
    of forwarding recipients" (RFC 9110, 7.6.3).
    """
    return (*fields, ("Via", f"{version.removeprefix('HTTP/')} {name}"))


def passed(via: str, name: str) -> bool:
    """Tell whether a `Via` has somebody among those who forwarded the message."""
    # A comment may have anything in it.
    words = "".join(_outside(via)).replace("\t", " ").split(",")
    return name in [word for member in words for word in member.split(" ")]


def _outside(text: str) -> Iterable[str]:
    # The characters that are in no comment (RFC 9110, 5.6.5).
    depth, escaped = 0, False
    for character in text:
        if depth and escaped:
            escaped = False
        elif depth and character == "\\":
            escaped = True
        elif character == "(":
            depth += 1
        elif character == ")":
            depth = max(depth - 1, 0)
        elif not depth:
            yield character


def forwards(value: str) -> int:
    """Return how often a request may be forwarded; raises `ValueError` for what is no number."""
    if not DIGITS.match(value):
        raise ValueError(f"Max-Forwards is {value[:40]!r}, which is no number")
    return min(int(value.lstrip("0")[:11] or "0"), _MOST_FORWARDS + 1)


# Which status codes RFC 9209, 2.3 recommends for its error types, where it is not 502.
_TIMEOUTS = frozenset(
    (
        "dns_timeout",
        "connection_timeout",
        "connection_read_timeout",
        "connection_write_timeout",
        "http_response_timeout",
    )
)
_PRINTABLE = re.compile(r"[^ -~]")


def code_of(kind: str) -> int:
    """Return the status code for an error type: 502, or 504 for what took too long."""
    return 504 if kind in _TIMEOUTS else 502


def proxy_status(name: str, kind: str, details: str, hop: str = "") -> tuple[str, str]:
    """Return a `Proxy-Status` field: who it was, what went wrong, and more (RFC 9209, 2).

    `hop` is the authority of the upstream, if it may be named.
    """
    text = _PRINTABLE.sub("?", details).replace("\\", "\\\\").replace('"', '\\"')
    next_hop = f'; next-hop="{hop}"' if hop else ""
    return ("Proxy-Status", f'{name}; error={kind}{next_hop}; details="{text}"')
