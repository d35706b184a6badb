"""Trees as a test gives them, and as it reads and changes them: `status_server.webdav()`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeAlias

from pytest_httpcodes.behaviours.instance import Instance
from pytest_httpcodes.behaviours.options import ContentLike, Options
from pytest_httpcodes.behaviours.representation import Data, represent
from pytest_httpcodes.behaviours.webdav import xml
from pytest_httpcodes.behaviours.webdav.collection import WebDav
from pytest_httpcodes.behaviours.webdav.locks import Lock
from pytest_httpcodes.behaviours.webdav.nodes import Collection, File, Node
from pytest_httpcodes.behaviours.webdav.tree import DOTS, Place, Tree
from pytest_httpcodes.clock import Clock
from pytest_httpcodes.endpoint import Endpoint
from pytest_httpcodes.exchange import Key
from pytest_httpcodes.resource import Resource, Site

# What is where: content by its path; None for a collection, whose path may end in a slash.
Contents: TypeAlias = "Mapping[str, ContentLike | Data | None]"
# Who holds a lock that a test or a scenario makes.
SOMEONE = "someone else"


def plant(
    clock: Clock,
    born: float,
    contents: Contents,
    *,
    quota: int | None = None,
    locked: Iterable[str] = (),
) -> Tree:
    """Return a tree that has some contents; raises `ValueError` for those that cannot be."""
    tree = Tree(clock, born, _checked(quota))
    branch = Branch(lambda: tree)
    for path, content in contents.items():
        branch.put(path, content)
    for path in locked:
        branch.lock(path)
    for node in tree.nodes():
        node.created, node.modified, node.changed_once = born, int(born), True
    return tree


def _checked(quota: object) -> int | None:
    if quota is None:
        return None
    if isinstance(quota, bool) or not isinstance(quota, int) or quota < 0:
        raise ValueError(f"quota={quota!r} is no number of octets; use 0 or more, or None")
    return quota


class Branch:
    """The contents of a WebDAV tree, by their paths below its root; "" is the root.

    Reading and changing it is what nobody but the test does: no lock and no quota stands in the
    way. All of it raises `LookupError` where there is nothing at a path.
    """

    def __init__(self, tree: Callable[[], Tree]) -> None:
        self._now = tree

    @property
    def _tree(self) -> Tree:
        # It is another one once the instance has forgotten what has happened.
        return self._now()

    def __contains__(self, path: str) -> bool:
        """Tell whether something is at a path."""
        return self._tree.find(place_of(path)) is not None

    def __getitem__(self, path: str) -> bytes | None:
        """Return the content of a file, None for a collection."""
        node = self._node(path)
        if not isinstance(node, File):
            return None
        return b"".join(node.content.data.read(0, node.content.data.size))

    def contents(self) -> dict[str, bytes | None]:
        """Return the content of each file, and None for each collection, whose path ends in "/".

        A collection that is bound twice is looked into once.
        """
        found: dict[str, bytes | None] = {}
        with self._tree.lock:
            for visit in self._tree.walk((), once=True)[1:]:
                path = "/".join(visit.place)
                slash = "/" if isinstance(visit.node, Collection) else ""
                found[path + slash] = self[path]
        return found

    def properties(self, path: str) -> dict[str, str]:
        """Return the dead properties at a path: XML by a name such as "{DAV:}displayname"."""
        return {name: value.decode() for name, value in self._node(path).properties.items()}

    def locks(self, path: str = "") -> list[Lock]:
        """Return the locks whose roots are at a path or below it."""
        with self._tree.lock:
            return self._tree.locks.below(place_of(path))

    @property
    def used(self) -> int:
        """How many octets there are: of content, of dead properties, and 64 for a collection."""
        return self._tree.used

    @property
    def quota(self) -> int | None:
        """How many octets there may be, None for any number."""
        return self._tree.quota

    @quota.setter
    def quota(self, octets: int | None) -> None:
        self._tree.quota = _checked(octets)

    def put(self, path: str, content: ContentLike | Data | None) -> None:
        """Store content at a path, or make a collection with None, and those above it.

        Raises `ValueError` where that is not possible: what is there is of the other kind, or a
        file is above it.
        """
        place = place_of(path)
        with self._tree.lock:
            for size in range(1, len(place)):
                self._make(place[:size], path)
            there = self._tree.find(place)
            if content is None:
                self._make(place, path)
            elif isinstance(there, Collection) or path.endswith("/"):
                raise ValueError(f"{path!r} is that of a collection, whose content is None")
            else:
                self._tree.write(place, represent(content, self._tree.clock.now()))

    def _make(self, place: Place, path: str) -> None:
        there = self._tree.find(place)
        if isinstance(there, File):
            raise ValueError(f"{path!r} is not possible: {'/'.join(place)!r} is a file")
        if there is None:
            self._tree.make(place)

    def delete(self, path: str) -> None:
        """Remove what is at a path, with the locks on it."""
        with self._tree.lock:
            self._node(path)
            if not place_of(path):
                raise ValueError("the root of a tree cannot be removed")
            self._tree.unbind(place_of(path))

    def bind(self, path: str, source: str) -> None:
        """Bind what is at another path to this one, too; that may be what this is below."""
        with self._tree.lock:
            if self._tree.parent(place_of(path)) is None:
                raise LookupError(f"{path!r} is in no collection; put it there first")
            self._tree.bind(place_of(path), self._node(source))

    def lock(
        self,
        path: str,
        principal: str = SOMEONE,
        *,
        exclusive: bool = True,
        deep: bool = True,
        timeout: int | None = None,
    ) -> Lock:
        """Lock what is at a path for another principal than the client, and return the lock.

        `timeout` is in seconds on the server's clock, None for ever. Whether it conflicts with
        another one is not asked.
        """
        with self._tree.lock:
            self._node(path)
            owner = xml.store(xml.element("owner", principal))
            return self._tree.locks.grant(
                place_of(path),
                principal,
                exclusive=exclusive,
                deep=deep,
                owner=owner,
                timeout=timeout,
            )

    def unlock(self, path: str) -> None:
        """Remove the locks whose roots are at a path or below it."""
        with self._tree.lock:
            self._tree.locks.forget(place_of(path))

    def _node(self, path: str) -> Node:
        found = self._tree.find(place_of(path))
        if found is None:
            raise LookupError(f"nothing is at {path!r}; there is {', '.join(self.contents())}")
        return found


def place_of(path: str) -> Place:
    """Return the place that a path names; raises `ValueError` for one that no URL could name."""
    words = tuple(path.removesuffix("/").split("/")) if path else ()
    for word in words:
        if word in ("", *DOTS):
            raise ValueError(f"{path!r} is no path below a tree's root; use one such as 'a/b.txt'")
    return words


class TreeEndpoint(Endpoint):
    """The URL of a WebDAV collection, with a slash at its end, and what is in it: `tree`.

    A member's URL is that with its path behind it, percent-encoded.
    """

    tree: Branch


class Planted(Instance):
    """A WebDAV tree of a test's own; `contents`, `quota` and `locked` are what `plant` takes.

    `finite` is whether a PROPFIND with a `Depth` of infinity is refused.
    """

    def __init__(
        self,
        site: Site,
        key: Key,
        contents: Contents,
        *,
        quota: int | None,
        locked: Iterable[str],
        finite: bool,
        common: Options,
    ) -> None:
        xml.needed()
        self._contents = dict(contents)
        self._quota = quota
        self._locked = tuple(locked)
        self._finite = finite
        super().__init__(site, key, common)

    def begin(self) -> Resource:
        """Return the tree as it was planted."""
        site = self.site
        self.tree = plant(
            site.clock, site.born, self._contents, quota=self._quota, locked=self._locked
        )
        return WebDav(site, self.path, self.tree, finite=lambda: self._finite)

    def find(self, below: Sequence[str], method: str = "GET") -> Resource:
        """Return the one resource that answers for the whole tree."""
        return self._root
