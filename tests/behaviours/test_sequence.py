"""Steps in front of others, some of which are made one by one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pytest_httpcodes.behaviours.sequence import discard, is_whole, joined
from pytest_httpcodes.wire.steps import End, Head, Pause, Step

FIRST = (Pause(1), Pause(2))


def logged(log: list[str]) -> Iterator[Step]:
    """Yield an answer that holds something, and note when it is let go of."""
    try:
        log.append("begun")
        yield Head(200)
        yield End()
    finally:
        log.append("closed")


def test_whole_steps() -> None:
    """They are whole again."""
    assert (*FIRST, Head(200), End()) == joined(FIRST, (Head(200), End()))
    assert (*FIRST, Head(200)) == joined(FIRST, [Head(200)])
    assert [True, True, False] == [is_whole(steps) for steps in ((End(),), [End()], iter([End()]))]


def test_steps_that_are_made() -> None:
    """Not before those in front of them were taken."""
    log: list[str] = []
    steps: Iterator[Step] = iter(joined(FIRST, logged(log)))

    assert FIRST == (next(steps), next(steps))
    assert [] == log
    assert [Head(200), End()] == list(steps)
    assert ["begun", "closed"] == log


def test_steps_that_are_given_up() -> None:
    """What they hold is let go of, even if they had not begun to be made."""
    for taken in (1, 2, 3):
        log: list[str] = []
        steps: Any = joined(FIRST, logged(log))
        for _ in range(taken):
            next(steps)
        steps.close()

        assert ["begun", "closed"] == log


def test_what_is_not_performed_is_let_go_of() -> None:
    """A generator, which has to begin for that; a list, and what has no `close`, hold nothing."""
    log: list[str] = []
    discard(logged(log))
    discard([Head(200)])
    discard(iter([Head(200)]))
    discard(iter(()))

    assert ["begun", "closed"] == log
