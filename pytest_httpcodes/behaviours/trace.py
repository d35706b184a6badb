"""TRACE: the request's own head comes back, as whoever answers it has received it."""

from __future__ import annotations

from pytest_httpcodes.resource import Stage, refuse, rule, why
from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.received import Received
from pytest_httpcodes.wire.steps import Content, End, Head, Reply

# "A client MUST NOT generate fields in a TRACE request containing sensitive data"; and "the final
# recipient ... SHOULD exclude any request fields that are likely to contain sensitive data"
# (RFC 9110, 9.3.8).
_SENSITIVE = ("authorization", "proxy-authorization", "cookie")
_TRACE = Section(9110, "9.3.8")


def traced(request: Received) -> Reply:
    """Answer with the request's own head (RFC 9110, 9.3.8)."""
    request.record.why = why("the request as it arrived", _TRACE)
    head = request.head
    lines = [f"{head.method} {head.target} {head.version}"]
    lines += [f"{name}: {value}" for name, value in head.fields if name.lower() not in _SENSITIVE]
    data = "\r\n".join([*lines, "", ""]).encode("latin-1")
    return (Head(200, (("Content-Type", "message/http"),)), Content(data), End())


@rule(Stage.CONTENT)
def without_content(request: Received) -> Reply | None:
    """Refuse a TRACE with content: "A client MUST NOT send content" (RFC 9110, 9.3.8)."""
    if request.head.method != "TRACE" or request.head.length == 0:
        return None
    return refuse(request, 400, "a TRACE has no content, which would not be traced", _TRACE)
