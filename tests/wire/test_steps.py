"""Steps are values, and a wrong one fails in the line that makes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.datastructures import Headers
from werkzeug.wrappers import Response

from pytest_httpcodes.wire.steps import (
    STEPS,
    At,
    Close,
    Content,
    End,
    Forward,
    HalfClose,
    Head,
    Interim,
    Pace,
    Pause,
    Raw,
    Reset,
    Secure,
    Stall,
    Steps,
    Switch,
    Tunnel,
    fields,
    is_response,
    is_step,
)


@pytest.mark.parametrize(
    "headers",
    [
        {"A": "b", "C": "1"},
        [("A", "b"), ("C", "1")],
        (("A", "b"), ("C", "1")),
        Headers([("A", "b"), ("C", "1")]),
        iter([("A", "b"), ("C", "1")]),
    ],
)
def test_fields_are_a_mapping_or_pairs(headers: Any) -> None:
    """They become a tuple of pairs, so that a step is a value."""
    expected = (("A", "b"), ("C", "1"))

    assert expected == fields(headers)


@pytest.mark.parametrize("step", [Head(200, {"A": "b"}), Interim(103, {"A": "b"}), End({"A": "b"})])
def test_a_step_with_fields_is_a_value(step: Any) -> None:
    """Two equal ones are one in a set, whatever they were made from."""
    args = () if isinstance(step, End) else (step.status,)

    assert {step} == {type(step)(*args, [("A", "b")])}


def test_a_field_value_is_converted_to_text() -> None:
    """A number is written as one writes it."""
    assert (("Age", "5"),) == fields({"Age": 5})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "value",
    ["", "a b", "a\tb", "caf\xe9", "\x80", "\xff", '"quoted, list"', " padded "],
)
def test_what_a_field_value_may_have(value: str) -> None:
    """Visible characters, spaces, tabs and any octet from 0x80 on (RFC 9110, 5.5)."""
    assert (("A", value),) == fields({"A": value})


@pytest.mark.parametrize(
    "value", ["a\r\nB: c", "a\nb", "a\rb", "a\0b", "\x0b", "\x1f", "\x7f", "€"]
)
def test_what_a_field_value_may_not_have(value: str) -> None:
    """Control characters, and what is no octet."""
    with pytest.raises(ValueError, match=r"the value of A is .*no CR, LF or NUL.*use Raw"):
        fields({"A": value})


@pytest.mark.parametrize("name", ["", "a b", "a:", "a\r\n", "(a)", "é", "a\n"])
def test_a_field_name_is_a_token(name: str) -> None:
    """RFC 9110, 5.1."""
    with pytest.raises(ValueError, match="is no field name; use letters, digits and hyphens"):
        fields({name: "b"})


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Interim(99), "99 is no interim status; those are 100 to 199"),
        (lambda: Interim(200), "200 is no interim status"),
        (lambda: Interim(103, {"A": "\n"}), "a field has no CR, LF or NUL"),
        (lambda: Interim(103, reason="a\r\nB: c"), "the reason phrase is .*use Raw"),
        (lambda: Interim(103, {"Content-Length": "0"}), "no field for an interim response"),
        (lambda: Interim(103, {"transfer-encoding": "chunked"}), "no field for an interim"),
        (lambda: Head(199), "199 is no final status; those are 200 to 999 .*Interim"),
        (lambda: Head(1000), "1000 is no final status"),
        (lambda: Head(0), "0 is no final status"),
        (lambda: Head(200, {"A": "\n"}), "a field has no CR, LF or NUL"),
        (lambda: Head(200, reason="OK\r\nA: b"), "the reason phrase is .*use Raw"),
        (lambda: Head(200, reason="€"), "the reason phrase is .*use Raw"),
        (lambda: End({"Content-Length": "3"}), "Content-Length is no field for a trailer section"),
        (lambda: End({"A": "\n"}), "a field has no CR, LF or NUL"),
        (lambda: Pause(-1), "-1 is no pause; use 0 to 86400 seconds"),
        (lambda: Pause(float("nan")), "nan is no pause"),
        (lambda: Pause(float("inf")), "inf is no pause"),
        (lambda: Pace(0), "0 is no pace; use more than 0 octets a second"),
        (lambda: Pace(-1), "-1 is no pace"),
        (lambda: Pace(float("nan")), "nan is no pace"),
        (lambda: Pace(float("inf")), "inf is no pace"),
        (lambda: At("middle"), "'middle' is no place in a response; use status-line, field, fiel"),
        (lambda: At("start"), "'start' is no place in a response"),
        (lambda: At("head:3"), "'head:3' is no place in a response"),
        (lambda: At("content:"), "'content:' is no place in a response"),
        (lambda: At("content:-1"), "'content:-1' is no place in a response"),
        (lambda: At("content:\u0661"), "is no place in a response"),
        (lambda: At(3), "3 is no place in a response"),  # type: ignore[arg-type]
        (lambda: Steps(), r"a reply needs at least one step; use Stall\(\) to answer nothing"),
    ],
)
def test_a_wrong_value_fails_at_once(make: Callable[[], object], message: str) -> None:
    """With what would be right."""
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Content("text"), "Content takes bytes, and this is 'text'"),  # type: ignore[arg-type]
        (lambda: Raw("text"), "Raw takes bytes, and this is 'text'"),  # type: ignore[arg-type]
        (lambda: Steps(200), r"200 is no step; use steps such as Interim\(103\)"),  # type: ignore[arg-type]
        (lambda: Steps(Steps(Close())), "is no step"),  # type: ignore[arg-type]
    ],
)
def test_a_wrong_type_fails_at_once(make: Callable[[], object], message: str) -> None:
    """Text has an encoding that nobody but its author knows."""
    with pytest.raises(TypeError, match=message):
        make()


@pytest.mark.parametrize(
    "step",
    [
        Head(200), Interim(103), Content(b""), End(), At("head"), Switch(lambda channel: None),
        Response(), b"x",
    ],
)  # fmt: skip
def test_what_does_not_happen_within_a_response(step: Any) -> None:
    """A part of a message, another protocol, and what is no step."""
    with pytest.raises(TypeError, match=r"is no step within a response; use Raw\(\) or Reset"):
        At("head", step)


def test_a_place_with_what_happens_there_is_a_value() -> None:
    """With its number apart; and it says whether the response ends there."""
    at = At("content:500", Raw(b"x"), Reset(), short=True)

    assert {at} == {At("content:500", Raw(b"x"), Reset(), short=True)}
    assert ("content", 500, (Raw(b"x"), Reset()), True) == (
        at.place, at.octets, at.steps, at.short,
    )  # fmt: skip
    assert ("content", None, False) == (At("content").place, At("content").octets, at == At("head"))
    assert [True, True, True, True, True] == [
        At("head", *steps).ends
        for steps in ((Close(),), (Reset(),), (HalfClose(),), (Stall(),), (Raw(b""), Close()))
    ]
    assert not At("head", Raw(b""), Pause(1), Pace(1)).ends
    assert not At("head").ends


def test_statuses_at_the_edges() -> None:
    """100 to 199 are interim, 200 to 999 final."""
    assert [100, 199] == [Interim(code).status for code in (100, 199)]
    assert [200, 999] == [Head(code).status for code in (200, 999)]


def test_every_step_is_known_as_one() -> None:
    """A Response is none, and is known without importing Werkzeug."""
    steps = [
        Interim(103), Head(200), Content(b""), End(), Pause(0), Raw(b""), Close(), HalfClose(),
        Reset(), Stall(), Switch(lambda channel: None), At("head"), Pace(1),
        Secure(None),  # type: ignore[arg-type]
        Forward(None, None, "GET", "/", (), None, None),  # type: ignore[arg-type]
        Tunnel(None, Head(200), None),  # type: ignore[arg-type]
    ]  # fmt: skip

    assert {*STEPS} == {type(step) for step in steps}
    assert all(is_step(step) for step in steps)
    assert not any(is_response(step) for step in steps)
    assert is_response(Response())
    assert not is_step(Response())


def test_steps_show_what_they_are() -> None:
    """In a message, say."""
    steps = Steps(Pause(0.5), Reset())

    assert [Pause(0.5), Reset()] == list(steps)
    assert "Steps(Pause(seconds=0.5), Reset())" == repr(steps)
