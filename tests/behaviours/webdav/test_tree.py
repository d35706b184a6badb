"""The tree by itself: what COPY, MOVE, BIND and DELETE do to a model of it (RFC 5842, 2)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_httpcodes import Clock
from pytest_httpcodes.behaviours.representation import represent
from pytest_httpcodes.behaviours.webdav import tree as module
from pytest_httpcodes.behaviours.webdav.nodes import RECORD, Collection, File, Node, reachable
from pytest_httpcodes.behaviours.webdav.tree import Full, Place, Tree


class Stopped(Clock):
    """A clock that moves only when it is moved."""

    time = 1_000_000.5

    def now(self) -> float:
        """Return the time that was set."""
        return self.time


CLOCK = Stopped()


def planted(*places: str, quota: int | None = None) -> Tree:
    """Return a tree with files of one octet, and with what they are in; `x/` is a collection."""
    made = Tree(CLOCK, CLOCK.now(), quota)
    for text in places:
        names = tuple(text.rstrip("/").split("/"))
        for size in range(1, len(names)):
            if made.find(names[:size]) is None:
                made.make(names[:size])
        if text.endswith("/"):
            made.make(names)
        else:
            made.write(names, represent(b"1", CLOCK.now()))
    return made


def place(text: str) -> Place:
    """Return a place by its path."""
    return tuple(text.split("/")) if text else ()


def shape(node: Node, above: tuple[str, ...] = ()) -> Any:
    """Return what is below a node as dicts, a file's content, and how far up a loop goes."""
    if node.id in above:
        return above.index(node.id) - len(above)
    if isinstance(node, File):
        return b"".join(node.content.data.read(0, node.content.data.size))
    assert isinstance(node, Collection)
    return {name: shape(each, (*above, node.id)) for name, each in node.bindings.items()}


def test_find() -> None:
    """What is at a place, and what it is in."""
    made = planted("a/b")
    assert made.root is made.find(())
    assert isinstance(made.find(("a", "b")), File)
    for missing in ("b", "a/c", "a/b/c", "a/b/c/d"):
        assert None is made.find(place(missing))
    assert None is made.parent(())
    assert made.root is made.parent(("x",))
    assert None is made.parent(("a", "b", "c"))


def test_walk_through_a_loop() -> None:
    """A collection is not walked into below itself; with `once` not a second time either."""
    made = planted("a/b", "c/")
    made.bind(place("a/up"), made.root)
    made.bind(place("c/a"), made.find(place("a")) or made.root)
    walked = {"/".join(v.place): (v.seen, v.loops) for v in made.walk(())}
    assert {
        "": (False, False),
        "a": (False, False),
        "a/b": (False, False),
        "a/up": (True, True),
        "c": (False, False),
        "c/a": (True, False),
        "c/a/b": (False, False),
        "c/a/up": (True, True),
    } == walked
    once = ["/".join(visit.place) for visit in made.walk((), once=True)]
    assert ["", "a", "a/b", "a/up", "c", "c/a"] == once
    assert [] == made.walk(place("none"))
    assert ["a"] == ["/".join(visit.place) for visit in made.walk(place("a"), 0)]


def test_deep() -> None:
    """A tree that is deeper than Python's stack is walked, copied, counted and removed."""
    made = Tree(CLOCK, CLOCK.now())
    node = made.root
    for _ in range(1500):
        below = Collection(0)
        node.bindings["d"] = below
        node = below
    made.copy(("d",), ("copy",))
    assert 2 * 1500 * RECORD == made.used
    assert 3001 == len(made.walk(()))
    made.copy(("d",), ("copy",))
    made.move(("d",), ("e",))
    made.unbind(("copy",))
    assert 1500 * RECORD == made.used


def test_merge_keeps_loops() -> None:
    """A loop of the source loops in what became the copy."""
    made = planted("a/f", "e/x")
    made.bind(place("a/self"), made.find(place("a")) or made.root)
    there = made.find(place("e"))
    made.copy(place("a"), place("e"))
    assert there is made.find(place("e"))
    assert {"self": -1, "f": b"1"} == shape(made.find(place("e")) or made.root)


def test_merge_binds_copies_twice() -> None:
    """What is bound twice in the source is bound twice in the copy (RFC 5842, 2.3.3)."""
    made = planted("a/x", "e/x", "e/d/")
    file = made.find(place("a/x")) or made.root
    made.bind(place("a/y"), file)
    made.make(place("a/n"))
    made.bind(place("a/n/z"), file)
    made.copy(place("a"), place("e"))
    assert made.find(place("e/x")) is made.find(place("e/y"))
    assert made.find(place("e/x")) is made.find(place("e/n/z"))
    assert made.find(place("e/x")) is not file


def test_merge_updates_what_is_bound_twice() -> None:
    """Both names stay bound to the one resource that was there (RFC 5842, 2.3.2)."""
    made = planted("a/x", "a/y", "e/x")
    made.bind(place("e/y"), made.find(place("e/x")) or made.root)
    before = made.find(place("e/x"))
    made.copy(place("a"), place("e"))
    assert before is made.find(place("e/x"))
    assert before is made.find(place("e/y"))


def test_merge_of_two_loops() -> None:
    """Where both loop there is nothing more to do."""
    made = planted("a/x", "e/")
    for name in ("a", "e"):
        made.bind(place(f"{name}/self"), made.find((name,)) or made.root)
    there = made.find(("e",))
    made.copy(place("a"), place("e"))
    assert {"self": -1, "x": b"1"} == shape(there or made.root)
    assert there is made.find(place("e/self"))


def test_merge_where_a_loop_was() -> None:
    """A destination that loops takes what the source has at the place of the loop."""
    made = planted("a/l/f", "e/")
    made.bind(place("e/l"), made.find(place("e")) or made.root)
    made.copy(place("a"), place("e"))
    assert b"1" == shape(made.find(place("e/f")) or made.root)


def test_attempt() -> None:
    """What fails is undone, whatever it was."""
    made = planted("a/b")
    before = shape(made.root)

    def fail() -> None:
        with made.attempt():
            made.write(place("a/b"), represent(b"two", CLOCK.now()))
            made.make(place("new"))
            made.unbind(place("a"))
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert before == shape(made.root)


def test_attempt_at_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is undone, and says what there is too much of."""
    made = planted("a", quota=2)
    with pytest.raises(Full, match="quota-not-exceeded"), made.attempt():
        made.write(("a",), represent(b"123", CLOCK.now()))
    monkeypatch.setattr(module, "MAX_NODES", 2)
    with pytest.raises(Full, match="sufficient-disk-space"), made.attempt():
        made.write(("b",), represent(b"", CLOCK.now()))
    assert {"a": b"1"} == shape(made.root)
    with made.attempt():
        made.write(("a",), represent(b"12", CLOCK.now()))
    assert (2, 0) == (made.used, made.available)


def test_dates() -> None:
    """A date is a strong validator where nothing else of the tree had it (RFC 9110, 8.8.2.2)."""
    clock = Stopped()
    made = Tree(clock, clock.now())
    made.write(("a",), represent(b"1", clock.now()))
    node = made.find(("a",))
    assert node is not None
    assert not node.changed_once
    clock.time += 10
    made.write(("a",), represent(b"2", clock.now()))
    assert node.changed_once
    made.write(("a",), represent(b"3", clock.now()))
    assert not node.changed_once


NAMES = st.sampled_from(["a", "b", "c"])
PLACES = st.lists(NAMES, min_size=1, max_size=3).map(tuple)
OPERATIONS = st.lists(
    st.tuples(
        st.sampled_from(["write", "make", "unbind", "copy", "shallow", "move", "bind"]),
        PLACES,
        PLACES,
    ),
    max_size=12,
)


def _may(made: Tree, what: str, source: Place, target: Place) -> bool:
    # What the methods ask before they tell the tree to do something.
    if what in ("write", "make"):
        there = made.find(source)
        known = made.parent(source) is not None
        return known and (there is None or (what == "write" and isinstance(there, File)))
    if made.find(source) is None:
        return False
    if what == "unbind":
        return True
    if made.parent(target) is None or made.find(source) is made.find(target):
        return False
    return what != "move" or not made.passes(target, source)


def _do(made: Tree, what: str, source: Place, target: Place) -> None:
    if what == "write":
        made.write(source, represent(repr((source, made.used)), CLOCK.now()))
    elif what == "make":
        made.make(source)
    elif what == "unbind":
        made.unbind(source)
    elif what == "move":
        made.move(source, target)
    elif what == "bind":
        made.bind(target, made.find(source) or made.root)
    else:
        made.copy(source, target, deep=what == "copy")


@settings(deadline=None)
@given(OPERATIONS)
def test_any_operations(operations: list[tuple[str, Place, Place]]) -> None:
    """What each leaves at its places is what it says, whatever loops there are."""
    made = Tree(CLOCK, CLOCK.now())
    for what, source, target in operations:
        if not _may(made, what, source, target):
            continue
        node = made.find(source)
        expected = None if node is None else shape(node)
        ids = {each.id for each in reachable(made.root)}
        _do(made, what, source, target)
        found = made.find(target)
        if what == "unbind":
            assert None is made.find(source)
        elif what in ("move", "bind"):
            assert node is found
            assert (what == "move") <= (
                made.parent(source) is None or made.find(source) is not node
            )
        elif what == "shallow":
            assert found is not None
            assert found is not node
            assert {} == shape(found) or not isinstance(found, Collection)
        elif what == "copy" and found is not None and found.id not in ids:
            assert expected == shape(found)
        # Each binding is found again from what it binds, and nothing is counted twice.
        for visit in made.walk((), once=True)[1:]:
            parents = [made.find(where) for where, _ in made.parents(visit.node)]
            assert any(made.parent(visit.place) is parent for parent in parents)
        assert made.used == sum(each.size for each in made.nodes()) - made.root.size


@settings(deadline=None)
@given(st.lists(PLACES, max_size=6), st.lists(PLACES, max_size=6))
def test_copy_over_a_tree(source: list[Place], there: list[Place]) -> None:
    """Without bindings a COPY makes the destination as the source is, whatever was there."""
    made = Tree(CLOCK, CLOCK.now())
    for top, places in (("s", source), ("t", there)):
        made.make((top,))
        for each in places:
            for size in range(1, len(each)):
                if made.parent((top, *each[:size])) and not made.find((top, *each[:size])):
                    made.make((top, *each[:size]))
            at = (top, *each)
            if made.parent(at) and not isinstance(made.find(at), Collection):
                made.write(at, represent(repr(at), CLOCK.now()))
    before = made.find(("t",))
    expected = shape(made.find(("s",)) or made.root)
    assert [] == made.copy(("s",), ("t",))

    assert before is made.find(("t",))
    assert expected == shape(made.find(("t",)) or made.root)
    assert expected == shape(made.find(("s",)) or made.root)
