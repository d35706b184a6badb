"""What a tree is made of: files and collections, with their properties (RFC 4918, 4 and 5).

A node knows neither its URL nor its parents: what maps a URL to it are the bindings of
collections, of which there may be several (RFC 5842, 2).
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Collection as AnyOf
from dataclasses import replace
from typing import ClassVar, TypeAlias
from uuid import uuid4

from pytest_httpcodes.behaviours.representation import Representation
from pytest_httpcodes.wire.steps import Fields

# Where something is: names below the root of a tree, whose own place is the empty one.
Place: TypeAlias = "tuple[str, ...]"
# What a collection counts for: the record of it, so that collections alone can fill a store.
RECORD = 64
_LANGUAGE = "content-language"


class Node:
    """A resource of a tree.

    `id` is its identity, a URN that no other resource ever has (RFC 5842, 3.1); `created` is in
    seconds since 1970, `modified` in whole ones: when what a GET returns was last changed.
    `changed_once` is whether no other representation of its URL had that date, so that it is a
    strong validator (RFC 9110, 8.8.2.2). `properties` are the dead ones: the octets of an XML
    element by its name, such as "{DAV:}displayname".
    """

    __slots__ = ("changed_once", "created", "id", "modified", "properties")
    STATE: ClassVar[tuple[str, ...]] = ("changed_once", "modified", "properties")

    def __init__(self, now: float) -> None:
        self.id = f"urn:uuid:{uuid4()}"
        self.created = now
        self.modified = int(now)
        self.changed_once = True
        self.properties: dict[str, bytes] = {}

    @property
    def size(self) -> int:
        """How many octets it counts for, without its members (RFC 4331, 4)."""
        return sum(map(len, self.properties.values()))

    def touch(self, now: float, *, once: bool = False) -> None:
        """Note that what its URL returns has changed now, and whether for the first time then."""
        self.modified = int(now)
        self.changed_once = once

    def save(self) -> Callable[[], None]:
        """Return what makes it again what it is now."""
        state = {name: getattr(self, name) for name in self.STATE}
        copies = {name: dict(value) for name, value in state.items() if isinstance(value, dict)}

        def restore() -> None:
            for name, value in (state | copies).items():
                setattr(self, name, value)

        return restore

    def duplicate(self, now: float) -> Node:
        """Return a new resource with the same content and dead properties, without members."""
        raise NotImplementedError

    def take(self, other: Node) -> None:
        """Become a copy of another node of the same kind, without its members."""
        # "the content and dead properties of resource R would be updated to be a copy"
        # (RFC 5842, 2.3); its identity and its date of creation stay.
        self.properties = dict(other.properties)


class File(Node):
    """A resource with content: `content` is its representation, but for the date of its URL."""

    __slots__ = ("content",)
    STATE = (*Node.STATE, "content")

    def __init__(self, content: Representation, now: float) -> None:
        super().__init__(now)
        self.content = content

    @property
    def size(self) -> int:
        """How many octets it counts for: those of its content and its dead properties."""
        return super().size + self.content.data.size

    @property
    def current(self) -> Representation:
        """The representation that a GET returns now."""
        return replace(self.content, last_modified=self.modified)

    @property
    def language(self) -> str:
        """The value of its `Content-Language`, "" for none."""
        found = [value for name, value in self.content.fields if name.lower() == _LANGUAGE]
        return ", ".join(found)

    def speak(self, language: str) -> None:
        """Set the value of its `Content-Language`, "" for none."""
        rest = [line for line in self.content.fields if line[0].lower() != _LANGUAGE]
        added: Fields = (("Content-Language", language),) if language else ()
        self.content = replace(self.content, fields=(*rest, *added))

    def duplicate(self, now: float) -> File:
        """Return a new resource with the same content and dead properties."""
        made = File(self.content, now)
        made.take(self)
        return made

    def take(self, other: Node) -> None:
        """Become a copy of another file."""
        assert isinstance(other, File)  # noqa: S101 - the caller has compared the kinds
        super().take(other)
        self.content = other.content


class Collection(Node):
    """A resource that maps names to others: `bindings` (RFC 4918, 5.2)."""

    __slots__ = ("bindings",)
    STATE = (*Node.STATE, "bindings")

    def __init__(self, now: float) -> None:
        super().__init__(now)
        self.bindings: dict[str, Node] = {}

    @property
    def size(self) -> int:
        """How many octets it counts for, without its members."""
        return super().size + RECORD

    def duplicate(self, now: float) -> Collection:
        """Return a new collection with the same dead properties, without members."""
        made = Collection(now)
        made.take(self)
        return made


def reachable(*roots: Node) -> AnyOf[Node]:
    """Return nodes and all that can be reached from them, each once."""
    found = {node.id: node for node in roots}
    todo = [*found.values()]
    while todo:
        node = todo.pop()
        for member in node.bindings.values() if isinstance(node, Collection) else ():
            if member.id not in found:
                found[member.id] = member
                todo.append(member)
    return found.values()


def duplicates(source: Node, now: float, *, deep: bool) -> dict[str, Node]:
    """Return a copy of each node that can be reached from one, by the identity of its original.

    Where one was bound twice its copy is too, so that a loop becomes a loop: "if that COPY request
    has already created a copy of that existing resource, the COPY request instead creates another
    binding to the previous copy" (RFC 5842, 2.3). If not `deep`, there is a copy of `source` alone.
    """
    if not deep:
        return {source.id: source.duplicate(now)}
    nodes = reachable(source)
    made = {node.id: node.duplicate(now) for node in nodes}
    for node in nodes:
        copy = made[node.id]
        if isinstance(node, Collection) and isinstance(copy, Collection):
            copy.bindings = {name: made[member.id] for name, member in node.bindings.items()}
    return made
