"""A tree of collections and files: what is bound where, and what may be added (RFC 4918, 5).

Rule 1: every method holds `lock` while it reads or changes; who needs several of them to be one
holds it around them.
Rule 2: a place is a sequence of names below the root, the root's is the empty one. Several places
may be one node, and a collection may be below itself (RFC 5842, 2).
Rule 3: what an operation may not do is found out before it; it does all that it is told to.
"""

from __future__ import annotations

import threading
from collections.abc import Collection as AnyOf
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from pytest_httpcodes.behaviours.representation import Representation
from pytest_httpcodes.behaviours.webdav.locks import LockTable
from pytest_httpcodes.behaviours.webdav.merging import merge
from pytest_httpcodes.behaviours.webdav.nodes import (
    Collection,
    File,
    Node,
    duplicates,
    reachable,
)
from pytest_httpcodes.behaviours.webdav.nodes import Place as Place
from pytest_httpcodes.behaviours.webdav.walking import Visit as Visit
from pytest_httpcodes.behaviours.webdav.walking import visits
from pytest_httpcodes.clock import Clock

# More nodes than this are refused, as a full disk would (RFC 4331, 6).
MAX_NODES = 10_000
# Names that have a meaning of their own in a URL, and that a client would remove (RFC 3986, 5.2.4).
DOTS = (".", "..")


class Full(Exception):  # noqa: N818 - it is no error of this program
    """There is no room for what is to be stored: `condition` names the precondition."""

    def __init__(self, condition: str) -> None:
        super().__init__(condition)
        self.condition = condition


class Tree:
    """A root collection and all below it; `quota` is how many octets it may hold, None for any.

    `lock` is for one operation at a time; `locks` are those of the protocol.
    """

    def __init__(self, clock: Clock, born: float, quota: int | None = None) -> None:
        self.clock = clock
        self.lock = threading.RLock()
        self.locks = LockTable(clock)
        self.quota = quota
        self.root = Collection(born)
        self._latest = int(born)

    def find(self, place: Sequence[str]) -> Node | None:
        """Return what is at a place, None for nothing."""
        with self.lock:
            node: Node | None = self.root
            for name in place:
                node = node.bindings.get(name) if isinstance(node, Collection) else None
            return node

    def parent(self, place: Sequence[str]) -> Collection | None:
        """Return the collection that a place is in, None where there is none."""
        found = self.find(place[:-1]) if place else None
        return found if isinstance(found, Collection) else None

    def walk(self, place: Place, depth: int | None = None, *, once: bool = False) -> list[Visit]:
        """Return a place and those below it, down to a depth, None for all.

        Where a collection is below itself, it is not walked into again (RFC 5842, 2.1.1); with
        `once` none is walked into a second time.
        """
        with self.lock:
            return list(self.visits(place, depth, once=once))

    def visits(
        self, place: Place, depth: int | None = None, *, once: bool = False
    ) -> Iterator[Visit]:
        """Walk as `walk` does, one visit after the other; for a caller that holds `lock`."""
        node = self.find(place)
        return iter(()) if node is None else visits(node, place, depth, once=once)

    def nodes(self) -> AnyOf[Node]:
        """Return all that there is, each resource once."""
        with self.lock:
            return reachable(self.root)

    def parents(self, node: Node) -> list[tuple[Place, str]]:
        """Return each binding to a node: where its collection is, and its name there.

        A collection that is at several places is named by one of them (RFC 5842, 3.2).
        """
        visits = self.walk((), once=True)
        found = {visit.node.id: visit for visit in reversed(visits) if not visit.seen}
        return [
            (visit.place, name)
            for visit in reversed(found.values())
            if isinstance(visit.node, Collection)
            for name, member in visit.node.bindings.items()
            if member is node
        ]

    @property
    def used(self) -> int:
        """How many octets there are, each resource counted once (RFC 4331, 4)."""
        with self.lock:
            return sum(node.size for node in reachable(self.root)) - self.root.size

    @property
    def available(self) -> int | None:
        """How many octets may be added, None for any number (RFC 4331, 3)."""
        return None if self.quota is None else max(0, self.quota - self.used)

    def refuses(self, octets: int, nodes: int = 0) -> str:
        """Return why so many more octets and nodes cannot be stored, "" if they can.

        That is the name of a precondition (RFC 4331, 6).
        """
        with self.lock:
            if nodes and len(reachable(self.root)) + nodes > MAX_NODES:
                return "sufficient-disk-space"
            available = self.available
            too_many = octets > 0 and available is not None and octets > available
            return "quota-not-exceeded" if too_many else ""

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Undo what the block has done if it raises something, or if the tree becomes too large.

        Then it raises `Full`.
        """
        with self.lock:
            before, nodes = self.used, reachable(self.root)
            saved = [node.save() for node in nodes]
            try:
                yield
                self._check(before, len(nodes))
            except BaseException:
                for restore in saved:
                    restore()
                raise
            self._purge()

    def _check(self, used: int, nodes: int) -> None:
        if len(reachable(self.root)) > max(nodes, MAX_NODES):
            raise Full("sufficient-disk-space")
        if self.quota is not None and self.used > max(used, self.quota):
            raise Full("quota-not-exceeded")

    def write(self, place: Place, content: Representation) -> bool:
        """Store content at a place whose parent there is; tell whether a file was created."""
        with self.lock:
            now, once = self._stamp()
            there = self.find(place)
            if isinstance(there, File):
                there.content = content
                there.touch(now, once=once)
                return False
            made = File(content, now)
            made.changed_once = once
            self._bind(place, made, now, once=once)
            return True

    def make(self, place: Place) -> Collection:
        """Create a collection at a place whose parent there is."""
        with self.lock:
            now, once = self._stamp()
            made = Collection(now)
            made.changed_once = once
            self._bind(place, made, now, once=once)
            return made

    def bind(self, place: Place, node: Node) -> None:
        """Bind a node to a place whose parent there is, in place of what was there."""
        with self.lock:
            now, once = self._stamp()
            self._bind(place, node, now, once=once)
            self._settle(node, now)
            self._replaced(place)

    def unbind(self, place: Place) -> None:
        """Remove what is bound to a place, with the locks whose places are no more."""
        with self.lock:
            now, once = self._stamp()
            self._unbind(place, now, once=once)
            self.locks.forget(place)
            self._purge()

    def prune(self, place: Place, kept: AnyOf[Place]) -> None:
        """Unbind what is below a place, but for some places, what they are below, and their own.

        What a collection that is bound elsewhere, too, has as members stays: to remove it "would
        modify the membership" there (RFC 5842, 2.4).
        """
        with self.lock:
            above = {keep[:size] for keep in kept for size in range(len(place), len(keep))}
            for visit in self.walk(place, once=True):
                stays = visit.place in above or visit.place in kept
                parent = self.parent(visit.place)
                if stays or visit.place[:-1] not in above or parent is None:
                    continue
                if len(self.parents(parent)) == 1:
                    self.unbind(visit.place)

    def passes(self, place: Place, source: Place) -> bool:
        """Tell whether the way to a place leads through the binding at another one."""
        with self.lock:
            cut = self.parent(source)
            return any(
                name == source[-1] and self.parent(place[: count + 1]) is cut
                for count, name in enumerate(place)
            )

    def move(self, source: Place, destination: Place) -> None:
        """Bind what is at one place to another instead; its locks stay behind (RFC 4918, 7.6)."""
        with self.lock:
            now, once = self._stamp()
            node = self.find(source)
            assert node is not None  # noqa: S101 - the caller has looked
            # The parent of the source may be part of what is replaced at the destination.
            self._unbind(source, now, once=once)
            self._bind(destination, node, now, once=once)
            self._settle(node, now)
            self.locks.forget(source)
            self._replaced(destination)

    def copy(
        self, source: Place, destination: Place, *, deep: bool = True, kept: AnyOf[Place] = ()
    ) -> list[Place]:
        """Copy what is at one place to another; what is there of the same kind becomes the copy.

        `kept` are places at or below the destination that have to stay as they are; those that
        would have been changed are returned. It is for an `attempt`, which sees to the locks.
        """
        with self.lock:
            now, once = self._stamp()
            node = self.find(source)
            assert node is not None  # noqa: S101 - the caller has looked
            copies = duplicates(node, now, deep=deep)
            made, there = copies[node.id], self.find(destination)
            if there is not None and type(there) is type(made):
                failed = merge(there, made, copies.values(), destination, kept)
                self._settle(there, now)
                return failed
            if kept:
                return sorted(kept)
            self._bind(destination, made, now, once=once)
            self._settle(made, now)
            return []

    def _stamp(self) -> tuple[float, bool]:
        # The time of a change, and whether it is the first one of its second.
        now = self.clock.now()
        once = int(now) > self._latest
        self._latest = max(self._latest, int(now))
        return now, once

    def _bind(self, place: Place, node: Node, now: float, *, once: bool) -> None:
        parent = self.parent(place)
        assert parent is not None  # noqa: S101 - the caller has looked
        if parent.bindings.get(place[-1]) is not node:
            parent.bindings[place[-1]] = node
            parent.touch(now, once=once)

    def _unbind(self, place: Place, now: float, *, once: bool) -> None:
        parent = self.parent(place)
        assert parent is not None  # noqa: S101 - the caller has looked
        del parent.bindings[place[-1]]
        parent.touch(now, once=once)

    def _settle(self, node: Node, now: float) -> None:
        # "the "Last-Modified" value MUST increment every time the representation returned upon GET
        # changes ... servers might have to increment "Last-Modified" timestamps for every resource
        # inside the destination namespace of a namespace operation" (RFC 4918, 8.8).
        for below in reachable(node):
            below.touch(now)

    def _replaced(self, place: Place) -> None:
        # What was bound there is gone, with the locks below; "if there is an existing lock at the
        # destination, the server MUST add the moved resource to the destination lock scope"
        # (RFC 4918, 7.6).
        for lock in self.locks.below(place):
            if lock.root != place:
                self.locks.remove(lock)
        self._purge()

    def _purge(self) -> None:
        # What was unbound at one place may have been locked at another one, which is no more.
        for lock in self.locks.all:
            if self.find(lock.root) is None:
                self.locks.remove(lock)
