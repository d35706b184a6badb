"""A request to a tree: which place it is about, and what its fields say (RFC 4918, 10).

What is wrong with it is an `Objection`, which the resource answers with.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pytest_httpcodes.behaviours.webdav import xml
from pytest_httpcodes.behaviours.webdav.listing import href, representation
from pytest_httpcodes.behaviours.webdav.nodes import Collection, File, Node
from pytest_httpcodes.behaviours.webdav.tree import DOTS, Place, Tree
from pytest_httpcodes.resource import segments
from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.head import shown
from pytest_httpcodes.wire.received import Received
from pytest_httpcodes.wire.steps import Fields

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

    from pytest_httpcodes.behaviours.representation import Representation
    from pytest_httpcodes.behaviours.webdav.scope import Scopes

INFINITY = "infinity"
# Simple-ref = absolute-URI | ( path-absolute [ "?" query ] ) (RFC 4918, 8.3), without a fragment.
_PATH = r"/(?:[!$&'()*+,\-./0-9:;=@A-Z_a-z~]|%[0-9A-Fa-f]{2})*"
_QUERY = r"(?:\?[!-\"$-~]*)?"
_REF = re.compile(
    rf"(?:[a-z][a-z0-9+.\-]*://[!-\"$-.0-9:->@-~]+(?:{_PATH})?|(?!//){_PATH}){_QUERY}",
    re.IGNORECASE,
)
_PORTS = {"http": 80, "https": 443}
_DESTINATION = Section(4918, "10.3")


class Objection(Exception):  # noqa: N818 - it is no error of this program
    """A request that is refused: with which code, why, and where that is written.

    `condition` is the precondition that does not hold, and `hrefs` are what it is about.
    """

    def __init__(
        self,
        code: int,
        detail: str,
        section: Section,
        condition: str = "",
        *,
        hrefs: Sequence[str] = (),
        fields: Fields = (),
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.section = section
        self.condition = condition
        self.hrefs = hrefs
        self.fields = fields


@dataclass(frozen=True, slots=True)
class Call:
    """A request, the tree that it is for, and the place in it that it is about.

    `base` is the path of the tree's root, without the slash behind it. `slashed` is whether the
    target ends in a slash, as that of a collection should. `scopes` is for those of the locks, once
    somebody has asked for them.
    """

    request: Received
    tree: Tree
    base: str
    place: Place
    slashed: bool
    scopes: list[Scopes] = field(default_factory=list, compare=False, repr=False)

    @classmethod
    def of(cls, request: Received, tree: Tree, base: str) -> Call:
        """Make one of a request whose target is in a tree."""
        place, slashed = _place(request.head.target, base)
        return cls(request, tree, base, place, slashed)

    @property
    def node(self) -> Node | None:
        """What is at the place now, None for nothing; a file's address has no slash behind it."""
        found = self.tree.find(self.place)
        return None if self.slashed and isinstance(found, File) else found

    @property
    def current(self) -> Representation | None:
        """What a GET returns now, None for nothing."""
        with self.tree.lock:
            node = self.node
            return None if node is None else representation(self.base, self.place, node)

    def href(self, place: Place, node: Node | None = None) -> str:
        """Return the address of a place, as a path; that of a collection ends in a slash."""
        return href(self.base, place, slash=isinstance(node or self.tree.find(place), Collection))

    def hrefs(self, places: Iterable[Place]) -> list[str]:
        """Return the addresses of places."""
        return [self.href(place) for place in places]


def _place(target: str, base: str) -> tuple[Place, bool]:
    words = segments(target)[base.count("/") :]
    slashed = words[-1:] == [""]
    return tuple(words[:-1] if slashed else words), slashed


def check_new(call: Call, place: Place) -> None:
    """Object to the creation of something at a place that cannot be (RFC 4918, 9.3.1 and 9.7.1)."""
    name = place[-1]
    if name in ("", *DOTS):
        detail = f"{name!r} is no name that a member could have, since no client could address it"
        raise Objection(403, detail, Section(4918, "9.3.1"))
    if call.tree.parent(place) is None:
        # "A PUT that would result in the creation of a resource without an appropriately scoped
        # parent collection MUST fail with a 409 (Conflict)" (RFC 4918, 9.7.1).
        where = href(call.base, place[:-1], slash=True)
        detail = f"there is no collection {where}, which this would be a member of; MKCOL makes one"
        raise Objection(409, detail, Section(4918, "9.7.1"))


def depth(request: Received, *allowed: str, default: str = INFINITY) -> str:
    """Return the `Depth` of a request; objects to one that is none of those allowed."""
    value = request.field("depth")
    # "Depth = "Depth" ":" ("0" | "1" | "infinity")" (RFC 4918, 10.2); a literal is
    # case-insensitive.
    found = value.lower() or default
    if found not in allowed:
        detail = f"Depth is {shown(value)}; {request.head.method} takes {' or '.join(allowed)}"
        raise Objection(400, detail, Section(4918, "10.2"))
    return found


def overwrites(request: Received) -> bool:
    """Return whether something at the destination is to be replaced: `Overwrite` is T, or none."""
    value = request.field("overwrite", "T").upper()
    if value not in ("T", "F"):
        detail = f"Overwrite is {shown(value)}; it has to be T or F"
        raise Objection(400, detail, Section(4918, "10.6"))
    return value == "T"


def destination(call: Call) -> Place:
    """Return where a COPY or MOVE is to; objects to no `Destination`, and to one elsewhere."""
    value = call.request.field("destination")
    if not value:
        raise Objection(400, "there is no Destination", Section(4918, "9.8"))
    try:
        return locate(call, value)
    except LookupError as error:
        raise Objection(502, f"the Destination {error}", Section(4918, "9.8.5")) from None
    except ValueError as error:
        raise Objection(400, f"the Destination {error}", _DESTINATION) from None


def locate(call: Call, address: str) -> Place:
    """Return the place that an address names.

    Raises `LookupError` for one of another server or elsewhere on this one, and `ValueError` for
    what is no address.
    """
    if not _REF.fullmatch(address):
        raise ValueError(f"is {shown(address)}, which is neither a URL nor an absolute path")
    try:
        here = _is_here(call.request, address)
    except ValueError as error:
        raise ValueError(f"is {shown(address)}, which has no authority: {error}") from None
    if not here:
        raise LookupError(f"{shown(address)} is on another server, and this one stores only here")
    words = segments(urlsplit(address).path)
    if any(word in DOTS for word in words):
        # "Within Simple-ref productions, senders MUST NOT: use dot-segments" (RFC 4918, 8.3).
        raise ValueError(f"is {shown(address)}, which has dot-segments")
    if words[: call.base.count("/")] != segments(call.base):
        raise LookupError(f"{shown(address)} is outside this tree, which is {call.base}/")
    return _place(urlsplit(address).path, call.base)[0]


def _is_here(request: Received, address: str) -> bool:
    parts = urlsplit(address)
    scheme = request.base.partition(":")[0]
    known = {_authority(url) for url in (request.root, request.base)}
    return not parts.netloc or (parts.scheme == scheme and _authority(address) in known)


def _authority(url: str) -> tuple[str | None, int]:
    parts = urlsplit(url)
    return parts.hostname, parts.port or _PORTS.get(parts.scheme, 0)


def body(call: Call, name: str, section: Section) -> Element:
    """Return the root of the content, which has to be an element of a name."""
    root = content(call)
    if root.tag != f"{{{xml.DAV}}}{name}":
        # "well-formed (i.e., syntactically correct), but semantically erroneous" (RFC 4918, 11.2)
        detail = f"the content is {shown(str(root.tag))}, and it has to be {{DAV:}}{name}"
        raise Objection(422, detail, section)
    return root


def content(call: Call) -> Element:
    """Return the root of the content; objects to what is no XML."""
    octets = call.request.content
    if len(octets) > xml.MAX_OCTETS:
        raise too_large()
    try:
        return xml.parse(octets)
    except xml.Malformed as error:
        if error.external:
            section = Section(4918, "16")
            raise Objection(403, str(error), section, "no-external-entities") from None
        # "If a server receives XML that is not well-formed, then the server MUST reject the entire
        # request with a 400 (Bad Request)" (RFC 4918, 8.2).
        raise Objection(400, str(error), Section(4918, "8.2")) from None


def check_room(call: Call, octets: int, nodes: int, section: Section) -> None:
    """Object to so many more octets and resources, if there is no room for them."""
    condition = call.tree.refuses(octets, nodes)
    if condition:
        raise no_room(call, condition, section)


def no_room(call: Call, condition: str, section: Section) -> Objection:
    """Return the objection to what there is no room for (RFC 4918, 11.5; RFC 4331, 6)."""
    detail = "there are as many resources as this tree can have"
    if condition == "quota-not-exceeded":
        tree = call.tree
        detail = f"{tree.available} octets are left of the quota, which is {tree.quota}"
    return Objection(507, detail, section, condition)


def too_large() -> Objection:
    """Return the objection to more XML than is read."""
    detail = f"the content has over {xml.MAX_OCTETS} octets, which is more XML than is read here"
    return Objection(413, detail, Section(9110, "15.5.14"))
