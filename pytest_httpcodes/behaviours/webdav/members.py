"""GET, PUT, DELETE and MKCOL of members: 200 201 204 207 405 409 507 (RFC 4918, 9.3 to 9.7)."""

from __future__ import annotations

from pytest_httpcodes.behaviours.document import send
from pytest_httpcodes.behaviours.representation import ASK_FIRST, Representation, represent
from pytest_httpcodes.behaviours.webdav.calls import (
    INFINITY,
    Call,
    Objection,
    check_new,
    check_room,
    depth,
)
from pytest_httpcodes.behaviours.webdav.guarding import guard, unusable
from pytest_httpcodes.behaviours.webdav.multistatus import locked_members
from pytest_httpcodes.behaviours.webdav.nodes import RECORD, Collection, File
from pytest_httpcodes.behaviours.webdav.scope import changing, kept_from_removal, removing
from pytest_httpcodes.resource import why
from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.steps import End, Fields, Head, Reply

_OCTETS = "application/octet-stream"
_PUT = Section(4918, "9.7.1")
_DELETE = Section(4918, "9.6")
_MKCOL = Section(4918, "9.3.1")
# What of a PUT's fields is part of the representation, besides its type (RFC 9110, 8.4 and 8.5).
_KEPT = ("Content-Encoding", "Content-Language")


def get(call: Call) -> Reply:
    """Answer with the whole representation; for a collection that is a listing."""
    request = call.request
    assert isinstance(request.selected, Representation)  # noqa: S101 - else it was a 404
    # A Range that was ignored has told why.
    text = "the whole representation"
    request.record.why = request.record.why or why(text, Section(4918, "9.4"))
    return send(request.selected)


def check_put(call: Call) -> None:
    """Object to content that has no place, that is locked out, or that there is no room for."""
    there = call.tree.find(call.place)
    if call.slashed:
        detail = "an address with a slash at its end is that of a collection, and PUT makes none"
        raise Objection(409, detail, _PUT)
    if there is None:
        check_new(call, call.place)
    guard(call, changing(call.tree, call.place))
    # What is announced is known before it is sent; what comes in chunks is known then.
    length = call.request.head.length
    octets = call.request.octets if call.request.complete else length or 0
    before = there.content.data.size if isinstance(there, File) else 0
    check_room(call, octets - before, int(there is None), Section(4331, "6"))


def put(call: Call) -> Reply:
    """Store the content: 201 if it is new, else 204 (RFC 9110, 9.3.4)."""
    request = call.request
    lines: Fields = tuple((name, request.field(name.lower())) for name in _KEPT)
    fields = (*ASK_FIRST, *(line for line in lines if line[1]))
    kind = request.field("content-type") or _OCTETS
    made = represent(request.content, call.tree.clock.now(), type=kind, fields=fields)
    created = call.tree.write(call.place, made)
    sentence = "created" if created else "replaced"
    request.record.why = why(f"the representation was {sentence}", Section(9110, "9.3.4"))
    current = call.current
    assert current is not None  # noqa: S101 - it was just stored
    return (Head(201 if created else 204, current.validators), End())


def check_mkcol(call: Call) -> None:
    """Object to a collection that has no place, or that there is no room for."""
    check_new(call, call.place)
    guard(call, changing(call.tree, call.place))
    check_room(call, RECORD, 1, _MKCOL)


def mkcol(call: Call) -> Reply:
    """Create a collection without members (RFC 4918, 9.3)."""
    call.tree.make(call.place)
    call.request.record.why = why("the collection was created", _MKCOL)
    # "Responses to this method MUST NOT be cached" (RFC 4918, 9.3).
    return (Head(201, (("Cache-Control", "no-store"),)), End())


def syntax_delete(call: Call) -> None:
    """Object to a Depth that would leave members behind."""
    if isinstance(call.node, Collection):
        # "A client MUST NOT submit a Depth header with a DELETE on a collection with any value
        # but infinity" (RFC 4918, 9.6.1).
        depth(call.request, INFINITY)


def check_delete(call: Call) -> None:
    """Object to a DELETE of the root, and of what is locked itself."""
    if not call.place:
        raise Objection(403, "the root of the tree is a member of nothing, and stays", _DELETE)
    guard(call, removing(call.tree, call.place))


def delete(call: Call) -> Reply:
    """Remove what is bound here: 204, or 207 with the members that cannot be (RFC 4918, 9.6.1).

    Where all of it can go that is the removal of one binding (RFC 5842, 2.4).
    """
    held = unusable(call, call.tree.locks.all)
    kept = kept_from_removal(call.tree, call.place, held)
    if not kept:
        call.tree.unbind(call.place)
        call.request.record.why = why("the resource was removed", _DELETE)
        return (Head(204), End())
    call.tree.prune(call.place, kept)
    # "424 (Failed Dependency) status codes SHOULD NOT be in the 207 (Multi-Status) response for
    # DELETE" (RFC 4918, 9.6.1); nor are those that stay because of a member of theirs.
    detail = "what is locked was not removed"
    return locked_members(call, kept, detail, Section(4918, "9.6.1"))
