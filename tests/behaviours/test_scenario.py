"""A scenario: its options, by hand and in Python, and what they leave as it is."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_httpcodes import Request
from pytest_httpcodes.behaviours.applied import EVERY
from pytest_httpcodes.behaviours.option import Option, count, one_of, switch
from pytest_httpcodes.behaviours.options import Options
from pytest_httpcodes.behaviours.representation import ASK_FIRST
from pytest_httpcodes.behaviours.scenario import Scenario, read_options, read_query
from pytest_httpcodes.request import Element
from pytest_httpcodes.resource import Resource
from tests import memory

TIMES = Option("times", 3, count(1, 9), "how often")
FORM = Option("form", "a", one_of("a", "b"), "which form")
DEEP = Option[bool]("deep", False, switch, "whether it is deep")


class Mine(Scenario):
    """299: one with options (RFC 9110, 15)."""

    code = 299
    options = (TIMES, FORM, DEEP)

    def begin(self) -> Resource:
        self.begun = 0
        self.told: list[int] = []
        return self.document("mine\n")

    def configured(self) -> None:
        self.told.append(self.option(TIMES))

    def trigger(self, url: str) -> tuple[Element, ...]:
        return (Request("GET", url),)

    def relief(self, url: str) -> tuple[Element, ...]:
        return ()


class Bare(Scenario):
    """298: one without any (RFC 9110, 15)."""

    code = 298

    def begin(self) -> Resource:
        return self.document(None, methods=("GET",))


def mine(**given: Any) -> Mine:
    """Return an instance with options given in Python."""
    return Mine(memory.site(), ("299", "k"), *read_options(Mine, given))


def test_defaults() -> None:
    """What is not given is as the option has it."""
    made = mine()

    assert (3, "a", False) == (made.option(TIMES), made.option(FORM), made.option(DEEP))
    assert Options() == made.common
    assert Options() == Bare(memory.site(), ("298", "k"), {}).common


@pytest.mark.parametrize(
    ("query", "own", "delay"),
    [
        ("", {}, 0.0),
        ("times=9&form=b&deep=1", {"times": 9, "form": "b", "deep": True}, 0.0),
        ("delay=.5&times=1", {"times": 1}, 0.5),
        ("form=%62", {"form": "b"}, 0.0),
    ],
)
def test_by_hand(query: str, own: dict[str, Any], delay: float) -> None:
    """A query has options of the scenario, and those of every URL."""
    found, common = read_query(Mine, query)

    assert (own, delay) == (found, common.delay)


def test_fault_by_hand() -> None:
    """A place may have any character that a query can carry."""
    own, common = read_query(Mine, "fault=reset&at=content%3A5&form=b")

    assert {"form": "b"} == own
    assert (common.fault, 0.0) == (
        read_options(Bare, {"fault": "reset", "at": "content:5"})[1].fault,
        common.delay,
    )


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("times=0", "times='0' is no whole number from 1 to 9"),
        ("times=", "times='' is no whole number from 1 to 9"),
        ("form=c", "form='c' is none of a, b"),
        ("deep=yes", "deep='yes' is no switch; use 1 or 0"),
        (
            "speed=1",
            "there is no option 'speed' here; there are times, form, deep, delay, fault, at",
        ),
        ("content=x", "there is no option 'content' here"),
        ("times=1&times=2", "the option 'times' is given twice; give it once"),
        ("delay=99", "delay=99.0 is out of range; use 0 to 60 seconds"),
        ("at=head", "say which with fault="),
        ("form=%FF", "is not UTF-8"),
    ],
)
def test_wrong_by_hand(query: str, message: str) -> None:
    """What is wrong is named, with what would be right."""
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the text is looked at
        read_query(Mine, query)

    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("given", "own", "delay"),
    [
        ({}, {}, 0.0),
        ({"times": 9, "form": "b", "deep": True}, {"times": 9, "form": "b", "deep": True}, 0.0),
        ({"times": "2", "delay": 0.5}, {"times": 2}, 0.5),
        ({"fault": None, "at": None}, {}, 0.0),
    ],
)
def test_in_python(given: dict[str, Any], own: dict[str, Any], delay: float) -> None:
    """The same options are keywords."""
    found, common = read_options(Mine, given)

    assert (own, delay) == (found, common.delay)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"times": 10}, "times='10' is no whole number from 1 to 9"),
        ({"form": 1}, "form='1' is none of a, b"),
        (
            {"speed": 1},
            "has no option 'speed'; there are times, form, deep, delay, fault, at",
        ),
        ({"speed": None}, "has no option 'speed'"),
        ({"times": None}, "times='None' is no whole number from 1 to 9"),
        ({"delay": None}, "delay=None is out of range"),
        ({"content": b"x"}, "has no option 'content'"),
        ({"delay": -1}, "delay=-1 is out of range"),
        ({"at": "head"}, "say which with fault="),
    ],
)
def test_wrong_in_python(given: dict[str, Any], message: str) -> None:
    """What is wrong fails at once, and is named likewise."""
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the text is looked at
        read_options(Mine, given)

    assert message in str(caught.value)


def test_configure() -> None:
    """Options that are set anew leave what has happened; those not given are the defaults."""
    made = mine(times=5, delay=1)
    root = made.find([])
    made.begun = 7
    made.configure(*read_query(Mine, "form=b"))

    assert (3, "b", 0.0) == (made.option(TIMES), made.option(FORM), made.common.delay)
    assert (root, 7, [3]) == (made.find([]), made.begun, made.told)


def test_reset_leaves_the_options() -> None:
    """What is forgotten is what has happened."""
    made = mine(times=5)
    made.begun = 7
    made.reset()

    assert (5, 0) == (made.option(TIMES), made.begun)


def test_configured_does_nothing_by_itself() -> None:
    """A scenario whose content does not depend on options has nothing to do."""
    made = Bare(memory.site(), ("298", "k"), {})
    before = made.find([])
    made.configure(*read_query(Bare, "delay=1"))

    assert (before, 1.0) == (made.find([]), made.common.delay)


def test_documents() -> None:
    """A document is at the instance's path, as old as the server, with the methods given."""
    own = mine()
    root = memory.steps(own.answer(memory.request(target="/299/k")))
    bare = Bare(memory.site(), ("298", "k"), {})
    fields = dict(memory.head(root).headers)
    found = own.represent({"a": 1}, "application/x")

    assert ("mine\n", "no-cache") == (memory.content(root).decode(), fields["Cache-Control"])
    assert (int(own.site.born), "application/x", ASK_FIRST) == (
        found.last_modified,
        found.type,
        found.fields,
    )
    assert 404 == memory.status(bare.answer(memory.request(target="/298/k")))


def test_what_a_scenario_has_to_say() -> None:
    """A scenario without trigger or relief is none."""
    bare = Bare(memory.site(), ("298", "k"), {})
    for method in (bare.trigger, bare.relief):
        with pytest.raises(NotImplementedError):
            method("http://x.example/")


def test_options_of_every_scenario() -> None:
    """Every scenario has the options that every URL has, and none of its own by that name."""
    assert ("delay", "fault", "at") == EVERY
    assert "" == Bare.on_wire
