"""BIND, UNBIND and REBIND: one resource at several places (RFC 5842, 4 to 6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from pytest_httpcodes.behaviours.webdav import xml
from pytest_httpcodes.behaviours.webdav.calls import (
    Call,
    Objection,
    body,
    locate,
    overwrites,
)
from pytest_httpcodes.behaviours.webdav.guarding import check_joining, guard
from pytest_httpcodes.behaviours.webdav.nodes import Collection
from pytest_httpcodes.behaviours.webdav.scope import removing
from pytest_httpcodes.behaviours.webdav.tree import DOTS, Place
from pytest_httpcodes.resource import why
from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.head import shown
from pytest_httpcodes.wire.steps import End, Head, Reply

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

# The section of each method, and the prefix of the names of its preconditions.
_OF = {
    "BIND": (Section(5842, "4"), "bind"),
    "UNBIND": (Section(5842, "5"), "unbind"),
    "REBIND": (Section(5842, "6"), "rebind"),
}


def syntax(call: Call) -> None:
    """Object to an `Overwrite` that is none."""
    overwrites(call.request)


def check(call: Call) -> None:
    """Object to a target that is no collection."""
    section, prefix = _OF[call.request.head.method]
    if not isinstance(call.node, Collection):
        word = "from" if prefix == "unbind" else "into"
        detail = f"{call.request.head.method} is for a collection, and this is none"
        raise Objection(403, detail, section, f"{prefix}-{word}-collection")


class _Asked(NamedTuple):
    # What the content asks for: a name in the collection, and for all but UNBIND a source.
    place: Place
    source: Place


def perform(call: Call) -> Reply:
    """Bind what is at another place to this collection; REBIND removes it there."""
    method = call.request.head.method
    section, prefix = _OF[method]
    asked = _read(call, body(call, prefix, section))
    node, there = call.tree.find(asked.source), call.tree.find(asked.place)
    if node is None:
        detail = f"nothing is at {call.href(asked.source)}"
        raise Objection(409, detail, section, f"{prefix}-source-exists")
    if there is not None and not overwrites(call.request):
        detail = f"Overwrite is F, and there is something at {call.href(asked.place)}"
        raise Objection(412, detail, section, "can-overwrite")
    moves = method == "REBIND"
    if moves:
        _check_source(call, asked, section)
    # "If a BIND request fails, the server state preceding the request MUST be restored"
    # (RFC 5842, 4): what is locked below what is replaced or removed is enough for that.
    locks = removing(call.tree, asked.place, below=True)
    guard(call, locks, removing(call.tree, asked.source, below=True) if moves else [])
    check_joining(call, node, asked.place, asked.source if moves else None)
    if moves and asked.source != asked.place:
        call.tree.move(asked.source, asked.place)
    else:
        call.tree.bind(asked.place, node)
    what = "is bound here now, and no longer there" if moves else "is bound here, too"
    call.request.record.why = why(f"the resource {what}", section)
    if there is not None:
        return (Head(204), End())
    return (Head(201, (("Location", call.request.root + call.href(asked.place)),)), End())


def unbind(call: Call) -> Reply:
    """Remove a binding of this collection; the resource may be at other places."""
    section, prefix = _OF["UNBIND"]
    asked = _read(call, body(call, prefix, section))
    if call.tree.find(asked.place) is None:
        detail = f"{shown(asked.place[-1])} is no member of this collection"
        raise Objection(409, detail, section, "unbind-source-exists")
    guard(call, removing(call.tree, asked.place, below=True))
    call.tree.unbind(asked.place)
    call.request.record.why = why("the binding was removed", section)
    return (Head(204), End())


def _check_source(call: Call, asked: _Asked, section: Section) -> None:
    if not asked.source:
        raise Objection(403, "the root of the tree cannot be moved", section)
    if call.tree.passes(call.place, asked.source):
        # What is bound below itself alone would be nowhere any more, and this collection with it.
        detail = "a collection cannot be moved to what is below itself"
        raise Objection(403, detail, section, "cycle-allowed")


def _read(call: Call, root: Element) -> _Asked:
    section, prefix = _OF[call.request.head.method]
    segment = _text(root, "segment", section)
    name = unquote(segment, errors="surrogateescape")
    if name in ("", *DOTS) or "/" in segment:
        detail = f"{shown(segment)} is no name that a member could have"
        raise Objection(403, detail, section, "name-allowed")
    place = (*call.place, name)
    if prefix == "unbind":
        return _Asked(place, place)
    try:
        return _Asked(place, locate(call, _text(root, "href", section)))
    except LookupError as error:
        detail = f"the href {error}"
        raise Objection(403, detail, section, "cross-server-binding") from None
    except ValueError as error:
        raise Objection(400, f"the href {error}", section) from None


def _text(root: Element, name: str, section: Section) -> str:
    found = xml.children(root, name)
    if len(found) != 1:
        detail = f"{shown(str(root.tag))} has {len(found)} elements {name}, and it has to have one"
        raise Objection(400, detail, section)
    return xml.text_of(found[0]) or ""
