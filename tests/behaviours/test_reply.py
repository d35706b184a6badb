"""What a test may give for a reply, and what it may not."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import pytest
from werkzeug.wrappers import Response

from pytest_httpcodes import StatusServer
from pytest_httpcodes.behaviours.applied import replied
from pytest_httpcodes.behaviours.options import Options, options
from pytest_httpcodes.behaviours.reply import name_of, read
from pytest_httpcodes.wire.steps import (
    At,
    Close,
    Content,
    End,
    Head,
    Interim,
    Pause,
    Raw,
    Reset,
    Stall,
    Step,
    Steps,
    Switch,
)
from tests import memory
from tests.asking import ask
from tests.raw import exchange, message

PLAIN = Options()


TEXT = "text/plain; charset=utf-8"


def given(answer: Any, options: Options = PLAIN, **request: Any) -> tuple[Step, ...]:
    """Return the steps of a reply."""
    site = memory.site()
    made = replied(memory.request(**request), site, read(site, answer, options))
    return tuple(memory.steps(made))


class Unlisted:
    """Content that Werkzeug can iterate over any number of times."""

    def __iter__(self) -> Iterator[bytes]:
        return iter([b"a", b"b"])


@pytest.mark.parametrize(
    ("answer", "status", "field", "content"),
    [
        (404, 404, ("Content-Type", "application/problem+json"), b'"status": 404'),
        (HTTPStatus.CONFLICT, 409, ("Vary", "Accept"), b'"status": 409'),
        (b"\x00\xff", 200, ("Content-Type", "application/octet-stream"), b"\x00\xff"),
        (b"", 200, ("Content-Type", "application/octet-stream"), b""),
        ("caf\xe9", 200, ("Content-Type", TEXT), b"caf\xc3\xa9"),
        ({"id": 1}, 200, ("Content-Type", "application/json"), b'{"id": 1}'),
        ([503, 200], 200, ("Content-Type", "application/json"), b"[503, 200]"),
        ({}, 200, ("Content-Type", "application/json"), b"{}"),
        ((201, {"X-A": "b"}), 201, ("X-A", "b"), b"201 Created"),
        ((201, [("X-A", "b")], "text"), 201, ("Content-Type", TEXT), b"text"),
        ((HTTPStatus.BAD_GATEWAY, {}, {"a": 1}), 502, ("Via", "1.1 pytest-httpcodes"), b'{"a": 1}'),
        ((503, {"Content-Type": "a/b"}, b"c"), 503, ("Content-Type", "a/b"), b"c"),
        ((503, {}, None), 503, ("Content-Type", "application/problem+json"), b"503"),
        (Response("text", 418), 418, ("Content-Type", TEXT), b"text"),
        (Response(Unlisted(), 200), 200, ("Content-Type", TEXT), b"ab"),
        (Head(299, (("X-A", "b"),)), 299, ("X-A", "b"), b""),
        (Steps(Interim(103), Response("late")), 200, ("Content-Type", TEXT), b"late"),
        (lambda request: 404, 404, ("Vary", "Accept"), b'"status": 404'),
        (lambda request: (201, {"X-A": "b"}, "x"), 201, ("X-A", "b"), b"x"),
        (lambda request: Response("text"), 200, ("Content-Type", TEXT), b"text"),
        (lambda request: lambda request: 204, 204, None, b""),
        (lambda request: Steps(Head(200), Content(b"x")), 200, None, b"x"),
    ],
)
def test_reply(answer: Any, status: int, field: tuple[str, str] | None, content: bytes) -> None:
    """Whatever is given, what goes over the wire is that code, those fields, that content."""
    steps = given(answer)
    head = memory.head(steps)

    assert status == head.status
    assert field is None or field in head.headers
    assert content in memory.content(steps)
    assert content or not memory.content(steps)


@pytest.mark.parametrize(
    "step", [Reset(), Close(), Stall(), Raw(b"x"), Switch(lambda channel: None)]
)
def test_step(step: Step) -> None:
    """One step that ends the answer is a reply."""
    assert (step,) == given(step) == given(lambda request: step) == given(Steps(step))


def test_steps_over_the_wire(server: StatusServer) -> None:
    """Steps happen in their order."""
    url = server.script(Steps(Interim(103, (("Link", "</a>"),)), Pause(0), Response("late")))
    answer = ask(url)

    assert ([103], b"late") == ([each.status for each in answer.interim], answer.content)
    assert "</a>" == answer.interim[0].header("Link")


def test_fields_of_a_tuple_win() -> None:
    """A tuple's own fields and content replace those of the script, which are for all."""
    common = options(headers={"X-A": "all", "X-B": "all"}, content="all", retry_after=3)
    own = given((503, {"x-a": "own"}, "own"), common)
    inherited = given((503, {}), common)

    assert [("Retry-After", "3"), ("Content-Type", TEXT), ("x-a", "own"), ("X-B", "all")] == list(
        memory.head(own).headers
    )
    assert (b"own", b"all") == (memory.content(own), memory.content(inherited))


def test_options_where_they_apply() -> None:
    """Content goes to the codes that have some, `Retry-After` to those that make one wait."""
    common = options(content="all", retry_after=3)

    assert b"" == memory.content(given(204, common))
    assert "Retry-After" not in dict(memory.head(given(200, common)).headers)
    assert "Retry-After" in dict(memory.head(given(503, common)).headers)


@pytest.mark.parametrize(
    "answer",
    [503, "x", (503, {}), Response("x"), Steps(Head(200)), lambda request: 503, lambda r: "x"],
)
def test_delay_comes_once(answer: Any) -> None:
    """Whatever the reply is, there is one pause, in front of it."""
    steps = given(answer, options(delay=0.5))

    assert Pause(0.5) == steps[0]
    assert 1 == sum(isinstance(step, Pause) for step in steps)


@pytest.mark.parametrize("answer", [503, "x", Response("x"), lambda request: 503])
def test_fault_for_every_reply(answer: Any) -> None:
    """Whatever the reply is, it breaks at the place asked for."""
    steps = given(answer, options(fault="reset", at="head"))

    assert [At("head", Reset()), Head, Content, End] == [steps[0], *map(type, steps[1:])]


def test_fault_of_what_has_no_head() -> None:
    """A reply that breaks by itself has no other place to break at than its start."""
    assert (Reset(),) == given(Close(), options(fault="reset", at="head"))


# The invitation


@pytest.mark.parametrize(
    ("answer", "refuses"),
    [
        (200, False),
        (100, False),
        (301, True),
        (417, True),
        ((413, {}), True),
        ("text", False),
        (Response("x"), False),
        (Response("x", 401), True),
        (Head(308), True),
        (Steps(Interim(103), Response("x", 503)), True),
        (Steps(Interim(103), Response("x", 201)), False),
        (Reset(), False),
        (lambda request: 200, True),
    ],
)
def test_refuses(answer: Any, refuses: bool) -> None:
    """From 300 on, a reply comes instead of the invitation; a callable asks for the content."""
    assert refuses is read(memory.site(), answer, PLAIN).refuses


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (503, "503"),
        (HTTPStatus.OK, "200"),
        ((429, {}), "429"),
        ((), "reply"),
        (Reset(), "reset"),
        (Steps(Reset()), "reply"),
        ("a/b", "reply"),
        (Response(), "reply"),
        (sys.exit, "reply"),
    ],
)
def test_name_of(answer: Any, expected: str) -> None:
    """A reply is called by its code, or what kind of step it is."""
    assert expected == name_of(answer)


def test_raw_octets(server: StatusServer) -> None:
    """What is no HTTP at all can be a reply."""
    url = server.script(Steps(Raw(b"\x00\x01"), Close()))

    assert (b"\x00\x01", "FIN") == exchange(url, message("GET", urlsplit(url).path))
