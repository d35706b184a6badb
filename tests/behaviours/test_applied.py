"""Delay and fault, for an answer of any kind."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count, islice

import pytest

from pytest_httpcodes.behaviours.applied import applied
from pytest_httpcodes.behaviours.faults import Fault
from pytest_httpcodes.behaviours.options import Options
from pytest_httpcodes.wire.steps import (
    Close,
    Content,
    End,
    Head,
    Pause,
    Raw,
    Reset,
    Stall,
    Step,
)

ANSWER = (Head(200), Content(b"content"), End())


def endless() -> Iterator[Step]:
    """Yield an answer that never ends."""
    yield Head(200)
    for number in count():
        yield Content(b"%d" % number)


def test_without_options() -> None:
    """An answer of which nothing is asked is the answer itself."""
    assert ANSWER is applied(ANSWER, Options())


def test_delay() -> None:
    """A delayed answer comes behind a pause, and is as long as before."""
    assert (Pause(0.5), *ANSWER) == applied(ANSWER, Options(delay=0.5))


def test_fault() -> None:
    """A broken answer breaks at its place."""
    found = applied(ANSWER, Options(delay=1.0, fault=Fault("close", "content", 3)))

    assert (
        Pause(1.0),
        Head(200, (("Content-Length", "7"),)),
        Content(b"con"),
        Close(),
    ) == tuple(found)


def test_stream() -> None:
    """An answer that streams is not taken whole for a pause before it."""
    found = iter(applied(endless(), Options(delay=0.5)))

    assert [Pause(0.5), Head(200), Content(b"0")] == list(islice(found, 3))


def test_fault_in_a_stream() -> None:
    """An answer that streams can break as any other."""
    found = applied(iter(ANSWER), Options(fault=Fault("reset", "head")))

    assert (Head(200, (("Content-Length", "7"),)), Reset()) == tuple(found)


LONG = (Head(200, (("Content-Length", "10"),)), Content(b"01234"), Content(b"56789"), End())


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Fault("close"), (Close(),)),
        (Fault("reset", "head"), (LONG[0], Reset())),
        (Fault("close", "content"), (LONG[0], Content(b"01234"), Close())),
        (Fault("close", "content", 0), (LONG[0], Content(b""), Close())),
        (Fault("close", "content", 3), (LONG[0], Content(b"012"), Close())),
        (Fault("stall", "content", 7), (*LONG[:2], Content(b"56"), Stall())),
        (Fault("close", "content", 99), (*LONG[:3], Close())),
        (Fault("truncate", "content", 99), (*LONG[:2], Content(b"5678"), Close())),
    ],
)
def test_a_long_answer_is_made_no_further_than_it_is_sent(
    fault: Fault, expected: tuple[Step, ...]
) -> None:
    """Where it says itself how long it is; it may never end."""

    def steps() -> Iterator[Step]:
        yield from LONG[:3]
        yield LONG[3]

    assert expected == tuple(applied(steps(), Options(fault=fault)))


def test_no_more_of_it_is_made() -> None:
    """Behind the octet where it breaks."""

    def steps() -> Iterator[Step]:
        yield LONG[0]
        yield Content(b"0123")
        raise AssertionError("this is not sent")

    found = applied(steps(), Options(fault=Fault("reset", "content", 4)))

    assert (LONG[0], Content(b"0123"), Reset()) == tuple(found)


@pytest.mark.parametrize("steps", [(), (Raw(b"x"),)])
def test_an_answer_that_streams_without_a_head(steps: tuple[Step, ...]) -> None:
    """Breaks at its start."""
    found = applied(iter(steps), Options(fault=Fault("close", "content", 4)))

    assert (Close(),) == tuple(found)


def test_an_answer_that_streams_less_than_it_announces() -> None:
    """Is sent as far as it goes, without what else it does, and then breaks."""
    head = Head(200, (("Content-Type", "text/plain"), ("Content-Length", "10")))
    steps = (head, Pause(1), Content(b"0123"), End())
    found = applied(iter(steps), Options(fault=Fault("close", "content", 8)))

    assert (head, Content(b"0123"), Close()) == tuple(found)
