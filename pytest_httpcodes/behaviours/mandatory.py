"""The rules of the extension framework, by which a request demands that it be understood: 510.

What the fields say is in `fields.extension`; the scenario of the code is in `extension`.
"""

from __future__ import annotations

from collections.abc import Iterable

from pytest_httpcodes.fields.extension import (
    Declaration,
    Mandatory,
    declarations,
    mandatory,
    through_http10,
)
from pytest_httpcodes.resource import Rule, Stage, Steps, refuse, rule
from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.head import RequestHead, options, shown
from pytest_httpcodes.wire.received import Received
from pytest_httpcodes.wire.steps import Fields, Head, Step

_PREFIX = "M-"
# "a date equal to or earlier than the value of the Date header field" (RFC 2774, 5.1)
_EXPIRED = ("Expires", "Thu, 01 Jan 1970 00:00:00 GMT")


@rule(Stage.METHOD)
def not_extended(request: Received) -> Steps | None:
    """Refuse a mandatory request to a resource that knows no extension (RFC 2774, 5)."""
    method = request.head.method
    if not method.startswith(_PREFIX):
        return None
    detail = f"{method} demands an extension, and none is known here"
    return refuse(request, 510, detail, Section(2774, "5"))


def extension(uri: str) -> Rule:
    """Refuse requests that do not demand the extension `uri`, with a 510 (RFC 2774, 7).

    A request demands it with `M-` before its method and `Man: "URI"`, or `C-Man` for the one
    hop; then it is what the method without `M-` asks for, and the answer acknowledges that with
    `Ext`, or `C-Ext`. A request that demands any other extension is refused as well. A resource
    has one such rule. Raises `ValueError` for what identifies no extension.
    """
    try:
        found = declarations(f'"{uri}"')
    except ValueError:
        found = ()
    if found != (Declaration(uri),):
        raise ValueError(
            f"{uri!r} identifies no extension; use an absolute URI such as 'http://example.org/x'"
        )
    return _Extension(uri).rule()


class _Extension:
    def __init__(self, uri: str) -> None:
        self._uri = uri

    def rule(self) -> Rule:
        return Rule(Stage.METHOD, self._decide, self._amend)

    def _decide(self, request: Received) -> Steps | None:
        detail = self._objection(request.head)
        if detail:
            # "The server should send back all the information necessary for the client to issue
            # an extended request" (RFC 2774, 7).
            detail += f'; send {_PREFIX}GET, say, with Man: "{self._uri}"'
            return refuse(request, 510, detail, Section(2774, "7"), extension=self._uri)
        # The HTTP method name is what is left without the prefix (RFC 2774, 5).
        request.head.method = request.head.method.removeprefix(_PREFIX)
        return None

    def _objection(self, head: RequestHead) -> str:
        # What is wrong with a request, "" if nothing is.
        if not head.method.startswith(_PREFIX):
            # "The method name of a mandatory request MUST be prefixed by "M-"" (RFC 2774, 5).
            return f"{head.method} demands no extension, and one is needed here"
        try:
            found = _demanded(head)
        except ValueError as error:
            return f"the extensions that are demanded cannot be told: {error}"
        demanded = [declared.extension for kind in found for declared in kind]
        if not demanded:
            return f"{head.method} needs a mandatory declaration, and there is none"
        unknown = [name for name in demanded if name != self._uri]
        return f"the extension {shown(unknown[0])} is not known here" if unknown else ""

    def _amend(self, request: Received, steps: Iterable[Step]) -> Iterable[Step]:
        head = request.head
        changed = (_acknowledged(s, head) if isinstance(s, Head) else s for s in steps)
        return tuple(changed) if isinstance(steps, (tuple, list)) else changed


def _demanded(head: RequestHead) -> Mandatory:
    return mandatory(head.known, http10=head.http10)


def _acknowledged(step: Head, head: RequestHead) -> Head:
    # What is no error fulfils the request, and so got past `_objection`.
    if step.status >= 400:
        return step
    found = _demanded(head)
    fields: Fields = ()
    if found.end_to_end:
        # "If any end-to-end mandatory extension declarations were among the fulfilled extensions
        # then the server MUST include an Ext response header field in the response" (RFC 2774,
        # 5.1); and "the response MUST contain a no-cache cache-control directive".
        fields += (("Ext", ""),)
        if not _is_no_cache(step):
            fields += (("Cache-Control", 'no-cache="Ext"'),)
        if head.http10 or through_http10(head.known.get("via", "")):
            # A cache of that time does not know the directive.
            fields += (_EXPIRED,)
    if found.hop_by_hop:
        # "In HTTP/1.1, the C-Ext header fields MUST be protected by a Connection header"
        # (RFC 2774, 4.3).
        fields += (("C-Ext", ""), ("Connection", "C-Ext"))
    return Head(step.status, step.headers + fields, step.reason)


def _is_no_cache(step: Head) -> bool:
    lines = [value for name, value in step.headers if name.lower() == "cache-control"]
    return any("no-cache" in options(line) for line in lines)
