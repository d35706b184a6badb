"""Which locks a write needs: those on a resource, and those on what its URL is mapped by.

"Note that this, by definition, does not depend on the Request-URI to which the write operation is
applied (the locked state is a property of the resource, not its URI)"; but "the lock-root is the
URI through which the lock was requested", and its mapping is protected, too (RFC 5842, 9).

Rule 1: who asks holds the tree's `lock`.
Rule 2: the locks on one resource are a group: where they are shared, one of them is enough, since
"any principal that has both access privileges and a valid lock can use the locked resource"
(RFC 4918, 6.2).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from pytest_httpcodes.behaviours.webdav.nodes import Collection, reachable

if TYPE_CHECKING:
    from pytest_httpcodes.behaviours.webdav.locks import Lock
    from pytest_httpcodes.behaviours.webdav.nodes import Node
    from pytest_httpcodes.behaviours.webdav.tree import Place, Tree

# The groups of locks that a write needs.
Needed: TypeAlias = "list[list[Lock]]"


class Scopes:
    """Which resources each lock is on, for as long as neither the tree nor its locks change."""

    def __init__(self, tree: Tree) -> None:
        self._below: dict[str, frozenset[str]] = {}
        self._scopes = [(lock, self._scope(tree, lock)) for lock in tree.locks.all]

    def _scope(self, tree: Tree, lock: Lock) -> frozenset[str]:
        root = tree.find(lock.root)
        assert root is not None  # noqa: S101 - a lock goes when its root does
        if not lock.deep:
            return frozenset((root.id,))
        # "For a collection that is locked with a depth-infinity lock L, all member resources are
        # indirectly locked" (RFC 4918, 6.1).
        if root.id not in self._below:
            self._below[root.id] = frozenset(node.id for node in reachable(root))
        return self._below[root.id]

    def on(self, node: Node | None) -> list[Lock]:
        """Return the locks on a resource, direct and indirect ones; none on nothing."""
        return [lock for lock, scope in self._scopes if node is not None and node.id in scope]


def locks_on(tree: Tree, node: Node | None) -> list[Lock]:
    """Return the locks on a resource as it is now."""
    return Scopes(tree).on(node)


def changing(tree: Tree, place: Place) -> Needed:
    """Return the locks that a change of what is at a place needs, or its creation there.

    "any request that would create a new resource in a write locked collection" is among what a
    lock on the collection protects from (RFC 4918, 7.4).
    """
    return [locks_on(tree, tree.find(place) or tree.parent(place))]


def removing(tree: Tree, place: Place, *, below: bool = False) -> Needed:
    """Return the locks that are needed where a place is mapped to another node, or to none.

    They are those on its collection, "any modification of an internal member URI", and those whose
    root the place is (RFC 4918, 7); with `below` also those whose root is below it.
    """
    groups: dict[Place, list[Lock]] = {}
    for lock, rest in _through(tree, place):
        if below or not rest:
            groups.setdefault(lock.root, []).append(lock)
    return [locks_on(tree, tree.parent(place)), *groups.values()]


def blocking(group: list[Lock], held: list[Lock]) -> list[Lock]:
    """Return those of a group that stand in the way; `held` are those that may not be used."""
    shares = any(not lock.exclusive and lock not in held for lock in group)
    return [lock for lock in group if lock in held and (lock.exclusive or not shares)]


def _through(tree: Tree, place: Place) -> list[tuple[Lock, Place]]:
    # The locks whose root is mapped by the binding at a place, at whatever URL that is, and where
    # it is below that binding.
    parent = tree.parent(place)
    found = []
    for lock in tree.locks.all:
        node: Node | None = tree.root
        for level, name in enumerate(lock.root):
            if node is parent and name == place[-1]:
                found.append((lock, lock.root[level + 1 :]))
                break
            node = node.bindings[name] if isinstance(node, Collection) else None
    return found


def clashing(tree: Tree, node: Node, place: Place, source: Place | None = None) -> list[Lock]:
    """Return the locks on a node that conflict with those it gets at another place.

    "If a member resource is added to the collection, the new member resource MUST NOT already have
    a conflicting lock, because the new resource MUST become indirectly locked" (RFC 4918, 6.1).
    Those that go with the binding at `source`, if any, do not count.
    """
    # A lock whose root the place is stays there, too (RFC 4918, 7.6).
    roots = [lock for lock, rest in _through(tree, place) if not rest]
    scopes = Scopes(tree)
    above = [*(lock for lock in scopes.on(tree.parent(place)) if lock.deep), *roots]
    gone = [lock for lock, _ in (_through(tree, source) if source else ())]
    found = [
        lock
        for one in above
        for below in (reachable(node) if one.deep else (node,))
        for lock in scopes.on(below)
        if lock not in (*above, *gone) and lock.conflicts(exclusive=one.exclusive)
    ]
    return list(dict.fromkeys(found))


def kept_from_removal(tree: Tree, place: Place, held: list[Lock]) -> dict[Place, Lock]:
    """Return the places below one that have to stay for the sake of locks, with all below them.

    `held` are those that the request may not use.
    """
    groups: dict[Place, list[Lock]] = {}
    for lock, rest in _through(tree, place):
        if rest:
            groups.setdefault((*place, *rest), []).append(lock)
    found = {below: blocking(group, held) for below, group in groups.items()}
    return {below: locks[0] for below, locks in found.items() if locks}


def kept_from_change(tree: Tree, place: Place, held: list[Lock]) -> dict[Place, Lock]:
    """Return the places below one where nothing may be changed for the sake of locks."""
    found: dict[Place, Lock] = {}
    scopes = Scopes(tree)
    for visit in tree.walk(place, once=True)[1:]:
        locks = blocking(scopes.on(visit.node), held)
        if locks and not any(visit.place[: len(above)] == above for above in found):
            found[visit.place] = locks[0]
    return found
