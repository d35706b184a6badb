"""Which code is sent where several rules object, and whether the content is invited before.

What RFC 9110 says of the order is in 10.1.1 (100 Continue), 13.2.1 (conditions), 14.2 (ranges) and
15.5; the rest is the pipeline's (`resource.Stage`).
"""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, permutations, product

import pytest

from pytest_httpcodes import Head, Received, Rule, Stage, StatusServer
from pytest_httpcodes.rules import precondition_required
from pytest_httpcodes.wire.steps import Content, End, Reply
from tests.objections import CONTENT, OBJECTIONS, PAIRS, Objection, common, good, resource, spoilt
from tests.raw import Answer

ABOVE = [stage for stage in Stage if stage < Stage.RECEIVING]
BELOW = [stage for stage in Stage if stage >= Stage.RECEIVING]


def code_of(stage: Stage) -> int:
    """Return a code that nothing else answers."""
    return 460 + stage


def objects(stage: Stage) -> Rule:
    """Return a rule that refuses every request."""
    code = code_of(stage)

    def refuse(request: Received) -> Reply:
        return (Head(code), Content(stage.name.encode()), End())

    return Rule(stage, refuse)


def passes(stage: Stage) -> Rule:
    """Return a rule that refuses none."""
    return Rule(stage, lambda request: None)


def ask(url: str) -> Answer:
    """Send a request whose content waits for a 100 Continue."""
    return good(url, "PUT").send()


def said(answer: Answer) -> tuple[int, list[int]]:
    """Return the code of an answer, and those of the interim responses before it."""
    return answer.status, [interim.status for interim in answer.interim]


@pytest.mark.parametrize(
    ("first", "second"), list(combinations(Stage, 2)), ids=lambda stage: stage.name
)
def test_earlier_stage_is_sent(status_server: StatusServer, first: Stage, second: Stage) -> None:
    """Of two rules that object, the earlier stage's code is sent, however they were given.

    The content is invited only if both are below the line, and then once.
    """
    invited = [100] if first in BELOW else []
    for pair in permutations((objects(first), objects(second))):
        url = status_server.resource(b"content", *pair)
        answer = ask(url)

        assert (code_of(first), invited) == said(answer)
        assert first.name.encode() == answer.content
        assert url.statuses == [code_of(first)]
        assert url.exchanges[0].interim == invited


@pytest.mark.parametrize(
    ("early", "late"), list(product(ABOVE, BELOW)), ids=lambda stage: stage.name
)
def test_line_of_100_continue(status_server: StatusServer, early: Stage, late: Stage) -> None:
    """No 100 where a stage above the line objects, exactly one where only one below does.

    "A server that responds with a final status code instead of reading the entire request content
    SHOULD indicate whether it intends to close the connection" (RFC 9110, 10.1.1).
    """
    refused = ask(status_server.resource(b"content", passes(late), objects(early)))
    invited = ask(status_server.resource(b"content", objects(late), passes(early)))

    assert (code_of(early), []) == said(refused)
    assert (code_of(late), [100]) == said(invited)
    assert "close" == refused.header("Connection")
    assert invited.header("Connection") is None


@pytest.mark.parametrize("stage", list(Stage), ids=lambda stage: stage.name)
def test_nobody_objects(status_server: StatusServer, stage: Stage) -> None:
    """Where no rule objects, the content is invited once, and taken."""
    url = status_server.resource(b"content", passes(stage))

    assert (204, [100]) == said(ask(url))
    assert CONTENT == url.exchanges[0].content


@pytest.mark.parametrize(
    ("first", "second"), list(combinations(ABOVE, 2)), ids=lambda stage: stage.name
)
def test_members_have_the_order_too(
    status_server: StatusServer, first: Stage, second: Stage
) -> None:
    """The rules of a document hold for its members, in the same order."""
    url = status_server.resource(b"content", objects(second), objects(first))
    answer = ask(f"{url}/member")

    assert (code_of(first), []) == said(answer)


@pytest.mark.parametrize("objection", OBJECTIONS, ids=str)
def test_objection(status_server: StatusServer, objection: Objection) -> None:
    """Each of them has its code where it is the only one, and without any there is none."""
    for method in objection.methods:
        refused = spoilt(resource(status_server, objection), method, objection).send()
        fine = good(status_server.resource(CONTENT), method).send()

        assert (objection.code, invited(objection)) == said(refused)
        assert fine.status in (200, 201, 204)


@pytest.mark.parametrize(("first", "second"), PAIRS, ids=str)
def test_pair(status_server: StatusServer, first: Objection, second: Objection) -> None:
    """Of two that object to one request, the earlier stage's code is sent.

    The content is not invited, unless both can only object to that.
    """
    for method in common(first, second):
        url = resource(status_server, first, second)
        answer = spoilt(url, method, first, second).send()

        assert (first.code, invited(first)) == said(answer)


def test_pairs_are_sorted() -> None:
    """The table is in the order of the stages, and has a pair for each that has two neighbours."""
    stages = [objection.stage for objection in OBJECTIONS]

    assert sorted(stages) == stages
    assert len(PAIRS) > 250


def invited(objection: Objection) -> list[int]:
    """Return the interim responses before a refusal."""
    return [100] if objection.stage in BELOW else []


@pytest.mark.parametrize(
    ("content", "fields", "code", "interim"),
    [
        (b"{", {"Content_Type": "text/plain", "If_Match": '"stale"'}, 415, []),
        (b"{", {"If_Match": '"stale"'}, 412, []),
        (b"{", {"If_Match": "*"}, 400, [100]),
        (b'{"rev": true}', {"If_Match": "*"}, 422, [100]),
        (b'{"rev": 1}', {"If_Match": "*"}, 409, [100]),
        (b'{"rev": 2}', {"If_Match": "*"}, 204, [100]),
    ],
)
def test_a_revision(
    status_server: StatusServer,
    content: bytes,
    fields: dict[str, str],
    code: int,
    interim: list[int],
) -> None:
    """What is sent in place of another revision: its type, its condition, its syntax, its sense.

    Only then comes whether it conflicts.
    """
    draft = good(status_server.scenario(409), "PUT").with_fields(**fields)

    assert (code, interim) == said(replace(draft, content=content).send())


def test_a_condition_that_is_no_condition(status_server: StatusServer) -> None:
    """428 before 304: what is demanded is a condition on the version that is to be changed."""
    rule = precondition_required(methods=("GET",))
    url = status_server.resource(CONTENT, rule)
    date = "Thu, 31 Dec 2099 23:59:59 GMT"
    draft = good(url, "GET")
    found = [
        draft.with_fields(**{name: value}).send().status
        for name, value in (
            ("If_Modified_Since", draft.send().header("Date") or ""),
            ("If_Unmodified_Since", date),
            ("If_Match", '"stale"'),
            ("If_None_Match", "*"),
        )
    ]

    assert [428, 200, 412, 304] == found
