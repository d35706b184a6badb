"""Delay and fault, for an answer of any kind."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count, islice

import pytest

from pytest_httpcodes.behaviours.applied import asked, foreseen, note
from pytest_httpcodes.behaviours.faults import Fault
from pytest_httpcodes.behaviours.flaky import flaky
from pytest_httpcodes.behaviours.options import Options
from pytest_httpcodes.wire.received import Foreseen, Received
from pytest_httpcodes.wire.steps import (
    At,
    Close,
    Content,
    End,
    HalfClose,
    Head,
    Pace,
    Pause,
    Raw,
    Reply,
    Reset,
    Stall,
    Step,
)
from tests import memory

ANSWER = (Head(200), Content(b"content"), End())


def answer(given: Options, reply: Reply = ANSWER) -> Reply:
    """Return an answer with what is asked of it."""
    return asked(memory.request(), given, memory.site(), lambda request: reply)


def endless() -> Iterator[Step]:
    """Yield an answer that never ends."""
    yield Head(200)
    for number in count():
        yield Content(b"%d" % number)


def test_without_options() -> None:
    """An answer of which nothing is asked is the answer itself."""
    assert ANSWER is answer(Options())


def test_delay() -> None:
    """A delayed answer comes behind a pause, and is as long as before."""
    assert (Pause(0.5), *ANSWER) == answer(Options(delay=0.5))


def test_delay_and_fault() -> None:
    """The pause comes first."""
    given = Options(delay=1.0, fault=Fault("close", "content:3"))

    assert (Pause(1.0), At("content:3", Close()), *ANSWER) == answer(given)


def test_stream() -> None:
    """An answer that streams is not taken whole for what comes before it."""
    first = (At("content:9", Reset()), Head(200), Content(b"0"))
    plain = answer(Options(fault=Fault("reset", "content:9")), endless())
    later = answer(Options(0, delay=0.5, fault=Fault("reset", "content:9")), endless())

    assert first == tuple(islice(plain, 3))  # type: ignore[arg-type]
    assert (Pause(0.5), *first) == tuple(islice(later, 4))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Fault("close"), (Close(),)),
        (Fault("half-close"), (HalfClose(),)),
        (Fault("reset", "head"), (At("head", Reset()), *ANSWER)),
        (Fault("stall", "content"), (At("content", Stall()), *ANSWER)),
        (Fault("stall", "content:0"), (At("content:0", Stall()), *ANSWER)),
        (Fault("truncate"), (At("content", Close(), short=True), *ANSWER)),
        (Fault("truncate", "content:9"), (At("content:9", Close(), short=True), *ANSWER)),
        (Fault("reset", "end"), (At("end", Reset()), *ANSWER)),
        (Fault("drip"), (Pace(100), *ANSWER)),
        (Fault("drip:3", "field"), (At("field", Pace(3)), *ANSWER)),
    ],
)
def test_fault(fault: Fault, expected: tuple[Step, ...]) -> None:
    """It is a step in front of the answer; at its start, it is all of it."""
    assert expected == answer(Options(fault=fault))
    assert expected == tuple(answer(Options(fault=fault), iter(ANSWER)))  # type: ignore[arg-type]


@pytest.mark.parametrize("reply", [(Stall(),), (Raw(b"octets"), Close()), [Reset()]])
def test_an_answer_without_a_head(reply: tuple[Step, ...]) -> None:
    """Breaks at its start, or drips from there on."""
    assert (Close(),) == answer(Options(fault=Fault("close", "content:3")), reply)
    assert (Pace(5), *reply) == answer(Options(fault=Fault("drip:5", "head")), reply)


def test_an_answer_that_nobody_gets_is_let_go_of() -> None:
    """One that streams, with what it holds."""
    log: list[str] = []

    def steps() -> Iterator[Step]:
        try:
            yield Head(200)
        finally:
            log.append("closed")

    answer(Options(fault=Fault("reset")), steps())

    assert ["closed"] == log


def test_a_fault_before_the_answer_asks_for_none() -> None:
    """Whatever would give it."""

    def never(request: Received) -> Reply:
        raise AssertionError("nobody is to ask")

    for place in ("request-line", "request-head", "request-content:3"):
        request = memory.request("POST", content=b"0123456789")
        given = Options(fault=Fault("reset", place))

        assert (Reset(),) == asked(request, given, memory.site(), never)
        assert f"broken by reset at {place}" == request.record.why


@pytest.mark.parametrize(
    ("place", "content", "octets"),
    [
        ("request-head", b"0123456789", 0),
        ("request-content:0", b"0123456789", 0),
        ("request-content:1", b"0123456789", 10),
        ("request-content:10", b"0123456789", 10),
        ("request-content:11", b"0123456789", 10),
        ("request-content", b"0123456789", 10),
        ("request-content", b"0", 0),
        ("request-content", None, 0),
    ],
)
def test_how_much_is_read_of_the_request(place: str, content: bytes | None, octets: int) -> None:
    """As much as comes in front of the fault; here, it comes all at once."""
    request = memory.request("POST", content=content)
    asked(request, Options(fault=Fault("close", place)), memory.site(), lambda request: ANSWER)

    assert octets == request.octets


def test_what_is_foreseen() -> None:
    """A fault behind the request line, and no other; a delay comes first."""
    fault = Fault("garbage", "request-line")
    found = foreseen(Options(delay=0.5, fault=fault))

    assert Foreseen(None, (Pause(0.5), *fault.effect), f"broken by {fault}") == found
    assert (Close(),) == foreseen(Options(fault=Fault("close", "request-line"))).reply
    for other in (None, Fault("close", "request-head"), Fault("close"), flaky(1)):
        assert Foreseen() == foreseen(Options(delay=0.5, fault=other))


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("", "noted"),
        ("a rule said so (RFC 9110, 15)", "a rule said so, noted (RFC 9110, 15)"),
        ("a rule (of mine) said so (RFC 1)", "a rule (of mine) said so, noted (RFC 1)"),
        ("a rule said so", "a rule said so, noted"),
    ],
)
def test_note(told: str, expected: str) -> None:
    """It comes in front of the section, if there is one."""
    request = memory.request()
    request.record.why = told
    note(request.record, "noted")

    assert expected == request.record.why
