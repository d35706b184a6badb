"""The pipeline: which of two rules answers, and who may ask for the content."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations, permutations

import pytest

from pytest_httpcodes import resource
from pytest_httpcodes.codes import look_up
from pytest_httpcodes.exchange import Exchange
from pytest_httpcodes.problem import TEXT, Body
from pytest_httpcodes.resource import Resource, Rule, Stage, refuse, reply, rule, segments, why
from pytest_httpcodes.section import Section
from pytest_httpcodes.wire.received import Received
from pytest_httpcodes.wire.steps import End, Head, Reply
from tests import memory

STAGES = list(Stage)
EARLY = [stage for stage in STAGES if stage < Stage.RECEIVING]
LATE = [stage for stage in STAGES if stage >= Stage.RECEIVING]
# Moving one of these changes which code wins.
PIPELINE = (
    "CONNECTION",
    "REQUEST_LINE",
    "HEAD",
    "FRAMING",
    "AUTHORITY",
    "METHOD",
    "STATE",
    "EXPECTATION",
    "IDENTITY",
    "LIMIT",
    "RESOURCE",
    "ALLOWED",
    "UPGRADE",
    "CONTENT",
    "NEGOTIATION",
    "CONDITION",
    "STORAGE",
    "RECEIVING",
    "SWITCH",
    "SEMANTICS",
    "RANGE",
    "RESULT",
)


def objects(stage: Stage) -> Rule:
    """Return a rule that always answers, with a code of its stage's own."""
    return Rule(stage, lambda request: (Head(400 + stage), End()))


def passes(stage: Stage) -> Rule:
    """Return a rule that lets every request pass."""
    return Rule(stage, lambda request: None)


def test_stages() -> None:
    """The stages are those of the specifications' order of codes."""
    assert PIPELINE == tuple(stage.name for stage in sorted(Stage))


@pytest.mark.parametrize(
    ("first", "second"), list(combinations(STAGES, 2)), ids=lambda stage: stage.name
)
def test_earlier_stage_wins(first: Stage, second: Stage) -> None:
    """Of two rules that object, that of the earlier stage answers, however they were given."""
    for pair in permutations((objects(first), objects(second))):
        answer = Resource(*pair).answer(memory.request())

        assert 400 + first == memory.status(answer)


def test_first_rule_of_a_stage_wins() -> None:
    """Of two rules of one stage that object, the one that was given first answers."""
    first = Rule(Stage.ALLOWED, lambda request: (Head(405), End()))
    second = Rule(Stage.ALLOWED, lambda request: (Head(406), End()))
    answer = Resource(first, second).answer(memory.request())

    assert 405 == memory.status(answer)


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.name)
def test_rules_that_pass(stage: Stage) -> None:
    """Rules that let a request pass leave the answer to those behind them."""
    rules = [passes(other) for other in STAGES if other != stage]
    answer = Resource(*rules, objects(stage)).answer(memory.request())

    assert 400 + stage == memory.status(answer)


def test_no_rule_answers() -> None:
    """A resource that has no answer is a mistake, and says for which method."""
    with pytest.raises(LookupError, match="no rule of .* answers BREW"):
        Resource(passes(Stage.ALLOWED), passes(Stage.RESULT)).answer(memory.request("BREW"))


@pytest.mark.parametrize("stage", EARLY, ids=lambda stage: stage.name)
def test_early_rule_decides_without_content(stage: Stage) -> None:
    """What is refused from the head alone is not invited: nobody reads the content."""
    held = memory.Held(b"content")
    asked = memory.request("POST", "/", ("Expect", "100-continue"), content=b"1234567", source=held)
    Resource(objects(stage), objects(Stage.RESULT)).answer(asked)

    assert (0, False, True) == (held.reads, asked.complete, asked.waits)


@pytest.mark.parametrize("stage", LATE, ids=lambda stage: stage.name)
def test_late_rule_sees_content(stage: Stage) -> None:
    """The content is there, read once, when the rules below the line of 100 Continue decide."""
    seen: list[tuple[bool, bytes]] = []

    def look(request: Received) -> Reply:
        seen.append((request.complete, request.content))
        return (Head(200), End())

    held = memory.Held(b"content")
    early = [passes(stage) for stage in EARLY]
    late = [passes(other) for other in LATE if other < stage]
    Resource(*early, *late, Rule(stage, look)).answer(
        memory.request("POST", content=b"content", source=held)
    )

    assert ([(True, b"content")], 1) == (seen, held.reads)


def test_rule_decorator() -> None:
    """A decorated function is a rule of that stage."""

    @rule(Stage.RESULT)
    def made(request: Received) -> Reply:
        return (Head(204), End())

    assert Stage.RESULT == made.stage
    assert 204 == memory.status(made.decide(memory.request()))


class Counting(Resource):
    """A resource that knows how often it was reset."""

    __slots__ = ("resets",)

    def __init__(self) -> None:
        super().__init__()
        self.resets = 0

    def reset(self) -> None:
        self.resets += 1


def test_reset_of_what_has_no_state() -> None:
    """A resource without a state has nothing to forget."""
    Resource().reset()


def test_instances_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest instance that a URL named makes room; those that a test made all stay."""
    monkeypatch.setattr(resource, "MAX_INSTANCES", 3)
    site = memory.site()
    for name in ("made", "another"):
        site.instances[name,] = Resource()
        site.made.add((name,))
    for number in range(10):
        site.keep((f"{number}",), Resource())

    assert [("made",), ("another",), ("7",), ("8",), ("9",)] == list(site.instances)


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (None, [0, 0, 0]),
        ((), [1, 1, 1]),
        (("status",), [1, 1, 0]),
        (("status", "503"), [1, 1, 0]),
        (("status", "503", "b"), [0, 1, 0]),
        (("status", "50"), [0, 0, 0]),
    ],
)
def test_forget_resets_what_is_below(key: tuple[str, ...] | None, expected: list[int]) -> None:
    """Only those instances forget their state whose key starts with the one given."""
    site = memory.site()
    made = [Counting(), Counting(), Counting()]
    keys = (("status", "503", "a"), ("status", "503", "b"), ("script", "503", "b"))
    for name, instance in zip(keys, made, strict=True):
        site.keep(name, instance)
    site.forget(lambda exchange: False, key)

    assert expected == [instance.resets for instance in made]


@pytest.mark.parametrize(("key", "left"), [((), 0), (("status",), 5), (None, 5)])
def test_forget_a_journal_that_was_full(key: tuple[str, ...] | None, left: int) -> None:
    """Only when all is forgotten does a journal forget that there was more than it kept."""
    site = memory.site()
    site.journal.dropped = 5
    site.forget(lambda exchange: True, key)

    assert left == site.journal.dropped


def test_forget_exchanges() -> None:
    """The exchanges that belong are forgotten, and no others."""
    site = memory.site()
    first, second = (site.journal.record(1, number, 0.0) for number in (1, 2))
    for exchange in (first, second):
        exchange.finish()
    belongs: Callable[[Exchange], bool] = lambda exchange: exchange is first  # noqa: E731
    site.forget(belongs, None)

    assert [second] == list(site.journal)


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/", [""]),
        ("/status/404", ["status", "404"]),
        ("/status/404/", ["status", "404", ""]),
        ("/status/404?a=/b", ["status", "404"]),
        ("//status", ["", "status"]),
        ("/a%2Fb/c%2Cd", ["a/b", "c,d"]),
        ("/a%252Fb", ["a%2Fb"]),
        ("/%E2%98%83", ["\u2603"]),
        ("/%FF", ["\udcff"]),
        ("/%FE", ["\udcfe"]),
        ("/%zz", ["%zz"]),
        ("/a/../b/.", ["a", "..", "b", "."]),
        ("http://host/status/404", ["status", "404"]),
        ("http://host", [""]),
        ("http://host?x=/y", [""]),
        ("*", [""]),
        ("host:443", [""]),
    ],
)
def test_segments(target: str, expected: list[str]) -> None:
    """A target's path is cut at its slashes and then decoded, each octet staying itself."""
    assert expected == segments(target)


def test_reply_fields_win() -> None:
    """A field that is given replaces what the content says of itself."""
    body = Body(TEXT, b"text", negotiated=True)
    fields = (("content-type", "text/csv"), ("VARY", "Accept, Origin"))
    made = reply(406, body, fields)

    assert (Head(406, fields), b"text") == (made[0], memory.content(made))


def test_reply_fields_of_content() -> None:
    """Negotiated content says so, and other content does not."""
    plain = reply(200, Body(TEXT, b""))[0].headers
    negotiated = reply(200, Body(TEXT, b"", negotiated=True))[0].headers

    assert (("Content-Type", TEXT),) == plain
    assert (("Content-Type", TEXT), ("Vary", "Accept")) == negotiated


def test_refuse_notes_why() -> None:
    """A refusal tells the client and the journal the same, and the journal the section."""
    asked = memory.request("POST", "/", ("Accept", "text/plain"))
    made = refuse(asked, 409, "an old rev", Section(9110, "15.5.10"), (("X-Rev", "3"),))

    assert "an old rev (RFC 9110, 15.5.10)" == asked.record.why
    assert b"an old rev" in memory.content(made)
    assert ("X-Rev", "3") in made[0].headers


def test_why_without_a_section() -> None:
    """What no specification has says where it comes from."""
    assert "no octet (nginx)" == why("no octet", look_up(444).source)
