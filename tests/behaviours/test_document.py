"""A resource that has content: its methods and its members."""

from __future__ import annotations

import json

import pytest

from pytest_httpcodes import (
    Received,
    Rule,
    Section,
    Stage,
    StatusServer,
    refuse,
    rule,
    with_fields,
)
from pytest_httpcodes.behaviours.document import METHODS, Document, Refused, document_of
from pytest_httpcodes.behaviours.representation import ASK_FIRST, represent
from pytest_httpcodes.resource import Resource
from pytest_httpcodes.wire.head import Refusal
from pytest_httpcodes.wire.steps import End, Head, Reply
from tests import memory
from tests.asking import ask
from tests.raw import Raw, message
from tests.scenarios import path_of

GZIP = b"\x1f\x8b\x08\x00not looked at"


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("GET", 200), ("HEAD", 200), ("POST", 201), ("PUT", 204), ("DELETE", 204),
        ("OPTIONS", 200), ("TRACE", 200), ("PATCH", 405), ("QUERY", 405), ("PROPFIND", 405),
        ("BREW", 405), ("M-GET", 510), ("FROB", 501),
    ],
)  # fmt: skip
def test_methods(status_server: StatusServer, method: str, expected: int) -> None:
    """Each method does what RFC 9110, 9.3 says; others are refused."""
    assert expected == ask(status_server.resource(b"content"), method=method).status


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("GET", 404), ("HEAD", 404), ("POST", 404), ("PUT", 201), ("DELETE", 404),
        ("OPTIONS", 200), ("TRACE", 200), ("PATCH", 404), ("BREW", 404), ("M-GET", 510),
    ],
)  # fmt: skip
def test_methods_of_what_is_not_there(
    status_server: StatusServer, method: str, expected: int
) -> None:
    """404: of what has no representation there is nothing to get, or to do, but to create it."""
    assert expected == ask(status_server.resource(None), method=method).status


def test_get(status_server: StatusServer) -> None:
    """The whole content comes with its type, its validators, and what can be asked of it."""
    url = status_server.resource("text")
    answer = ask(url)

    assert (200, b"text", "4") == (answer.status, answer.content, answer.header("Content-Length"))
    assert "text/plain; charset=utf-8" == answer.header("Content-Type")
    assert ("no-cache", "bytes") == (
        answer.header("Cache-Control"),
        answer.header("Accept-Ranges"),
    )
    assert (answer.header("ETag") or "").startswith('"')
    assert (answer.header("Last-Modified") or "") <= (answer.header("Date") or "")
    assert "the whole representation (RFC 9110, 9.3.1)" == url.exchanges[0].why


@pytest.mark.parametrize("content", [b"", b"x", b"x" * 70_000])
def test_head(status_server: StatusServer, content: bytes) -> None:
    """HEAD has the fields of GET, Content-Length included, and nothing follows."""
    url = status_server.resource(content)
    with Raw(url) as raw:
        got = raw.request("GET", path_of(url))
        head = raw.request("HEAD", path_of(url))
        silent = raw.is_silent(0.01)

    assert (content, b"", True) == (got.content, head.content, silent)
    same = [[f for f in a.fields if f[0] != "Date"] for a in (got, head)]
    assert same[0] == same[1]


def test_not_allowed(status_server: StatusServer) -> None:
    """405: with what is allowed, which OPTIONS says as well, in its order."""
    url = status_server.resource(b"x", methods=["GET", "POST", "OPTIONS"])
    refused = ask(url, method="PUT")
    options = ask(url, method="OPTIONS")

    assert (405, "GET, POST, OPTIONS") == (refused.status, refused.header("Allow"))
    assert (200, "GET, POST, OPTIONS") == (options.status, options.header("Allow"))
    assert "PUT is not allowed here; GET, POST, OPTIONS are" in json.loads(refused.content).values()
    assert "what the resource allows (RFC 9110, 9.3.7)" == url.exchanges[1].why


def test_put(status_server: StatusServer) -> None:
    """PUT replaces the content and its type; the validators it returns are the new ones."""
    url = status_server.resource(b"old")
    before = ask(url).header("ETag")
    status_server.clock.advance(60)
    answer = ask(url, "Content-Type: text/csv", method="PUT", content=b"a,b")
    after = ask(url)

    assert (204, b"") == (answer.status, answer.content)
    assert (b"a,b", "text/csv") == (after.content, after.header("Content-Type"))
    assert before != after.header("ETag") == answer.header("ETag")
    assert after.header("Last-Modified") == answer.header("Last-Modified")
    assert "the representation was replaced (RFC 9110, 9.3.4)" == url.exchanges[1].why


def test_put_creates(status_server: StatusServer) -> None:
    """201: where nothing was, with the validators of what is there now; and again after DELETE."""
    url = status_server.resource(None)
    created = ask(url, method="PUT", content=b"x")
    found = ask(url)
    deleted = ask(url, method="DELETE")
    gone = ask(url)
    again = ask(url, method="PUT", content=b"x")

    assert [201, 200, 204, 404, 201] == [
        answer.status for answer in (created, found, deleted, gone, again)
    ]
    assert created.header("ETag") == found.header("ETag")
    assert "application/octet-stream" == found.header("Content-Type")
    assert "the representation was created (RFC 9110, 9.3.4)" == url.exchanges[0].why
    assert "the representation was removed (RFC 9110, 9.3.5)" == url.exchanges[2].why


@pytest.mark.parametrize("content", [b"x", None])
def test_put_of_a_part(status_server: StatusServer, content: bytes | None) -> None:
    """400: nobody who sends a part gets it stored as the whole, nor is it invited."""
    url = status_server.resource(content)
    fields = ("Content-Range: bytes 0-0/9", "Expect: 100-continue")
    with Raw(url) as raw:
        raw.send(message("PUT", path_of(url), *fields, "Content-Length: 1"))
        answer = raw.answer()

    assert (400, []) == (answer.status, answer.interim)
    assert "(RFC 9110, 14.5)" in url.exchanges[0].why
    assert content == (ask(url).content if content else None)


def test_put_with_an_empty_content_range(status_server: StatusServer) -> None:
    """400: a field that is empty is there all the same."""
    answer = ask(status_server.resource(b"x"), "Content-Range: ", method="PUT", content=b"y")

    assert 400 == answer.status


def test_content_coding_is_stored(status_server: StatusServer) -> None:
    """What is sent in a coding is stored in it; without one it has another entity tag."""
    url = status_server.resource(b"old")
    put = ask(url, "Content-Encoding: gzip", method="PUT", content=GZIP)
    coded = ask(url)
    plain = ask(url, method="PUT", content=GZIP)

    assert ("gzip", GZIP) == (coded.header("Content-Encoding"), coded.content)
    assert put.header("ETag") == coded.header("ETag") != plain.header("ETag")
    assert None is ask(url).header("Content-Encoding")


def test_post(status_server: StatusServer) -> None:
    """POST leaves the document as it is, and stores a member."""
    url = status_server.resource(b"x")
    answer = ask(url, "Content-Type: a/b", "Content-Encoding: gzip", method="POST", content=GZIP)
    member = ask(answer.header("Location") or "")

    assert (201, f"{url}/1") == (answer.status, answer.header("Location"))
    assert f"stored as {url}/1\n".encode() == answer.content
    assert (GZIP, "a/b", "gzip") == (
        member.content,
        member.header("Content-Type"),
        member.header("Content-Encoding"),
    )
    assert b"x" == ask(url).content


# What rules and subclasses find


def test_a_rule_selects(status_server: StatusServer) -> None:
    """What negotiation has selected is what the answer is, and what conditions are about."""
    other = represent("other", 0, etag='"other"', fields=(*ASK_FIRST, ("Vary", "X")))

    @rule(Stage.NEGOTIATION)
    def select(request: Received) -> None:
        request.selected = other

    url = status_server.resource("own", select)
    answer = ask(url)

    assert (b"other", '"other"', "X") == (
        answer.content,
        answer.header("ETag"),
        answer.header("Vary"),
    )
    assert 304 == ask(url, 'If-None-Match: "other"').status


def test_document_of_no_document() -> None:
    """A rule for documents that is given to anything else is a mistake."""
    asked = memory.request()
    asked.resource = Resource()
    with pytest.raises(AssertionError):
        document_of(asked)


def test_patch_is_for_subclasses() -> None:
    """A document that allows PATCH has to say how."""
    made = Document(memory.site(), "/x/k", represent("x", 0), methods=["PATCH"])
    with pytest.raises(NotImplementedError, match="Document allows PATCH, and has no way"):
        made.answer(memory.request("PATCH"))


class Broken(memory.Held):
    """Content that is refused while it is read."""

    def __init__(self, error: Refusal) -> None:
        super().__init__(b"")
        self.error = error

    def read(self, request: Received) -> None:
        raise self.error


def _answer_to(error: Refusal) -> dict[str, str]:
    # The code and the fields of the answer of a document that has a rule which amends it.
    asked = memory.request("PUT", content=b"x", source=Broken(error))
    amends = Rule(
        Stage.LIMIT, lambda request: None, lambda request, steps: with_fields(steps, (("A", "b"),))
    )
    made = Document(memory.site(), "/x/k", None, amends)
    head = memory.head(memory.steps(made.answer(asked)))
    return {"": f"{head.status}", **dict(head.headers)}


def test_malformed_content() -> None:
    """A refusal in the midst of the content is an answer of the resource, and ends all others."""
    found = _answer_to(Refusal(400, "it is malformed", Section(9112, "7.1")))

    assert ("400", "b", "close") == (found[""], found["A"], found["Connection"])
    assert "Cache-Control" not in found


def test_trailer_fields_that_are_too_large() -> None:
    """431: which is never stored by a cache (RFC 6585, 5)."""
    found = _answer_to(Refusal(431, "they are too large", Section(6585, "5")))

    assert ("431", "b", "close") == (found[""], found["A"], found["Connection"])
    assert "no-store" == found["Cache-Control"]


def test_content_that_a_rule_refuses() -> None:
    """A rule that watches the content has an answer of its own."""
    reply: Reply = (Head(413, (("X-Why", "watched"),)), End())
    found = _answer_to(Refused(413, "too large", Section(9110, "15.5.14"), reply))

    assert {"": "413", "X-Why": "watched", "A": "b"} == found


def test_a_rule_wins(status_server: StatusServer) -> None:
    """What a rule refuses is refused to any method, whether or not there is anything."""

    @rule(Stage.IDENTITY)
    def never(request: Received) -> Reply:
        return refuse(request, 403, "never", Section(9110, "15.5.4"))

    for content in (b"x", None):
        url = status_server.resource(content, never)

        assert {403} == {ask(url, method=method).status for method in METHODS}
