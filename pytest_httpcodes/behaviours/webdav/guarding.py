"""What stands in the way of a write: the `If` field, 412, and locks, 423 (RFC 4918, 7 and 10.4).

Rule 1: who asks holds the tree's `lock`, until the write is done.
Rule 2: a token helps only its lock's creator: "When a locked resource is modified, a server MUST
check that the authenticated principal matches the lock creator (in addition to checking for valid
lock token submission)" (RFC 4918, 6.4).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from pytest_httpcodes.behaviours.webdav.calls import Call, Objection, locate
from pytest_httpcodes.behaviours.webdav.listing import representation
from pytest_httpcodes.behaviours.webdav.scope import Scopes, blocking, clashing
from pytest_httpcodes.fields.credentials import read as read_credentials
from pytest_httpcodes.fields.credentials import user_pass
from pytest_httpcodes.fields.if_header import IfHeader, State
from pytest_httpcodes.fields.if_header import read as read_if
from pytest_httpcodes.section import Section

if TYPE_CHECKING:
    from pytest_httpcodes.behaviours.webdav.locks import Lock
    from pytest_httpcodes.behaviours.webdav.nodes import Node
    from pytest_httpcodes.behaviours.webdav.scope import Needed
    from pytest_httpcodes.behaviours.webdav.tree import Place
    from pytest_httpcodes.wire.received import Received


def principal(request: Received) -> str:
    """Return who a request is from: the user of Basic, "" for whoever has no such credentials.

    Nobody is asked for a password: "having a lock does not confer full privilege" (RFC 4918, 6.4),
    and who has which is a question for other rules.
    """
    try:
        given = read_credentials(request.field("authorization"))
        return user_pass(given)[0] if given.scheme == "basic" else ""
    except ValueError:
        return ""


def guard(call: Call, *needed: Needed) -> None:
    """Object to a write whose If field is false, 412, or which a lock protects from, 423.

    `needed` are the locks that it needs, of `changing` and `removing`.
    """
    condition(call)
    held = unusable(call, call.tree.locks.all)
    groups = [blocking(group, held) for each in needed for group in each]
    locks = list(dict.fromkeys(lock for group in groups for lock in group))
    if locks:
        raise locked(call, locks)


def check_joining(call: Call, node: Node, place: Place, source: Place | None = None) -> None:
    """Object to a binding of what is locked to a place where it would have two locks in conflict.

    `source` is a place that it would no longer be bound to, if any.
    """
    clashes = clashing(call.tree, node, place, source)
    if clashes:
        roots = call.hrefs(dict.fromkeys(lock.root for lock in clashes))
        detail = f"the lock of {', '.join(roots)} conflicts with one that it would get there"
        raise Objection(423, detail, Section(4918, "6.1"), "no-conflicting-lock", hrefs=roots)


def locked(call: Call, locks: Iterable[Lock]) -> Objection:
    """Return the objection to a write that locks protect from."""
    # "This element, if present, MUST contain at least one URL of a locked resource that prevented
    # the request" (RFC 4918, 16); the examples have the roots of the locks.
    roots = call.hrefs(dict.fromkeys(lock.root for lock in locks))
    detail = (
        f"{', '.join(roots)} is locked, and this is no request of the lock's creator with its "
        f"token; send that as If: (<token>), or as If: <URL> (<token>)"
    )
    return Objection(423, detail, Section(4918, "7.5"), "lock-token-submitted", hrefs=roots)


def unusable(call: Call, locks: Iterable[Lock]) -> list[Lock]:
    """Return those of some locks whose tokens are not submitted by their creator."""
    header = if_header(call)
    tokens = header.tokens if header else ()
    who = principal(call.request)
    return [lock for lock in locks if lock.token not in tokens or lock.principal != who]


def if_header(call: Call) -> IfHeader | None:
    """Return what the If field says, None for none; objects to a malformed one."""
    value = call.request.head.known.get("if")
    if value is None:
        return None
    try:
        return read_if(value)
    except ValueError as error:
        detail = f"the If field is malformed: {error}"
        raise Objection(400, detail, Section(4918, "10.4.2")) from None


def condition(call: Call) -> None:
    """Object to a request whose If field is false, which any method may have."""
    header = if_header(call)
    if header is None:
        return
    # "If this header is evaluated and all state lists fail, then the request MUST fail with a 412
    # (Precondition Failed) status" (RFC 4918, 10.4.1).
    scopes = Scopes(call.tree)
    states: dict[str | None, State] = {}

    def state_of(resource: str | None) -> State:
        if resource not in states:
            states[resource] = _state(call, resource, scopes)
        return states[resource]

    wrong = header.false(state_of)
    if wrong:
        raise Objection(412, f"the If field is false: {wrong}", Section(4918, "10.4.3"))


def _state(call: Call, resource: str | None, scopes: Scopes) -> State:
    if resource is None:
        place: Place | None = call.place
    else:
        try:
            place = locate(call, resource)
        except (LookupError, ValueError):
            place = None  # it maps to nothing here
    node = None if place is None else call.tree.find(place)
    if node is None or place is None:
        return State()
    tokens = [lock.token for lock in scopes.on(node)]
    return State(representation(call.base, place, node).etag, tokens)
