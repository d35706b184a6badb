"""COPY onto what is there: it becomes the copy, and stays the resource that it is (RFC 5842, 2.3).

"When a collection is overwritten, the membership of the destination collection after the
successful COPY request MUST be the same membership as the source collection immediately before
the COPY" (RFC 4918, 9.8.4).
"""

from __future__ import annotations

from collections.abc import Collection as AnyOf
from collections.abc import Iterable

from pytest_httpcodes.behaviours.webdav.nodes import Collection, Node, Place


def merge(
    there: Node, made: Node, copies: Iterable[Node], place: Place, kept: AnyOf[Place]
) -> list[Place]:
    """Make what is at a place into a copy; return the places that stay as they are.

    `made` is the copy of the source, a node of the same kind, and `copies` are it and those of all
    below it, bound among themselves alone. `kept` are the places that have to stay; so those above
    them stay, too.
    """
    merging = _Merging(place, kept)
    merging.pair(there, made)
    merging.join(copies)
    return sorted(merging.failed)


class _Merging:
    # `became` is which node that was there is a copy now, by the copy's identity.
    def __init__(self, place: Place, kept: AnyOf[Place]) -> None:
        self.place = place
        self.kept = kept
        self.failed: set[Place] = set()
        self.became: dict[str, Node] = {}
        self.pairs: list[tuple[Place, Collection, Collection]] = []

    def pair(self, there: Node, made: Node) -> None:
        # Each node that is there takes what its copy has, as deep as both go.
        done: set[tuple[str, str]] = set()
        todo = [(self.place, there, made)]
        while todo:
            place, there, made = todo.pop()
            if (there.id, made.id) in done:
                continue
            done.add((there.id, made.id))
            there.take(made)
            self.became.setdefault(made.id, there)
            if isinstance(there, Collection) and isinstance(made, Collection):
                self.pairs.append((place, there, made))
                todo += self._members(place, there, made)

    def _members(
        self, place: Place, there: Collection, made: Collection
    ) -> list[tuple[Place, Node, Node]]:
        pairs = []
        for name, member in made.bindings.items():
            old, below = there.bindings.get(name), (*place, name)
            if old is not None and type(old) is type(member) and below not in self.kept:
                pairs.append((below, old, member))
        return pairs

    def join(self, copies: Iterable[Node]) -> None:
        # Then what is missing is bound, and what is left over is not any more. A copy that nothing
        # became is bound itself, to what became of the others.
        for made in copies:
            if made.id not in self.became and isinstance(made, Collection):
                made.bindings = {n: self._final(member) for n, member in made.bindings.items()}
        for place, there, made in self.pairs:
            for name in [*there.bindings]:
                if name not in made.bindings:
                    self._remove(there, name, (*place, name))
            for name, member in made.bindings.items():
                self._put(there, name, member, (*place, name))

    def _final(self, member: Node) -> Node:
        return self.became.get(member.id, member)

    def _remove(self, there: Collection, name: str, place: Place) -> None:
        # What has something below it that stays does so with all of it.
        if not self._keeps(place):
            del there.bindings[name]

    def _put(self, there: Collection, name: str, member: Node, place: Place) -> None:
        old = there.bindings.get(name)
        if place in self.kept:
            self.failed.add(place)
        elif old is None or (type(old) is not type(member) and not self._keeps(place)):
            there.bindings[name] = self._final(member)

    def _keeps(self, place: Place) -> bool:
        found = [kept for kept in self.kept if kept[: len(place)] == place]
        self.failed.update(found)
        return bool(found)
