"""PROPFIND: the properties of resources, 207, or 208 and 508 (RFC 4918, 9.1; RFC 5842, 7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pytest_httpcodes.behaviours.webdav import xml
from pytest_httpcodes.behaviours.webdav.calls import INFINITY, Call, Objection, body, depth
from pytest_httpcodes.behaviours.webdav.multistatus import Propstat, multistatus, of_properties
from pytest_httpcodes.behaviours.webdav.nodes import Collection
from pytest_httpcodes.behaviours.webdav.properties import names_of, value_of
from pytest_httpcodes.behaviours.webdav.tree import Visit
from pytest_httpcodes.resource import why
from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.head import options, shown
from pytest_httpcodes.wire.steps import Reply

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

# Where bindings make more of a tree than this, it is not listed as a whole (RFC 5842, 12.3).
MAX_RESPONSES = 10_000
_PROPFIND = Section(4918, "9.1")
_BIND = Section(5842, "7.1")
_NO_CONTENT = Section(4918, "14.20")


class Wanted(NamedTuple):
    """What a PROPFIND asks for: `names` alone, or values of the usual properties and of these."""

    kind: str
    names: tuple[str, ...] = ()


def check(call: Call, *, finite: bool) -> None:
    """Object to a Depth that is none, and to one that is not offered."""
    how_deep = depth(call.request, "0", "1", INFINITY)
    if finite and how_deep == INFINITY and isinstance(call.node, Collection):
        detail = "a collection is not listed with all that is below it here; use Depth: 1"
        raise Objection(403, detail, Section(4918, "9.1.1"), "propfind-finite-depth")


def perform(call: Call) -> Reply:
    """Answer with the properties of the resource and of those below it."""
    how_deep = depth(call.request, "0", "1", INFINITY)
    wanted = _wanted(call)
    aware = "bind" in options(call.request.field("dav"))
    visits = _visits(call, how_deep, aware=aware)
    record = call.request.record
    record.why = why("the properties are in the content, with a status each", _PROPFIND)
    if any(visit.seen for visit in visits):
        record.why = why("a collection that is bound twice is listed once", _BIND)
    return multistatus(_response(call, visit, wanted) for visit in visits)


def _visits(call: Call, how_deep: str, *, aware: bool) -> list[Visit]:
    if how_deep != INFINITY:
        # "Note that the 208 status will only occur for "Depth: infinity" requests" (RFC 5842, 7.1).
        visits = call.tree.walk(call.place, int(how_deep))
        return [visit._replace(seen=False) for visit in visits]
    if aware:
        # "only one will be reported with a 200 status, while subsequent DAV:response elements for
        # all other bindings will use the 208 status, and no DAV:response elements for their
        # descendants are included" (RFC 5842, 7.1).
        return call.tree.walk(call.place, once=True)
    found = []
    for visit in call.tree.visits(call.place):
        if visit.loops:
            # "For backward compatibility with clients not aware of the 208 status code ... Instead,
            # a 508 status should be returned when a binding loop is discovered" (RFC 5842, 7.1).
            where = call.href(visit.place, visit.node)
            detail = f"{where} is a collection that it is in itself; use Depth: 1, or DAV: bind"
            raise Objection(508, detail, Section(5842, "7.2"))
        found.append(visit._replace(seen=False))
        if len(found) > MAX_RESPONSES:
            detail = f"bindings make over {MAX_RESPONSES} members of this; use a Depth of 0 or 1"
            raise Objection(403, detail, Section(4918, "9.1.1"), "propfind-finite-depth")
    return found


def _wanted(call: Call) -> Wanted:
    # "An empty PROPFIND request body MUST be treated as if it were an 'allprop' request"
    # (RFC 4918, 9.1).
    if not call.request.content:
        return Wanted("allprop")
    root = body(call, "propfind", _PROPFIND)
    kinds = [name for name in ("allprop", "propname", "prop") for _ in xml.children(root, name)]
    include = xml.children(root, "include")
    if len(kinds) != 1 or len(include) > (kinds == ["allprop"]):
        # "The definition of the propfind element only allows for the allprop or the propname
        # element, not both. Thus, the above is an error and must be responded to with a 400"
        # (RFC 4918, A.3); one with none of what is known is "an empty propfind" (A.4).
        found = ", ".join(xml.names(root)) or "nothing"
        detail = f"propfind has {shown(found)}; it is propname, prop, or allprop and include"
        raise Objection(400, detail, _NO_CONTENT)
    named = include or xml.children(root, "prop")
    return Wanted(kinds[0], tuple(dict.fromkeys(name for one in named for name in xml.names(one))))


def _response(call: Call, visit: Visit, wanted: Wanted) -> Element:
    found: list[Element] = []
    missing: list[Element] = []
    names = list(wanted.names)
    if wanted.kind != "prop":
        usual = names_of(call, visit, usual=wanted.kind == "allprop")
        names = list(dict.fromkeys((*usual, *names)))
    for name in names:
        value = xml.empty(name) if wanted.kind == "propname" else value_of(name, call, visit)
        if value is None:
            missing.append(xml.empty(name))
        else:
            found.append(value)
    status = 208 if visit.seen else 200
    propstats = [Propstat(status, found)] if found or not missing or status == 208 else []
    propstats += [Propstat(404, missing)] if missing else []
    return of_properties(call.href(visit.place, visit.node), propstats)
