"""LOCK and UNLOCK: 200 201 204 207, 400 403 409 412 423 (RFC 4918, 9.10 and 9.11).

What other methods need of locks is in `guarding`, and which locks that are in `scope`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pytest_httpcodes.behaviours.representation import represent
from pytest_httpcodes.behaviours.webdav import xml
from pytest_httpcodes.behaviours.webdav.calls import (
    INFINITY,
    Call,
    Objection,
    body,
    check_new,
    depth,
)
from pytest_httpcodes.behaviours.webdav.guarding import condition, guard, if_header, principal
from pytest_httpcodes.behaviours.webdav.multistatus import multistatus, of_resource
from pytest_httpcodes.behaviours.webdav.scope import Scopes, changing, locks_on
from pytest_httpcodes.fields.if_header import NO_LOCK
from pytest_httpcodes.fields.timeout import lock_token, read_timeout, write_timeout
from pytest_httpcodes.problem import XML, Body
from pytest_httpcodes.resource import reply, why
from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.head import shown
from pytest_httpcodes.wire.steps import End, Head

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

    from pytest_httpcodes.behaviours.webdav.locks import Lock
    from pytest_httpcodes.behaviours.webdav.tree import Place
    from pytest_httpcodes.wire.steps import Fields, Reply

# Seconds for which a lock is granted to who asks for no time.
USUAL = 3600
_OCTETS = "application/octet-stream"
# "Responses to this method MUST NOT be cached" (RFC 4918, 9.10 and 9.11).
_NOT_CACHED = (("Cache-Control", "no-store"),)
_NEW = Section(4918, "9.10.1")
_REFRESH = Section(4918, "9.10.2")
_UNLOCK = Section(4918, "9.11.1")
_TABLE = Section(4918, "9.10.5")


class Wanted(NamedTuple):
    """What a new lock is to be: its scope and depth, and who says to own it."""

    exclusive: bool
    deep: bool
    owner: bytes


def lockdiscovery(call: Call, place: Place) -> list[Element]:
    """Return the locks on what is at a place, as the content of that property (RFC 4918, 15.8)."""
    with call.tree.lock:
        # All that a PROPFIND tells is told of one moment.
        if not call.scopes:
            call.scopes.append(Scopes(call.tree))
        return _activelocks(call, call.scopes[0].on(call.tree.find(place)))


def _activelocks(call: Call, locks: list[Lock]) -> list[Element]:
    now = call.tree.clock.now()
    return [_activelock(call, lock, now) for lock in locks]


def _activelock(call: Call, lock: Lock, now: float) -> Element:
    return xml.element(
        "activelock",
        xml.element("lockscope", xml.element("exclusive" if lock.exclusive else "shared")),
        xml.element("locktype", xml.element("write")),
        xml.element("depth", INFINITY if lock.deep else "0"),
        *([xml.load(lock.owner)] if lock.owner else []),
        xml.element("timeout", write_timeout(lock.left(now))),
        xml.element("locktoken", xml.element("href", lock.token)),
        xml.element("lockroot", xml.element("href", call.href(lock.root))),
    )


def check(call: Call) -> None:
    """Object to a LOCK that is wrong whatever its content is."""
    if_header(call)
    if call.request.head.length:
        _check_depth(call)
        if call.node is None:
            _check_place(call)


def lock(call: Call) -> Reply:
    """Take out a lock, or refresh one where there is no content."""
    # "this form of the LOCK request is only to be used to "refresh" an existing lock"
    # (RFC 4918, 7.7).
    if not call.request.content:
        return _refresh(call)
    wanted = _wanted(call)
    with call.tree.lock:
        condition(call)
        node = call.node
        if node is None:
            _check_unmapped(call, wanted)
        else:
            _check_table(call, locks_on(call.tree, node), wanted)
            below = _conflicts_below(call, wanted) if wanted.deep else {}
            if below:
                return _all_or_nothing(call, below)
        return _granted(call, wanted, created=node is None)


def _wanted(call: Call) -> Wanted:
    root = body(call, "lockinfo", _NEW)
    scopes = [name for one in xml.children(root, "lockscope") for name in xml.names(one)]
    types = [name for one in xml.children(root, "locktype") for name in xml.names(one)]
    exclusive, shared, write = (f"{{{xml.DAV}}}{word}" for word in ("exclusive", "shared", "write"))
    known = [name for name in scopes if name in (exclusive, shared)]
    if len(known) != 1 or write not in types:
        found = ", ".join((*scopes, *types)) or "nothing"
        detail = f"a lock is exclusive or shared, and for write; lockinfo has {shown(found)}"
        raise Objection(422, detail, Section(4918, "14.11"))
    deep = _check_depth(call) == INFINITY
    # "The server MUST preserve the information provided by the client in the 'owner' element"
    # (RFC 4918, 9.10.1).
    owners = [xml.store(one) for one in xml.children(root, "owner")]
    return Wanted(known == [exclusive], deep, owners[0] if owners else b"")


def _check_depth(call: Call) -> str:
    # "Values other than 0 or infinity MUST NOT be used with the Depth header" (RFC 4918, 9.10.3).
    return depth(call.request, "0", INFINITY)


def _check_place(call: Call) -> None:
    if call.slashed:
        detail = "an address with a slash at its end is that of a collection, and LOCK makes none"
        raise Objection(409, detail, Section(4918, "9.10.4"))
    check_new(call, call.place)


def _check_unmapped(call: Call, wanted: Wanted) -> None:
    # "A successful lock request to an unmapped URL MUST result in the creation of a locked
    # (non-collection) resource with empty content" (RFC 4918, 7.3), which is a member of its
    # collection, and so locked as that is.
    _check_place(call)
    above = locks_on(call.tree, call.tree.parent(call.place))
    _check_table(call, [lock for lock in above if lock.deep], wanted)
    guard(call, changing(call.tree, call.place))
    condition = call.tree.refuses(0, 1)
    if condition:
        detail = "there is no room for the empty resource that would be locked; delete something"
        raise Objection(507, detail, Section(4331, "6"), condition)


def _check_table(call: Call, locks: list[Lock], wanted: Wanted) -> None:
    conflicts = [lock for lock in locks if lock.conflicts(exclusive=wanted.exclusive)]
    if conflicts:
        roots = call.hrefs(dict.fromkeys(lock.root for lock in conflicts))
        kind = "exclusive" if wanted.exclusive else "shared"
        detail = f"the lock of {', '.join(roots)} leaves no room for one that is {kind}"
        raise Objection(423, detail, _TABLE, "no-conflicting-lock", hrefs=roots)
    if call.tree.locks.full:
        detail = "there are too many locks; UNLOCK some"
        raise Objection(507, detail, Section(4918, "11.5"))


def _conflicts_below(call: Call, wanted: Wanted) -> dict[Place, Lock]:
    # The members that are locked in another way, of those below such a one itself alone.
    found: dict[Place, Lock] = {}
    scopes = Scopes(call.tree)
    for visit in call.tree.walk(call.place, once=True)[1:]:
        locks = scopes.on(visit.node)
        conflicts = [lock for lock in locks if lock.conflicts(exclusive=wanted.exclusive)]
        if conflicts and not any(visit.place[: len(above)] == above for above in found):
            found[visit.place] = conflicts[0]
    return found


def _all_or_nothing(call: Call, below: dict[Place, Lock]) -> Reply:
    # "If the lock cannot be granted to all resources, the server MUST return a Multi-Status
    # response ... Additionally, if the resource causing the failure was not the resource requested,
    # then the server SHOULD include a 'response' element for the Request-URI as well, with a
    # 'status' element containing 424 Failed Dependency" (RFC 4918, 9.10.3).
    responses = [
        of_resource(call.href(place), 423, "no-conflicting-lock", [call.href(lock.root)])
        for place, lock in below.items()
    ]
    section = Section(4918, "9.10.3")
    call.request.record.why = why("a member is locked, so that none was", section)
    return multistatus((*responses, of_resource(call.href(call.place), 424)), _NOT_CACHED)


def _granted(call: Call, wanted: Wanted, *, created: bool) -> Reply:
    tree, request = call.tree, call.request
    timeout = read_timeout(request.field("timeout"), USUAL)
    if created:
        tree.write(call.place, represent(b"", tree.clock.now(), type=_OCTETS))
    made = tree.locks.grant(
        call.place,
        principal(request),
        exclusive=wanted.exclusive,
        deep=wanted.deep,
        owner=wanted.owner,
        timeout=timeout,
    )
    sentence = "an empty resource was created and locked" if created else "it was locked"
    request.record.why = why(sentence, Section(4918, "9.10.4") if created else _NEW)
    return _discovered(call, 201 if created else 200, made, (("Lock-Token", f"<{made.token}>"),))


def _discovered(call: Call, code: int, lock: Lock, fields: Fields = ()) -> Reply:
    # "information about other (shared) locks is OPTIONAL" (RFC 4918, 9.10.1): there are clients
    # that take the first one for the one that they have asked for.
    locks = sorted(locks_on(call.tree, call.node), key=lambda found: found is not lock)
    found = xml.element("lockdiscovery", *_activelocks(call, locks))
    return reply(code, Body(XML, xml.write(xml.element("prop", found))), fields + _NOT_CACHED)


def _refresh(call: Call) -> Reply:
    header = if_header(call)
    tokens = header.tokens - {NO_LOCK} if header else frozenset()
    if len(tokens) != 1:
        # "it MUST specify which lock to refresh by using the 'If' header with a single lock token"
        # (RFC 4918, 9.10.2).
        detail = (
            f"a LOCK without content refreshes one lock, and If has {len(tokens)} tokens; send a "
            f"lockinfo for a new lock, or If: (<token>)"
        )
        raise Objection(400, detail, _REFRESH)
    (token,) = tokens
    with call.tree.lock:
        found = _lock_of(call, token, 412, Section(4918, "9.10.6"))
        condition(call)
        _check_creator(call, found, _REFRESH)
        timeout = read_timeout(call.request.field("timeout"), found.timeout)
        call.tree.locks.refresh(found, timeout)
        call.request.record.why = why("the lock was refreshed", _REFRESH)
        # "The Lock-Token header is not returned in the response for a successful refresh"
        # (RFC 4918, 9.10.2).
        return _discovered(call, 200, found)


def unlock(call: Call) -> Reply:
    """Remove a lock."""
    value = call.request.field("lock-token")
    if not value:
        # "400 (Bad Request) - No lock token was provided" (RFC 4918, 9.11.1).
        detail = "there is no Lock-Token; send that of the LOCK, as Lock-Token: <urn:uuid:...>"
        raise Objection(400, detail, _UNLOCK)
    try:
        token = lock_token(value)
    except ValueError as error:
        detail = f"the Lock-Token {shown(value)} {error}"
        raise Objection(400, detail, Section(4918, "10.5")) from None
    with call.tree.lock:
        # "when the If header is present, it has its normal meaning as a conditional header"
        # (RFC 4918, 9.11).
        condition(call)
        found = _lock_of(call, token, 409, _UNLOCK)
        _check_creator(call, found, _UNLOCK)
        call.tree.locks.remove(found)
    call.request.record.why = why("the lock was removed", Section(4918, "9.11"))
    return (Head(204, _NOT_CACHED), End())


def _lock_of(call: Call, token: str, code: int, section: Section) -> Lock:
    for found in locks_on(call.tree, call.node):
        if found.token == token:
            return found
    detail = f"{shown(token)} is no lock on what is here; its time may be over"
    raise Objection(code, detail, section, "lock-token-matches-request-uri")


def _check_creator(call: Call, found: Lock, section: Section) -> None:
    if found.principal != principal(call.request):
        # "403 (Forbidden) - The currently authenticated principal does not have permission to
        # remove the lock" (RFC 4918, 9.11.1).
        raise Objection(403, "the lock was taken out by another principal", section)
