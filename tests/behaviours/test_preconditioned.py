"""Documents that take no change without a condition, 428, and the patches of such a document."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pytest_httpcodes import Endpoint, Request, StatusServer
from pytest_httpcodes.behaviours.conditional import precondition_required
from pytest_httpcodes.behaviours.merge import Mergeable, merged
from pytest_httpcodes.behaviours.representation import represent
from tests import memory
from tests.asking import ask
from tests.raw import Answer, Raw, message
from tests.scenarios import SENDERS, path_of, play

MERGE = "Content-Type: application/merge-patch+json"
OLD = "Thu, 01 Jan 1970 00:00:00 GMT"
LATER = "Fri, 31 Dec 9999 23:59:59 GMT"


@pytest.fixture
def made(status_server: StatusServer) -> Endpoint:
    """Return an instance of 428."""
    return status_server.scenario(428)


def change(url: str, method: str, *fields: str, content: bytes | None = b"{}") -> Answer:
    """Send a request that changes a document."""
    return ask(url, MERGE, *fields, method=method, content=content)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_without_a_condition(made: Endpoint, method: str) -> None:
    """428 says how to do it, is never stored, and nothing happens (RFC 6585, 3)."""
    before = ask(made)
    answer = change(made, method)
    detail = (
        f"a {method} has to be conditional here: GET it, and send that again with the ETag you "
        f"get as If-Match"
    )

    assert (428, "no-store") == (answer.status, answer.header("Cache-Control"))
    assert detail == json.loads(answer.content)["detail"]
    assert f"{detail} (RFC 6585, 3)" == made.exchanges[1].why
    assert before.content == ask(made).content


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_with_a_condition(made: Endpoint, method: str) -> None:
    """A stale one is a 412, a malformed one too; the current one does it."""
    tag = ask(made).header("ETag")
    found = [
        change(made, method, field).status
        for field in (
            'If-Match: "stale"',
            "If-Match: stale",
            f"If-Match: W/{tag}",
            "If-None-Match: *",
            f"If-Unmodified-Since: {OLD}",
            f"If-Match: {tag}",
        )
    ]

    assert [412, 412, 412, 412, 412, 204] == found


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("If-Match: *", 204),
        ('If-None-Match: "other"', 204),
        (f"If-Unmodified-Since: {LATER}", 204),
        (f"If-Modified-Since: {OLD}", 428),
        ("If-Unmodified-Since: soon", 428),
        (f"If-Unmodified-Since: {LATER}, {LATER}", 428),
        ("If-Unmodified-Since:", 428),
        ('If-Range: "v1"', 428),
        ("X-If-Match: *", 428),
    ],
)
def test_what_is_a_condition(made: Endpoint, field: str, expected: int) -> None:
    """Only what is not ignored for such a method (RFC 9110, 13.1.3 and 13.1.4)."""
    assert expected == change(made, "PUT", field).status


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "TRACE"])
def test_what_changes_nothing_needs_none(made: Endpoint, method: str) -> None:
    """It is about changes."""
    assert 200 == ask(made, method=method).status


def test_a_post_needs_none(made: Endpoint) -> None:
    """It adds a member, and changes nothing that is there."""
    assert 201 == ask(made, method="POST", content=b"{}").status


def test_creating(made: Endpoint) -> None:
    """A member that is not there is created with `If-None-Match: *`; a date is no condition."""
    member = f"{made}/member"
    answer = change(member, "PUT")
    assert b"there is none yet, so send that again with If-None-Match: *" in answer.content

    assert 428 == answer.status
    assert 428 == change(member, "PUT", f"If-Unmodified-Since: {LATER}").status
    assert [201, 412] == [change(member, "PUT", "If-None-Match: *").status for _ in range(2)]
    assert 428 == change(member, "PUT").status
    assert [404, 404] == [change(f"{made}/none", method).status for method in ("PATCH", "DELETE")]


def test_it_is_refused_before_its_content(made: Endpoint) -> None:
    """There is no 100 Continue."""
    with Raw(made) as raw:
        raw.send(message("PUT", path_of(made), "Expect: 100-continue", "Content-Length: 4"))
        answer = raw.answer("PUT")

    assert (428, []) == (answer.status, answer.interim)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("client", SENDERS)
def test_through_clients(status_server: StatusServer, client: str, method: str) -> None:
    """428, then GET for the tag, and it is done."""
    made = status_server.scenario(428)
    send = SENDERS[client]
    fields = {"Content-Type": "application/merge-patch+json"}
    refused = send(Request(method, made, fields, b"{}"))
    tag = send(Request("GET", made)).headers["ETag"]
    done = send(Request(method, made, {**fields, "If-Match": tag}, b"{}"))

    assert [428, 204] == [refused.status, done.status]


def test_people_are_told_too(made: Endpoint) -> None:
    """As HTML where that is preferred."""
    assert b"<html" in ask(made, "Accept: text/html", method="DELETE").content


def test_as_a_rule(status_server: StatusServer) -> None:
    """Of one's own resource, for the methods that are given."""
    url = status_server.resource(b"content", precondition_required(["DELETE"]))

    assert [204, 428] == [
        ask(url, method="PUT", content=b"x").status,
        ask(url, method="DELETE").status,
    ]


@pytest.mark.parametrize("methods", ["PUT", [], ()])
def test_a_rule_for_no_methods(methods: Any) -> None:
    """A name alone is no list of methods, and none are none."""
    with pytest.raises(ValueError, match=r"are none; use some such as \('PUT', 'DELETE'\)"):
        precondition_required(methods)


def test_options_tell_of_patches(made: Endpoint) -> None:
    """`Accept-Patch` says of which type they are (RFC 5789, 3.1); a member has them too."""
    for url in (made, f"{made}/member"):
        answer = ask(url, method="OPTIONS")
        assert "PATCH" in (answer.header("Allow") or "")
        assert "application/merge-patch+json" == answer.header("Accept-Patch")


def test_a_document_without_patches() -> None:
    """Where PATCH is not allowed, no type of it is told."""
    document = Mergeable(memory.site(), "/path", represent({}, 0))

    assert ["Allow"] == [name for name, _ in document.allow()]


@pytest.mark.parametrize("code", [206, 304, 412, 416, 428])
@pytest.mark.parametrize("client", SENDERS)
def test_trigger_and_relief(status_server: StatusServer, client: str, code: int) -> None:
    """One after the other, for all scenarios of conditions and ranges."""
    made = status_server.scenario(code)
    earned = play(status_server, made.trigger, SENDERS[client])[-1]
    past = play(status_server, made.relief, SENDERS[client])[-1]

    assert code == earned.status
    assert past.status in (200, 204, 206)


def test_a_patch_is_merged(made: Endpoint) -> None:
    """What it names is changed, what it sets to null is removed (RFC 7396); the tag is new."""
    first = ask(made).header("ETag")
    answer = change(
        made, "PATCH", f"If-Match: {first}", content=b'{"title": null, "a": {"b": 1, "c": null}}'
    )

    assert {"a": {"b": 1}} == json.loads(ask(made).content)
    assert first != answer.header("ETag") == ask(made).header("ETag")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"{", 400),
        (b'{"a": NaN}', 400),
        (b'{"a": 1, "a": 2}', 400),
        (b"\xff", 400),
        (b"", 400),
        (b'{"a": 1e999}', 422),
    ],
)
def test_patches_that_are_none(made: Endpoint, content: bytes, expected: int) -> None:
    """Nothing is changed by them."""
    before = ask(made).content

    assert expected == change(made, "PATCH", "If-Match: *", content=content).status
    assert before == ask(made).content


def test_a_patch_of_another_type(made: Endpoint) -> None:
    """415 names the one that is taken; that comes before the condition."""
    answer = ask(made, "Content-Type: text/plain", method="PATCH", content=b"{}")

    assert (415, "application/merge-patch+json") == (answer.status, answer.header("Accept-Patch"))


def test_a_patch_of_what_is_no_json(made: Endpoint) -> None:
    """409: what is there has to be replaced first (RFC 5789, 2.2)."""
    assert 204 == change(made, "PUT", "If-Match: *", content=b"text").status
    answer = change(made, "PATCH", "If-Match: *")

    assert (409, b"text") == (answer.status, ask(made).content)


def test_a_patch_that_comes_too_late(made: Endpoint) -> None:
    """What was deleted while the content was under way is not there: 404."""
    with Raw(made) as raw:
        fields = (MERGE, "If-Match: *", "Expect: 100-continue", "Content-Length: 2")
        raw.send(message("PATCH", path_of(made), *fields))
        assert b"HTTP/1.1 100 Continue\r\n\r\n" == raw._until(b"\r\n\r\n")
        assert 204 == ask(made, "If-Match: *", method="DELETE").status
        raw.send(b"{}")

        assert 404 == raw.answer("PATCH").status


def test_content_has_a_limit(made: Endpoint) -> None:
    """No more than 1 MiB is kept to be merged into."""
    assert 413 == change(made, "PUT", "If-Match: *", content=b" " * 1_048_577).status


@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "b"}, ["c"], ["c"]),
        ({"a": "foo"}, None, None),
        ({"a": "foo"}, "bar", "bar"),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_merging(target: Any, patch: Any, result: Any) -> None:
    """The examples of RFC 7396, appendix A."""
    assert result == merged(target, patch)
