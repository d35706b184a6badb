"""COPY and MOVE: 201 204 207, and what stands against them (RFC 4918, 9.8 and 9.9)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_httpcodes.behaviours.webdav.calls import (
    INFINITY,
    Call,
    Objection,
    check_new,
    depth,
    destination,
    no_room,
    overwrites,
)
from pytest_httpcodes.behaviours.webdav.guarding import check_joining, guard, unusable
from pytest_httpcodes.behaviours.webdav.multistatus import locked_members
from pytest_httpcodes.behaviours.webdav.nodes import Collection
from pytest_httpcodes.behaviours.webdav.scope import (
    changing,
    kept_from_change,
    kept_from_removal,
    removing,
)
from pytest_httpcodes.behaviours.webdav.tree import Full
from pytest_httpcodes.resource import why
from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.steps import End, Fields, Head, Reply

if TYPE_CHECKING:
    from pytest_httpcodes.behaviours.webdav.locks import Lock
    from pytest_httpcodes.behaviours.webdav.scope import Needed
    from pytest_httpcodes.behaviours.webdav.tree import Place

_COPY = Section(4918, "9.8.5")
_MOVE = Section(4918, "9.9.4")


def syntax(call: Call) -> None:
    """Object to fields that are wrong whatever is in the tree."""
    _depth(call)
    overwrites(call.request)
    destination(call)


def _depth(call: Call) -> str:
    if call.request.head.method == "COPY":
        # "A client may submit a Depth header on a COPY on a collection with a value of "0" or
        # "infinity"" (RFC 4918, 9.8.3).
        return _depth_of(call, "0", INFINITY)
    # "A client MUST NOT submit a Depth header on a MOVE on a collection with any value but
    # "infinity"" (RFC 4918, 9.9.2).
    return _depth_of(call, INFINITY)


def _depth_of(call: Call, *allowed: str) -> str:
    # "If a resource does not have internal members, then the Depth header MUST be ignored"
    # (RFC 4918, 10.2).
    if not isinstance(call.node, Collection):
        return INFINITY
    return depth(call.request, *allowed)


def check(call: Call) -> None:
    """Object to what cannot be copied or moved there; the locks are looked at last."""
    target = destination(call)
    moves = call.request.head.method == "MOVE"
    section = _MOVE if moves else _COPY
    source, there = call.node, call.tree.find(target)
    if source is there:
        raise Objection(403, "the source and the destination are the same resource", section)
    if moves and not call.place:
        raise Objection(403, "the root of the tree cannot be moved", section)
    if moves and call.tree.passes(target, call.place):
        raise Objection(403, "a collection cannot be moved to what is below itself", section)
    if not target:
        if moves or not isinstance(source, Collection):
            detail = "the root of the tree cannot be replaced, only become a copy of a collection"
            raise Objection(403, detail, section)
    else:
        check_new(call, target)
    if there is not None and not overwrites(call.request):
        # "If a COPY or MOVE is not performed due to the value of the Overwrite header, the method
        # MUST fail with a 412" (RFC 4918, 10.6).
        detail = f"Overwrite is F, and there is something at {call.href(target)}"
        raise Objection(412, detail, Section(4918, "10.6"))
    guard(call, *_needed(call, target))
    if moves and source is not None:
        check_joining(call, source, target, call.place)


def _needed(call: Call, target: Place) -> list[Needed]:
    # What is replaced by a resource of another kind, or by what is moved there, is removed first.
    if call.request.head.method == "MOVE":
        return [removing(call.tree, call.place), removing(call.tree, target)]
    return [changing(call.tree, target) if _becomes(call, target) else removing(call.tree, target)]


def _becomes(call: Call, target: Place) -> bool:
    # Whether a resource at the destination becomes the copy, or there is none.
    there = call.tree.find(target)
    return there is None or type(there) is type(call.node)


def perform(call: Call) -> Reply:
    """Copy or move what is at the target to the `Destination`."""
    target = destination(call)
    created = call.tree.find(target) is None
    moves = call.request.head.method == "MOVE"
    refused = _move(call, target) if moves else _copy(call, target)
    if refused is not None:
        return refused
    what = "moved" if moves else "copied"
    call.request.record.why = why(f"the resource was {what}", _MOVE if moves else _COPY)
    # "Responses to this method MUST NOT be cached" (RFC 4918, 9.8 and 9.9).
    fields: Fields = (("Cache-Control", "no-store"),)
    if not created:
        return (Head(204, fields), End())
    location = call.request.root + call.href(target)
    return (Head(201, (("Location", location), *fields)), End())


def _copy(call: Call, target: Place) -> Reply | None:
    held = unusable(call, call.tree.locks.all)
    of_kept = kept_from_change if _becomes(call, target) else kept_from_removal
    kept = of_kept(call.tree, target, held)
    try:
        with call.tree.attempt():
            deep = _depth(call) == INFINITY
            failed = call.tree.copy(call.place, target, deep=deep, kept=kept)
    except Full as full:
        raise no_room(call, full.condition, _COPY) from None
    return _partly(call, {place: kept[place] for place in failed}, _COPY)


def _move(call: Call, target: Place) -> Reply | None:
    # "when the MOVE operation is implemented as a REBIND, the operation is atomic" (RFC 5842, 2.5).
    held = unusable(call, call.tree.locks.all)
    kept = kept_from_removal(call.tree, call.place, held)
    kept |= kept_from_removal(call.tree, target, held)
    if not kept:
        call.tree.move(call.place, target)
    return _partly(call, kept, _MOVE)


def _partly(call: Call, kept: dict[Place, Lock], section: Section) -> Reply | None:
    # "If an error in executing the COPY method occurs with a resource other than the resource
    # identified in the Request-URI, then the response MUST be a 207 (Multi-Status), and the URL of
    # the resource causing the failure MUST appear with the specific error" (RFC 4918, 9.8.3).
    if not kept:
        return None
    return locked_members(call, kept, "what is locked stays as it is, where it is", section)
