"""How a tree is walked, which may have loops (RFC 5842, 2.1.1)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from pytest_httpcodes.behaviours.webdav.nodes import Collection, Node, Place


class Visit(NamedTuple):
    """A place that was walked to, and what is there.

    `seen` is whether the collection there was walked to before, at another place; `loops` is
    whether it is above this place, too. What is below such a one is not walked to.
    """

    place: Place
    node: Node
    seen: bool = False
    loops: bool = False


def visits(node: Node, place: Place, depth: int | None, *, once: bool) -> Iterator[Visit]:
    """Walk from a node at a place to those below it, down to a depth, None for all.

    With `once` no collection is walked into a second time.
    """
    walked: set[str] = set()
    above: dict[str, None] = {}  # the collections on the way to the one that is visited
    todo = [(place, node)]
    while todo:
        here, node = todo.pop()
        level = len(here) - len(place)
        while len(above) > level:
            above.popitem()
        seen = isinstance(node, Collection) and node.id in walked
        yield Visit(here, node, seen, node.id in above)
        walked.add(node.id)
        if not isinstance(node, Collection) or node.id in above or (once and seen):
            continue
        if depth is None or level < depth:
            above[node.id] = None
            members = reversed(node.bindings.items())
            todo += [((*here, name), member) for name, member in members]
