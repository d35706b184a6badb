"""Rules together: one resource, a rule of each kind, and one of a test's own."""

from __future__ import annotations

import base64
import inspect

import httpx
import pytest
import requests

from pytest_httpcodes import (
    Generated,
    Received,
    Rule,
    Section,
    Stage,
    StatusServer,
    refuse,
    rule,
    rules,
)
from pytest_httpcodes.rules import basic, max_octets, rate_limit
from pytest_httpcodes.wire.steps import Reply
from tests.raw import Raw, message
from tests.scenarios import path_of

USER = "Authorization: Basic " + base64.b64encode(b"user:password").decode()


def test_an_authenticated_limited_document_with_ranges(status_server: StatusServer) -> None:
    """In one call; each answer says what is left."""
    made = status_server.resource(b"0123456789", basic("user", "password"), rate_limit(2, per=60))
    with httpx.Client(headers={"Range": "bytes=2-4"}) as client:
        assert 401 == client.get(made).status_code
        answers = [client.get(made, auth=("user", "password")) for _ in range(3)]

    assert [206, 206, 429] == [answer.status_code for answer in answers]
    assert [b"234", b"234"] == [answer.content for answer in answers[:2]]
    assert ['"default";r=1;t=60', '"default";r=0;t=60', '"default";r=0;t=60'] == [
        answer.headers["RateLimit"] for answer in answers
    ]
    status_server.clock.advance(60)
    answer = requests.get(made, auth=("user", "password"), timeout=5)
    assert (200, b"0123456789") == (answer.status_code, answer.content)


def test_an_upload_meets_the_rules_in_their_order(status_server: StatusServer) -> None:
    """401, then 413, then 100: whatever the order in the call."""
    made = status_server.resource(b"", max_octets(10), basic("user", "password"))
    path = path_of(made)
    found = []
    for fields in (("Content-Length: 99",), (USER, "Content-Length: 99")):
        with Raw(status_server.url) as raw:
            raw.send(message("PUT", path, "Expect: 100-continue", *fields))
            answer = raw.answer("PUT")
            assert [] == answer.interim
            found.append(answer.status)
    with Raw(status_server.url) as raw:
        raw.send(message("PUT", path, "Expect: 100-continue", USER, "Content-Length: 3"))
        assert not raw.is_silent(5)
        raw.send(b"new")
        answer = raw.answer("PUT")

    assert [401, 413, 204] == [*found, answer.status]
    assert [100] == [interim.status for interim in answer.interim]


def test_its_members_have_its_rules(status_server: StatusServer) -> None:
    """What was posted is as protected as the rest."""
    made = status_server.resource(b"", basic("user", "password"))
    location = requests.post(made, b"x", auth=("user", "password"), timeout=5).headers["Location"]

    assert 401 == requests.get(location, timeout=5).status_code
    assert b"x" == requests.get(location, auth=("user", "password"), timeout=5).content


def test_a_rule_of_ones_own(status_server: StatusServer) -> None:
    """Ten lines; its sentence is in the journal."""

    @rule(Stage.AUTHORITY)
    def only_for_browsers(request: Received) -> Reply | None:
        if "Mozilla" in request.field("user-agent"):
            return None
        return refuse(request, 403, "this is for browsers", Section(9110, "15.5.4"))

    made = status_server.resource(Generated(100), only_for_browsers, basic("user", "password"))
    assert 403 == requests.get(made, timeout=5).status_code
    assert "this is for browsers (RFC 9110, 15.5.4)" == made.exchanges[0].why
    browser = {"User-Agent": "Mozilla/5.0"}
    assert 401 == requests.get(made, headers=browser, timeout=5).status_code


@pytest.mark.parametrize("name", rules.__all__)
def test_public_rules_are_documented(name: str) -> None:
    """Each says what it does, by which section, and what it raises."""
    found = getattr(rules, name)
    doc = inspect.getdoc(found) or ""

    assert doc.endswith(".")
    if not inspect.isclass(found) and "Rule" in str(inspect.signature(found).return_annotation):
        assert "RFC" in doc
        made = inspect.signature(found)
        required = [p for p in made.parameters.values() if p.default is p.empty]
        if not required:
            built = found()
            assert all(
                isinstance(one, Rule) for one in ([built] if isinstance(built, Rule) else built)
            )


def test_every_rule_is_public() -> None:
    """The module's text names each of them."""
    assert [] == [name for name in rules.__all__ if name[0].islower() and name not in _named()]


def _named() -> set[str]:
    return {word.strip("`,.()") for word in (rules.__doc__ or "").split()} | {"negotiating"}
