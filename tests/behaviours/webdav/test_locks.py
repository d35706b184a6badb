"""The table of locks: what is granted, for how long, and what goes with what (RFC 4918, 6)."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_httpcodes.behaviours.webdav import locks
from pytest_httpcodes.behaviours.webdav.locks import Lock, LockTable
from pytest_httpcodes.clock import Clock

PLACES = ((), ("a",), ("b",), ("a", "b"), ("a", "b", "c"), ("ab",))


class Still(Clock):
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        super().__init__()
        self.time = 1_000_000.0

    def now(self) -> float:
        """Return the time at which it stands."""
        return self.time


@pytest.fixture
def clock() -> Still:
    """Return a clock that stands."""
    return Still()


@pytest.fixture
def table(clock: Still) -> LockTable:
    """Return a table without locks."""
    return LockTable(clock)


def roots(found: list[Lock]) -> list[tuple[str, ...]]:
    """Return the roots of locks."""
    return [lock.root for lock in found]


def test_token(table: LockTable) -> None:
    """Each lock has a token of its own, a UUID as a URN (6.5)."""
    tokens = {table.grant(("a",), exclusive=False).token for _ in range(100)}

    assert 100 == len(tokens)
    form = re.compile(
        "urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
    )
    assert all(form.fullmatch(token) for token in tokens)


@pytest.mark.parametrize(
    ("current", "asked", "granted"),
    [
        ([], "shared", True),
        ([], "exclusive", True),
        (["shared"], "shared", True),
        (["shared"], "exclusive", False),
        (["exclusive"], "shared", False),
        (["exclusive"], "exclusive", False),
        (["shared", "shared"], "shared", True),
        (["shared", "shared"], "exclusive", False),
    ],
)
def test_compatibility(table: LockTable, current: list[str], asked: str, granted: bool) -> None:
    """The table of 9.10.5, row by row."""
    for scope in current:
        table.grant((), exclusive=scope == "exclusive")

    conflicts = [lock.conflicts(exclusive=asked == "exclusive") for lock in table.all]
    assert granted is not any(conflicts)


@settings(deadline=None)
@given(st.lists(st.sampled_from(PLACES), max_size=6), st.sampled_from(PLACES))
def test_what_is_below(granted: list[tuple[str, ...]], place: tuple[str, ...]) -> None:
    """At a place and below it, beside a restatement with paths as text."""
    table = LockTable(Still())
    for root in granted:
        table.grant(root)

    def path(names: tuple[str, ...]) -> str:
        return "".join(f"/{name}" for name in names) + "/"

    below = [root for root in granted if path(root).startswith(path(place))]
    assert below == roots(table.below(place))
    table.forget(place)
    assert [root for root in granted if root not in below] == roots(table.all)


def test_timeout(table: LockTable, clock: Still) -> None:
    """What was granted for a time is gone when that is over, and not before (6.6)."""
    table.grant(("a",), timeout=60)
    table.grant(("b",), timeout=61)
    table.grant(("c",))
    clock.time += 59.999
    assert [("a",), ("b",), ("c",)] == roots(table.all)

    clock.time += 0.001
    assert [("b",), ("c",)] == roots(table.all)
    clock.time += 1_000_000_000
    assert [("c",)] == roots(table.all)


READERS: dict[str, Callable[[LockTable], Any]] = {
    "below": lambda table: table.below(()),
    "all": lambda table: table.all,
}


@pytest.mark.parametrize("name", READERS)
def test_expired_for_every_reader(table: LockTable, clock: Still, name: str) -> None:
    """Whoever looks first, a lock whose time is over is not there."""
    table.grant(("a",), timeout=1)
    clock.time += 1

    assert [] == READERS[name](table)


def test_time_left(table: LockTable, clock: Still) -> None:
    """Begun seconds count, so that what was granted is what is told at first."""
    granted = table.grant((), timeout=60)
    assert 60 == granted.left(clock.now())

    clock.time += 0.5
    assert 60 == granted.left(clock.now())
    clock.time += 0.5
    assert 59 == granted.left(clock.now())
    assert table.grant(()).left(clock.now()) is None


def test_refresh(table: LockTable, clock: Still) -> None:
    """The time starts again, with another one if that is asked for; the token stays (7.7)."""
    granted = table.grant(("a",), timeout=60)
    token = granted.token
    clock.time += 50
    table.refresh(granted, 30)
    clock.time += 29
    assert [granted] == table.all
    assert token == granted.token

    table.refresh(granted, None)
    assert math.inf == granted.expires
    clock.time += 1_000_000
    table.refresh(granted, 5)
    clock.time += 5
    assert [] == table.all


def test_remove(table: LockTable) -> None:
    """A lock is removed by itself, others of its root stay; twice does no harm."""
    first, second = (table.grant(("a",), exclusive=False) for _ in range(2))
    table.remove(first)
    table.remove(first)

    assert [second] == table.all


def test_full(table: LockTable, clock: Still, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is an end to how many there can be; those that are over do not count."""
    monkeypatch.setattr(locks, "MAX_LOCKS", 2)
    table.grant((), timeout=5)
    assert not table.full

    table.grant(())
    assert table.full
    clock.time += 5
    assert not table.full


def test_the_clock_of_the_server() -> None:
    """It is the server's clock that counts, as a test advances it."""
    clock = Clock()
    table = LockTable(clock)
    table.grant((), timeout=3600)
    clock.advance(3600)

    assert [] == table.all
