"""Live properties: what a resource says of itself (RFC 4918, 15; RFC 5842, 3; RFC 4331, 3, 4)."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from pytest_httpcodes.behaviours.webdav import locking, xml
from pytest_httpcodes.behaviours.webdav.calls import Call
from pytest_httpcodes.behaviours.webdav.listing import href, representation
from pytest_httpcodes.behaviours.webdav.nodes import Collection, File
from pytest_httpcodes.behaviours.webdav.tree import Visit
from pytest_httpcodes.clock import imf_fixdate

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

# What is in a property: text or elements; None where the resource does not have the property.
Value: TypeAlias = "str | list[Element] | None"


class Live(NamedTuple):
    """A live property: its value for a resource, and whether `allprop` asks for it."""

    value: Callable[[Call, Visit], Value]
    usual: bool = True


def dav(name: str) -> str:
    """Return a name in the namespace DAV:."""
    return f"{{{xml.DAV}}}{name}"


def value_of(name: str, call: Call, visit: Visit) -> Element | None:
    """Return a property of a resource as an element, None where it does not have that."""
    live = LIVE.get(name)
    if live is None:
        stored = visit.node.properties.get(name)
        return None if stored is None else xml.load(stored)
    found = live.value(call, visit)
    if found is None:
        return None
    content = [found] if isinstance(found, str) else found
    return xml.element(name.rpartition("}")[2], *content)


def names_of(call: Call, visit: Visit, *, usual: bool) -> list[str]:
    """Return the names of the properties that a resource has, or of those of `allprop` alone."""
    live = [name for name, found in LIVE.items() if found.usual or not usual]
    # What is live has no value now and then.
    there = [name for name in live if LIVE[name].value(call, visit) is not None]
    return [*there, *visit.node.properties]


def _creationdate(call: Call, visit: Visit) -> Value:
    # "date-time (defined in [RFC3339])" (RFC 4918, 15.1)
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(visit.node.created))


def _language(call: Call, visit: Visit) -> Value:
    return (visit.node.language or None) if isinstance(visit.node, File) else None


# "the Content-Length header returned by a GET" (RFC 4918, 15.4), and so the others: a collection
# has them, too, since a GET of one returns a listing.
def _length(call: Call, visit: Visit) -> Value:
    return str(representation(call.base, visit.place, visit.node).data.size)


def _type(call: Call, visit: Visit) -> Value:
    return representation(call.base, visit.place, visit.node).type


def _etag(call: Call, visit: Visit) -> Value:
    return representation(call.base, visit.place, visit.node).etag


def _modified(call: Call, visit: Visit) -> Value:
    return imf_fixdate(visit.node.modified)


def _resourcetype(call: Call, visit: Visit) -> Value:
    return [xml.element("collection")] if isinstance(visit.node, Collection) else []


def _lockdiscovery(call: Call, visit: Visit) -> Value:
    return list(locking.lockdiscovery(call, visit.place))


def _supportedlock(call: Call, visit: Visit) -> Value:
    return [
        xml.element(
            "lockentry",
            xml.element("lockscope", xml.element(scope)),
            xml.element("locktype", xml.element("write")),
        )
        for scope in ("exclusive", "shared")
    ]


def _resource_id(call: Call, visit: Visit) -> Value:
    return [xml.element("href", visit.node.id)]


def _parent_set(call: Call, visit: Visit) -> Value:
    return [
        xml.element(
            "parent",
            xml.element("href", href(call.base, place, slash=True)),
            # "PCDATA value: segment, as defined in Section 3.3 of [RFC3986]" (RFC 5842, 3.2)
            xml.element("segment", href("", (name,), slash=False).removeprefix("/")),
        )
        for place, name in call.tree.parents(visit.node)
    ]


def _available(call: Call, visit: Visit) -> Value:
    # "If a resource has no quota enforced ..., the server MAY choose not to return this property"
    # (RFC 4331, 3).
    available = call.tree.available
    return None if available is None or isinstance(visit.node, File) else str(available)


def _used(call: Call, visit: Visit) -> Value:
    # "where the set of "similar" meets at least the criterion that allocating space to any
    # resource in the set will count against the DAV:quota-available-bytes" (RFC 4331, 4): the tree.
    return None if isinstance(visit.node, File) else str(call.tree.used)


LIVE = {
    dav("creationdate"): Live(_creationdate),
    dav("getcontentlanguage"): Live(_language),
    dav("getcontentlength"): Live(_length),
    dav("getcontenttype"): Live(_type),
    dav("getetag"): Live(_etag),
    dav("getlastmodified"): Live(_modified),
    dav("lockdiscovery"): Live(_lockdiscovery),
    dav("resourcetype"): Live(_resourcetype),
    dav("supportedlock"): Live(_supportedlock),
    # "A DAV:allprop PROPFIND request SHOULD NOT return any of the properties defined by this
    # document" (RFC 5842, 3), and likewise (RFC 4331, 2).
    dav("parent-set"): Live(_parent_set, usual=False),
    dav("quota-available-bytes"): Live(_available, usual=False),
    dav("quota-used-bytes"): Live(_used, usual=False),
    dav("resource-id"): Live(_resource_id, usual=False),
}
