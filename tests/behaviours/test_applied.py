"""Delay and fault, for an answer of any kind."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count, islice

from pytest_httpcodes.behaviours.applied import applied
from pytest_httpcodes.behaviours.faults import Fault
from pytest_httpcodes.behaviours.options import Options
from pytest_httpcodes.wire.steps import Close, Content, End, Head, Pause, Reset, Step

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

    assert (Head(200, (("Content-Length", "7"),)), Reset()) == found
