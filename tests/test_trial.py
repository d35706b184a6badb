"""Trigger and relief against a server of their own: what `try` says and `show` needs."""

from __future__ import annotations

from collections.abc import Iterator
from unittest.mock import Mock

import pytest

from pytest_httpcodes import Answer, Request, Resource, Scenario, Section, Stage, scenarios, trial
from pytest_httpcodes.request import Element
from pytest_httpcodes.resource import Steps, refuse, rule
from pytest_httpcodes.wire.client import Heard
from pytest_httpcodes.wire.received import Received


@rule(Stage.STATE)
def _late(request: Received) -> Steps | None:
    if request.field("x-tag"):
        return None
    return refuse(request, 588, "there is no tag", Section(9110, "15"), (("ETag", '"t1"'),))


class Tagged(Scenario):
    """588: what the answer has is to be sent again (RFC 9110, 15)."""

    code = 588

    def begin(self) -> Resource:
        """Return a document that wants the tag."""
        return self.document("here", _late)

    def trigger(self, url: str) -> tuple[Element, ...]:
        """Send none."""
        return (Request("GET", url, {"Referer": f"{url}/a"}),)

    def relief(self, url: str) -> tuple[Element, ...]:
        """Get it, and send it."""

        def again(answer: Answer) -> Request:
            return Request("GET", url, {"X-Tag": answer.headers["etag"]})

        return (Request("GET", url), again)


class Unearned(Tagged):
    """588: never."""

    def trigger(self, url: str) -> tuple[Element, ...]:
        """Send what earns nothing."""
        return (Request("GET", url, {"X-Tag": "t"}),)


class Unrelieved(Tagged):
    """588: always."""

    def relief(self, url: str) -> tuple[Element, ...]:
        """Send what does not help."""
        return (Request("GET", url),)


class Endless(Tagged):
    """588: nothing gets past it."""

    def relief(self, url: str) -> tuple[Element, ...]:
        """Return nothing."""
        return ()


@pytest.fixture
def tagged() -> Iterator[None]:
    """Add a scenario of 588."""
    scenarios.add([Tagged])
    yield
    scenarios.remove([588])


def test_the_wire_is_shown(tagged: None) -> None:
    """Octets out and in, and why each answer was given."""
    lines = [line for line, _ in trial.report(588)]

    assert lines[0].startswith("> GET /588/mine HTTP/1.1\n> Host: 127.0.0.1:")
    assert "\n< HTTP/1.1 588\n" in lines[0]
    assert '\n< ETag: "t1"\n' in lines[0]
    assert lines[0].endswith("\n# there is no tag (RFC 9110, 15)\n")
    assert "588 was earned\n" == lines[1]
    assert '> X-Tag: "t1"\n' in lines[3]
    assert "\n< here\n# the whole representation (RFC 9110, 9.3.1)\n" in lines[3]
    assert "588 was got past" == lines[4]


@pytest.mark.parametrize(
    ("kind", "last", "fine"),
    [
        (Tagged, "588 was got past", [True] * 5),
        (Endless, "nothing gets past 588", [True] * 3),
        (Unearned, "588 was got past", [True, False, True, True, True]),
        (Unrelieved, "588 was not got past", [True, True, True, False]),
    ],
)
def test_what_is_reported(kind: type[Scenario], last: str, fine: list[bool]) -> None:
    """Whether the code was earned, and then got past."""
    scenarios.add([kind])
    try:
        told = list(trial.report(588))
    finally:
        scenarios.remove([588])

    assert fine == [each for _, each in told]
    assert last == told[-1][0]
    assert ("588 was not earned\n" in dict(told)) == (kind is Unearned)


def test_waiting_takes_no_time() -> None:
    """The server's clock is advanced."""
    assert all(fine for _, fine in trial.report(429))


def test_an_answer_that_is_none(tagged: None) -> None:
    """It is told how it ended."""
    told = dict(trial.report(444))

    assert any(
        "\n# the connection ended before anything of a response came\n" in line for line in told
    )
    assert told["444 was earned\n"]


def test_the_answer_that_the_next_request_gets(tagged: None) -> None:
    """Its fields have names of any case, and several lines of one are joined."""
    heard = Heard(status=588, fields=(("Vary", "a"), ("vary", "b"), ("ETag", '"t"')))
    answer = trial.Turn(Request("GET", "/"), heard, Mock()).answer

    assert ("a, b", '"t"', None) == tuple(map(answer.headers.get, ("VARY", "etag", "Link")))
    assert 2 == len(answer.headers)


def test_commands(tagged: None) -> None:
    """They are for `httpcodes serve`, and take from an answer what it hands on."""
    url = "http://127.0.0.1:8080/588/mine"
    earns, relieves = trial.commands_for(588)

    assert [f"curl -i -H 'Referer: {url}/a' {url}"] == earns
    assert [
        f"etag=$(curl -si {url} | sed -n 's/^ETag: //p' | tr -d '\\r')",
        f"curl -i -H 'X-Tag: '\"$etag\" {url}",
    ] == relieves


def test_raw_octets_are_moved_too() -> None:
    """A request that no client sends names the server that it is for."""
    moved = trial._moved(Request("GET", "http://a:1/", raw=b"Host: http://a:1\r\n"), "http://a:1")

    assert b"Host: http://127.0.0.1:8080\r\n" == moved.raw
