"""A fault is a value: what it is made of, and what it is not."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_httpcodes import Fault
from pytest_httpcodes.behaviours.faults import KINDS
from pytest_httpcodes.wire.steps import Close, Pace, Raw


@pytest.mark.parametrize(
    ("text", "shown", "given"),
    [
        ("close at start", "Fault('close', at='start')", ("close",)),
        ("truncate at content", "Fault('truncate', at='content')", ("truncate",)),
        ("stall at head", "Fault('stall', at='head')", ("stall", "head")),
        ("reset at content:500", "Fault('reset', at='content:500')", ("reset", "content:500")),
        ("close at content:0", "Fault('close', at='content:0')", ("close", "content:00")),
        (
            "close at request-content:7",
            "Fault('close', at='request-content:7')",
            ("close", "request-content:7"),
        ),
        ("drip:100 at start", "Fault('drip:100', at='start')", ("drip",)),
        ("drip:2.5 at chunk", "Fault('drip:2.5', at='chunk')", ("drip:2.50", "chunk")),
        ("surplus:0", "Fault('surplus:0')", ("surplus",)),
        ("surplus:0.1", "Fault('surplus:0.1')", ("surplus:0.1",)),
        ("many-fields:600", "Fault('many-fields:600')", ("many-fields",)),
        ("large-field:1048576", "Fault('large-field:1048576')", ("large-field",)),
        ("surplus:0.000000001", "Fault('surplus:0.000000001')", ("surplus:0.000000001",)),
        ("drip:100000000 at start", "Fault('drip:100000000', at='start')", ("drip:100000000",)),
        ("stray", "Fault('stray')", ("stray", None)),
    ],
)
def test_a_fault_says_what_it_is(text: str, shown: str, given: tuple[str, ...]) -> None:
    """In the words that it is asked for with; that again is the same fault."""
    fault = Fault(*given)
    kind, _, at = text.partition(" at ")

    assert (text, shown) == (str(fault), repr(fault))
    assert {fault} == {Fault(kind, at or None)}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind(kind: str) -> None:
    """Has a place, or none."""
    fault = Fault(kind)

    assert kind == fault.kind
    assert not fault.early
    assert fault.place in ("start", "content", "")


def test_what_happens() -> None:
    """Is a step or two."""
    assert (Pace(7),) == Fault("drip:7").effect
    assert (Close(),) == Fault("truncate").effect
    assert [Raw, Close] == [type(step) for step in Fault("garbage").effect]


@pytest.mark.parametrize(
    ("message", "given"),
    [
        ("fault='boom' is none; there are close, half-close, reset, stall, drip, g", ("boom",)),
        ("fault='' is none", ("",)),
        ("fault='Reset' is none", ("Reset",)),
        ("fault='flaky:0.3' is none", ("flaky:0.3",)),
        ("fault='drip:' is none", ("drip:",)),
        ("fault='drip:-1' is none", ("drip:-1",)),
        ("fault='drip:1e3' is none", ("drip:1e3",)),
        ("fault='drip:\u0661' is none", ("drip:\u0661",)),
        ("fault=None is none", (None,)),
        ("fault='reset:3' has a number, and reset counts nothing", ("reset:3",)),
        ("fault='drip:0' is out of range; use 1 to 1000000000, octets a second", ("drip:0",)),
        ("fault='drip:0.5' is out of range", ("drip:0.5",)),
        ("fault='surplus:61' is out of range; use 0 to 60, seconds until", ("surplus:61",)),
        ("fault='many-fields:0' is out of range; use 1 to 10000, whole field", ("many-fields:0",)),
        ("fault='many-fields:1.5' is out of range; use 1 to 10000, whole", ("many-fields:1.5",)),
        ("fault='many-fields:10001' is out of range", ("many-fields:10001",)),
        ("fault='large-field:16777217' is out of range; use 1 to", ("large-field:16777217",)),
        ("at='' is no place in an exchange; use request-line, request-head,", ("close", "")),
        ("at='head:3' is no place in an exchange", ("close", "head:3")),
        ("at='request-head:3' is no place in an exchange", ("close", "request-head:3")),
        ("at='content:-1' is no place in an exchange", ("close", "content:-1")),
        ("at='content:\u0661' is no place in an exchange", ("close", "content:\u0661")),
        ("at='content:9999999999999' is no place", ("close", "content:9999999999999")),
        ("at=3 is no place in an exchange", ("close", 3)),
        ("at='head' is no place for stray, which has its own; leave at= out", ("stray", "head")),
        ("at='head' is not in the content, which truncate cuts", ("truncate", "head")),
        ("at='start' is not in the content, which truncate cuts", ("truncate", "start")),
        ("at='end' is not in the answer, which is what drips; use start", ("drip", "end")),
        ("at='request-line' is not in the answer, which is what drips", ("drip", "request-line")),
    ],
)
def test_what_is_no_fault(message: str, given: tuple[Any, ...]) -> None:
    """It is told, and what there is."""
    with pytest.raises(ValueError, match="^") as caught:
        Fault(*given)

    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "at", "codes"),
    [
        ("reset", "request-head", [200, 204, 205, 304, 444]),
        ("reset", "start", [200, 204, 205, 304, 444]),
        ("drip", None, [200, 204, 205, 304, 444]),
        ("reset", "status-line", [200, 204, 205, 304]),
        ("reset", "end", [200, 204, 205, 304]),
        ("stray", None, [200, 204, 205, 304]),
        ("reset", "content:3", [200]),
        ("reset", "chunk", [200]),
        ("reset", "last-chunk", [200]),
        ("truncate", None, [200]),
        ("bad-chunk", None, [200]),
        ("unknown-coding", None, [200]),
    ],
)
def test_which_codes_it_is_for(kind: str, at: str | None, codes: list[int]) -> None:
    """Those whose answers have the place."""
    assert codes == [code for code in (200, 204, 205, 304, 444) if Fault(kind, at).fits(code)]
